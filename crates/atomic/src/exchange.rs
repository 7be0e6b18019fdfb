//! Writing over what was read, such that even what an editor saves in the very moment is not lost.

use std::path::Path;

use tempfile::NamedTempFile;

use crate::replace::{gone, holds, over_by};
use crate::{ALL, ReplaceError, target};

/// As [`replace`](crate::replace()), and it also sees what is saved between its last look and the rename: the two files
/// change names in one, and where the one that was displaced is not what was expected, they change back. Where the system or
/// the file system cannot do that, as [`replace`](crate::replace()).
///
/// # Errors
/// As [`replace`](crate::replace()).
pub fn exchange(path: &Path, expected: &[u8], bytes: &[u8], mode: u32) -> Result<(), ReplaceError> {
    over_by(&target(path)?, expected, bytes, (mode, ALL), swap)
}

#[cfg(target_os = "linux")]
fn swap(
    fresh: NamedTempFile,
    path: &Path,
    expected: &[u8],
    bytes: &[u8],
) -> Result<(), ReplaceError> {
    swap_seen(fresh, path, (expected, bytes), &mut |_| {})
}

/// When somebody else may come in between.
#[cfg(target_os = "linux")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Moment {
    BeforeTheExchange,
    BeforeTheReturn,
}

#[cfg(target_os = "linux")]
fn swap_seen(
    fresh: NamedTempFile,
    path: &Path,
    (expected, bytes): (&[u8], &[u8]),
    between: &mut dyn FnMut(Moment),
) -> Result<(), ReplaceError> {
    use rustix::io::Errno;

    // Locked where it can be: whoever sweeps the folder must not take the old file for a dead writer's new one.
    let displaced = std::fs::File::open(path).map_err(gone)?;
    let _locked = displaced.try_lock().is_ok();
    between(Moment::BeforeTheExchange);
    match exchange_names(fresh.path(), path) {
        Ok(()) => {}
        Err(Errno::NOENT) => return Err(ReplaceError::Changed),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            return crate::replace::rename(fresh, path, expected, bytes);
        }
        Err(error) => return Err(std::io::Error::from(error).into()),
    }
    // What was displaced now has the name of the new file, and goes with it.
    match holds(fresh.path(), expected) {
        Ok(true) => return Ok(()),
        Ok(false) => {}
        Err(error) => return Err(keep(fresh, error)),
    }
    between(Moment::BeforeTheReturn);
    if let Err(error) = exchange_names(fresh.path(), path) {
        return Err(keep(fresh, error.into()));
    }
    // Where it is not ours that came back, ours was saved over in turn, and what came back is the later of the two.
    match holds(fresh.path(), bytes) {
        Ok(true) => Err(ReplaceError::Changed),
        Ok(false) => match exchange_names(fresh.path(), path) {
            Ok(()) => Err(ReplaceError::Changed),
            Err(error) => Err(keep(fresh, error.into())),
        },
        Err(error) => Err(keep(fresh, error)),
    }
}

#[cfg(target_os = "linux")]
fn exchange_names(one: &Path, other: &Path) -> Result<(), rustix::io::Errno> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)
}

/// Leaves what has the new file's name where it is: it may be somebody else's.
#[cfg(target_os = "linux")]
fn keep(fresh: NamedTempFile, error: std::io::Error) -> ReplaceError {
    fresh.into_temp_path().keep().ok();
    ReplaceError::Unsure(error)
}

/// No such call, or one that not all file systems have: as `replace`.
#[cfg(not(target_os = "linux"))]
fn swap(
    fresh: NamedTempFile,
    path: &Path,
    expected: &[u8],
    bytes: &[u8],
) -> Result<(), ReplaceError> {
    crate::replace::rename(fresh, path, expected, bytes)
}

#[cfg(all(test, target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "made-up files")]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    fn content(path: &Path) -> Vec<u8> {
        fs::read(path).expect("the file")
    }

    #[test]
    fn what_was_read_is_replaced_and_keeps_its_mode_and_links() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("f"), folder.path().join("link"));
        fs::write(&path, "one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("f", &link).unwrap();
        exchange(&link, b"one", b"two", 0o600).unwrap();
        assert_eq!(content(&path), b"two");
        assert_eq!(path.metadata().unwrap().mode() & 0o7777, 0o640);
        assert!(link.symlink_metadata().unwrap().is_symlink());
        let refused = exchange(&path, b"one", b"three", 0o600);
        assert!(matches!(refused, Err(ReplaceError::Changed)));
        assert_eq!(content(&path), b"two");
        assert_eq!(folder.path().read_dir().unwrap().count(), 2);
    }

    /// An editor that saves by a rename, or into the same file.
    fn save(path: &Path, text: &str, in_place: bool) {
        if in_place {
            fs::write(path, text).expect("written");
        } else {
            let beside = path.with_extension("swp");
            fs::write(&beside, text).expect("written");
            fs::rename(&beside, path).expect("renamed");
        }
    }

    #[test]
    fn what_is_saved_in_the_very_moment_stays() {
        for in_place in [false, true] {
            for moments in [
                &[Moment::BeforeTheExchange][..],
                &[Moment::BeforeTheExchange, Moment::BeforeTheReturn],
            ] {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("f");
                fs::write(&path, "old").unwrap();
                let fresh = crate::leftover::fresh(folder.path()).unwrap();
                fs::write(fresh.path(), "ours").unwrap();
                let mut last = String::new();
                let mut between = |moment| {
                    if moments.contains(&moment) {
                        last = format!("saved {moment:?}");
                        save(&path, &last, in_place);
                    }
                };
                let refused = swap_seen(fresh, &path, (b"old", b"ours"), &mut between);
                assert!(matches!(refused, Err(ReplaceError::Changed)));
                assert_eq!(content(&path), last.as_bytes(), "{in_place} {moments:?}");
                assert_eq!(folder.path().read_dir().unwrap().count(), 1);
            }
        }
    }
}
