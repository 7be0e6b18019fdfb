//! Why something was not done, and whether it may have been done all the same.

use std::time::Duration;

use mcp_launch_core::SourceErrorKind;
use mcp_launch_network::Trouble;
use mcp_launch_rotation::StoreError;
use rustify::Endpoint;

use crate::answer::{Answer, Said};
use crate::exchange::{Repeat, Vault};
use crate::fault::{Cause, Failure, Fault};

/// How long the answer to a change is waited for. Whoever waits longer would learn no more by it than by reading again.
const ANSWER: Duration = Duration::from_secs(20);

/// Something that was not done, as far as is known.
pub(crate) struct Unmade {
    pub(crate) failure: Failure,
    /// A request was sent whose answer did not come, or says neither.
    pub(crate) may_have_happened: bool,
}

impl From<Failure> for Unmade {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            may_have_happened: false,
        }
    }
}

impl From<Fault> for Unmade {
    fn from(fault: Fault) -> Self {
        Failure::from(fault).into()
    }
}

impl Unmade {
    pub(crate) fn unheard(failure: Failure) -> Self {
        Self {
            failure,
            may_have_happened: true,
        }
    }

    /// For who has read only: no answer is no value, and nothing else.
    pub(crate) fn read(self) -> StoreError {
        store_error(&self.failure)
    }

    /// For who has written.
    pub(crate) fn written(self) -> StoreError {
        if self.may_have_happened {
            StoreError::Unknown
        } else {
            store_error(&self.failure)
        }
    }
}

impl Vault {
    /// Sends what changes something, once. An answer that comes back says for certain whether it was done, as far as its
    /// status can.
    pub(crate) async fn change<E: Endpoint>(
        &self,
        token: Option<&str>,
        endpoint: E,
    ) -> Result<Answer, Unmade> {
        // Half of the time that is left, so that the other half can tell what became of it.
        let patience = ANSWER.min(self.deadline.remaining() / 2);
        let asked = self.ask(token, endpoint, Repeat::Never);
        let answer = match tokio::time::timeout(patience, asked).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(failure)) if is_unsent(&failure) => return Err(failure.into()),
            Ok(Err(failure)) => return Err(Unmade::unheard(failure)),
            Err(_) => return Err(Unmade::unheard(self.trouble(Trouble::TimedOut))),
        };
        if is_certain(&answer) {
            return Ok(answer);
        }
        let failure = answer.failure(&self.host);
        let failure = failure.unwrap_or_else(|| Fault::ServerFailed.at(answer.status).into());
        Err(Unmade::unheard(failure))
    }
}

/// Whether there was no connection by which a request could have gone out.
fn is_unsent(failure: &Failure) -> bool {
    let Cause::Trouble(trouble) = failure.cause else {
        return false;
    };
    matches!(
        trouble,
        Trouble::Barred
            | Trouble::NameServer
            | Trouble::NameSettings
            | Trouble::NameUnknown
            | Trouble::PlainHttp
            | Trouble::Refused
            | Trouble::TlsCaAsServer
            | Trouble::TlsExpired
            | Trouble::TlsIssuer
            | Trouble::TlsName
            | Trouble::TlsSetup
            | Trouble::Unreachable
    )
}

/// Whether the status says that it was done, or that it was not. Of the failures of a server only those that a Vault tells
/// before it does anything: what stands in front of it may fail after the Vault did it.
fn is_certain(answer: &Answer) -> bool {
    match answer.status {
        408 => false,
        200..=499 => true,
        500 => answer.said() == Said::NoActive,
        503 => matches!(
            answer.said(),
            Said::NoActive | Said::Sealed | Said::Uninitialised
        ),
        _ => false,
    }
}

fn store_error(failure: &Failure) -> StoreError {
    use Fault as F;
    match failure.cause {
        Cause::Fault(F::Throttled, _) => StoreError::Limited,
        Cause::Fault(
            F::EngineOther | F::MakesCredentials | F::NoText | F::TooMuch | F::VersionNone,
            _,
        ) => StoreError::Unfit,
        // A person has to see to it, and nothing is gained by waiting.
        Cause::Fault(F::MountMissing | F::MountUnknown | F::NamespaceMissing, _) => {
            StoreError::Missing
        }
        _ => match failure.error().kind() {
            SourceErrorKind::Conflict => StoreError::Conflict,
            SourceErrorKind::Denied => StoreError::Denied,
            SourceErrorKind::Locked => StoreError::Locked,
            SourceErrorKind::Malformed => StoreError::Malformed,
            SourceErrorKind::Missing => StoreError::Missing,
            _ => StoreError::Unavailable,
        },
    }
}

/// What a person does about `failure`; where nobody knows, what it is.
pub(crate) fn remedy(failure: &Failure) -> Option<String> {
    let note = || failure.error().explanation().map(ToString::to_string);
    failure.remedy.clone().or_else(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, error: &str) -> Answer {
        Answer {
            status,
            body: serde_json::json!({ "errors": [error] })
                .to_string()
                .into_bytes()
                .into(),
            leads_to: None,
            retry_after: None,
            date: None,
            uninitialised: false,
        }
    }

    #[test]
    fn only_what_a_vault_says_before_it_acts_is_certain() {
        for (status, error, certain) in [
            (200, "", true),
            (403, "permission denied", true),
            (429, "", true),
            (408, "", false),
            (500, "internal error", false),
            (
                500,
                "local node not active but active cluster node not found",
                true,
            ),
            (502, "", false),
            (503, "Vault is sealed", true),
            (503, "no healthy upstream", false),
            (504, "", false),
        ] {
            assert_eq!(
                is_certain(&answer(status, error)),
                certain,
                "{status} {error}"
            );
        }
    }

    #[test]
    fn what_may_have_gone_out_is_never_a_plain_failure() {
        for (trouble, unsent) in [
            (Trouble::Refused, true),
            (Trouble::NameUnknown, true),
            (Trouble::TlsIssuer, true),
            (Trouble::Closed, false),
            (Trouble::TimedOut, false),
            (Trouble::Malformed, false),
            (Trouble::Other, false),
            (Trouble::Proxy, false),
        ] {
            assert_eq!(is_unsent(&trouble.into()), unsent, "{trouble:?}");
        }
        assert!(!is_unsent(&Fault::TooLarge.into()));
    }
}
