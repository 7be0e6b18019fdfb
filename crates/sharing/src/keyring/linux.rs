//! The calls of keyctl(2).

use linux_keyutils::{
    Key, KeyError, KeyPermissionsBuilder, KeyRing, KeyRingIdentifier, Permission,
};
use rustix::io::Errno;
use zeroize::Zeroizing;

use crate::keyring::KeyringError;

/// The largest payload of a `user` key, in bytes (keyrings(7)).
const LARGEST: usize = 32_767;

pub(super) fn find(description: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
    let Some(key) = search(description)? else {
        return Ok(None);
    };
    let mut bytes = Zeroizing::new(vec![0; LARGEST]);
    let length = match key.read(&mut *bytes) {
        Ok(length) => length.min(LARGEST),
        Err(error) if is_gone(error) => return Ok(None),
        Err(error) => return Err(refusal(error)),
    };
    bytes.truncate(length);
    Ok(Some(bytes))
}

/// Built in the process keyring, which ends with this process, and moved to the user's when it has
/// its lifetime: no crash leaves a key without one. A key of that name is displaced there, which
/// frees what it took; to update it in place would take its lifetime away first.
pub(super) fn hold(description: &str, bytes: &[u8], seconds: u32) -> Result<(), KeyringError> {
    let lend = || {
        let own = KeyRing::from_special_id(KeyRingIdentifier::Process, true)?;
        let key = own.add_key(description, bytes)?;
        let lent = shape(key, seconds).and_then(|()| users(true)?.link_key(key));
        let unlinked = own.unlink_key(key);
        lent.and(unlinked)
    };
    lend().map_err(refusal)
}

pub(super) fn forget(description: &str) -> Result<bool, KeyringError> {
    match search(description)? {
        None => Ok(false),
        Some(key) => match key.invalidate() {
            Ok(()) => Ok(true),
            Err(error) if is_gone(error) => Ok(false),
            Err(error) => Err(refusal(error)),
        },
    }
}

/// A key whose time is up is found by nobody, except when it is written anew: then the kernel updates
/// it in place, and says which it is.
pub(super) fn forget_expired(description: &str) -> Result<(), KeyringError> {
    let drop_it = || {
        let users = users(false)?;
        match users.search(description) {
            Err(KeyError::KeyExpired) => users.unlink_key(users.add_key(description, b"-")?),
            // There is none, or it is in use, or the search itself is refused.
            other => other.map(|_| ()),
        }
    };
    match drop_it() {
        // The kernel has removed it meanwhile, and there was no room for a new one.
        Err(KeyError::QuotaExceeded) => Ok(()),
        Err(error) if !is_gone(error) => Err(refusal(error)),
        _ => Ok(()),
    }
}

/// A client may start a server in a session whose keyring does not lead to the user's. The process
/// then does not possess the key, and by default the kernel lets it see no more than its name.
fn shape(key: Key, seconds: u32) -> Result<(), KeyError> {
    let permissions = KeyPermissionsBuilder::builder()
        .posessor(Permission::ALL)
        .user(Permission::VIEW | Permission::READ | Permission::SEARCH | Permission::WRITE)
        .build();
    key.set_perms(permissions)?;
    key.set_timeout(seconds as usize)
}

fn users(create: bool) -> Result<KeyRing, KeyError> {
    KeyRing::from_special_id(KeyRingIdentifier::User, create)
}

fn search(description: &str) -> Result<Option<Key>, KeyringError> {
    match users(true).and_then(|users| users.search(description)) {
        Ok(key) => Ok(Some(key)),
        Err(error) if is_gone(error) => Ok(None),
        Err(error) => Err(refusal(error)),
    }
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

fn refusal(error: KeyError) -> KeyringError {
    let errno = match error {
        KeyError::QuotaExceeded => return KeyringError::Full,
        KeyError::AccessDenied => Some(Errno::ACCESS),
        KeyError::InvalidArguments => Some(Errno::INVAL),
        KeyError::OperationNotSupported => Some(Errno::OPNOTSUPP),
        KeyError::OutOfMemory => Some(Errno::NOMEM),
        KeyError::PermissionDenied => Some(Errno::PERM),
        KeyError::Unknown(errno) if errno == Errno::NOSYS.raw_os_error() => {
            return KeyringError::Absent;
        }
        KeyError::Unknown(errno) => return KeyringError::Refused(Some(errno)),
        _ => None,
    };
    KeyringError::Refused(errno.map(Errno::raw_os_error))
}
