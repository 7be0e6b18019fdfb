//! What is shared is named by a digest: neither the keyring nor a lock file tells what it is.

use sha2::{Digest, Sha256};

/// How many bytes a name has.
pub(crate) const LENGTH: usize = 32;

/// A store and who is logged in, or one answer of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Name(pub(crate) [u8; LENGTH]);

impl Name {
    pub(crate) fn of_store(store: &str) -> Self {
        Self(Sha256::digest(store).into())
    }

    /// The name of `what`, as this store has it.
    pub(crate) fn of_answer(&self, what: &str) -> Self {
        Self(
            Sha256::new()
                .chain_update(self.0)
                .chain_update(what)
                .finalize()
                .into(),
        )
    }

    /// The name in hexadecimal digits.
    #[cfg(any(target_os = "macos", windows))]
    pub(crate) fn in_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A number that spreads names evenly, from 0 up to but without `bound`.
    pub(crate) fn spread(&self, bound: usize) -> usize {
        usize::from(u16::from_le_bytes([self.0[0], self.0[1]])) % bound
    }
}
