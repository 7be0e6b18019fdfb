//! The kernel keyring, which lends an unlocked key to this user's processes for a limited time.
//!
//! The key stands in the user keyring (`@u`), where every process of the user finds it however a client
//! started it, in memory of the kernel that is never swapped out. Its lifetime is the kernel's doing.

use std::time::SystemTime;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::layout::Layout;

#[cfg(target_os = "linux")]
pub(crate) use linux::{find, forget, hold};
#[cfg(not(target_os = "linux"))]
pub(crate) use nowhere::{find, forget, hold};

/// What a store's key is called in the keyring.
pub(crate) struct Slot {
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "no keyring there")
    )]
    description: String,
}

impl Slot {
    /// Named after the directory, so that two stores of a user do not meet. Other users of the machine
    /// may see names of keys, so the path itself is not in it.
    pub(crate) fn of(layout: &Layout) -> Self {
        let directory = layout.directory();
        let path = std::fs::canonicalize(&directory).unwrap_or(directory);
        let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
        let short: String = digest[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            description: format!("mcp-launch:sealed:{short}"),
        }
    }
}

/// A key that the keyring holds.
pub(crate) struct Held {
    /// The text of a key file.
    pub(crate) key: Zeroizing<Vec<u8>>,
    /// When the kernel forgets it; unknown if something else than `unlock` put it there.
    pub(crate) until: Option<SystemTime>,
}

#[cfg(target_os = "linux")]
mod linux {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use linux_keyutils::{
        Key, KeyError, KeyPermissionsBuilder, KeyRing, KeyRingIdentifier, Permission,
    };
    use mcp_launch_core::{Position, SourceError};
    use zeroize::Zeroizing;

    use super::{Held, Slot};
    use crate::fault::Fault;

    /// The largest payload of a `user` key, in bytes (keyrings(7)).
    const LARGEST: usize = 32_767;

    /// Begins the comment line that tells when the kernel forgets the key, in seconds of Unix time. The
    /// kernel itself tells it in `/proc/keys` only, rounded to minutes, hours or days.
    const UNTIL: &str = "# until: ";

    /// The key in this slot, if it is there and its time is not up.
    ///
    /// # Errors
    /// When the kernel refuses the keyring: a container's filter may.
    pub(crate) fn find(slot: &Slot) -> Result<Option<Held>, SourceError> {
        let Some(key) = search(slot)? else {
            return Ok(None);
        };
        let mut bytes = Zeroizing::new(vec![0; LARGEST]);
        let length = match key.read(&mut *bytes) {
            Ok(length) => length.min(LARGEST),
            Err(error) if is_gone(error) => return Ok(None),
            Err(error) => return Err(refusal(error)),
        };
        bytes.truncate(length);
        let until = until(&bytes);
        Ok(Some(Held { key: bytes, until }))
    }

    /// Puts `key` into the slot for `lifetime`, in place of one that was there.
    pub(crate) fn hold(slot: &Slot, key: &[u8], lifetime: Duration) -> Result<(), SourceError> {
        let seconds = u32::try_from(lifetime.as_secs()).unwrap_or(u32::MAX).max(1);
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let head = format!("{UNTIL}{}\n", now.as_secs() + u64::from(seconds));
        let mut text = Zeroizing::new(Vec::with_capacity(head.len() + key.len()));
        text.extend_from_slice(head.as_bytes());
        text.extend_from_slice(key);
        lend(slot, &text, seconds).map_err(refusal)
    }

    /// Takes the key out of the slot; whether there was one.
    pub(crate) fn forget(slot: &Slot) -> Result<bool, SourceError> {
        match search(slot)? {
            None => Ok(false),
            Some(key) => match key.invalidate() {
                Ok(()) => Ok(true),
                Err(error) if is_gone(error) => Ok(false),
                Err(error) => Err(refusal(error)),
            },
        }
    }

    /// Built in the process keyring, which ends with this process, and moved to the user's when it has
    /// its lifetime: no crash leaves a key without one.
    fn lend(slot: &Slot, text: &[u8], seconds: u32) -> Result<(), KeyError> {
        let own = KeyRing::from_special_id(KeyRingIdentifier::Process, true)?;
        let key = own.add_key(&slot.description, text)?;
        let lent = shape(&key, seconds).and_then(|()| {
            let users = KeyRing::from_special_id(KeyRingIdentifier::User, true)?;
            users.link_key(key)
        });
        let unlinked = own.unlink_key(key);
        lent.and(unlinked)
    }

    /// A client may start a server in a session whose keyring does not lead to the user's. The process
    /// then does not possess the key, and by default the kernel lets it see no more than its name.
    fn shape(key: &Key, seconds: u32) -> Result<(), KeyError> {
        let permissions = KeyPermissionsBuilder::builder()
            .posessor(Permission::ALL)
            .user(Permission::VIEW | Permission::READ | Permission::SEARCH)
            .build();
        key.set_perms(permissions)?;
        key.set_timeout(seconds as usize)
    }

    fn search(slot: &Slot) -> Result<Option<Key>, SourceError> {
        let found = KeyRing::from_special_id(KeyRingIdentifier::User, true)
            .and_then(|users| users.search(&slot.description));
        match found {
            Ok(key) => Ok(Some(key)),
            Err(error) if is_gone(error) => Ok(None),
            Err(error) => Err(refusal(error)),
        }
    }

    fn until(text: &[u8]) -> Option<SystemTime> {
        let line = text.split(|&byte| byte == b'\n').next()?;
        let seconds = line.strip_prefix(UNTIL.as_bytes())?;
        let seconds: u64 = std::str::from_utf8(seconds).ok()?.parse().ok()?;
        UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
    }

    fn is_gone(error: KeyError) -> bool {
        matches!(
            error,
            KeyError::KeyDoesNotExist
                | KeyError::KeyExpired
                | KeyError::KeyRevoked
                | KeyError::KeyringDoesNotExist
        )
    }

    fn refusal(error: KeyError) -> SourceError {
        match error {
            KeyError::QuotaExceeded => Fault::KeyringFull.error(),
            KeyError::Unknown(errno) => Fault::KeyringRefused.error().at(Position::Errno(errno)),
            _ => Fault::KeyringRefused.error(),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod nowhere {
    //! Only Linux has a keyring in the kernel; elsewhere the keychain is the place.

    use std::time::Duration;

    use mcp_launch_core::SourceError;

    use super::{Held, Slot};
    use crate::fault::Fault;

    pub(crate) fn find(_slot: &Slot) -> Result<Option<Held>, SourceError> {
        Err(Fault::KeyringAbsent.error())
    }

    pub(crate) fn hold(_slot: &Slot, _key: &[u8], _lifetime: Duration) -> Result<(), SourceError> {
        Err(Fault::KeyringAbsent.error())
    }

    pub(crate) fn forget(_slot: &Slot) -> Result<bool, SourceError> {
        Ok(false)
    }
}
