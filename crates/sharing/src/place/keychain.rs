//! macOS and Windows: the system's keychain, for values that the settings let be cached.
//!
//! The keychain keeps an entry for ever, so the record says itself when it ends. The system's calls
//! take as long as they like; each runs on a thread of its own that is waited for for [`PATIENCE`],
//! and left behind after it. An error tells nothing: a cache that does not answer is no cache.
//!
//! A store error may carry the value (`BadEncoding` and `BadDataFormat` do): none is printed or kept,
//! and what they hold is wiped.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime};

use keyring_core::{Entry, Error};
use mcp_launch_core::{SourceError, SourceErrorKind};
use zeroize::{Zeroize, Zeroizing};

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(windows)]
use windows_native_keyring_store::Store;

use crate::entries;
use crate::keys::Keys;
use crate::name::Name;
use crate::record::{self, Record};

/// A keychain may ask the person, and keeps what it is given: nothing goes there unless a setting says so.
pub(crate) const LENDS_UNASKED: bool = false;

/// The service of our entries, apart from that of the secrets that a person stores.
const SERVICE: &str = "mcp-launch cache";

/// How long the keychain may take. A launch has better things to wait for.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many bytes tell when a record ends, in front of it.
const END: usize = 8;

/// There always is one; whether it answers, a question tells.
pub(crate) fn is_usable() -> bool {
    true
}

/// The record of `name`, if its time is not up. One whose time is up is removed.
pub(crate) fn find(keys: &Keys, name: &Name) -> Option<Record> {
    let account = name.in_hex();
    let bytes = by(move |store| {
        let entry = entry(store, &account)?;
        let bytes = Zeroizing::new(entry.get_secret()?);
        let end = bytes.get(..END).and_then(record::time);
        if end.is_some_and(|end| end >= SystemTime::now()) {
            return Ok(bytes);
        }
        entry.delete_credential()?;
        Err(Error::NoEntry)
    });
    Record::open(keys, name, bytes?.get(END..)?)
}

/// Windows takes 2,560 bytes at most; longer values are not cached there.
pub(crate) fn put(name: &Name, bytes: &[u8], lifetime: Duration) {
    let Some(end) = SystemTime::now().checked_add(lifetime) else {
        return;
    };
    let account = name.in_hex();
    let mut whole = Zeroizing::new(Vec::with_capacity(END + bytes.len()));
    whole.extend_from_slice(&record::milliseconds(end));
    whole.extend_from_slice(bytes);
    by(move |store| entry(store, &account)?.set_secret(&whole));
}

pub(crate) fn remove(name: &Name) {
    let account = name.in_hex();
    by(move |store| entry(store, &account)?.delete_credential());
}

pub(crate) fn clear() -> Result<usize, SourceError> {
    let removed = by(|store| {
        let accounts = entries::accounts(store, SERVICE)?;
        for account in &accounts {
            entry(store, account)?.delete_credential()?;
        }
        Ok(accounts.len())
    });
    removed.ok_or(
        SourceError::new(SourceErrorKind::Unavailable).note("the system's keychain did not answer"),
    )
}

fn entry(store: &Store, account: &str) -> Result<Entry, Error> {
    entries::entry(store, SERVICE, account)
}

/// Does `work` on a thread of its own, and waits for it for [`PATIENCE`].
fn by<T: Send + 'static>(
    work: impl FnOnce(&Store) -> Result<T, Error> + Send + 'static,
) -> Option<T> {
    let (answer, waiting) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("cache".to_owned())
        .spawn(move || {
            let outcome = Store::new().and_then(|store: Arc<Store>| work(&store));
            // Nobody waits any longer: what was found is dropped, and wiped.
            answer.send(outcome.map_err(wipe).ok()).ok();
        })
        .ok()?;
    waiting.recv_timeout(PATIENCE).ok()?
}

fn wipe(error: Error) {
    if let Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) = error {
        bytes.zeroize();
    }
}
