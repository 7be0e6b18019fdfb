//! What Redis keeps in place of a password.

use std::fmt::Write as _;

use mcp_launch_core::Secret;
use mcp_launch_rotation::Handle;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of a password in lower-case hexadecimal digits: what `ACL GETUSER` shows and `ACL SETUSER` takes after `#`
/// and `!`. Nobody logs in with it, so it is the public name of a password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Digest(String);

impl Digest {
    #[expect(clippy::disallowed_methods, reason = "a digest is made of it")]
    pub(crate) fn of(password: &Secret) -> Self {
        let mut text = String::with_capacity(64);
        for byte in Sha256::digest(password.expose()) {
            // To a string: it cannot fail.
            let _written = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// That of a handle; `None` where it is none of ours.
    pub(crate) fn named(handle: &Handle) -> Option<Self> {
        let text = handle.as_str();
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 64 && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn handle(&self) -> Option<Handle> {
        Handle::new(self.0.clone()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_one_that_redis_shows() {
        let digest = Digest::of(&Secret::new(b"oldpw".to_vec()));
        // Of `ACL GETUSER` of Redis 7.0.15 after `ACL SETUSER app >oldpw`.
        let shown = "95bdf37e29ffb5511aa878b04661bee69a1bcf59a5284f38fa120294b17f3cdc";
        assert_eq!(digest.as_str(), shown);
        assert_eq!(Digest::named(&digest.handle().unwrap()), Some(digest));
    }

    #[test]
    fn a_handle_of_something_else_is_not_taken_for_one() {
        let upper = "95BDF37E29FFB5511AA878B04661BEE69A1BCF59A5284F38FA120294B17F3CDC";
        for text in [
            "AKIA0",
            upper,
            &upper.to_lowercase()[1..],
            &format!("{} nopass", &upper[..57]),
        ] {
            assert_eq!(Digest::named(&Handle::new(text).unwrap()), None, "{text}");
        }
    }
}
