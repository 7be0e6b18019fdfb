//! The Vault as a keeper asks it: to renew, and to take back.

use std::time::Duration;

use mcp_launch_core::Deadline;
use serde::Deserialize;
use serde::de::IgnoredAny;
use vaultrs::api::token::requests::{
    LookupTokenSelfRequest, RenewTokenSelfRequest, RevokeTokenSelfRequest,
};

use crate::answer::{Answer, Said};
use crate::denial;
use crate::endpoint::{RenewLease, RevokeLease};
use crate::exchange::{Repeat, Vault};
use crate::fault::{Failure, Fault};
use crate::lease::Term;
use crate::reach::Reach;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is renewed or taken back.
#[derive(Clone, Copy)]
pub(super) enum Item<'a> {
    Lease { id: &'a str },
    Token,
}

/// What came of asking.
pub(super) enum Outcome<T> {
    Done(T),
    /// It had ended already.
    Gone,
    /// The token that it is asked with has ended, and what hangs on it with it.
    TokenGone,
    /// The Vault decided against it; asking again changes nothing.
    Refused(String),
    /// The Vault could not be asked, or failed.
    Trouble(String),
}

/// How long something was prolonged, and whether it can be again.
pub(super) struct Prolonged {
    pub(super) span: Duration,
    pub(super) renewable: bool,
}

/// The Vault of a letter.
///
/// # Errors
/// Why it cannot be asked, in a person's words.
pub(super) fn vault(reach: &Reach) -> Result<Vault, String> {
    Vault::new(reach, Deadline::after(PATIENCE)).map_err(|failure| told_of(&failure))
}

pub(super) struct Lender<'a> {
    pub(super) vault: Vault,
    pub(super) token: &'a str,
}

impl Lender<'_> {
    /// Asks for `span` more.
    pub(super) async fn renew(&mut self, item: Item<'_>, span: Duration) -> Outcome<Prolonged> {
        self.vault.deadline = Deadline::after(PATIENCE);
        let token = Some(self.token);
        let (answer, path) = match item {
            Item::Lease { id } => {
                let request = RenewLease {
                    lease_id: id.to_owned(),
                    increment: span.as_secs(),
                };
                let answer = self.vault.ask(token, request, Repeat::WhenPutOff).await;
                (answer, "sys/leases/renew")
            }
            Item::Token => {
                let request = RenewTokenSelfRequest {
                    increment: Some(format!("{}s", span.as_secs())),
                };
                let answer = self.vault.ask(token, request, Repeat::WhenPutOff).await;
                (answer, "auth/token/renew-self")
            }
        };
        let answer = match self.judged(answer, path, "update").await {
            Outcome::Done(answer) => answer,
            Outcome::Gone => return Outcome::Gone,
            Outcome::TokenGone => return Outcome::TokenGone,
            Outcome::Refused(why) => return Outcome::Refused(why),
            Outcome::Trouble(why) => return Outcome::Trouble(why),
        };
        let envelope = match answer.envelope() {
            Ok(envelope) => envelope,
            Err(failure) => return Outcome::Trouble(told_of(&failure)),
        };
        let (seconds, renewable) = match (item, envelope.auth) {
            (Item::Token, Some(login)) => (login.lease_duration, login.renewable),
            _ => (envelope.lease_duration, envelope.renewable),
        };
        Outcome::Done(Prolonged {
            span: Duration::from_secs(seconds),
            renewable,
        })
    }

    /// Gives it back; done when what hangs on it is gone.
    pub(super) async fn revoke(&mut self, item: Item<'_>, patience: Duration) -> Outcome<()> {
        self.vault.deadline = Deadline::after(PATIENCE.min(patience));
        let token = Some(self.token);
        let (answer, path) = match item {
            Item::Lease { id } => {
                let request = RevokeLease {
                    lease_id: id.to_owned(),
                    sync: true,
                };
                let answer = self.vault.ask(token, request, Repeat::WhenPutOff).await;
                (answer, "sys/leases/revoke")
            }
            Item::Token => {
                let request = RevokeTokenSelfRequest {};
                let answer = self.vault.ask(token, request, Repeat::WhenPutOff).await;
                (answer, "auth/token/revoke-self")
            }
        };
        done(self.judged(answer, path, "update").await)
    }

    /// Tells the Vault to take back a lease when it can; done when it has taken note.
    pub(super) async fn revoke_later(&mut self, id: &str, patience: Duration) -> Outcome<()> {
        self.vault.deadline = Deadline::after(PATIENCE.min(patience));
        let request = RevokeLease {
            lease_id: id.to_owned(),
            sync: false,
        };
        let answer = self
            .vault
            .ask(Some(self.token), request, Repeat::AfterFailure)
            .await;
        done(self.judged(answer, "sys/leases/revoke", "update").await)
    }

    /// Asks how long the token holds. None: it has no end.
    pub(super) async fn look_up(&mut self) -> Outcome<Option<Term>> {
        #[derive(Deserialize)]
        struct Told {
            #[serde(default)]
            creation_ttl: u64,
            #[serde(default)]
            expire_time: Option<IgnoredAny>,
            #[serde(default)]
            renewable: bool,
            #[serde(default)]
            ttl: u64,
        }
        self.vault.deadline = Deadline::after(PATIENCE);
        let request = LookupTokenSelfRequest {};
        let answer = self
            .vault
            .ask(Some(self.token), request, Repeat::AfterFailure)
            .await;
        let answer = match self.judged(answer, "auth/token/lookup-self", "read").await {
            Outcome::Done(answer) => answer,
            Outcome::Gone => return Outcome::Gone,
            Outcome::TokenGone => return Outcome::TokenGone,
            Outcome::Refused(why) => return Outcome::Refused(why),
            Outcome::Trouble(why) => return Outcome::Trouble(why),
        };
        let data = answer.envelope().ok().and_then(|envelope| envelope.data);
        let told = data.and_then(|data| serde_json::from_str::<Told>(data.get()).ok());
        let Some(told) = told else {
            return Outcome::Trouble(told_of(&Fault::Unreadable.into()));
        };
        if told.expire_time.is_none() {
            return Outcome::Done(None);
        }
        // Part of its time has passed. What is asked for is all of it.
        let span = told.creation_ttl.max(told.ttl);
        let mut term = Term::told(span, told.renewable);
        term.since -= Duration::from_secs(span - told.ttl);
        Outcome::Done(Some(term))
    }

    /// What `answer` means, where `capability` on `path` was used.
    async fn judged(
        &self,
        answer: Result<Answer, Failure>,
        path: &str,
        capability: &str,
    ) -> Outcome<Answer> {
        let answer = match answer {
            Ok(answer) if answer.succeeded() => return Outcome::Done(answer),
            Ok(answer) => answer,
            Err(failure) => return Outcome::Trouble(told_of(&failure)),
        };
        // Whatever stands there instead, a sealed Vault among them, may be mended.
        if let Some(failure) = answer.failure(&self.vault.host) {
            return Outcome::Trouble(told_of(&failure));
        }
        match (answer.status, answer.said()) {
            (403, _) => {
                let failure = denial::explain(&self.vault, self.token, path, capability).await;
                if failure.is_of_token() {
                    return Outcome::TokenGone;
                }
                Outcome::Refused(told_of(&failure))
            }
            (400 | 404, Said::LeaseEnded) => Outcome::Gone,
            (400, Said::Batch) => {
                Outcome::Refused("only its own time ends such a token".to_owned())
            }
            (400, Said::NotRenewable) => Outcome::Refused("it cannot be renewed".to_owned()),
            // A database that does not answer, for one: the Vault hands its error on so.
            (status, _) => Outcome::Trouble(format!(
                "the Vault could not do it (HTTP status {status}): see whether what the credential is for can be \
                 reached from there; the Vault's log says more"
            )),
        }
    }
}

fn done(outcome: Outcome<Answer>) -> Outcome<()> {
    match outcome {
        Outcome::Done(_) => Outcome::Done(()),
        Outcome::Gone => Outcome::Gone,
        Outcome::TokenGone => Outcome::TokenGone,
        Outcome::Refused(why) => Outcome::Refused(why),
        Outcome::Trouble(why) => Outcome::Trouble(why),
    }
}

/// The failure and what to do about it, in one line.
fn told_of(failure: &Failure) -> String {
    let mut text = failure.error().to_string();
    if let Some(remedy) = &failure.remedy {
        text.push_str("; ");
        text.push_str(remedy);
    }
    text
}
