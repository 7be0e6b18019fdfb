//! Unlocking: one prompt for the person, however many launches wait for it.

use mcp_launch_core::{Deadline, SourceError};
use zbus::OwnedObjectPath;

use crate::secret_service::bus::Bus;
use crate::secret_service::calls;
use crate::secret_service::prompt;
use crate::secret_service::prompt_lock::PromptLocks;

/// What an unlock needs beside the bus.
pub(crate) struct Unlocking<'a> {
    pub(crate) locks: &'a PromptLocks,
    pub(crate) deadline: Deadline,
}

impl Unlocking<'_> {
    /// Has `objects` unlocked, items or collections.
    ///
    /// A client starts all its servers at once. The first process asks; the others wait for its lock,
    /// and find the keychain open, or the prompt refused, which holds for them as well.
    ///
    /// # Errors
    /// [`mcp_launch_core::SourceErrorKind::Locked`] when the prompt was not answered.
    pub(crate) async fn open(
        &self,
        bus: &Bus,
        objects: &[OwnedObjectPath],
    ) -> Result<(), SourceError> {
        let lock = self.locks.take(self.deadline).await?;
        // Asked under the lock: whoever had it before may have opened everything.
        let answer = bus.ask(calls::unlock(objects)?).await?;
        let Some(wanted) = calls::prompt_of_unlock(&answer)? else {
            return Ok(());
        };
        let outcome = prompt::complete(bus, &wanted, self.deadline).await;
        if let (Err(_), Some(lock)) = (&outcome, &lock) {
            lock.record_refusal();
        }
        outcome
    }
}
