//! A secret that AWS rotates: by a function of Lambda, or as the secret of another service.

use mcp_launch_core::Deadline;
use mcp_launch_rotation::{
    Bundle, Delegate, Liveness, Login, Method, Predecessor, Rotator, RotatorError, StoreError,
};
use std::time::Duration;

use crate::rotation::AwsCredential;

/// Between two looks at whether the function is done. It takes seconds, from a cold start a minute.
const PAUSE: Duration = Duration::from_secs(10);

/// Whether a value logs in where it is used.
pub type Probe<'a> = dyn Fn(&Bundle, Deadline) -> Liveness + Sync + 'a;

/// Tells AWS to rotate a secret now. What AWS rotates is written by nobody else.
///
/// It needs `secretsmanager:RotateSecret`, and `lambda:InvokeFunction` on the function.
pub struct RotateSecret<'a> {
    credential: &'a AwsCredential<'a>,
    probe: Option<&'a Probe<'a>>,
}

impl<'a> RotateSecret<'a> {
    /// Of `credential`, the store of the same rotation. Without `probe` the last step of the function counts, which logs in
    /// with a value (`testSecret`) before the label `AWSCURRENT` is on it.
    #[must_use]
    pub fn new(credential: &'a AwsCredential<'a>, probe: Option<&'a Probe<'a>>) -> Self {
        Self { credential, probe }
    }
}

impl Rotator for RotateSecret<'_> {
    fn method(&self) -> Method<'_> {
        Method::Delegate(self)
    }

    fn predecessor(&self) -> Predecessor<'_> {
        Predecessor::Dies
    }

    fn login(&self) -> Login {
        Login::Administrator
    }

    fn propagation(&self) -> Duration {
        PAUSE
    }

    fn probe(&self, value: &Bundle, deadline: Deadline) -> Liveness {
        self.probe
            .map_or(Liveness::Live, |probe| probe(value, deadline))
    }

    fn remedy(&self, error: RotatorError) -> Option<String> {
        match error {
            RotatorError::Denied => Some(
                "let these credentials do secretsmanager:RotateSecret on the secret, and lambda:InvokeFunction on its function"
                    .to_owned(),
            ),
            RotatorError::Failed => Some(
                "AWS rotates this secret only if a function is set for it (aws secretsmanager rotate-secret \
                 --rotation-lambda-arn) or another service owns it; else name another rotator"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

impl Delegate for RotateSecret<'_> {
    fn trigger(&self, _login: &Bundle, deadline: Deadline) -> Result<(), RotatorError> {
        let told = self
            .credential
            .at_aws(deadline, async |desk| desk.rotate().await);
        told.map_err(|error| match error {
            StoreError::Unknown => RotatorError::Ambiguous,
            StoreError::Denied => RotatorError::Denied,
            StoreError::Limited => RotatorError::Limited(None),
            StoreError::Unavailable | StoreError::Locked => RotatorError::Unavailable,
            _ => RotatorError::Failed,
        })
    }
}
