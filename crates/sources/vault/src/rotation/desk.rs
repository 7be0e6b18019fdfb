//! What all that is rotated by one Vault has in common: one login, one set of connections, the mounts that were found.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mcp_launch_core::{Deadline, Environment};
use mcp_launch_network::Trouble;
use mcp_launch_sharing::Sharing;

use super::{Sitting, Unmade};
use crate::fault::{Failure, Fault};
use crate::kept::Keeping;
use crate::layout::Layout;
use crate::reach::{self, Reach};
use crate::reference::SecretPath;
use crate::settings::Settings;
use crate::shares::{Shares, what};

/// How a Vault is reached and by whom, and whether it is being asked already.
pub(crate) struct Desk {
    settings: Arc<Settings>,
    layout: Arc<Layout>,
    environment: Arc<Environment>,
    /// The paths that this process has written: it asks for them, whatever was lent of them.
    written: Mutex<BTreeSet<String>>,
    sitting: Mutex<Option<Arc<Sitting>>>,
}

impl Desk {
    pub(crate) fn new(
        settings: &Arc<Settings>,
        layout: &Arc<Layout>,
        environment: &Arc<Environment>,
    ) -> Self {
        Self {
            settings: Arc::clone(settings),
            layout: Arc::clone(layout),
            environment: Arc::clone(environment),
            written: Mutex::default(),
            sitting: Mutex::default(),
        }
    }

    /// How the Vault is reached, and what is shared of it. Nothing, once the deadline has passed.
    pub(crate) fn begin(&self, deadline: Deadline) -> Result<(Reach, Shares<'_>), Failure> {
        if deadline.passed() {
            return Err(Trouble::TimedOut.into());
        }
        let reach = reach::decide(&self.settings, &self.environment)?;
        let mut shares = Shares::new(
            &self.settings,
            &self.layout,
            &reach,
            &self.environment,
            deadline,
        )?;
        shares.written.clone_from(&lock(&self.written));
        Ok((reach, shares))
    }

    /// Takes back what was lent of `secret`, which was written, under every spelling. From now on this process asks the
    /// Vault for it: another launch may lend what it read just before.
    pub(crate) fn wrote(&self, secret: &SecretPath, answers: &Sharing) {
        let mut written = lock(&self.written);
        for path in secret.spellings() {
            let (path, version) = (path, None);
            let secret = SecretPath { path, version };
            answers.forget(&what(&secret));
            written.insert(secret.path);
        }
    }

    /// Does `work` with a session of the one login; see [`Sitting::ask`].
    pub(crate) fn ask<T>(
        &self,
        deadline: Deadline,
        work: impl AsyncFn(&Keeping<'_>) -> Result<T, Unmade>,
    ) -> Result<T, Unmade> {
        let sitting = self.sitting(deadline)?;
        let done = sitting.ask(deadline, work);
        self.part_if_refused(&sitting, &done);
        done
    }

    /// As [`Desk::ask`], of a `secret` that is written by it.
    pub(crate) fn write<T>(
        &self,
        secret: &SecretPath,
        deadline: Deadline,
        work: impl AsyncFn(&Keeping<'_>) -> Result<T, Unmade>,
    ) -> Result<T, Unmade> {
        let sitting = self.sitting(deadline)?;
        let done = sitting.ask(deadline, work);
        // Whatever became of it: what was read before may be what it was.
        self.wrote(secret, &sitting.answers);
        self.part_if_refused(&sitting, &done);
        done
    }

    pub(crate) fn sitting(&self, deadline: Deadline) -> Result<Arc<Sitting>, Failure> {
        let mut held = lock(&self.sitting);
        if let Some(sitting) = &*held {
            return Ok(Arc::clone(sitting));
        }
        let (reach, shares) = self.begin(deadline)?;
        let sitting = Arc::new(Sitting::new(&reach, shares, &self.layout, deadline)?);
        *held = Some(Arc::clone(&sitting));
        Ok(sitting)
    }

    /// What was logged in with may be another by now: whoever asks next looks anew.
    fn part_if_refused<T>(&self, sitting: &Arc<Sitting>, done: &Result<T, Unmade>) {
        let Err(Unmade { failure, .. }) = done else {
            return;
        };
        if failure.is_of_token() || failure.is(Fault::LoginRefused) {
            let mut held = lock(&self.sitting);
            if held.as_ref().is_some_and(|own| Arc::ptr_eq(own, sitting)) {
                *held = None;
            }
        }
    }
}

/// What a thread that panicked has left is still true.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
