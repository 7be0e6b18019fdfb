//! What is said about a value.

use std::ops::Range;

use crate::format::Format;

/// What a value is: the secrets in it, or why there are none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Judgement {
    /// The secrets in the value, in the order in which they stand there; they do not overlap.
    pub findings: Vec<Finding>,
    /// What follows for the value as a whole.
    pub standing: Standing,
}

impl Judgement {
    /// A value that holds no secret.
    pub(crate) fn plain(why: Plain) -> Self {
        Self {
            findings: Vec::new(),
            standing: Standing::Plain(why),
        }
    }

    /// What `findings` amount to; `otherwise`, if there are none.
    pub(crate) fn of(mut findings: Vec<Finding>, otherwise: Plain) -> Self {
        findings.sort_by_key(|finding| finding.part.start);
        let standing = match findings.iter().map(|finding| finding.confidence).max() {
            None => Standing::Plain(otherwise),
            Some(Confidence::Low) => Standing::Unsure,
            Some(Confidence::Medium | Confidence::High) => Standing::Secret,
        };
        Self { findings, standing }
    }
}

/// What a value is as a whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// It holds no secret, and this is why.
    Plain(Plain),
    /// It is or holds a secret.
    Secret,
    /// It may be one: a person decides.
    Unsure,
}

/// Why a value is no secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Plain {
    /// `true`, `off`, `null`.
    Boolean,
    /// The address of a mailbox.
    Email,
    /// Nothing, or spaces.
    Empty,
    /// What a password is checked against, or a digest.
    Hash,
    /// A host, with or without a port.
    Host,
    /// An ordinary value under a name that promises no secret.
    NotSecretName,
    /// A number, a size, a duration.
    Number,
    /// A path, or a list of them.
    Path,
    /// A text that a person was to replace: `YOUR_API_KEY`, `<token>`.
    Placeholder,
    /// Words of a human language.
    Prose,
    /// A key that its issuer means to be seen: `pk_live_…`, `ssh-ed25519 …`, a certificate.
    PublicKey,
    /// It names where the value is, for the client, a tool or mcp-launch itself to fill in.
    Reference,
    /// The name of a thing in a cloud, such as an ARN.
    Resource,
    /// It is longer than any secret, and was not looked into.
    TooLong,
    /// An address without credentials.
    Url,
    /// A version or a date.
    Version,
    /// A word that settings use: `oauth`, `bearer`.
    Word,
}

/// One secret within a value.
///
/// Holds names and positions only, never text of the secret, so it can be printed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Which bytes of the value are the secret.
    pub part: Range<usize>,
    /// How sure it is.
    pub confidence: Confidence,
    /// What gave it away.
    pub kind: Kind,
    /// A name for it in a store: upper-case ASCII letters, digits and `_`. `None` where nothing around it has a name.
    pub suggestion: Option<String>,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Confidence {
    /// Weak, short, or opaque without a name that says what it is.
    Low,
    /// Of no known format, under a name that promises a secret.
    Medium,
    /// The format of an issuer, a private key, or a password where an address has one.
    High,
}

/// What gave a secret away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// What follows `Bearer`, `Basic` and the like.
    AuthScheme,
    /// The password of a list such as `Server=…;Password=…`.
    ConnectionString,
    /// The format of an issuer.
    Format(&'static Format),
    /// JSON with a secret somewhere in it; the finding is the whole text.
    Json,
    /// Opaque text of no known format and without a name.
    Opaque,
    /// A private key in PEM.
    PemKey,
    /// A name that promises a secret.
    SecretName,
    /// The password in front of a host.
    UrlPassword,
    /// A segment of a path that lets everybody in who knows it.
    UrlPath,
    /// A parameter of an address.
    UrlQuery,
}
