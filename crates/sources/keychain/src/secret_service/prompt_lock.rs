//! A lock between processes, so that launches that start together ask the person once.
//!
//! The file's length counts the refused prompts. A process that waited for the lock and finds the
//! count changed knows that the person has just said no. The kernel releases the lock of a process
//! that is killed.

use std::time::Duration;

use mcp_launch_core::{Deadline, Environment, SourceError, SourceErrorKind};
use mcp_launch_sharing::lock::{LockFile, Locks};

/// How often a waiting process looks whether its turn has come. The wait is the runtime's: a lock
/// that blocks the thread would let the bus wait, too.
const TURN: Duration = Duration::from_millis(20);

/// The same answer is given to a waiting process when its own time is up.
const LEAVING: Duration = Duration::from_millis(20);

/// Where the lock may be.
pub(crate) struct PromptLocks(Locks);

impl PromptLocks {
    pub(crate) fn of(environment: &Environment) -> Self {
        Self(Locks::of(environment))
    }

    /// Waits for the lock. None where no directory could hold it: two prompts are better than a
    /// keychain that cannot be opened.
    ///
    /// # Errors
    /// [`SourceErrorKind::Locked`] when the prompt that we waited for was refused, or is still open
    /// when the time is up.
    pub(crate) async fn take(&self, deadline: Deadline) -> Result<Option<PromptLock>, SourceError> {
        let Some(lock) = self.0.open("keychain.lock").map(PromptLock) else {
            return Ok(None);
        };
        let refusals = lock.0.number();
        loop {
            match lock.0.try_take() {
                Ok(true) => break,
                Ok(false) => {}
                Err(_) => return Ok(None),
            }
            if deadline.remaining() < TURN + LEAVING {
                return Err(SourceError::new(SourceErrorKind::Locked)
                    .note("another launch still waits for the keychain's prompt"));
            }
            tokio::time::sleep(TURN).await;
        }
        if lock.0.number() != refusals {
            return Err(SourceError::new(SourceErrorKind::Locked)
                .note("the keychain's prompt was dismissed for another launch"));
        }
        Ok(Some(lock))
    }
}

/// The lock, held until it is dropped.
pub(crate) struct PromptLock(LockFile);

impl PromptLock {
    /// Tells those who wait that the person has said no.
    pub(crate) fn record_refusal(&self) {
        // Failing to tell them costs one more prompt.
        self.0.set_number((self.0.number() + 1) % 4096).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
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
}
