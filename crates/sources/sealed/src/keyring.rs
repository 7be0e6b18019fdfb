//! The loan of an unlocked key: what a store's key is called in the kernel keyring, and how it stands there.

use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mcp_launch_core::{Position, SourceError};
use mcp_launch_sharing::keyring::{self, KeyringError, Slot};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::layout::Layout;

/// Begins the comment line that tells when the kernel forgets the key, in seconds of Unix time. The
/// kernel itself tells it in `/proc/keys` only, rounded to minutes, hours or days.
const UNTIL: &str = "# until: ";

/// How often a full keyring is asked again after room was made in it, and how long is waited between:
/// the kernel counts the room some milliseconds later.
const ATTEMPTS: usize = 10;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(20);

/// A key that the keyring holds.
pub(crate) struct Held {
    /// The text of a key file.
    pub(crate) key: Zeroizing<Vec<u8>>,
    /// When the kernel forgets it; unknown if something else than `unlock` put it there.
    pub(crate) until: Option<SystemTime>,
}

/// The slot of a store's key, named after the directory, so that two stores of a user do not meet. Other
/// users of the machine may see names of keys, so the path itself is not in it.
pub(crate) fn slot_of(layout: &Layout) -> Slot {
    let directory = layout.directory();
    let path = std::fs::canonicalize(&directory).unwrap_or(directory);
    Slot::new(format!("mcp-launch:sealed:{}", short_digest(&path)))
}

fn short_digest(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The key in this slot, if it is there and its time is not up.
///
/// # Errors
/// When the kernel refuses the keyring: a container's filter may.
pub(crate) fn find(slot: &Slot) -> Result<Option<Held>, SourceError> {
    let held = keyring::find(slot).map_err(refusal)?;
    Ok(held.map(|key| Held {
        until: until(&key),
        key,
    }))
}

/// Puts `key` into the slot for `lifetime`, in place of one that was there.
///
/// # Errors
/// When the kernel refuses the keyring, or it is full of what is not ours.
pub(crate) fn hold(slot: &Slot, key: &[u8], lifetime: Duration) -> Result<(), SourceError> {
    let text = with_end(key, lifetime);
    match keyring::hold(slot, &text, lifetime) {
        Err(KeyringError::Full) => hold_after_clearing(slot, &text, lifetime),
        other => other.map_err(refusal),
    }
}

/// What launches share and cache can be fetched again; a passphrase would have to be typed again.
fn hold_after_clearing(slot: &Slot, text: &[u8], lifetime: Duration) -> Result<(), SourceError> {
    mcp_launch_sharing::clear()?;
    for _ in 1..ATTEMPTS {
        match keyring::hold(slot, text, lifetime) {
            Err(KeyringError::Full) => thread::sleep(BETWEEN_ATTEMPTS),
            other => return other.map_err(refusal),
        }
    }
    keyring::hold(slot, text, lifetime).map_err(refusal)
}

/// Takes the key out of the slot; whether there was one.
///
/// # Errors
/// When the kernel refuses.
pub(crate) fn forget(slot: &Slot) -> Result<bool, SourceError> {
    keyring::forget(slot).map_err(refusal)
}

fn with_end(key: &[u8], lifetime: Duration) -> Zeroizing<Vec<u8>> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let end = now.as_secs().saturating_add(lifetime.as_secs().max(1));
    let head = format!("{UNTIL}{end}\n");
    let mut text = Zeroizing::new(Vec::with_capacity(head.len() + key.len()));
    text.extend_from_slice(head.as_bytes());
    text.extend_from_slice(key);
    text
}

fn until(text: &[u8]) -> Option<SystemTime> {
    let line = text.split(|&byte| byte == b'\n').next()?;
    let seconds = line.strip_prefix(UNTIL.as_bytes())?;
    let seconds: u64 = std::str::from_utf8(seconds).ok()?.parse().ok()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

fn refusal(error: KeyringError) -> SourceError {
    match error {
        KeyringError::Absent => Fault::KeyringAbsent.error(),
        KeyringError::Full => Fault::KeyringFull.error(),
        KeyringError::Refused(Some(errno)) => {
            Fault::KeyringRefused.error().at(Position::Errno(errno))
        }
        _ => Fault::KeyringRefused.error(),
    }
}
