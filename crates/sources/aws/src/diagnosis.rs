//! From the SDK's errors to faults: by type, status and code. No text of an answer gets further than this file.

use std::error::Error;

use aws_config::imds::client::error::ImdsError;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sso::operation::get_role_credentials::GetRoleCredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use mcp_launch_core::SourceError;
use mcp_launch_network::{EndpointError, Trouble};

use crate::fault::Fault;
use crate::transport::{Barred, Troubled};

/// What was wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Diagnosis {
    /// AWS or the settings.
    Fault(Fault),
    /// The access key of the settings has no value; what to do about that, where its store says so.
    KeyUnset(Option<String>),
    /// The way to a host, which is not known where its answer broke off.
    Trouble(Trouble, Option<Troubled>),
}

impl From<Fault> for Diagnosis {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Diagnosis {
    pub(crate) fn error(&self) -> SourceError {
        match self {
            Self::Fault(fault) => fault.error(),
            Self::KeyUnset(_) => Fault::AccessKeyUnset.error(),
            Self::Trouble(trouble, _) => trouble.source_error(),
        }
    }

    /// Whether AWS is away or busy for now, so that an older answer may stand in, if the settings allow one. Not where it
    /// refuses, nor where something else answers in its place, above all with a certificate that is not trusted.
    pub(crate) fn is_outage(&self) -> bool {
        match self {
            Self::Fault(fault) => {
                matches!(fault, Fault::Internal | Fault::Throttled | Fault::TimedOut)
            }
            Self::KeyUnset(_) => false,
            Self::Trouble(trouble, _) => matches!(
                trouble,
                Trouble::Closed
                    | Trouble::NameServer
                    | Trouble::NameUnknown
                    | Trouble::Refused
                    | Trouble::TimedOut
                    | Trouble::Unreachable
            ),
        }
    }

    /// Whether AWS said no, so that no older answer is to be used any more.
    pub(crate) fn is_refusal(&self) -> bool {
        let Self::Fault(fault) = self else {
            return false;
        };
        matches!(
            fault,
            Fault::Decryption
                | Fault::Deleted
                | Fault::Denied
                | Fault::KeyDenied
                | Fault::KeyUnknown
                | Fault::LoginDenied
                | Fault::LoginToken
                | Fault::NoSuchVersion
                | Fault::NotFound
                | Fault::Signature
                | Fault::SsoDenied
                | Fault::SsoExpired
                | Fault::TokenExpired
        )
    }

    /// As of a call that writes or lists: `denied` says which one AWS denied.
    #[must_use]
    pub(crate) fn denied_as(self, denied: Fault) -> Self {
        match self {
            Self::Fault(Fault::Denied) => denied.into(),
            Self::Fault(Fault::KeyDenied) => Fault::WriteKeyDenied.into(),
            other => other,
        }
    }

    /// What a call to a service failed with.
    pub(crate) fn of_call<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match error {
            SdkError::TimeoutError(_) => Fault::TimedOut.into(),
            SdkError::ServiceError(context) => {
                let status = context.raw().status().as_u16();
                let answer = context.err();
                of_answer(answer.code(), answer.message(), status).into()
            }
            SdkError::ResponseError(context) => {
                let status = context.raw().status().as_u16();
                of_way(error).unwrap_or_else(|| of_answer(None, None, status).into())
            }
            error => of_way(error).unwrap_or(Fault::Refused.into()),
        }
    }

    /// What the credential chain failed with, when some link of it was to give credentials and did not.
    pub(crate) fn of_login(error: &CredentialsError, ways: Ways) -> Self {
        match error {
            // The links of the chain say why; none of them was set up, which is no trouble.
            CredentialsError::CredentialsNotLoaded(_) => return Fault::NoCredentials.into(),
            CredentialsError::ProviderTimedOut(_) => return Fault::TimedOut.into(),
            _ => {}
        }
        of_token_service(error)
            .map(Self::from)
            .or_else(|| of_way(error))
            .unwrap_or_else(|| match error {
                CredentialsError::InvalidConfiguration(_) => Fault::ProfileUnusable.into(),
                _ => ways.fault(error).into(),
            })
    }
}

/// By which ways the settings at hand could lead to credentials.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Ways {
    pub(crate) container: bool,
    pub(crate) process: bool,
    pub(crate) sso: bool,
}

impl Ways {
    /// Which link failed, as the SDK does not say it.
    fn fault(self, error: &CredentialsError) -> Fault {
        if find::<ImdsError>(error).is_some() {
            Fault::MetadataLogin
        } else if self.sso {
            Fault::SsoExpired
        } else if self.process {
            Fault::ProcessLogin
        } else if self.container {
            Fault::ContainerLogin
        } else {
            Fault::Login
        }
    }
}

/// What STS and the SSO portal said.
fn of_token_service(error: &CredentialsError) -> Option<Fault> {
    if let Some(error) = find::<AssumeRoleWithWebIdentityError>(error) {
        return Some(match error.code() {
            Some("ExpiredTokenException" | "IDPRejectedClaim" | "InvalidIdentityToken") => {
                Fault::LoginToken
            }
            code => of_role(code),
        });
    }
    if let Some(error) = find::<AssumeRoleError>(error) {
        return Some(of_role(error.code()));
    }
    let error = find::<GetRoleCredentialsError>(error)?;
    Some(match error.code() {
        Some("TooManyRequestsException") => Fault::Throttled,
        Some("UnauthorizedException") => Fault::SsoExpired,
        _ => Fault::SsoDenied,
    })
}

fn of_role(code: Option<&str>) -> Fault {
    match of_answer(code, None, 0) {
        Fault::Denied => Fault::LoginDenied,
        Fault::Unexpected => Fault::Login,
        fault => fault,
    }
}

/// What went wrong before an answer was whole.
fn of_way(error: &(dyn Error + 'static)) -> Option<Diagnosis> {
    if let Some(Barred(why)) = find::<Barred>(error) {
        return Some(of_endpoint(*why).into());
    }
    if let Some(troubled) = find::<Troubled>(error) {
        return Some(Diagnosis::Trouble(troubled.trouble, Some(troubled.clone())));
    }
    match Trouble::of(error) {
        Trouble::Other => None,
        trouble => Some(Diagnosis::Trouble(trouble, None)),
    }
}

/// What is wrong with an address that requests were to go to.
pub(crate) fn of_endpoint(error: EndpointError) -> Fault {
    match error {
        EndpointError::PlainHttp => Fault::EndpointPlain,
        _ => Fault::EndpointUnusable,
    }
}

/// By the code of an answer, which is one of a published list; else by its status. The message only tells apart what
/// AWS gives one code.
pub(crate) fn of_answer(code: Option<&str>, message: Option<&str>, status: u16) -> Fault {
    let says =
        |words: &str| message.is_some_and(|message| message.to_ascii_lowercase().contains(words));
    match code.unwrap_or_default() {
        "AccessDeniedException" | "AccessDenied" if says("kms") => Fault::KeyDenied,
        "AccessDeniedException" | "AccessDenied" => Fault::Denied,
        "DecryptionFailure" => Fault::Decryption,
        "EncryptionFailure" => Fault::Encryption,
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => Fault::TokenExpired,
        "InternalFailure"
        | "InternalServiceError"
        | "InternalServiceErrorException"
        | "ServiceUnavailable" => Fault::Internal,
        "InvalidRequestException" if says("delet") => Fault::Deleted,
        // An id and a label that are not of one version.
        "InvalidRequestException" if says("version") || says("stag") => Fault::NoSuchVersion,
        "InvalidSignatureException" if says("expired") || says("not yet current") => Fault::Clock,
        "RequestExpired" | "RequestTimeTooSkewed" => Fault::Clock,
        "InvalidSignatureException" | "SignatureDoesNotMatch" | "IncompleteSignature" => {
            Fault::Signature
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "NotAuthorized"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => Fault::KeyUnknown,
        "InvalidParameterException"
        | "InvalidRequestException"
        | "ValidationException"
        | "ValidationError" => Fault::Refused,
        "LimitExceededException" => Fault::Limit,
        "OptInRequired" | "RegionDisabledException" => Fault::RegionOff,
        "ResourceExistsException" => Fault::Exists,
        "ResourceNotFoundException" if says("secret value for") || says("version") => {
            Fault::NoSuchVersion
        }
        "ResourceNotFoundException" => Fault::NotFound,
        "RequestLimitExceeded"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "SlowDown"
        | "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException" => Fault::Throttled,
        _ => of_status(status),
    }
}

fn of_status(status: u16) -> Fault {
    match status {
        300..=399 => Fault::Redirected,
        401 | 403 => Fault::Denied,
        429 => Fault::Throttled,
        500..=599 => Fault::Internal,
        _ => Fault::Unexpected,
    }
}

/// The first error of type `E` in the chain of causes.
pub(crate) fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |&error| error.source())
        .find_map(|error| error.downcast_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_apart_by_what_a_person_does_about_them() {
        for (code, message, status, fault) in [
            (
                "AccessDeniedException",
                "User: x is not authorized",
                400,
                Fault::Denied,
            ),
            (
                "AccessDeniedException",
                "Access to KMS is not allowed",
                400,
                Fault::KeyDenied,
            ),
            ("DecryptionFailure", "", 400, Fault::Decryption),
            ("EncryptionFailure", "", 400, Fault::Encryption),
            ("ExpiredTokenException", "", 400, Fault::TokenExpired),
            ("LimitExceededException", "", 400, Fault::Limit),
            ("ResourceExistsException", "", 400, Fault::Exists),
            ("InternalServiceError", "", 500, Fault::Internal),
            (
                "InvalidRequestException",
                "You can't perform this operation on the secret because it was marked for deletion.",
                400,
                Fault::Deleted,
            ),
            (
                "InvalidRequestException",
                "You provided a VersionStage that is not associated to the provided VersionId.",
                400,
                Fault::NoSuchVersion,
            ),
            (
                "InvalidSignatureException",
                "Signature expired: 2026",
                403,
                Fault::Clock,
            ),
            (
                "InvalidSignatureException",
                "The request signature",
                403,
                Fault::Signature,
            ),
            ("UnrecognizedClientException", "", 403, Fault::KeyUnknown),
            (
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret.",
                400,
                Fault::NotFound,
            ),
            (
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret value for staging label: X",
                400,
                Fault::NoSuchVersion,
            ),
            (
                "ThrottlingException",
                "Rate exceeded",
                400,
                Fault::Throttled,
            ),
            ("ValidationException", "", 400, Fault::Refused),
            ("", "", 307, Fault::Redirected),
            ("", "", 403, Fault::Denied),
            ("", "", 429, Fault::Throttled),
            ("NewOne", "", 503, Fault::Internal),
            ("NewOne", "", 400, Fault::Unexpected),
        ] {
            assert_eq!(
                of_answer(Some(code), Some(message), status),
                fault,
                "{code} {message} {status}"
            );
        }
    }

    #[test]
    fn an_older_answer_stands_in_for_an_outage_only() {
        let fault = |fault: Fault| Diagnosis::from(fault).is_outage();
        let trouble = |trouble| Diagnosis::Trouble(trouble, None).is_outage();
        assert!(fault(Fault::Internal) && fault(Fault::Throttled));
        assert!(trouble(Trouble::Refused) && trouble(Trouble::TimedOut));
        for other in [
            Trouble::Malformed,
            Trouble::Other,
            Trouble::PlainHttp,
            Trouble::Proxy,
            Trouble::TlsClient,
            Trouble::TlsExpired,
            Trouble::TlsIssuer,
            Trouble::TlsName,
            Trouble::TlsOther,
            Trouble::TlsSetup,
        ] {
            assert!(!trouble(other), "{other:?}");
        }
        for &other in Fault::ALL {
            let away = matches!(other, Fault::Internal | Fault::Throttled | Fault::TimedOut);
            assert_eq!(fault(other), away, "{other:?}");
        }
    }

    #[test]
    fn no_trouble_lets_another_source_answer() {
        for trouble in [Trouble::Refused, Trouble::NameUnknown, Trouble::Other] {
            let error = Diagnosis::Trouble(trouble, None).error();
            assert!(!error.lets_next_answer(), "{error}");
        }
    }
}
