//! What can be wrong with a Vault or with what is asked of it, as a closed table: kind and text.

use mcp_launch_core::{Position, SourceError, SourceErrorKind};

/// One thing that can be wrong. None holds text of a Vault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    AddressMissing,
    ClientCertMissing,
    CredentialMissing,
    CredentialUnusable,
    Deleted,
    Denied,
    Destroyed,
    FieldMissing,
    FieldNull,
    FieldUnnamed,
    LoginMountMissing,
    LoginRefused,
    MountMissing,
    NamespaceMissing,
    NamespaceUnusable,
    NotVault,
    PathMissing,
    Redirected,
    Refused,
    Sealed,
    ServerFailed,
    SkipVerifyElsewhere,
    SkipVerifyUnclear,
    Standby,
    Throttled,
    TokenFileForeign,
    TokenFileUnreadable,
    TokenHelperFailed,
    TokenHelperForeign,
    TokenInvalid,
    TokenMissing,
    TokenUnusable,
    TooLarge,
    Uninitialised,
    Unkeepable,
    Unreadable,
    UnwrappedBefore,
    VersionMissing,
    VersionNone,
}

impl Fault {
    pub(crate) const fn error(self) -> SourceError {
        SourceError::new(self.kind()).note(self.note())
    }

    /// The fault as an answer of this HTTP status told it.
    pub(crate) const fn at(self, status: u16) -> SourceError {
        self.error().at(Position::Status(status))
    }

    const fn kind(self) -> SourceErrorKind {
        use SourceErrorKind as Kind;
        match self {
            Self::Sealed => Kind::Locked,
            Self::Denied
            | Self::LoginRefused
            | Self::SkipVerifyElsewhere
            | Self::TokenFileForeign
            | Self::TokenHelperForeign
            | Self::TokenInvalid
            | Self::UnwrappedBefore => Kind::Denied,
            Self::Deleted
            | Self::Destroyed
            | Self::FieldMissing
            | Self::PathMissing
            | Self::VersionMissing => Kind::Missing,
            Self::CredentialUnusable
            | Self::FieldNull
            | Self::FieldUnnamed
            | Self::NamespaceUnusable
            | Self::SkipVerifyUnclear
            | Self::TokenUnusable
            | Self::TooLarge
            | Self::Unreadable
            | Self::VersionNone => Kind::Malformed,
            // No secrets engine, no login and no token are no "not found": the next source must not answer instead.
            Self::AddressMissing
            | Self::ClientCertMissing
            | Self::CredentialMissing
            | Self::LoginMountMissing
            | Self::MountMissing
            | Self::NamespaceMissing
            | Self::NotVault
            | Self::Redirected
            | Self::Refused
            | Self::ServerFailed
            | Self::Standby
            | Self::Throttled
            | Self::TokenFileUnreadable
            | Self::TokenHelperFailed
            | Self::TokenMissing
            | Self::Uninitialised
            | Self::Unkeepable => Kind::Unavailable,
        }
    }

    const fn note(self) -> &'static str {
        match self {
            Self::AddressMissing => "no address of a Vault is set",
            Self::ClientCertMissing => "there is a client key and no client certificate",
            Self::CredentialMissing => "what it logs in with has no value",
            Self::CredentialUnusable => "what it logs in with is empty or no text",
            Self::Deleted => "that version of the secret is deleted",
            Self::Denied => "the token's policies do not allow it",
            Self::Destroyed => "that version of the secret is destroyed",
            Self::FieldMissing => "the secret has no such field",
            Self::FieldNull => "the field holds null, which is no value",
            Self::FieldUnnamed => "a secret has several fields: name one after `#`",
            Self::LoginMountMissing => "no login method is mounted there",
            Self::LoginRefused => "the login was refused",
            Self::MountMissing => "no secrets engine is mounted there",
            Self::NamespaceMissing => "it has no such namespace",
            Self::NamespaceUnusable => "a namespace holds printable ASCII characters only",
            Self::NotVault => "what answers there is no Vault",
            Self::PathMissing => "no secret at that path",
            Self::Redirected => "it sends to another server, to which no token is sent",
            Self::Refused => "it does not take the request",
            Self::Sealed => "the Vault is sealed",
            Self::ServerFailed => "the Vault failed to answer",
            Self::SkipVerifyElsewhere => {
                "VAULT_SKIP_VERIFY is set, and another machine's certificate is always checked"
            }
            Self::SkipVerifyUnclear => "VAULT_SKIP_VERIFY is neither true nor false",
            Self::Standby => "it is a standby, which does not answer",
            Self::Throttled => "it has too many requests",
            Self::TokenFileForeign => "the file of the token belongs to another user",
            Self::TokenFileUnreadable => "the file of the token cannot be read",
            Self::TokenHelperFailed => "the token helper gave no token",
            Self::TokenHelperForeign => {
                "the file that names the token helper, or the helper, can be written by others"
            }
            Self::TokenInvalid => "the token is expired or revoked",
            Self::TokenMissing => "there is no token and no login",
            Self::TokenUnusable => "the token is empty or has characters that no token has",
            Self::TooLarge => "the answer is larger than 8 MiB",
            Self::Uninitialised => "the Vault is not initialised",
            Self::Unkeepable => "what was lent is too much for its keeper to be told",
            Self::Unreadable => "the answer is not what a Vault says",
            Self::UnwrappedBefore => {
                "the wrapped secret_id was unwrapped before, or its time was over: if nobody of yours did it, somebody else has it"
            }
            Self::VersionMissing => "the secret has no such version",
            Self::VersionNone => "secrets have no versions there",
        }
    }
}

/// Why there is no value, and what a person does about it: names, paths and hosts only.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) error: SourceError,
    pub(crate) remedy: Option<String>,
}

impl Failure {
    /// With what a person does about it.
    pub(crate) fn with(error: SourceError, remedy: impl Into<String>) -> Self {
        Self {
            error,
            remedy: Some(remedy.into()),
        }
    }

    /// Whether the Vault could not be asked, so that an older answer is better than none.
    pub(crate) fn is_outage(&self) -> bool {
        matches!(
            self.error.kind(),
            SourceErrorKind::Locked | SourceErrorKind::TimedOut | SourceErrorKind::Unavailable
        )
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self {
            error,
            remedy: None,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        fault.error().into()
    }
}
