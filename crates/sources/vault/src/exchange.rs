//! Asking a Vault: with a token or without, again where that can help, and within the deadline.

use std::time::{Duration, SystemTime};

use mcp_launch_core::{Deadline, Environment};
use mcp_launch_network::{
    ClientSettings, Endpoint as Address, EndpointError, Identity, Tls, Trouble, http_client,
    proxy_for,
};
use rustify::Endpoint;
use vaultrs::api::EndpointMiddleware;
use zeroize::{Zeroize as _, Zeroizing};

use crate::answer::{Answer, Said};
use crate::endpoint::SealStatus;
use crate::fault::{Cause, Failure, Fault};
use crate::reach::Reach;
use crate::token::Origin;
use crate::wire::{self, TooLarge, Wire};

/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;

/// The first pause between two attempts; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(150);

/// Which answers a request may be sent again after.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Repeat {
    /// After every failure: it changes nothing.
    AfterFailure,
    /// Never: whoever asks has to know of each failure.
    Never,
    /// Only where the Vault surely did nothing: it makes or uses up something.
    WhenPutOff,
}

/// One Vault, reachable.
#[derive(Clone)]
pub(crate) struct Vault {
    wire: Wire,
    /// The path of the API: `v1`, with what the address has before it.
    api: String,
    /// Where the server is, for a person: scheme, host and port.
    pub(crate) address: String,
    /// The same without the scheme.
    pub(crate) host: String,
    /// What stands between here and there.
    proxy: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) deadline: Deadline,
    /// Where the token comes from that it is asked with.
    pub(crate) origin: Origin,
}

impl Vault {
    /// The Vault that `reach` leads to. Reads the files of TLS and connects to nothing yet.
    pub(crate) fn new(reach: &Reach, deadline: Deadline) -> Result<Self, Failure> {
        let refused = |error: EndpointError| Failure::with(error.source_error(), error.remedy());
        let mut address = Address::parse(&reach.address, reach.allow_http).map_err(refused)?;
        if let Some(name) = &reach.tls_server_name {
            address = address.presenting(name).map_err(refused)?;
        }
        let identity = match (&reach.client_cert, &reach.client_key) {
            (None, None) => None,
            // One file may hold both.
            (Some(cert), key) => Some(Identity {
                cert: cert.clone(),
                key: key.as_ref().unwrap_or(cert).clone(),
            }),
            (None, Some(_)) => {
                return Err(Failure::with(
                    Fault::ClientCertMissing,
                    "set client_cert of the store too",
                ));
            }
        };
        let tls = Tls {
            ca: reach.ca_cert.clone(),
            identity,
            unverified: reach.skip_verify,
        };
        let variables = reach
            .environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let environment = Environment::from_pairs(variables);
        let settings = ClientSettings::new(address.clone(), tls);
        let http = http_client(&settings, &environment).map_err(|error| Failure {
            cause: error.source_error().into(),
            remedy: error.remedy(),
        })?;
        let proxy = proxy_for(&address, &environment).unwrap_or_default();
        // vaultrs puts its version of the API before the whole path, so what the address has goes there with it.
        let before = address.url().path().trim_matches('/').to_owned();
        let mut base = address.url().clone();
        base.set_path("");
        Ok(Self {
            wire: Wire::new(base.to_string(), http),
            api: if before.is_empty() {
                "v1".to_owned()
            } else {
                format!("{before}/v1")
            },
            address: address.to_string(),
            host: address.host(),
            proxy,
            namespace: reach.namespace.clone(),
            deadline,
            origin: Origin::Login,
        })
    }

    /// The same Vault, by the same connections, with another deadline.
    pub(crate) fn until(&self, deadline: Deadline) -> Self {
        Self {
            deadline,
            ..self.clone()
        }
    }

    /// The answer to `endpoint`, whatever it says.
    pub(crate) async fn ask<E: Endpoint>(
        &self,
        token: Option<&str>,
        endpoint: E,
        repeat: Repeat,
    ) -> Result<Answer, Failure> {
        let deadline = tokio::time::Instant::from_std(self.deadline.instant());
        let asking = async {
            let mut answer = self.ask_again(token, endpoint, repeat).await?;
            if answer.status == 503 && answer.said() == Said::Sealed {
                answer.uninitialised = !self.is_initialised().await;
            }
            Ok(answer)
        };
        match tokio::time::timeout_at(deadline, asking).await {
            Ok(answer) => answer,
            Err(_) => Err(self.trouble(Trouble::TimedOut)),
        }
    }

    /// Whether it was ever set up. One that was not says only that it is sealed.
    async fn is_initialised(&self) -> bool {
        #[derive(serde::Deserialize)]
        struct Status {
            initialized: bool,
        }
        let asked = self
            .ask_again(None, SealStatus {}, Repeat::WhenPutOff)
            .await;
        let status = asked.map(|answer| serde_json::from_slice::<Status>(&answer.body));
        !matches!(status, Ok(Ok(Status { initialized: false })))
    }

    async fn ask_again<E: Endpoint>(
        &self,
        token: Option<&str>,
        endpoint: E,
        repeat: Repeat,
    ) -> Result<Answer, Failure> {
        let middleware = Wiped(EndpointMiddleware {
            token: token.unwrap_or_default().to_owned(),
            version: self.api.clone(),
            wrap: None,
            namespace: self.namespace.clone(),
        });
        let endpoint = endpoint.with_middleware(&middleware.0);
        let mut pause = PAUSE;
        for _ in 1..ATTEMPTS {
            let answer = self.ask_once(&endpoint).await;
            let (again, wait) = match (&answer, repeat) {
                (Ok(answer), Repeat::AfterFailure) => (answer.failed(), answer.retry_after),
                (_, Repeat::Never) => (false, None),
                (Ok(answer), Repeat::WhenPutOff) => (answer.was_put_off(), answer.retry_after),
                (Err(failure), Repeat::AfterFailure) => {
                    let passing =
                        matches!(failure.cause, Cause::Trouble(trouble) if trouble.may_pass());
                    (passing, None)
                }
                (Err(_), Repeat::WhenPutOff) => (false, None),
            };
            let wait = wait.unwrap_or_else(|| jittered(pause));
            // What the Vault cannot say in time is told as what it said so far.
            if !again || wait >= self.deadline.remaining() {
                return answer;
            }
            tokio::time::sleep(wait).await;
            pause *= 2;
        }
        self.ask_once(&endpoint).await
    }

    async fn ask_once(&self, endpoint: &impl Endpoint) -> Result<Answer, Failure> {
        let result = endpoint.exec(&self.wire).await.map_err(|error| {
            if is_too_large(&error) {
                return Fault::TooLarge.into();
            }
            self.trouble(Trouble::of(&error))
        })?;
        let mut response = result.response;
        Ok(Answer {
            status: response.status().as_u16(),
            leads_to: wire::leads_to(&response),
            retry_after: wire::retry_after(&response),
            date: wire::date(&response),
            uninitialised: false,
            body: Zeroizing::new(std::mem::take(response.body_mut())),
        })
    }

    /// The failure that is a trouble of the network.
    pub(crate) fn trouble(&self, trouble: Trouble) -> Failure {
        Failure {
            cause: trouble.into(),
            remedy: trouble.remedy(&self.host, self.proxy.as_deref()),
        }
    }
}

/// A middleware whose token is wiped.
struct Wiped(EndpointMiddleware);

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.token.zeroize();
    }
}

fn is_too_large(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<TooLarge>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Between half of `pause` and all of it, so that launches that were put off together do not come back together.
pub(crate) fn jittered(pause: Duration) -> Duration {
    let clock = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |now| now.subsec_nanos());
    let share = (clock ^ std::process::id().wrapping_mul(0x9E37_79B9)) % 1024;
    pause / 2 + pause / 2 * share / 1024
}
