//! The kernel keyring, which lends bytes to this user's processes for a limited time.
//!
//! They stand in the user keyring (`@u`), where every process of the user finds them however a client
//! started it, in memory of the kernel that is never swapped out. Their lifetime is the kernel's doing.
//!
//! An ordinary user may have 200 keys of 20,000 bytes in all. A key whose time is up is gone for its
//! readers, but still counts for five minutes (`kernel.keys.gc_delay`). Callers therefore use few names
//! again and again, and [`forget_expired`] makes room.

use std::time::Duration;

use zeroize::Zeroizing;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as kernel;

#[cfg(not(target_os = "linux"))]
mod nowhere;
#[cfg(not(target_os = "linux"))]
use nowhere as kernel;

/// A place in the keyring.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Slot {
    description: String,
}

impl Slot {
    /// The place of this name, which begins with `mcp-launch:`. Other users of the machine may see it.
    #[must_use]
    pub fn new(description: impl Into<String>) -> Self {
        Self {
            description: description.into(),
        }
    }
}

/// Why the keyring did not do what it was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// This system has none.
    #[error("this system has no kernel keyring")]
    Absent,
    /// The user's quota is used up.
    #[error("the kernel keyring of this user is full")]
    Full,
    /// It may not be used: a container's filter forbids it, for example. With the number of the
    /// system's error, where there is one.
    #[error("the kernel keyring cannot be used here")]
    Refused(Option<i32>),
}

/// What stands in the slot, if there is something and its time is not up.
///
/// # Errors
/// When the keyring cannot be used.
pub fn find(slot: &Slot) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
    kernel::find(&slot.description)
}

/// Puts `bytes` into the slot for `lifetime`, at least a second, in place of what was there.
///
/// # Errors
/// When the keyring cannot be used, or is full. What was there is then still there.
pub fn hold(slot: &Slot, bytes: &[u8], lifetime: Duration) -> Result<(), KeyringError> {
    let rounded = lifetime.as_secs() + u64::from(lifetime.subsec_nanos() > 0);
    let seconds = u32::try_from(rounded).unwrap_or(u32::MAX).max(1);
    kernel::hold(&slot.description, bytes, seconds)
}

/// Empties the slot; whether there was something whose time was not up.
///
/// # Errors
/// When the keyring cannot be used.
pub fn forget(slot: &Slot) -> Result<bool, KeyringError> {
    kernel::forget(&slot.description)
}

/// Empties all of `slots`; how many held something whose time was not up.
///
/// # Errors
/// When the keyring cannot be used. Some may be empty already.
pub fn forget_all(slots: impl IntoIterator<Item = Slot>) -> Result<usize, KeyringError> {
    let mut forgotten = 0;
    for slot in slots {
        forgotten += usize::from(forget(&slot)?);
        kernel::forget_expired(&slot.description)?;
    }
    Ok(forgotten)
}

/// Gives back the room of those of `slots` whose time is up. The kernel may need some milliseconds until it counts.
///
/// # Errors
/// When the keyring cannot be used.
pub fn forget_expired(slots: impl IntoIterator<Item = Slot>) -> Result<(), KeyringError> {
    slots
        .into_iter()
        .try_for_each(|slot| kernel::forget_expired(&slot.description))
}
