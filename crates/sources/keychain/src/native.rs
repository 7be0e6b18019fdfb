//! macOS and Windows: the system's keychain by `keyring-core` and its native store.
//!
//! The system's calls take as long as they like: macOS waits for a person to answer its own dialog.
//! Each runs on a thread of its own that is waited for until the deadline, and left behind after it.
//!
//! A store error may carry the value (`BadEncoding` and `BadDataFormat` do): none is printed or kept,
//! and what they hold is wiped.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use keyring_core::{Entry as Credential, Error};
use mcp_launch_core::{Deadline, Environment, Secret, SourceError, SourceErrorKind};
use mcp_launch_sharing::entries;
use zeroize::{Zeroize, Zeroizing};

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(windows)]
use windows_native_keyring_store::Store;

use crate::health::{Health, Standing};
use crate::locator::{Entry, SERVICE};

/// The system's keychain.
pub(crate) struct Native;

impl Native {
    /// The system finds it by the user, not by the environment.
    pub(crate) fn new(_: &Environment) -> Self {
        Self
    }

    pub(crate) fn fetch(
        &self,
        entries: &[Entry<'_>],
        deadline: Deadline,
    ) -> Vec<Result<Secret, SourceError>> {
        each(entries, deadline, |store, key| {
            read(&key.credential(store)?, key.is_own())
        })
    }

    pub(crate) fn look(
        &self,
        entries: &[Entry<'_>],
        deadline: Deadline,
    ) -> Vec<Result<(), SourceError>> {
        each(entries, deadline, |store, key| {
            key.credential(store)?
                .get_credential()
                .map(|_| ())
                .map_err(refusal)
        })
    }

    pub(crate) fn accounts(&self, deadline: Deadline) -> Result<Vec<String>, SourceError> {
        by(deadline, |store| {
            entries::accounts(store, SERVICE).map_err(refusal)
        })
    }

    /// Writes each of `entries`. The outcomes are in their order.
    pub(crate) fn put_all(
        &self,
        entries: &[(Entry<'_>, &Secret)],
        deadline: Deadline,
    ) -> Vec<Result<(), SourceError>> {
        entries
            .iter()
            .map(|(entry, value)| put(*entry, value, deadline))
            .collect()
    }

    pub(crate) fn remove(&self, entry: Entry<'_>, deadline: Deadline) -> Result<(), SourceError> {
        let key = Key::of(entry);
        by(deadline, move |store| {
            key.credential(store)?.delete_credential().map_err(refusal)
        })
    }

    pub(crate) fn health(&self, deadline: Deadline) -> Health {
        // Listing reads no value, so it opens no dialog.
        let standing = match self.accounts(deadline) {
            Ok(_) => Standing::Ready,
            Err(error) if error.kind() == SourceErrorKind::Locked => Standing::Locked,
            Err(error) => Standing::Failed(error),
        };
        Health {
            keychain: if cfg!(windows) {
                "Credential Manager"
            } else {
                "login keychain"
            },
            address: String::new(),
            owner: None,
            standing,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the gate through which a value goes into the system's keychain"
)]
fn put(entry: Entry<'_>, value: &Secret, deadline: Deadline) -> Result<(), SourceError> {
    let key = Key::of(entry);
    let value = Zeroizing::new(value.expose().to_vec());
    by(deadline, move |store| {
        key.credential(store)?.set_secret(&value).map_err(refusal)
    })
}

/// An [`Entry`] that can go to another thread.
#[derive(Clone)]
struct Key {
    service: String,
    account: String,
}

impl Key {
    fn of(entry: Entry<'_>) -> Self {
        Self {
            service: entry.service.to_owned(),
            account: entry.account.to_owned(),
        }
    }

    fn is_own(&self) -> bool {
        self.service == SERVICE
    }

    fn credential(&self, store: &Store) -> Result<Credential, SourceError> {
        entries::entry(store, &self.service, &self.account).map_err(refusal)
    }
}

/// Other programs store text on Windows, in its own encoding; our entries are bytes everywhere.
fn read(credential: &Credential, own: bool) -> Result<Secret, SourceError> {
    if cfg!(windows) && !own {
        return credential
            .get_password()
            .map(|text| Secret::new(text.into_bytes()))
            .map_err(refusal);
    }
    credential.get_secret().map(Secret::new).map_err(refusal)
}

/// Does `work` for every entry, all on one thread.
fn each<T: Send + 'static>(
    entries: &[Entry<'_>],
    deadline: Deadline,
    work: impl Fn(&Store, &Key) -> Result<T, SourceError> + Send + 'static,
) -> Vec<Result<T, SourceError>> {
    let keys: Vec<Key> = entries.iter().map(|entry| Key::of(*entry)).collect();
    let all = by(deadline, move |store| {
        Ok(keys.iter().map(|key| work(store, key)).collect())
    });
    all.unwrap_or_else(|error: SourceError| entries.iter().map(|_| Err(error)).collect())
}

/// Does `work` on a thread of its own, and waits for it until `deadline`.
fn by<T: Send + 'static>(
    deadline: Deadline,
    work: impl FnOnce(&Store) -> Result<T, SourceError> + Send + 'static,
) -> Result<T, SourceError> {
    const BROKEN: SourceError = SourceError::new(SourceErrorKind::Unavailable);
    let (answer, waiting) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("keychain".to_owned())
        .spawn(move || {
            let outcome = Store::new()
                .map_err(refusal)
                .and_then(|store: Arc<Store>| work(&store));
            // Nobody waits any longer: what was found is dropped, and wiped.
            answer.send(outcome).ok();
        })
        .map_err(|_| BROKEN)?;
    match waiting.recv_timeout(deadline.remaining()) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Timeout) => Err(SourceError::new(SourceErrorKind::TimedOut)),
        Err(RecvTimeoutError::Disconnected) => Err(BROKEN),
    }
}

fn refusal(error: Error) -> SourceError {
    let kind = match error {
        Error::NoEntry => SourceErrorKind::Missing,
        Error::NoStorageAccess(_) => SourceErrorKind::Locked,
        Error::Ambiguous(_) => SourceErrorKind::Ambiguous,
        Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            SourceErrorKind::Malformed
        }
        Error::TooLong(..) => {
            return SourceError::new(SourceErrorKind::Malformed)
                .note("longer than the system's keychain takes");
        }
        Error::Invalid(..) => {
            return SourceError::new(SourceErrorKind::Malformed)
                .note("not a name or value of the system's keychain");
        }
        Error::PlatformFailure(cause) => platform_failure(cause.as_ref()),
        _ => SourceErrorKind::Unavailable,
    };
    SourceError::new(kind)
}

/// Status codes that the store crate does not tell apart, from `SecBase.h`.
#[cfg(target_os = "macos")]
fn platform_failure(cause: &(dyn std::error::Error + Send + Sync + 'static)) -> SourceErrorKind {
    const AUTH_FAILED: i32 = -25293;
    const INTERACTION_NOT_ALLOWED: i32 = -25308;
    const USER_CANCELED: i32 = -128;
    let code = cause
        .downcast_ref::<security_framework::base::Error>()
        .map(|error| error.code());
    match code {
        Some(INTERACTION_NOT_ALLOWED) => SourceErrorKind::Locked,
        Some(AUTH_FAILED | USER_CANCELED) => SourceErrorKind::Denied,
        _ => SourceErrorKind::Unavailable,
    }
}

#[cfg(windows)]
fn platform_failure(_: &(dyn std::error::Error + Send + Sync + 'static)) -> SourceErrorKind {
    SourceErrorKind::Unavailable
}
