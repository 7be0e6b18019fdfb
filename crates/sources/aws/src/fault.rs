//! What can go wrong with AWS, as a closed table: kind and text. What a network does is `Trouble`'s.

use mcp_launch_core::{SourceError, SourceErrorKind};

/// One thing that can go wrong. None holds text of an answer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Fault {
    AccessKeyUnset,
    Clock,
    ContainerLogin,
    Decryption,
    Deleted,
    Denied,
    DuplicateKey,
    EndpointPlain,
    Internal,
    KeyDenied,
    KeyUnknown,
    Login,
    LoginDenied,
    LoginToken,
    MetadataLogin,
    NoCredentials,
    NoField,
    NoObject,
    NoRegion,
    NoSuchVersion,
    NotFound,
    NotJson,
    Null,
    ProcessLogin,
    ProfileUnknown,
    ProfileUnusable,
    Redirected,
    Refused,
    RegionOff,
    Signature,
    SsoDenied,
    SsoExpired,
    Throttled,
    TimedOut,
    TokenExpired,
    Unexpected,
}

impl Fault {
    pub(crate) const ALL: [Self; 36] = [
        Self::AccessKeyUnset,
        Self::Clock,
        Self::ContainerLogin,
        Self::Decryption,
        Self::Deleted,
        Self::Denied,
        Self::DuplicateKey,
        Self::EndpointPlain,
        Self::Internal,
        Self::KeyDenied,
        Self::KeyUnknown,
        Self::Login,
        Self::LoginDenied,
        Self::LoginToken,
        Self::MetadataLogin,
        Self::NoCredentials,
        Self::NoField,
        Self::NoObject,
        Self::NoRegion,
        Self::NoSuchVersion,
        Self::NotFound,
        Self::NotJson,
        Self::Null,
        Self::ProcessLogin,
        Self::ProfileUnknown,
        Self::ProfileUnusable,
        Self::Redirected,
        Self::Refused,
        Self::RegionOff,
        Self::Signature,
        Self::SsoDenied,
        Self::SsoExpired,
        Self::Throttled,
        Self::TimedOut,
        Self::TokenExpired,
        Self::Unexpected,
    ];

    pub(crate) const fn error(self) -> SourceError {
        SourceError::new(self.kind()).note(self.note())
    }

    /// The fault behind `error`, if it is one of these.
    pub(crate) fn of(error: SourceError) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|fault| error.explanation() == Some(fault.note()))
    }

    /// Whether an older answer may stand in, if the settings allow one: AWS did not get to say anything.
    pub(crate) const fn keeps_from_answering(self) -> bool {
        matches!(self, Self::Internal | Self::Throttled | Self::TimedOut)
    }

    const fn kind(self) -> SourceErrorKind {
        use SourceErrorKind as Kind;
        match self {
            Self::Clock
            | Self::Decryption
            | Self::Denied
            | Self::EndpointPlain
            | Self::KeyDenied
            | Self::KeyUnknown
            | Self::LoginDenied
            | Self::LoginToken
            | Self::RegionOff
            | Self::Signature
            | Self::SsoDenied
            | Self::SsoExpired
            | Self::TokenExpired => Kind::Denied,
            Self::DuplicateKey | Self::NoObject | Self::NotJson | Self::Null => Kind::Malformed,
            Self::NoField | Self::NoSuchVersion | Self::NotFound => Kind::Missing,
            Self::TimedOut => Kind::TimedOut,
            Self::AccessKeyUnset
            | Self::ContainerLogin
            | Self::Deleted
            | Self::Internal
            | Self::Login
            | Self::MetadataLogin
            | Self::NoCredentials
            | Self::NoRegion
            | Self::ProcessLogin
            | Self::ProfileUnknown
            | Self::ProfileUnusable
            | Self::Redirected
            | Self::Refused
            | Self::Throttled
            | Self::Unexpected => Kind::Unavailable,
        }
    }

    const fn note(self) -> &'static str {
        match self {
            Self::AccessKeyUnset => "the access key of the settings has no value",
            Self::Clock => {
                "AWS takes the request for too old or too new: this machine's clock is wrong"
            }
            Self::ContainerLogin => "the container's credentials could not be had",
            Self::Decryption => {
                "AWS could not decrypt the secret: its KMS key is disabled, deleted or not reachable"
            }
            Self::Deleted => "the secret is marked for deletion",
            Self::Denied => "AWS denies these credentials the secret",
            Self::DuplicateKey => "a key of the secret's JSON stands twice",
            Self::EndpointPlain => {
                "the credentials and the value would cross the network unencrypted"
            }
            Self::Internal => "AWS answered with an error of its own",
            Self::KeyDenied => "AWS denies these credentials the KMS key of the secret",
            Self::KeyUnknown => "AWS does not know the access key",
            Self::Login => "the credentials could not be had",
            Self::LoginDenied => "AWS denies the role that the profile or the container assumes",
            Self::LoginToken => "the web identity token is expired or not accepted",
            Self::MetadataLogin => "the machine's role gave no credentials",
            Self::NoCredentials => "no AWS credentials were found",
            Self::NoField => "the secret has no such field",
            Self::NoObject => "the secret is JSON without fields",
            Self::NoRegion => "no AWS region is set",
            Self::NoSuchVersion => "the secret has no such version",
            Self::NotFound => "AWS has no secret of this name in this account and region",
            Self::NotJson => "the secret is no JSON, so it has no fields",
            Self::Null => "the field is null",
            Self::ProcessLogin => "the credential_process of the profile failed",
            Self::ProfileUnknown => "there is no such AWS profile",
            Self::ProfileUnusable => "the AWS profile cannot be used as it is written",
            Self::Redirected => "the answer leads to another address, which is not followed",
            Self::Refused => "AWS does not take the request",
            Self::RegionOff => "the region is not enabled for this account",
            Self::Signature => "AWS does not accept the signature: the secret access key is wrong",
            Self::SsoDenied => "AWS denies the SSO login the role of the profile",
            Self::SsoExpired => "the SSO login is expired or missing",
            Self::Throttled => "AWS throttles requests, and several attempts did not get through",
            Self::TimedOut => "AWS did not answer",
            Self::TokenExpired => "the temporary credentials are expired",
            Self::Unexpected => "the answer is not one of AWS Secrets Manager",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_again_by_its_note() {
        for fault in Fault::ALL {
            assert_eq!(Fault::of(fault.error()), Some(fault));
        }
        assert_eq!(Fault::of(SourceError::new(SourceErrorKind::Denied)), None);
    }

    #[test]
    fn only_what_surely_has_no_value_lets_the_next_source_answer() {
        let next: Vec<Fault> = Fault::ALL
            .into_iter()
            .filter(|fault| fault.error().lets_next_answer())
            .collect();
        assert_eq!(
            next,
            [Fault::NoField, Fault::NoSuchVersion, Fault::NotFound]
        );
    }
}
