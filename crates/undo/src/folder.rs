//! Whose the folder of the records is.

use std::fs::Metadata;
use std::io;
use std::path::Path;

use crate::LogError;

/// Refuses a folder into which others may write: they could put records of their own there. That there is none is no
/// error.
pub(crate) fn check(folder: &Path) -> Result<(), LogError> {
    let metadata = match folder.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(LogError::System(folder.to_owned(), error)),
    };
    if !is_own(&metadata) {
        return Err(LogError::Foreign(folder.to_owned()));
    }
    if is_writable_by_others(&metadata) {
        return Err(LogError::Writable(folder.to_owned()));
    }
    Ok(())
}

/// Whether it belongs to this user, or to root, who can write everything anyway.
#[cfg(unix)]
fn is_own(metadata: &Metadata) -> bool {
    let owner = std::os::unix::fs::MetadataExt::uid(metadata);
    owner == 0 || owner == rustix::process::geteuid().as_raw()
}

/// Windows: the profile directory's access list keeps others out.
#[cfg(not(unix))]
fn is_own(_metadata: &Metadata) -> bool {
    true
}

#[cfg(unix)]
fn is_writable_by_others(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o022 != 0
}

/// Windows has no mode bits.
#[cfg(not(unix))]
fn is_writable_by_others(_metadata: &Metadata) -> bool {
    false
}
