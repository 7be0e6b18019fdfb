//! Writing over what was read, and over nothing else.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use crate::{ALL, folder_of, sync_folder, target, written};

/// Why a file was not replaced. It is then as it was, unless this says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// Somebody else has changed, created or removed it since it was read.
    #[error("the file was changed by another program in the meantime")]
    Changed,
    /// The system's.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It was replaced, and the system does not promise that a power cut leaves it so.
    #[error("it is written, but may not outlast a power cut: {0}")]
    Unsure(io::Error),
}

/// As [`write`](crate::write), over a file whose content is `expected`: what the caller has read and edited. Just before the new
/// file takes the name the old one is read again, so what somebody else has saved in the meantime is not lost. An editor that
/// saves in the very moment between that and the rename is: no system call replaces a file by its content.
///
/// # Errors
/// [`ReplaceError::Changed`] when the content is another one, or there is no file; else as [`write`](crate::write).
pub fn replace(path: &Path, expected: &[u8], bytes: &[u8], mode: u32) -> Result<(), ReplaceError> {
    over_by(&target(path)?, expected, bytes, (mode, ALL), rename)
}

/// As [`replace`], in the file at `path` itself: a link that stands there is not followed, and the file loses what it permits
/// beyond the bits of `most`.
///
/// # Errors
/// As [`replace`]; [`io::ErrorKind::InvalidInput`] where there is a link.
pub fn put_back(path: &Path, expected: &[u8], bytes: &[u8], most: u32) -> Result<(), ReplaceError> {
    over_by(path, expected, bytes, (most, most), rename)
}

/// How a new file takes the name of the one whose content is expected, and what the new one holds.
type Take = fn(NamedTempFile, &Path, &[u8], &[u8]) -> Result<(), ReplaceError>;

/// The new file gets the mode of the old one, as far as the second of `modes` goes; without one, the first.
pub(crate) fn over_by(
    path: &Path,
    expected: &[u8],
    bytes: &[u8],
    (mode, most): (u32, u32),
    take: Take,
) -> Result<(), ReplaceError> {
    let existing = path.symlink_metadata().map_err(gone)?;
    if !existing.is_file() {
        return Err(io::Error::from(io::ErrorKind::InvalidInput).into());
    }
    let folder = folder_of(path);
    let file = written(folder, bytes, Some(&existing), mode, most)?;
    if !holds(path, expected).map_err(gone)? {
        return Err(ReplaceError::Changed);
    }
    take(file, path, expected, bytes)?;
    sync_folder(folder).map_err(ReplaceError::Unsure)
}

pub(crate) fn rename(
    fresh: NamedTempFile,
    path: &Path,
    _expected: &[u8],
    _bytes: &[u8],
) -> Result<(), ReplaceError> {
    fresh.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Whether [`replace`] can be expected to succeed: the file may be written, and another be made beside it. Only asks: a file
/// made to try it could stay behind.
///
/// # Errors
/// The system's, where it cannot.
pub fn try_replace(path: &Path) -> io::Result<()> {
    let path = target(path)?;
    // A file that its owner has made read-only is meant to stay as it is.
    let file = File::options().write(true).open(&path)?;
    let existing = file.metadata()?;
    if !existing.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    may_make_files_in(folder_of(&path))
}

#[cfg(unix)]
fn may_make_files_in(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    let asked = Access::WRITE_OK | Access::EXEC_OK;
    Ok(accessat(CWD, folder, asked, AtFlags::EACCESS)?)
}

/// Windows has no call that asks; writing tells.
#[cfg(not(unix))]
fn may_make_files_in(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// As [`write`](crate::write), where there is no file yet.
///
/// # Errors
/// [`ReplaceError::Changed`] when there is one by now; else as [`write`](crate::write).
pub fn create(path: &Path, bytes: &[u8], mode: u32) -> Result<(), ReplaceError> {
    let path = target(path)?;
    let folder = folder_of(&path);
    let file = written(folder, bytes, None, mode, ALL)?;
    file.persist_noclobber(&path)
        .map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => ReplaceError::Changed,
            _ => error.error.into(),
        })?;
    sync_folder(folder).map_err(ReplaceError::Unsure)
}

/// Removes the file at `path`, whose content is `expected`, durably. One that is gone already is no error.
///
/// # Errors
/// As [`replace`].
pub fn remove(path: &Path, expected: &[u8]) -> Result<(), ReplaceError> {
    let path = target(path)?;
    match holds(&path, expected) {
        Ok(true) => {}
        Ok(false) => return Err(ReplaceError::Changed),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    std::fs::remove_file(&path)?;
    sync_folder(folder_of(&path)).map_err(ReplaceError::Unsure)
}

pub(crate) fn gone(error: io::Error) -> ReplaceError {
    match error.kind() {
        io::ErrorKind::NotFound => ReplaceError::Changed,
        _ => error.into(),
    }
}

/// Whether the file at `path` has this content.
pub(crate) fn holds(path: &Path, expected: &[u8]) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut left = expected;
    let mut buffer = Zeroizing::new([0; 8192]);
    loop {
        let count = match file.read(&mut buffer[..]) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if count == 0 {
            return Ok(left.is_empty());
        }
        match left.strip_prefix(&buffer[..count]) {
            Some(rest) => left = rest,
            None => return Ok(false),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "made-up files")]
    fn what_was_read_is_replaced_and_keeps_its_mode_and_links() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let link = folder.path().join("link");
        symlink("f", &link).unwrap();
        let long = vec![b'x'; 20_000];
        for (old, new) in [(&b"one"[..], &b"two"[..]), (b"", b"x"), (&long, b"y")] {
            fs::write(&path, old).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            replace(&link, old, new, 0o600).unwrap();
            assert_eq!(fs::read(&path).unwrap(), new);
            assert_eq!(path.metadata().unwrap().mode() & 0o7777, 0o640);
            assert!(link.symlink_metadata().unwrap().is_symlink());
        }
        assert_eq!(folder.path().read_dir().unwrap().count(), 2);
    }

    #[test]
    fn what_is_put_back_permits_no_more_than_it_did_and_goes_through_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        for (now, most, expected) in [(0o644, 0o600, 0o600), (0o600, 0o644, 0o600)] {
            create(&path, b"one", now).unwrap();
            put_back(&path, b"one", b"two", most).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"two");
            assert_eq!(path.metadata().unwrap().mode() & 0o7777, expected);
            remove(&path, b"two").unwrap();
        }
        create(&path, b"one", 0o600).unwrap();
        let link = folder.path().join("link");
        symlink("f", &link).unwrap();
        let refused = put_back(&link, b"one", b"two", 0o600);
        assert!(matches!(refused, Err(ReplaceError::Io(_))));
        assert_eq!(fs::read(&path).unwrap(), b"one");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "made-up files")]
    fn what_somebody_else_has_saved_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let refused = |expected: &[u8]| {
            matches!(
                replace(&path, expected, b"mine", 0o600),
                Err(ReplaceError::Changed)
            )
        };
        assert!(refused(b""), "there is no file");
        for (expected, theirs) in [
            (&b"one"[..], &b"theirs"[..]),
            (b"one", b"one and more"),
            (b"one and more", b"one"),
            (b"one", b""),
            (b"", b"one"),
        ] {
            fs::write(&path, theirs).unwrap();
            assert!(refused(expected));
            assert_eq!(fs::read(&path).unwrap(), theirs);
        }
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn only_what_was_read_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        create(&path, b"theirs", 0o600).unwrap();
        assert!(matches!(remove(&path, b"mine"), Err(ReplaceError::Changed)));
        remove(&path, b"theirs").unwrap();
        assert!(!path.exists());
        remove(&path, b"theirs").unwrap();
    }

    #[test]
    fn a_file_is_created_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        create(&path, b"one", 0o640).unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o7777, 0o640);
        let again = create(&path, b"two", 0o640);
        assert!(matches!(again, Err(ReplaceError::Changed)));
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }
}
