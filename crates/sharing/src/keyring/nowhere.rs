//! Only Linux has a keyring in the kernel; elsewhere the keychain is the place.

use zeroize::Zeroizing;

use crate::keyring::KeyringError;

pub(super) fn find(_description: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
    Err(KeyringError::Absent)
}

pub(super) fn hold(_description: &str, _bytes: &[u8], _seconds: u32) -> Result<(), KeyringError> {
    Err(KeyringError::Absent)
}

pub(super) fn forget(_description: &str) -> Result<bool, KeyringError> {
    Ok(false)
}

pub(super) fn forget_expired(_description: &str) -> Result<(), KeyringError> {
    Ok(())
}
