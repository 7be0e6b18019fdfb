//! The keeper: renews what was lent while the server lives, and gives it back at the end.
//!
//! The launcher becomes the server, so nobody would be left to do it. A keeper is a process of its own, which has the
//! [`Letter`] of the launch and watches the server. What it does is told as [`Event`]s.

mod clock;
mod event;
mod held;
mod keeping;
mod lender;
mod letter;
mod watch;

use std::time::Duration;

use tokio::runtime::Runtime;

pub use event::{Event, Reason, What};
use keeping::Keeping;
use lender::vault;
pub use letter::{KeptToken, LONGEST as LONGEST_LETTER, Letter, LetterError};
pub use watch::Watch;
use watch::{Signals, over};

/// A keeper that is ready to keep.
pub struct Keeper {
    letter: Letter,
    vault: crate::exchange::Vault,
    runtime: Runtime,
    signals: Signals,
}

impl Keeper {
    /// A keeper of what `letter` tells of. Asks nobody yet. Opens descriptors, so the process must have detached.
    ///
    /// # Errors
    /// Why it could not keep it: a certificate that cannot be read, a system that refuses. In a person's words.
    pub fn new(letter: Letter) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let entered = runtime.enter();
        let signals = Signals::heed().map_err(|error| error.to_string())?;
        let vault = vault(&letter.reach)?;
        drop(entered);
        Ok(Self {
            letter,
            vault,
            runtime,
            signals,
        })
    }

    /// The store, for a person: its scheme, host and port.
    #[must_use]
    pub fn store(&self) -> &str {
        &self.vault.address
    }

    /// Keeps until the server ends or this process is told to, then gives everything back. Each event is told to `note`
    /// when it happens, the first one before the launch is told by `ready` that it may go on: it gives the watch, or none
    /// where no launch waits any more.
    pub fn keep(self, ready: impl FnOnce() -> Option<Watch>, note: &mut dyn FnMut(&Event)) {
        let Self {
            letter,
            vault,
            runtime,
            signals,
        } = self;
        runtime.block_on(async {
            let mut keeping = Keeping::new(&letter, vault, note);
            keeping.began();
            let reason = match ready() {
                Some(watch) => tokio::select! {
                    reason = over(watch, signals) => reason,
                    never = keeping.renew() => match never {},
                },
                None => Reason::NotStarted,
            };
            keeping.give_back(reason).await;
        });
    }
}

/// Gives back at once what `letter` tells of, because nothing will start. Comes back when `patience` is over.
///
/// # Errors
/// What could not be given back, and why, in a person's words.
pub fn give_back(letter: &Letter, patience: Duration) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let mut left = Vec::new();
    let mut note = |event: &Event| {
        if matches!(event, Event::Left { .. }) {
            left.push(event.to_string());
        }
    };
    runtime.block_on(async {
        let mut keeping = Keeping::new(letter, vault(&letter.reach)?, &mut note);
        keeping.parting = patience;
        keeping.give_back(Reason::NotStarted).await;
        Ok::<_, String>(())
    })?;
    // A lookup of a name that hangs is not waited for.
    runtime.shutdown_background();
    if left.is_empty() {
        return Ok(());
    }
    Err(left.join("; "))
}
