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
    _file: Option<File>,
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
        return Ok(Lock { _file: None });
    }
    let start = Instant::now();
    let path = crate::target(path)?;
    let folder = File::open(crate::folder_of(&path))?;
    match taken(&folder, start, patience) {
        Ok(()) => Ok(Lock {
            _file: Some(folder),
        }),
        Err(TryLockError::Error(_)) => Ok(Lock { _file: None }),
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// Waits for the lock of the file at `path`, `patience` at most. The file, and the folders above it, are made if they are
/// not there, for nobody else to look into; it holds nothing, and may be removed while nobody is at work.
///
/// # Errors
/// [`io::ErrorKind::TimedOut`] when the holder does not end; the system's when the file cannot be made or locked.
pub fn lock_by(path: &Path, patience: Duration) -> io::Result<Lock> {
    let start = Instant::now();
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    crate::create_private_dir(crate::folder_of(path))?;
    loop {
        let file = options.open(path)?;
        match taken(&file, start, patience) {
            // One that was removed meanwhile keeps nobody out.
            Ok(()) if is_at(&file, path) => return Ok(Lock { _file: Some(file) }),
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

/// Waits for the lock of `file`. [`TryLockError::WouldBlock`] when the time is up.
fn taken(file: &File, start: Instant, patience: Duration) -> Result<(), TryLockError> {
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {}
            done => return done,
        }
        let left = patience.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Err(TryLockError::WouldBlock);
        }
        std::thread::sleep(PAUSE.min(left));
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), path.metadata()) {
        (Ok(own), Ok(there)) => (own.dev(), own.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// Windows removes no file that is open.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
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

    #[test]
    fn a_lock_file_keeps_others_out_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/locks/x.lock");
        let first = lock_by(&path, Duration::ZERO).unwrap();
        let refused = lock_by(&path, Duration::from_millis(10)).err().unwrap();
        assert_eq!(refused.kind(), io::ErrorKind::TimedOut);
        drop(first);
        let again = lock_by(&path, Duration::ZERO).unwrap();
        // As when somebody empties the folder: who waits for the old file's lock takes that of the new one.
        let waiting = {
            let path = path.clone();
            std::thread::spawn(move || lock_by(&path, Duration::from_secs(10)).is_ok())
        };
        std::thread::sleep(Duration::from_millis(30));
        std::fs::remove_file(&path).unwrap();
        drop(again);
        assert!(waiting.join().unwrap() && path.exists());
        let mode = std::os::unix::fs::MetadataExt::mode(&path.metadata().unwrap());
        assert_eq!(mode & 0o7777, 0o600);
    }
}
