//! The files of a sealed store and where they stand.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use mcp_launch_core::{SourceError, SourceErrorKind};

use crate::disk;
use crate::fault::Fault;

/// A directory and the names of the files in it.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    directory: PathBuf,
}

impl Layout {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.directory.clone()
    }

    /// The secrets, encrypted.
    pub(crate) fn store(&self) -> PathBuf {
        self.directory.join("sealed.age")
    }

    /// The key, readable by its owner.
    pub(crate) fn key(&self) -> PathBuf {
        self.directory.join("sealed.key")
    }

    /// The key, encrypted with a passphrase.
    pub(crate) fn protected_key(&self) -> PathBuf {
        self.directory.join("sealed.key.age")
    }

    /// The file that holds the secrets once links are followed: a dotfile manager keeps the sealed file
    /// in its own directory and links to it. It is replaced there, so the link stays.
    ///
    /// # Errors
    /// When the link leads nowhere: an unmounted volume is not an empty store.
    pub(crate) fn real_store(&self) -> Result<PathBuf, SourceError> {
        let store = self.store();
        match fs::symlink_metadata(&store) {
            Ok(metadata) if metadata.is_symlink() => {
                fs::canonicalize(&store).map_err(|error| match error.kind() {
                    ErrorKind::NotFound => Fault::LinkDangling.error(),
                    _ => disk::failure(&error),
                })
            }
            Ok(_) => Ok(store),
            Err(error) if is_absent(&error) => Ok(store),
            Err(error) => Err(disk::failure(&error)),
        }
    }

    /// The file that writers lock. Beside the real file, so that two links to it share one lock.
    pub(crate) fn lock_file(&self) -> Result<PathBuf, SourceError> {
        Ok(beside(&self.real_store()?, ".lock"))
    }

    /// The sealed bytes.
    ///
    /// # Errors
    /// [`SourceErrorKind::Absent`] when there is no sealed file.
    pub(crate) fn read_store(&self) -> Result<Vec<u8>, SourceError> {
        let mut bytes = disk::read(&self.real_store()?, disk::LARGEST_STORE, Fault::Damaged)?
            .ok_or(SourceError::new(SourceErrorKind::Absent))?
            .bytes;
        self.check_directory()?;
        Ok(std::mem::take(&mut *bytes))
    }

    /// Makes the directory if there is none, for its owner alone.
    pub(crate) fn make_directory(&self) -> Result<(), SourceError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&self.directory)
            .map_err(|error| disk::failure(&error))?;
        self.check_directory()
    }

    /// Whoever may write into the directory can put another key and another file there.
    pub(crate) fn check_directory(&self) -> Result<(), SourceError> {
        let metadata = fs::metadata(&self.directory).map_err(|error| disk::failure(&error))?;
        if !disk::is_own(&metadata) {
            return Err(Fault::DirectoryForeign.error());
        }
        if disk::permits(&metadata, 0o022) {
            return Err(Fault::DirectoryWritable.error());
        }
        Ok(())
    }
}

/// `path` with `suffix` added to its file name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(suffix);
    path.with_file_name(name)
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
