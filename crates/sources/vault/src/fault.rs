//! What can be wrong with a Vault or with what is asked of it, as a closed table: kind and text.

use mcp_launch_core::{Position, SourceError, SourceErrorKind};
use mcp_launch_network::Trouble;

use crate::token::Origin;

/// One thing that can be wrong. None holds text of a Vault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    AddressMissing,
    AddressWithApi,
    ClientCertMissing,
    Contended,
    CredentialMissing,
    CredentialUnusable,
    Deleted,
    Denied,
    Destroyed,
    EngineOther,
    FieldMissing,
    FieldNull,
    FieldUnnamed,
    FieldWithin,
    LoginMountMissing,
    LoginRefused,
    MakesCredentials,
    MountMissing,
    MountUnknown,
    NamespaceMissing,
    NamespaceUnusable,
    NoText,
    NotVault,
    PathMissing,
    PlainToTls,
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
    TokenFileWritable,
    TokenHelperFailed,
    TokenHelperForeign,
    TokenInvalid(Origin),
    TokenMissing,
    TokenUnusable,
    TooLarge,
    TooMuch,
    Uninitialised,
    Unkeepable,
    Unreadable,
    UnwrappedBefore,
    VersionMissing,
    VersionNone,
    VersionWritten,
}

impl Fault {
    /// The fault as an answer of this HTTP status told it.
    pub(crate) const fn at(self, status: u16) -> Cause {
        Cause::Fault(self, Some(status))
    }

    const fn kind(self) -> SourceErrorKind {
        use SourceErrorKind as Kind;
        match self {
            Self::Sealed => Kind::Locked,
            Self::Denied
            | Self::LoginRefused
            | Self::SkipVerifyElsewhere
            | Self::TokenFileForeign
            | Self::TokenFileWritable
            | Self::TokenHelperForeign
            | Self::TokenInvalid(_)
            | Self::UnwrappedBefore => Kind::Denied,
            Self::Deleted
            | Self::Destroyed
            | Self::FieldMissing
            | Self::PathMissing
            | Self::VersionMissing => Kind::Missing,
            Self::CredentialUnusable
            | Self::FieldNull
            | Self::FieldUnnamed
            | Self::FieldWithin
            | Self::NamespaceUnusable
            | Self::NoText
            | Self::SkipVerifyUnclear
            | Self::TokenUnusable
            | Self::TooLarge
            | Self::Unreadable
            | Self::VersionNone
            | Self::VersionWritten => Kind::Malformed,
            // No secrets engine, no login and no token are no "not found": the next source must not answer instead.
            Self::AddressMissing
            | Self::AddressWithApi
            | Self::ClientCertMissing
            | Self::Contended
            | Self::CredentialMissing
            | Self::EngineOther
            | Self::LoginMountMissing
            | Self::MakesCredentials
            | Self::MountMissing
            | Self::MountUnknown
            | Self::NamespaceMissing
            | Self::NotVault
            | Self::PlainToTls
            | Self::Redirected
            | Self::Refused
            | Self::ServerFailed
            | Self::Standby
            | Self::Throttled
            | Self::TokenFileUnreadable
            | Self::TokenHelperFailed
            | Self::TokenMissing
            | Self::TooMuch
            | Self::Uninitialised
            | Self::Unkeepable => Kind::Unavailable,
        }
    }

    const fn note(self) -> &'static str {
        match self {
            Self::AddressMissing => "no address of a Vault is set",
            Self::AddressWithApi => "the address has the path of the API or of the web interface",
            Self::ClientCertMissing => "there is a client key and no client certificate",
            Self::Contended => "others keep writing that secret",
            Self::CredentialMissing => "what it logs in with has no value",
            Self::CredentialUnusable => "what it logs in with is empty or no text",
            Self::Deleted => "that version of the secret is deleted",
            Self::Denied => "the token's policies do not allow it",
            Self::Destroyed => "that version of the secret is destroyed",
            Self::EngineOther => {
                "secrets have versions there, and the settings say that they have none"
            }
            Self::FieldMissing => "the secret has no such field",
            Self::FieldNull => "the field holds null, which is no value",
            Self::FieldUnnamed => "a secret has several fields: name one after `#`",
            Self::FieldWithin => "a field within another is not written by itself",
            Self::LoginMountMissing => "no login method is mounted there",
            Self::LoginRefused => "the login was refused",
            Self::MakesCredentials => "nothing can be kept there: it makes credentials",
            Self::MountMissing => "no secrets engine is mounted there",
            Self::MountUnknown => "it does not say what is mounted there",
            Self::NamespaceMissing => "it has no such namespace",
            Self::NamespaceUnusable => "a namespace holds printable ASCII characters only",
            Self::NoText => "the value is no text, and a Vault keeps text only",
            Self::NotVault => "what answers there is no Vault",
            Self::PathMissing => "no secret at that path",
            Self::PlainToTls => "it speaks https, and was asked by http",
            Self::Redirected => "it sends to another server, to which no token is sent",
            Self::Refused => "it does not take the request",
            Self::Sealed => "the Vault is sealed",
            Self::ServerFailed => "the Vault failed to answer",
            Self::SkipVerifyElsewhere => {
                "VAULT_SKIP_VERIFY is set, and another machine's certificate is always checked"
            }
            Self::SkipVerifyUnclear => "VAULT_SKIP_VERIFY is neither true nor false",
            Self::Standby => "its cluster has no active server just now",
            Self::Throttled => "it has too many requests",
            Self::TokenFileForeign => "the file of the token belongs to another user",
            Self::TokenFileWritable => "the file of the token can be written by others",
            Self::TokenFileUnreadable => "the file of the token cannot be read",
            Self::TokenHelperFailed => "the token helper gave no token",
            Self::TokenHelperForeign => {
                "the file that names the token helper, or the helper, can be written by others"
            }
            Self::TokenInvalid(Origin::BaoToken) => "the token of BAO_TOKEN is expired or revoked",
            Self::TokenInvalid(Origin::File) => "the token of ~/.vault-token is expired or revoked",
            Self::TokenInvalid(Origin::Helper) => {
                "the token of the token helper is expired or revoked"
            }
            Self::TokenInvalid(Origin::Login) => "the token is expired or revoked",
            Self::TokenInvalid(Origin::Settings) => {
                "the token of the settings is expired or revoked"
            }
            Self::TokenInvalid(Origin::VaultToken) => {
                "the token of VAULT_TOKEN is expired or revoked"
            }
            Self::TokenMissing => "there is no token and no login",
            Self::TokenUnusable => "the token is empty or has characters that no token has",
            Self::TooLarge => "the answer is larger than 8 MiB",
            Self::TooMuch => "the secret would have more in it than its Vault takes",
            Self::Uninitialised => "the Vault is not initialised",
            Self::Unkeepable => "what was lent is too much for its keeper to be told",
            Self::Unreadable => "the answer is not what a Vault says",
            Self::UnwrappedBefore => {
                "the wrapped secret_id was unwrapped before, or its time was over, or it is no wrapping token: if it was one and nobody of yours did it, somebody else has it"
            }
            Self::VersionMissing => "the secret has no such version",
            Self::VersionNone => "secrets have no versions there",
            Self::VersionWritten => "an older version is not written",
        }
    }
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cause {
    /// The Vault, or what is asked of it; with the HTTP status of the answer that told so.
    Fault(Fault, Option<u16>),
    /// Settings, files or another store, as whoever reads those tells it.
    Other(SourceError),
    /// The way to the Vault.
    Trouble(Trouble),
}

/// Why there is no value, and what a person does about it: names, paths and hosts only.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    pub(crate) remedy: Option<String>,
}

impl Failure {
    /// With what a person does about it.
    pub(crate) fn with(cause: impl Into<Cause>, remedy: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            remedy: Some(remedy.into()),
        }
    }

    /// Whether it is this fault, whichever answer told it.
    pub(crate) fn is(&self, fault: Fault) -> bool {
        matches!(self.cause, Cause::Fault(own, _) if own == fault)
    }

    /// Whether the token itself does not hold.
    pub(crate) fn is_of_token(&self) -> bool {
        matches!(self.cause, Cause::Fault(Fault::TokenInvalid(_), _))
    }

    /// Whether the Vault said no, so that no older answer is to be used any more.
    pub(crate) fn is_refusal(&self) -> bool {
        let Cause::Fault(fault, _) = self.cause else {
            return false;
        };
        matches!(
            fault,
            Fault::Deleted
                | Fault::Denied
                | Fault::Destroyed
                | Fault::LoginMountMissing
                | Fault::LoginRefused
                | Fault::MountMissing
                | Fault::NamespaceMissing
                | Fault::PathMissing
                | Fault::TokenInvalid(_)
                | Fault::UnwrappedBefore
                | Fault::VersionMissing
        )
    }

    /// Whether the Vault could not be asked, so that an older answer is better than none. Not where somebody else may
    /// have answered in its place, and not where the settings are wrong: a person has to see to both.
    pub(crate) fn is_outage(&self) -> bool {
        match self.cause {
            Cause::Fault(fault, _) => matches!(
                fault,
                Fault::Sealed | Fault::ServerFailed | Fault::Standby | Fault::Throttled
            ),
            Cause::Other(_) => false,
            Cause::Trouble(trouble) => matches!(
                trouble,
                Trouble::Barred
                    | Trouble::Closed
                    | Trouble::NameServer
                    | Trouble::NameSettings
                    | Trouble::NameUnknown
                    | Trouble::Other
                    | Trouble::Proxy
                    | Trouble::Refused
                    | Trouble::TimedOut
                    | Trouble::Unreachable
            ),
        }
    }

    /// The same as an error of a source.
    pub(crate) fn error(&self) -> SourceError {
        match self.cause {
            Cause::Fault(fault, status) => {
                let error = SourceError::new(fault.kind()).note(fault.note());
                status.map_or(error, |status| error.at(Position::Status(status)))
            }
            Cause::Other(error) => error,
            Cause::Trouble(trouble) => trouble.source_error(),
        }
    }
}

impl From<Fault> for Cause {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault, None)
    }
}

impl From<SourceError> for Cause {
    fn from(error: SourceError) -> Self {
        Self::Other(error)
    }
}

impl From<Trouble> for Cause {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl<C: Into<Cause>> From<C> for Failure {
    fn from(cause: C) -> Self {
        Self {
            cause: cause.into(),
            remedy: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_answer_stands_in_for_an_outage_only() {
        for outage in [
            Cause::from(Trouble::Refused),
            Trouble::TimedOut.into(),
            Trouble::NameUnknown.into(),
            Fault::Sealed.at(503),
            Fault::ServerFailed.at(500),
            Fault::Standby.at(500),
            Fault::Throttled.at(429),
        ] {
            assert!(Failure::from(outage).is_outage(), "{outage:?}");
        }
        for no_outage in [
            Cause::from(Trouble::TlsIssuer),
            Trouble::TlsName.into(),
            Trouble::TlsExpired.into(),
            Trouble::TlsSetup.into(),
            Trouble::PlainHttp.into(),
            Trouble::Malformed.into(),
            Fault::CredentialMissing.into(),
            Fault::Denied.at(403),
            Fault::LoginMountMissing.at(404),
            Fault::MountMissing.at(404),
            Fault::MountUnknown.at(404),
            Fault::NamespaceMissing.at(404),
            Fault::NotVault.at(404),
            Fault::PathMissing.at(404),
            Fault::Redirected.at(307),
            Fault::Refused.at(400),
            Fault::TokenInvalid(Origin::Login).at(403),
            SourceError::new(SourceErrorKind::Unavailable).into(),
        ] {
            assert!(!Failure::from(no_outage).is_outage(), "{no_outage:?}");
        }
    }
}
