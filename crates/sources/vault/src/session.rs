//! A token that a login gave, and how launches of the same time lend it to each other.

use mcp_launch_core::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::lease::Term;
use crate::token::Token;

/// A token, and what is known of it.
pub(crate) struct Session {
    pub(crate) token: Token,
    /// Whether this launch, or another of the last seconds, logged in for it.
    pub(crate) logged_in: bool,
    pub(crate) term: Term,
}

/// A session as launches of the last seconds lend it to each other.
#[derive(Deserialize, Serialize)]
struct Lent {
    token: Zeroizing<String>,
    term: Term,
}

impl Session {
    /// The session as it is lent.
    pub(crate) fn lend(&self) -> Option<Secret> {
        let lent = Lent {
            token: Zeroizing::new(self.token.as_str().to_owned()),
            term: self.term,
        };
        let mut bytes = Zeroizing::new(Vec::with_capacity(512 + self.token.as_str().len()));
        serde_json::to_writer(&mut *bytes, &lent).ok()?;
        Some(Secret::from(bytes))
    }

    /// The session that was lent.
    #[expect(clippy::disallowed_methods, reason = "from one wiped form to another")]
    pub(crate) fn borrowed(lent: &Secret) -> Option<Self> {
        let lent: Lent = serde_json::from_slice(lent.expose()).ok()?;
        Some(Self {
            token: Token::new(lent.token.as_bytes()).ok()?,
            logged_in: true,
            term: lent.term,
        })
    }
}
