//! A lock between processes, so that launches that start together ask the person once.
//!
//! The file's length counts the refused prompts. A process that waited for the lock and finds the
//! count changed knows that the person has just said no. The kernel releases the lock of a process
//! that is killed.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment, SourceError, SourceErrorKind};

use crate::secret_service::address::usual_runtime_directory;

/// How often a waiting process looks whether its turn has come. A lock that can be awaited until a
/// deadline does not exist without a signal or a thread, and a launch has neither.
const TURN: Duration = Duration::from_millis(20);

/// The same answer is given to a waiting process when its own time is up.
const LEAVING: Duration = Duration::from_millis(20);

/// Where the lock may be.
pub(crate) struct PromptLocks {
    directories: Vec<Directory>,
}

enum Directory {
    /// Used if it is there.
    Existing(PathBuf),
    /// Created if it is not.
    Own(PathBuf),
}

impl PromptLocks {
    /// The runtime directory, else the state directory, else one in `/tmp`.
    pub(crate) fn of(environment: &Environment) -> Self {
        let absolute = |name| {
            let path = environment.get_non_empty(name).map(PathBuf::from);
            path.filter(|path| path.is_absolute())
        };
        let state = absolute("XDG_STATE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
        let uid = rustix::process::geteuid().as_raw();
        let mut directories = Vec::new();
        directories.extend(absolute("XDG_RUNTIME_DIR").map(Directory::Existing));
        directories.push(Directory::Existing(usual_runtime_directory()));
        directories.extend(state.map(|state| Directory::Own(state.join("mcp-launch"))));
        directories.push(Directory::Own(format!("/tmp/mcp-launch-{uid}").into()));
        Self { directories }
    }

    /// Waits for the lock. None where no directory could hold it: two prompts are better than a
    /// keychain that cannot be opened.
    ///
    /// # Errors
    /// [`SourceErrorKind::Locked`] when the prompt that we waited for was refused, or is still open
    /// when the time is up.
    pub(crate) async fn take(&self, deadline: Deadline) -> Result<Option<PromptLock>, SourceError> {
        let Some(lock) = self.directories.iter().find_map(PromptLock::open_in) else {
            return Ok(None);
        };
        let refusals = lock.refusals();
        loop {
            match lock.0.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(_)) => return Ok(None),
            }
            if deadline.remaining() < TURN + LEAVING {
                return Err(SourceError::new(SourceErrorKind::Locked)
                    .note("another launch still waits for the keychain's prompt"));
            }
            tokio::time::sleep(TURN).await;
        }
        if lock.refusals() != refusals {
            return Err(SourceError::new(SourceErrorKind::Locked)
                .note("the keychain's prompt was dismissed for another launch"));
        }
        Ok(Some(lock))
    }
}

/// The lock, held until it is dropped.
pub(crate) struct PromptLock(File);

impl PromptLock {
    /// Tells those who wait that the person has said no.
    pub(crate) fn record_refusal(&self) {
        // Failing to tell them costs one more prompt.
        self.0.set_len((self.refusals() + 1) % 4096).ok();
    }

    fn refusals(&self) -> u64 {
        self.0.metadata().map_or(0, |metadata| metadata.len())
    }

    fn open_in(directory: &Directory) -> Option<Self> {
        let path = match directory {
            Directory::Existing(path) => path,
            Directory::Own(path) => {
                DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(path)
                    .ok()?;
                path
            }
        };
        if !is_ours_alone(path) {
            return None;
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.join(OsStr::new("mcp-launch-keychain.lock")))
            .ok()?;
        Some(Self(file))
    }
}

/// Whether nobody else can put a file into `directory`: it is no link, ours, and writable by us only.
fn is_ours_alone(directory: &Path) -> bool {
    directory.symlink_metadata().is_ok_and(|metadata| {
        metadata.is_dir()
            && metadata.uid() == rustix::process::geteuid().as_raw()
            && metadata.mode() & 0o022 == 0
    })
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::time::Instant;

    use super::*;

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
            .block_on(work)
    }

    fn locks(directory: &Path) -> PromptLocks {
        PromptLocks::of(&Environment::from_pairs([("XDG_RUNTIME_DIR", directory)]))
    }

    fn soon() -> Deadline {
        Deadline::after(Duration::from_millis(200))
    }

    #[test]
    fn the_second_waits_until_its_deadline_and_no_longer() {
        let directory = tempfile::tempdir().unwrap();
        let held = block_on(locks(directory.path()).take(soon())).unwrap();
        let start = Instant::now();
        let Err(error) = block_on(locks(directory.path()).take(soon())) else {
            panic!("the lock is held");
        };
        assert_eq!(error.kind(), SourceErrorKind::Locked);
        assert!(start.elapsed() < Duration::from_millis(200));
        drop(held);
        assert!(block_on(locks(directory.path()).take(soon())).is_ok());
    }

    #[test]
    fn a_refusal_holds_for_those_who_waited_and_for_no_later_one() {
        let directory = tempfile::tempdir().unwrap();
        let (first, second) = (locks(directory.path()), locks(directory.path()));
        let held = block_on(first.take(soon())).unwrap().unwrap();
        let waiting = std::thread::spawn(move || {
            block_on(second.take(Deadline::after(Duration::from_secs(5)))).is_err()
        });
        std::thread::sleep(Duration::from_millis(100));
        held.record_refusal();
        drop(held);
        assert!(waiting.join().unwrap(), "the refusal was not seen");
        assert!(block_on(first.take(soon())).is_ok());
    }

    #[test]
    fn a_directory_that_others_can_write_is_passed_over() {
        let scratch = tempfile::tempdir().unwrap();
        let open = scratch.path().join("open");
        let link = scratch.path().join("link");
        let state = scratch.path().join("state");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
        symlink(scratch.path(), &link).unwrap();
        for unsafe_one in [&open, &link] {
            let locks = PromptLocks {
                directories: vec![
                    Directory::Existing(unsafe_one.clone()),
                    Directory::Own(state.clone()),
                ],
            };
            let held = block_on(locks.take(soon())).unwrap();
            assert!(held.is_some());
            assert!(!unsafe_one.join("mcp-launch-keychain.lock").exists());
            assert!(state.join("mcp-launch-keychain.lock").exists());
        }
        let mode = state.metadata().unwrap().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
