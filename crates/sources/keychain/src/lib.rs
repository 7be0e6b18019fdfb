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
    Deadline, Environment, Locator, LocatorError, Scheme, Secret, Source, SourceError,
    SourceErrorKind, Store,
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
    fn names(&self, deadline: Deadline) -> Result<Vec<String>, SourceError> {
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

    fn put(&self, name: &str, value: &Secret, deadline: Deadline) -> Result<(), SourceError> {
        self.system.put(own(name)?, value, deadline)
    }

    fn remove(&self, name: &str, deadline: Deadline) -> Result<(), SourceError> {
        self.system.remove(own(name)?, deadline)
    }
}
