//! `$<keychain:NAME>`: the operating system's keychain.
//!
//! | system | keychain | reached by |
//! | --- | --- | --- |
//! | Linux, BSD | Secret Service: GNOME Keyring, KWallet, KeePassXC | D-Bus, all values of a launch in one batch |
//! | macOS | the login keychain | `keyring-core` and its native store |
//! | Windows | Credential Manager | `keyring-core` and its native store |
//!
//! An entry has a *service* and an *account*, as with every `keyring` application. Ours have the
//! service `mcp-launch`; entries of other programs can be read, never written.

mod health;
mod locator;
mod remedy;

#[cfg(any(target_os = "macos", windows))]
mod native;
#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;

use mcp_launch_core::{
    Deadline, Environment, Locator, LocatorError, Over, Scheme, Secret, Source, SourceError,
    SourceErrorKind, Store, Write,
};

pub use crate::health::{Health, Standing};
use crate::locator::Entry;

#[cfg(any(target_os = "macos", windows))]
use crate::native::Native as System;
#[cfg(all(unix, not(target_os = "macos")))]
use crate::secret_service::SecretService as System;

/// The scheme `keychain`.
pub const SCHEME: Scheme = Scheme {
    name: "keychain",
    summary: "the operating system's keychain",
    example: "$<keychain:GITHUB_TOKEN>",
    check,
    overlap,
    logins: &[],
};

fn check(locator: &str) -> Result<(), LocatorError> {
    Entry::parse(locator).map(|_| ())
}

/// The service of our own entries need not be written.
fn overlap(one: &str, other: &str, _: &Environment) -> bool {
    let place = |locator: &str| {
        Entry::parse(locator).map_or_else(|_| locator.to_owned(), |entry| entry.place())
    };
    place(one) == place(other)
}

/// The keychain of the person who runs this process. Nothing is kept open between calls.
pub struct Keychain {
    system: System,
}

impl Keychain {
    /// The keychain that this environment leads to. Touches nothing; a call connects.
    #[must_use]
    pub fn new(environment: &Environment) -> Self {
        Self {
            system: System::new(environment),
        }
    }

    /// How the keychain stands, for `doctor`. Asks for no password.
    #[must_use]
    pub fn health(&self, deadline: Deadline) -> Health {
        self.system.health(deadline)
    }

    /// Asks `all` for the entries that are well formed, and keeps the order.
    fn each<T>(
        locators: &[Locator],
        all: impl FnOnce(&[Entry<'_>]) -> Vec<Result<T, SourceError>>,
    ) -> Vec<Result<T, SourceError>> {
        let parsed: Vec<_> = locators
            .iter()
            .map(|locator| Entry::parse(locator.as_str()))
            .collect();
        let entries: Vec<_> = parsed.iter().flatten().copied().collect();
        let mut answers = all(&entries).into_iter();
        parsed
            .into_iter()
            .map(|entry| match entry {
                Ok(_) => answers
                    .next()
                    .unwrap_or(Err(SourceError::new(SourceErrorKind::Unavailable))),
                Err(error) => Err(malformed(error)),
            })
            .collect()
    }
}

fn malformed(error: LocatorError) -> SourceError {
    SourceError::new(SourceErrorKind::Malformed).note(error.0)
}

/// The entry that `name` means, if it is one of ours.
fn own(name: &str) -> Result<Entry<'_>, SourceError> {
    let entry = Entry::parse(name).map_err(malformed)?;
    if !entry.is_own() {
        return Err(SourceError::new(SourceErrorKind::Denied)
            .note("SERVICE/ACCOUNT is an entry of another program, which is only read"));
    }
    Ok(entry)
}

impl Source for Keychain {
    fn place(&self, locator: &Locator) -> String {
        Entry::parse(locator.as_str())
            .map_or_else(|_| "the keychain".to_owned(), |entry| entry.to_string())
    }

    fn fetch(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<Secret, SourceError>> {
        Self::each(locators, |entries| self.system.fetch(entries, deadline))
    }

    fn look(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<(), SourceError>> {
        Self::each(locators, |entries| self.system.look(entries, deadline))
    }

    fn remedy(&self, locator: &Locator, error: SourceError) -> Option<String> {
        remedy::of(locator, error.kind())
    }

    fn store(&self) -> Option<&dyn Store> {
        Some(self)
    }
}

impl Store for Keychain {
    fn names(&self, _within: &str, deadline: Deadline) -> Result<Vec<String>, SourceError> {
        let mut names: Vec<_> = self
            .system
            .accounts(deadline)?
            .iter()
            .filter_map(|account| Entry::locator_of(account))
            .collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// One connection and one unlocking for all. A keychain compares nothing itself, so what is there is read just
    /// before.
    fn write(&self, writes: &[Write<'_>], deadline: Deadline) -> Vec<Result<(), SourceError>> {
        let entries: Vec<_> = writes.iter().map(|write| own(write.name)).collect();
        let mut outcomes = self.check(writes, &entries, deadline);
        let allowed: Vec<(Entry<'_>, &Secret)> = writes
            .iter()
            .zip(&entries)
            .zip(&outcomes)
            .filter_map(|((write, entry), outcome)| {
                outcome.ok()?;
                Some(((*entry).ok()?, write.value))
            })
            .collect();
        if allowed.is_empty() {
            return outcomes;
        }
        let mut written = self.system.put_all(&allowed, deadline).into_iter();
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
            *outcome = written
                .next()
                .unwrap_or(Err(SourceError::new(SourceErrorKind::Unavailable)));
        }
        outcomes
    }

    fn remove(&self, name: &str, deadline: Deadline) -> Result<(), SourceError> {
        self.system.remove(own(name)?, deadline)
    }
}

impl Keychain {
    /// Whether each write may be made, as far as what is there tells.
    fn check(
        &self,
        writes: &[Write<'_>],
        entries: &[Result<Entry<'_>, SourceError>],
        deadline: Deadline,
    ) -> Vec<Result<(), SourceError>> {
        let conditional: Vec<Entry<'_>> = writes
            .iter()
            .zip(entries)
            .filter(|(write, _)| !matches!(write.over, Over::Anything))
            .filter_map(|(_, entry)| (*entry).ok())
            .collect();
        let mut there = if conditional.is_empty() {
            Vec::new()
        } else {
            self.system.fetch(&conditional, deadline)
        }
        .into_iter();
        writes
            .iter()
            .zip(entries)
            .map(|(write, entry)| {
                entry.as_ref().map_err(|error| *error)?;
                if matches!(write.over, Over::Anything) {
                    return Ok(());
                }
                match there.next() {
                    Some(Ok(there)) => write.over.check(Some(&there)),
                    Some(Err(error)) if error.kind() == SourceErrorKind::Missing => {
                        write.over.check(None)
                    }
                    Some(Err(error)) => Err(error),
                    None => Err(SourceError::new(SourceErrorKind::Unavailable)),
                }
            })
            .collect()
    }
}
