//! The Vault as a keeper asks it: to renew, and to take back.

use std::time::Duration;

use mcp_launch_core::Deadline;
use vaultrs::api::token::requests::{RenewTokenSelfRequest, RevokeTokenSelfRequest};

use crate::answer::Answer;
use crate::denial;
use crate::endpoint::{RenewLease, RevokeLease};
use crate::exchange::{Repeat, Vault};
use crate::fault::{Failure, Fault};

use super::letter::Reach;

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
    Vault::new(reach, Deadline::after(PATIENCE)).map_err(|failure| told(&failure))
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
        let answer = match item {
            Item::Lease { id } => {
                let request = RenewLease {
                    lease_id: id.to_owned(),
                    increment: span.as_secs(),
                };
                self.vault.ask(token, request, Repeat::WhenPutOff).await
            }
            Item::Token => {
                let request = RenewTokenSelfRequest {
                    increment: Some(format!("{}s", span.as_secs())),
                };
                self.vault.ask(token, request, Repeat::WhenPutOff).await
            }
        };
        let answer = match self.judged(answer, item, "renew").await {
            Outcome::Done(answer) => answer,
            Outcome::Gone => return Outcome::Gone,
            Outcome::Refused(why) => return Outcome::Refused(why),
            Outcome::Trouble(why) => return Outcome::Trouble(why),
        };
        let envelope = match answer.envelope() {
            Ok(envelope) => envelope,
            Err(failure) => return Outcome::Trouble(told(&failure)),
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
        let answer = match item {
            Item::Lease { id } => {
                let request = RevokeLease {
                    lease_id: id.to_owned(),
                    sync: true,
                };
                self.vault.ask(token, request, Repeat::WhenPutOff).await
            }
            Item::Token => {
                let request = RevokeTokenSelfRequest {};
                self.vault.ask(token, request, Repeat::WhenPutOff).await
            }
        };
        match self.judged(answer, item, "revoke").await {
            Outcome::Done(_) => Outcome::Done(()),
            Outcome::Gone => Outcome::Gone,
            Outcome::Refused(why) => Outcome::Refused(why),
            Outcome::Trouble(why) => Outcome::Trouble(why),
        }
    }

    async fn judged(
        &self,
        answer: Result<Answer, Failure>,
        item: Item<'_>,
        verb: &str,
    ) -> Outcome<Answer> {
        let answer = match answer {
            Ok(answer) if answer.succeeded() => return Outcome::Done(answer),
            Ok(answer) => answer,
            Err(failure) => return Outcome::Trouble(told(&failure)),
        };
        match (answer.status, answer.failure(&self.vault.host)) {
            // Whatever stands there instead, a sealed Vault among them, may be mended.
            (_, Some(failure)) => Outcome::Trouble(told(&failure)),
            (403, None) => {
                let path = match item {
                    Item::Lease { .. } => format!("sys/leases/{verb}"),
                    Item::Token => format!("auth/token/{verb}-self"),
                };
                let failure = denial::explain(&self.vault, self.token, &path, "update").await;
                // A lease ends with the token that it was made with.
                if failure.error.explanation() == Fault::TokenInvalid.error().explanation() {
                    return Outcome::Gone;
                }
                Outcome::Refused(told(&failure))
            }
            // A batch token.
            (400, None) if matches!(item, Item::Token) => {
                Outcome::Refused("only its own time ends such a token".to_owned())
            }
            (400 | 404, None) => Outcome::Gone,
            (status, None) => Outcome::Trouble(format!("HTTP status {status}")),
        }
    }
}

/// The failure and what to do about it, in one line.
fn told(failure: &Failure) -> String {
    let mut text = failure.error.to_string();
    if let Some(remedy) = &failure.remedy {
        text.push_str("; ");
        text.push_str(&remedy.replace('\n', " "));
    }
    text
}
