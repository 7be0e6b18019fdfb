//! Linux and the BSDs: the Secret Service on the session bus.
//!
//! <https://specifications.freedesktop.org/secret-service-spec/0.2/>
//!
//! `keyring`'s own store for this system is not used, for four reasons. It takes the address of the
//! bus from the process environment and no other, and the address is ours to compute. It asks for
//! one value per call, and only `GetSecrets` brings many. It waits for ever on a daemon that is
//! stopped and on a prompt that nobody answers. And it starts threads, which a launch must not have
//! when it executes the server. Entries are the same: each finds what the other wrote.
//!
//! A call builds a runtime on the calling thread, and drops it before it returns: no thread, no
//! connection and no descriptor is left.

mod address;
mod bus;
mod calls;
mod health;
mod hidden;
mod prompt;
mod prompt_lock;
mod read;
mod socket;
mod unlock;
mod write;

use std::cell::RefCell;

use mcp_launch_core::{Deadline, Environment, Secret, SourceError, SourceErrorKind};

use crate::health::Health;
use crate::locator::Entry;
use crate::secret_service::address::BusAddress;
use crate::secret_service::bus::Bus;
use crate::secret_service::prompt_lock::PromptLocks;
use crate::secret_service::unlock::Unlocking;

/// The Secret Service that an environment leads to.
pub(crate) struct SecretService {
    address: BusAddress,
    locks: PromptLocks,
}

impl SecretService {
    pub(crate) fn new(environment: &Environment) -> Self {
        Self {
            address: BusAddress::of(environment),
            locks: PromptLocks::of(environment),
        }
    }

    pub(crate) fn fetch(
        &self,
        entries: &[Entry<'_>],
        deadline: Deadline,
    ) -> Vec<Result<Secret, SourceError>> {
        if entries.is_empty() {
            return Vec::new();
        }
        self.run(deadline, async |bus| {
            read::fetch(bus, entries, &self.unlocking(deadline)).await
        })
        .unwrap_or_else(|error| entries.iter().map(|_| Err(error)).collect())
    }

    pub(crate) fn look(
        &self,
        entries: &[Entry<'_>],
        deadline: Deadline,
    ) -> Vec<Result<(), SourceError>> {
        if entries.is_empty() {
            return Vec::new();
        }
        self.run(deadline, async |bus| read::look(bus, entries).await)
            .unwrap_or_else(|error| entries.iter().map(|_| Err(error)).collect())
    }

    pub(crate) fn accounts(&self, deadline: Deadline) -> Result<Vec<String>, SourceError> {
        self.run(deadline, async |bus| {
            read::accounts(bus, &self.unlocking(deadline)).await
        })
    }

    /// Writes each of `entries`, on one connection. The outcomes are in their order.
    pub(crate) fn put_all(
        &self,
        entries: &[(Entry<'_>, &Secret)],
        deadline: Deadline,
    ) -> Vec<Result<(), SourceError>> {
        // What was written before the time was up stays known as written.
        let outcomes = RefCell::new(Vec::with_capacity(entries.len()));
        let whole = self.run(deadline, async |bus| {
            let session = write::session(bus).await?;
            for (entry, value) in entries {
                let unlocking = self.unlocking(deadline);
                let outcome = write::put(bus, *entry, value, &session, &unlocking).await;
                outcomes.borrow_mut().push(outcome);
            }
            Ok(())
        });
        let mut outcomes = outcomes.into_inner();
        let rest = whole
            .err()
            .unwrap_or(SourceError::new(SourceErrorKind::Unavailable));
        outcomes.resize(entries.len(), Err(rest));
        outcomes
    }

    pub(crate) fn remove(&self, entry: Entry<'_>, deadline: Deadline) -> Result<(), SourceError> {
        self.run(deadline, async |bus| {
            write::remove(bus, entry, &self.unlocking(deadline)).await
        })
    }

    pub(crate) fn health(&self, deadline: Deadline) -> Health {
        health::of(&self.address, self.run(deadline, health::ask))
    }

    fn unlocking(&self, deadline: Deadline) -> Unlocking<'_> {
        Unlocking {
            locks: &self.locks,
            deadline,
        }
    }

    /// Connects and does `work`, all of it by `deadline`.
    fn run<T>(
        &self,
        deadline: Deadline,
        work: impl AsyncFnOnce(&Bus) -> Result<T, SourceError>,
    ) -> Result<T, SourceError> {
        let addresses = self.address.candidates()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|error| {
                let at = SourceError::from_io(&error).position();
                SourceError::new(SourceErrorKind::Unavailable).at(at)
            })?;
        runtime.block_on(async {
            let whole = async {
                let bus = Bus::connect(addresses).await?;
                work(&bus).await
            };
            tokio::time::timeout_at(deadline.instant().into(), whole)
                .await
                .unwrap_or(Err(SourceError::new(SourceErrorKind::TimedOut)))
        })
    }
}
