//! What a launch hands over to the keeper: how to reach the Vault, and what was lent.

use mcp_launch_core::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::lease::{Lease, Term};
use crate::reach::Reach;

/// The form of the letter. Both ends are one executable, except while that is being replaced.
const FORM: u32 = 1;

/// How many bytes a letter has at most. One with a hundred leases has 20 kB.
pub const LONGEST: usize = 1 << 20;

/// Everything that a keeper needs, because it has neither the settings nor the environment of the launch.
///
/// It holds the token: it is wiped when dropped, cannot be printed, and goes through a pipe only.
#[derive(Deserialize, Serialize)]
pub struct Letter {
    form: u32,
    /// How the Vault is reached.
    pub reach: Reach,
    /// The token that the leases were made with.
    pub token: KeptToken,
    /// What was lent.
    pub leases: Vec<Lease>,
}

/// A token, as its login or `lookup-self` told of it.
#[derive(Deserialize, Serialize)]
pub struct KeptToken {
    /// The token itself.
    pub value: Zeroizing<String>,
    /// Whether this launch logged in for it, so that it is renewed and at the end revoked. A token of the person's
    /// own is neither.
    pub ours: bool,
    /// How long it holds, and since when. The same for a token that never ends, with a span of zero.
    pub term: Term,
}

impl Letter {
    /// A letter about these leases, or about a token alone.
    #[must_use]
    pub fn new(reach: Reach, token: KeptToken, leases: Vec<Lease>) -> Self {
        Self {
            form: FORM,
            reach,
            token,
            leases,
        }
    }

    /// The letter as it goes through the pipe. None when it would be longer than a keeper reads.
    #[must_use]
    pub fn seal(&self) -> Option<Secret> {
        let mut text = Zeroizing::new(Vec::with_capacity(16 << 10));
        serde_json::to_writer(&mut *text, self).ok()?;
        (text.len() <= LONGEST).then(|| text.into())
    }

    /// The letter that came through the pipe.
    ///
    /// # Errors
    /// When it is no letter of this form.
    #[expect(clippy::disallowed_methods, reason = "from one wiped form to another")]
    pub fn open(sealed: &Secret) -> Result<Self, LetterError> {
        let letter: Self = serde_json::from_slice(sealed.expose()).map_err(|_| LetterError)?;
        if letter.form != FORM {
            return Err(LetterError);
        }
        Ok(letter)
    }
}

/// What came through the pipe is no letter that this keeper reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LetterError;

impl std::fmt::Display for LetterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "the keeper was given no letter that it reads; was mcp-launch replaced meanwhile?",
        )
    }
}

impl std::error::Error for LetterError {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn letter() -> Letter {
        let reach = Reach {
            address: "https://vault.example:8200".to_owned(),
            allow_http: false,
            skip_verify: false,
            namespace: Some("team".to_owned()),
            ca_cert: Some("/etc/ca.pem".into()),
            client_cert: None,
            client_key: None,
            tls_server_name: None,
            environment: vec![(
                "HTTPS_PROXY".to_owned(),
                "http://proxy:3128".to_owned().into(),
            )],
        };
        let token = KeptToken {
            value: "s.\u{1}\"token".to_owned().into(),
            ours: true,
            term: Term::told(60, true),
        };
        let lease = Lease {
            id: "database/creds/app/abc".to_owned().into(),
            path: "database/creds/app".to_owned(),
            term: Term::told(20, true),
        };
        Letter::new(reach, token, vec![lease])
    }

    #[test]
    fn arrives_as_it_was_sent() {
        let sent = letter();
        let sealed = sent.seal().unwrap();
        let Ok(arrived) = Letter::open(&sealed) else {
            panic!("not read");
        };
        assert_eq!(*arrived.token.value, *sent.token.value);
        assert_eq!(arrived.reach.ca_cert, sent.reach.ca_cert);
        assert_eq!(arrived.leases[0].term.span, Duration::from_secs(20));
        assert_eq!(arrived.leases[0].term.since, sent.leases[0].term.since);
        assert_eq!(arrived.reach.environment[0].0, "HTTPS_PROXY");
    }

    #[cfg(unix)]
    #[test]
    fn a_path_need_not_be_text() {
        use std::ffi::OsString;
        use std::os::unix::ffi::OsStringExt as _;
        use std::path::PathBuf;
        let mut sent = letter();
        let path = PathBuf::from(OsString::from_vec(b"/ca/\xff.pem".to_vec()));
        sent.reach.ca_cert = Some(path.clone());
        let arrived = Letter::open(&sent.seal().unwrap()).ok().unwrap();
        assert_eq!(arrived.reach.ca_cert, Some(path));
    }

    #[test]
    fn another_form_is_refused() {
        let mut other = letter();
        other.form = FORM + 1;
        assert!(Letter::open(&other.seal().unwrap()).is_err());
        for text in ["", "{}", "null", "{\"form\":1}"] {
            assert!(Letter::open(&Secret::new(text.into())).is_err(), "{text}");
        }
    }

    #[test]
    fn one_that_no_keeper_reads_is_not_sent() {
        let mut long = letter();
        long.leases[0].path = "x".repeat(LONGEST);
        assert!(long.seal().is_none());
    }
}
