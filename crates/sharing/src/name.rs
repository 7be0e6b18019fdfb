//! What is shared is named by a digest under a key: neither the keyring nor a lock file tells what it is.

/// How many bytes a name has.
pub(crate) const LENGTH: usize = 32;

/// The name of one answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Name(pub(crate) [u8; LENGTH]);

impl Name {
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
