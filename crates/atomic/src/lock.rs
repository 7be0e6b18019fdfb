//! One writer of ours at a time.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a writer sleeps before it asks for the lock again.
const PAUSE: Duration = Duration::from_millis(3);

/// What keeps other writers of ours from a file. The kernel gives it back when the holder ends, however it ends.
#[must_use]
pub struct Lock {
    _folder: Option<File>,
}

/// Waits until no other writer of ours is at work on the file at `path`, `patience` at most.
///
/// The folder is locked, so nothing is left beside a file that belongs to a person. Editors do not ask for the
/// lock, so [`replace()`](crate::replace()) is needed all the same. Where no folder can be locked, Windows and some file
/// systems on the network, it is all there is.
///
/// # Errors
/// [`io::ErrorKind::TimedOut`] when the other writer does not end; the system's when there is no such folder.
pub fn lock(path: &Path, patience: Duration) -> io::Result<Lock> {
    if cfg!(windows) {
        return Ok(Lock { _folder: None });
    }
    let start = Instant::now();
    let path = crate::target(path)?;
    let folder = File::open(crate::folder_of(&path))?;
    loop {
        match folder.try_lock() {
            Ok(()) => {
                return Ok(Lock {
                    _folder: Some(folder),
                });
            }
            Err(TryLockError::Error(_)) => return Ok(Lock { _folder: None }),
            Err(TryLockError::WouldBlock) => {
                let left = patience.saturating_sub(start.elapsed());
                if left.is_zero() {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                std::thread::sleep(PAUSE.min(left));
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_waits_for_the_first_by_whatever_link_it_comes() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real");
        std::fs::create_dir(&real).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("real/f", &link).unwrap();

        let first = lock(&real.join("f"), Duration::ZERO).unwrap();
        let refused = lock(&link, Duration::from_millis(10)).err().unwrap();
        assert_eq!(refused.kind(), io::ErrorKind::TimedOut);
        drop(first);
        assert!(lock(&link, Duration::ZERO).is_ok());
        assert_eq!(real.read_dir().unwrap().count(), 0, "nothing is left");
    }
}
