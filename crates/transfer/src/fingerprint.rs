//! Telling two values apart without showing either.

use std::fmt;
use std::io;
use std::path::Path;

use hmac::{Hmac, Mac as _};
use mcp_launch_core::Secret;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The file of the key, in the folder of what we remember.
const FILE: &str = "fingerprint.key";

/// How many bytes the key has.
const LENGTH: usize = 32;

/// The key that fingerprints are made with: this machine's own. Without one, a digest of a weak value would be as
/// good as the value to whoever guesses.
pub struct FingerprintKey(Zeroizing<[u8; LENGTH]>);

impl FingerprintKey {
    /// The key that is kept in `folder`, or a new one that is kept there from now on.
    ///
    /// # Errors
    /// The system's. Where it cannot be kept, [`FingerprintKey::passing`] still tells values apart.
    pub fn kept_in(folder: &Path) -> io::Result<Self> {
        let file = folder.join(FILE);
        match std::fs::read(&file).map(Zeroizing::new) {
            Ok(bytes) => {
                if let Ok(key) = bytes.as_slice().try_into() {
                    return Ok(Self(Zeroizing::new(key)));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let key = Self::passing()?;
        mcp_launch_atomic::create_private_dir(folder)?;
        mcp_launch_atomic::write(&file, key.0.as_slice(), 0o600)?;
        Ok(key)
    }

    /// Removes the key that is kept in `folder`, if one is.
    pub fn remove_from(folder: &Path) {
        // Whether it was there does not matter, and one that stays tells nothing.
        let _gone = std::fs::remove_file(folder.join(FILE));
    }

    /// A key for this run only.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn passing() -> io::Result<Self> {
        let mut key = Zeroizing::new([0; LENGTH]);
        getrandom::fill(key.as_mut_slice()).map_err(io::Error::other)?;
        Ok(Self(key))
    }

    /// The fingerprint of `value`.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "into a keyed digest")]
    pub fn of(&self, value: &Secret) -> Fingerprint {
        let mut digest = Hmac::<Sha256>::new_from_slice(self.0.as_slice())
            .expect("a key of any length is one for HMAC");
        digest.update(value.expose());
        let digest = digest.finalize().into_bytes();
        Fingerprint([digest[0], digest[1], digest[2], digest[3]])
    }
}

/// Eight hexadecimal digits of a keyed digest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fingerprint([u8; 4]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    #[test]
    fn equal_values_have_equal_fingerprints_under_the_kept_key_only() {
        let folder = tempfile::tempdir().unwrap();
        let key = FingerprintKey::kept_in(&folder.path().join("state")).unwrap();
        let again = FingerprintKey::kept_in(&folder.path().join("state")).unwrap();
        let other = FingerprintKey::passing().unwrap();
        assert_eq!(key.of(&secret("a")), again.of(&secret("a")));
        assert_ne!(key.of(&secret("a")), key.of(&secret("b")));
        assert_ne!(key.of(&secret("a")), other.of(&secret("a")));
        assert_eq!(key.of(&secret("a")).to_string().len(), 8);
    }

    #[test]
    fn a_damaged_key_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        mcp_launch_atomic::write(&folder.path().join(FILE), b"short", 0o600).unwrap();
        let key = FingerprintKey::kept_in(folder.path()).unwrap();
        let again = FingerprintKey::kept_in(folder.path()).unwrap();
        assert_eq!(key.of(&secret("a")), again.of(&secret("a")));
    }
}
