//! What a writer leaves that is killed before its new file has the name.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

/// How the names of new files begin, and how they end.
const PREFIX: &str = ".mcp-launch-";
const SUFFIX: &str = ".tmp";

/// Where files cannot be locked, no writer lives so long between the creation of its file and the rename. One that does, because
/// it was stopped, fails at the rename, and the old content stays.
const AGE: Duration = Duration::from_mins(1);

/// A new file in `folder`: created exclusively, and readable by nobody else. It is locked for as long as it is open, so that
/// others see that its writer lives, and removed when dropped.
pub(crate) fn fresh(folder: &Path) -> io::Result<NamedTempFile> {
    loop {
        let file = tempfile::Builder::new()
            .prefix(PREFIX)
            .suffix(SUFFIX)
            .tempfile_in(folder)?;
        if is_held(file.as_file())? {
            return Ok(file);
        }
    }
}

/// Removes from `folder` the new files of writers that are dead: they hold what the file held, secrets too. What cannot be
/// removed stays; it hinders nobody.
pub fn sweep(folder: &Path) {
    let Ok(entries) = folder.read_dir() else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        // Not of what a link leads to.
        let Some(metadata) = is_ours.then(|| entry.metadata().ok()).flatten() else {
            continue;
        };
        let is_old = metadata.modified().is_ok_and(|modified| {
            SystemTime::now()
                .duration_since(modified)
                .is_ok_and(|age| age > AGE)
        });
        if !metadata.is_file() {
            continue;
        }
        // Held until it is removed: a writer that has just made it must not lock it in between.
        let abandoned = abandoned(&entry.path());
        if is_old || abandoned.is_some() {
            std::fs::remove_file(entry.path()).ok();
        }
        drop(abandoned);
    }
}

/// Locks a file that was just created. False when somebody who sweeps was quicker, and took it for a dead writer's.
#[cfg(unix)]
fn is_held(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => Ok(false),
        // Where files cannot be locked, their age must do.
        Ok(()) | Err(std::fs::TryLockError::Error(_)) => {
            Ok(std::os::unix::fs::MetadataExt::nlink(&file.metadata()?) > 0)
        }
    }
}

/// Windows: a lock would keep readers out. What is open cannot be removed there.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "on Unix it can fail")]
fn is_held(_file: &File) -> io::Result<bool> {
    Ok(true)
}

/// This new file, locked, if its writer is gone: the kernel has given its lock back.
#[cfg(unix)]
fn abandoned(path: &Path) -> Option<File> {
    File::open(path).ok().filter(|file| file.try_lock().is_ok())
}

/// Windows: told by the age alone.
#[cfg(not(unix))]
fn abandoned(_path: &Path) -> Option<File> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "made-up files")]
    fn what_a_dead_writer_left_is_removed_and_what_a_living_one_writes_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [".mcp-launch-dead.tmp", ".mine.tmp"] {
            fs::write(at(name), b"x").unwrap();
        }
        let live = fresh(folder.path()).unwrap();
        crate::write(&at("f"), b"one", 0o600).unwrap();
        assert!(!at(".mcp-launch-dead.tmp").exists());
        assert!(live.path().exists() && at(".mine.tmp").exists());
        let path = live.path().to_owned();
        // As when the writer is killed: the file stays, the lock does not.
        drop(live.into_temp_path().keep().unwrap());
        sweep(folder.path());
        assert!(!path.exists());
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "made-up files")]
    fn an_old_one_is_removed_though_somebody_has_it_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".mcp-launch-old.tmp");
        fs::write(&path, b"x").unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.lock().unwrap();
        sweep(folder.path());
        assert!(path.exists());
        file.set_modified(SystemTime::now() - 2 * AGE).unwrap();
        sweep(folder.path());
        assert!(!path.exists());
    }
}
