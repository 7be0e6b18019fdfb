//! Many questions under one login: what a rotation, or the rotation of two hundred credentials, asks of a Vault.

use std::future::Future;
use std::sync::{Arc, Mutex};

use mcp_launch_core::Deadline;
use mcp_launch_network::Trouble;
use mcp_launch_sharing::Sharing;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, timeout_at};

use super::Unmade;
use super::desk::lock;
use crate::exchange::Vault;
use crate::fault::Failure;
use crate::kept::{Keeping, Mounts};
use crate::layout::Layout;
use crate::login::Login;
use crate::reach::Reach;
use crate::shares::{LOGIN, Shares};
use crate::source::a_little_after;
use crate::token::Token;

/// A login, and what was found out under it. Its connections stay open between the questions, so they share a runtime.
pub(crate) struct Sitting {
    /// None only while it is dropped.
    runtime: Option<Runtime>,
    vault: Vault,
    login: Login,
    sessions: Sharing,
    pub(super) answers: Sharing,
    layout: Arc<Layout>,
    mounts: Mounts,
    token: Mutex<Option<Token>>,
}

impl Sitting {
    /// Asks nothing yet.
    pub(super) fn new(
        reach: &Reach,
        shares: Shares<'_>,
        layout: &Arc<Layout>,
        deadline: Deadline,
    ) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|_| Trouble::Other)?;
        let mut vault = Vault::new(reach, deadline)?;
        vault.origin = shares.login.origin();
        Ok(Self {
            runtime: Some(runtime),
            vault,
            login: shares.login,
            sessions: shares.sessions,
            answers: shares.answers,
            layout: Arc::clone(layout),
            mounts: Mounts::default(),
            token: Mutex::default(),
        })
    }

    /// Does `work` with a session, and once more with another where that one has ended. A token that is refused has done
    /// nothing.
    pub(super) fn ask<T>(
        &self,
        deadline: Deadline,
        work: impl AsyncFn(&Keeping<'_>) -> Result<T, Unmade>,
    ) -> Result<T, Unmade> {
        let vault = self.vault.until(deadline);
        let token = self.token(&vault)?;
        let done = self.work_with(&vault, &token, &work);
        let is_refused = matches!(&done, Err(unmade) if unmade.failure.is_of_token());
        if !is_refused || self.login.token().is_some() {
            return done;
        }
        self.sessions.forget(LOGIN);
        drop(lock(&self.token).take_if(|held| held.as_str() == token.as_str()));
        let token = self.token(&vault)?;
        self.work_with(&vault, &token, &work)
    }

    fn work_with<T>(
        &self,
        vault: &Vault,
        token: &Token,
        work: &impl AsyncFn(&Keeping<'_>) -> Result<T, Unmade>,
    ) -> Result<T, Unmade> {
        let keeping = Keeping {
            vault,
            token: token.as_str(),
            layout: &self.layout,
            mounts: &self.mounts,
        };
        // Each request has the deadline itself. What it cannot break off may have been sent.
        self.wait(vault.deadline, work(&keeping))
            .unwrap_or_else(|trouble| Err(Unmade::unheard(vault.trouble(trouble))))
    }

    /// The session, of which there is one for all threads.
    fn token(&self, vault: &Vault) -> Result<Token, Failure> {
        let mut held = lock(&self.token);
        if let Some(token) = &*held {
            return Ok(token.again());
        }
        let login = vault.shared_session(&self.login, &self.sessions);
        let (token, _) = self.wait(vault.deadline, login)??;
        *held = Some(token.again());
        Ok(token)
    }

    fn wait<T>(&self, deadline: Deadline, work: impl Future<Output = T>) -> Result<T, Trouble> {
        let runtime = self.runtime.as_ref().ok_or(Trouble::Other)?;
        let end = Instant::from_std(a_little_after(deadline).instant());
        // Within the runtime, because a timer needs one.
        let done = runtime.block_on(async { timeout_at(end, work).await });
        done.map_err(|_| Trouble::TimedOut)
    }
}

impl Drop for Sitting {
    fn drop(&mut self) {
        // A call of the system that runs on a thread of its own, such as a lookup of a name, is not waited for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
