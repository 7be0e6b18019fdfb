//! How files are read without leaving copies, and replaced so that every crash leaves the old or the new.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use mcp_launch_core::{SourceError, SourceErrorKind};
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::layout::beside;

/// Largest sealed file that is read or written, in bytes.
pub(crate) const LARGEST_STORE: u64 = 64 << 20;

/// What is added to a file's name for the one that is to replace it.
pub(crate) const FRESH: &str = ".new";

/// A file's bytes, wiped when dropped, and what the system says of the very file they came from.
pub(crate) struct Contents {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    pub(crate) metadata: Metadata,
}

/// Reads a whole file; `None` when there is none. What is no regular file is `damaged`: a pipe could
/// block for ever.
pub(crate) fn read(
    path: &Path,
    largest: u64,
    damaged: Fault,
) -> Result<Option<Contents>, SourceError> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        let without_waiting = rustix::fs::OFlags::NONBLOCK.bits();
        std::os::unix::fs::OpenOptionsExt::custom_flags(
            &mut options,
            without_waiting.cast_signed(),
        );
    }
    let mut file = match options.open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(failure(&error)),
    };
    let metadata = file.metadata().map_err(|error| failure(&error))?;
    if !metadata.is_file() {
        return Err(damaged.error());
    }
    if metadata.len() > largest {
        return Err(Fault::TooLarge.error());
    }
    let bytes = read_exactly(&mut file, metadata.len()).map_err(|error| failure(&error))?;
    Ok(Some(Contents { bytes, metadata }))
}

/// A buffer of the file's length that never grows, so that no outgrown copy stays behind unwiped.
fn read_exactly(file: &mut File, length: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let length = usize::try_from(length).map_err(|_| ErrorKind::FileTooLarge)?;
    let mut bytes = Zeroizing::new(vec![0; length]);
    let filled = fill(file, &mut bytes)?;
    bytes.truncate(filled);
    Ok(bytes)
}

/// Reads until `buffer` is full or `reader` ends; how many bytes it was.
pub(crate) fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Puts `bytes` at `path`, readable by the owner alone, durable when it returns. The caller holds the
/// store's lock, so a file that is in the way of the new one was left by a writer that died.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), SourceError> {
    let fresh = beside(path, FRESH);
    let outcome = write_fresh(&fresh, bytes)
        .and_then(|()| fs::rename(&fresh, path))
        .and_then(|()| sync_directory_of(path));
    outcome.map_err(|error| {
        // Whatever stays is encrypted or readable by the owner alone, and the next writer removes it.
        drop(fs::remove_file(&fresh));
        failure(&error)
    })
}

/// Removes `path`, durable when it returns. That it is gone already is no error.
pub(crate) fn remove(path: &Path) -> Result<(), SourceError> {
    match fs::remove_file(path) {
        Ok(()) => sync_directory_of(path).map_err(|error| failure(&error)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failure(&error)),
    }
}

fn write_fresh(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A rename is durable once its directory is.
#[cfg(unix)]
fn sync_directory_of(path: &Path) -> io::Result<()> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

/// Windows has no handle of a directory to flush; NTFS journals the rename.
#[cfg(not(unix))]
fn sync_directory_of(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether the file belongs to this user, or to root, who can read everything anyway.
#[cfg(unix)]
pub(crate) fn is_own(metadata: &Metadata) -> bool {
    let owner = std::os::unix::fs::MetadataExt::uid(metadata);
    owner == 0 || owner == rustix::process::geteuid().as_raw()
}

/// Windows: the profile directory's access list keeps others out.
#[cfg(not(unix))]
pub(crate) fn is_own(_metadata: &Metadata) -> bool {
    true
}

/// Whether the mode has any of `bits`.
#[cfg(unix)]
pub(crate) fn permits(metadata: &Metadata, bits: u32) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & bits != 0
}

/// Windows has no mode bits.
#[cfg(not(unix))]
pub(crate) fn permits(_metadata: &Metadata, _bits: u32) -> bool {
    false
}

/// An I/O error of a file that was there a moment ago, or is about to be made: never a reason to ask
/// the next store.
pub(crate) fn failure(error: &io::Error) -> SourceError {
    let error = SourceError::from_io(error);
    if error.lets_next_answer() {
        SourceError::new(SourceErrorKind::Unavailable).at(error.position())
    } else {
        error
    }
}
