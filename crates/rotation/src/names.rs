//! The names that rotation gives and keeps. None is a secret.

use std::fmt;

/// Makes a type for a name that is written into stores and requests.
macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $longest:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $type(String);

        impl $type {
            /// The name of this text.
            ///
            /// # Errors
            #[doc = concat!("When it is empty, longer than ", $longest, " bytes, or holds a control character.")]
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                let bad = text.is_empty() || text.len() > $longest || text.chars().any(char::is_control);
                if bad { Err(NameError) } else { Ok(Self(text)) }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The public name of one generation at the vendor: an access key id, a token's id, a role, the digest of a password.
    /// What is retired is named by it, so that the old value need not be kept.
    Handle, 512
}
name! {
    /// One attempt at a successor, named by the store when it is begun and never used again. The idempotency key of the
    /// requests to the vendor, and part of the name of what is made there.
    RotationId, 128
}
name! {
    /// What a store compares before it sets: a version, an entity tag, a digest of the document. Opaque.
    Revision, 512
}
name! {
    /// One process of one host: host, boot and process id. Two runs never share one.
    Owner, 256
}

impl Revision {
    /// The hexadecimal text of a digest.
    pub(crate) fn of_digest(digest: &[u8]) -> Self {
        use fmt::Write as _;
        let mut text = String::with_capacity(2 * digest.len());
        for byte in digest {
            // Into memory.
            write!(text, "{byte:02x}").ok();
        }
        Self(text)
    }
}

/// Why a text is no name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("empty, too long, or not on one line")]
pub struct NameError;
