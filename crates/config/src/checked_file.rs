//! Reads a file once, knowing whose it is and who may write it.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use crate::error::{ConfigError, ConfigErrorKind};

/// More than any settings file needs; a larger one is a mistake or an attack on memory.
const LARGEST: u64 = 1 << 20;

/// The bytes of a file and what was known of it when it was opened.
pub(crate) struct CheckedFile {
    pub(crate) bytes: Vec<u8>,
    metadata: Metadata,
}

impl CheckedFile {
    /// Reads `path`; `None` if there is no such file.
    ///
    /// Ownership and bytes are those of one descriptor, so the file cannot be swapped in between.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, ConfigError> {
        let file = match open(path) {
            Ok(file) => file,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(ConfigError::system(path, "open it", &error)),
        };
        let failed = |error: &io::Error| ConfigError::system(path, "read it", error);
        let metadata = file.metadata().map_err(|error| failed(&error))?;
        if !metadata.is_file() {
            return Err(ConfigError::of_file(path, ConfigErrorKind::NotAFile));
        }
        let mut bytes = Vec::new();
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| failed(&error))?;
        if bytes.len() as u64 > LARGEST {
            return Err(ConfigError::of_file(path, ConfigErrorKind::TooLarge));
        }
        Ok(Some(Self { bytes, metadata }))
    }

    /// Whether it belongs to somebody who is neither us nor root.
    pub(crate) fn is_foreign(&self) -> bool {
        is_foreign(&self.metadata)
    }

    /// Refuses a file through which somebody else could steer us.
    ///
    /// # Errors
    /// When it is foreign, or the group or everybody may write it.
    pub(crate) fn must_be_ours_alone(&self, path: &Path) -> Result<(), ConfigError> {
        if self.is_foreign() {
            return Err(ConfigError::of_file(path, ConfigErrorKind::ForeignOwner));
        }
        if writable_by(&self.metadata, 0o022) {
            return Err(ConfigError::of_file(
                path,
                ConfigErrorKind::WritableByOthers,
            ));
        }
        Ok(())
    }
}

/// Whether an error of `open` means that nothing is there.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Whether it belongs to somebody who is neither us nor root.
#[cfg(unix)]
#[must_use]
pub fn is_foreign(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let owner = metadata.uid();
    owner != 0 && owner != rustix::process::geteuid().as_raw()
}

/// Windows keeps owners in access lists, which the profile's folders already bound to the person.
#[cfg(not(unix))]
#[must_use]
pub fn is_foreign(_metadata: &Metadata) -> bool {
    false
}

/// Whether one of the permission bits of `mask` is set.
#[cfg(unix)]
pub(crate) fn writable_by(metadata: &Metadata, mask: u32) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.mode() & mask != 0
}

/// See [`is_foreign`].
#[cfg(not(unix))]
pub(crate) fn writable_by(_metadata: &Metadata, _mask: u32) -> bool {
    false
}

/// Opens a file for reading, without waiting for the writer of a pipe: what was opened may be no regular file.
///
/// # Errors
/// The system's.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    // A pipe in the file's place must not hold us up, nor a terminal become ours.
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    options.open(path)
}
