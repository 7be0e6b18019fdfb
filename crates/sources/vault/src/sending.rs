//! Sending one step of a change: over the version that was read and over no other.

use mcp_launch_network::Trouble;
use serde_json::json;
use zeroize::Zeroizing;

use crate::answer::{Answer, Said};
use crate::change::{Next, Step};
use crate::denial;
use crate::endpoint::{Delete, Patch, Request};
use crate::exchange::Repeat;
use crate::fault::{Cause, Failure, Fault};
use crate::kept::{Current, Keeping};

/// What became of a step that was sent.
pub(crate) enum Sent {
    Done,
    /// Somebody else has written meanwhile, so nothing was done.
    Outdated,
    /// It is more than the Vault takes in one request, so nothing was done.
    TooMuch(Failure),
    /// The token may not write a part of a secret.
    NoParts(Failure),
    /// It may have been done or not.
    Unheard(Failure),
    Refused(Failure),
}

/// A request that writes.
enum Writing {
    Post(Zeroizing<Vec<u8>>),
    Patch(Zeroizing<Vec<u8>>),
    Delete,
}

impl Keeping<'_> {
    /// Sends the step of `next`, which goes on from `current`.
    pub(crate) async fn send(&self, current: &Current, next: &Next) -> Sent {
        let home = &current.home;
        let data = home.api("data");
        let (path, writing, capability) = match (&next.step, home.versioned) {
            (Step::Nothing, _) => return Sent::Done,
            (Step::Write(document), true) => {
                // What cannot be finished is not begun.
                if next.has_more
                    && let Some(failure) =
                        denial::foreseen(self.vault, self.token, &data, "patch").await
                {
                    return Sent::NoParts(failure);
                }
                // A version is counted from 1, also where the newest is gone.
                let capability = if current.version == 0 {
                    "create"
                } else {
                    "update"
                };
                let body = with_version(document, current.version);
                (data, Writing::Post(body), capability)
            }
            (Step::Write(document), false) => {
                let is_new = current.data.is_none();
                let capability = if is_new { "create" } else { "update" };
                (data, Writing::Post(document.clone()), capability)
            }
            // Only where there are versions are there parts.
            (Step::Patch(part), _) => {
                let body = with_version(part, current.version);
                (data, Writing::Patch(body), "patch")
            }
            // Not whatever is the newest by then: that may be somebody else's.
            (Step::Delete, true) => {
                let versions = json!({ "versions": [current.version] });
                let body = Zeroizing::new(versions.to_string().into_bytes());
                (home.api("delete"), Writing::Post(body), "update")
            }
            (Step::Delete, false) => (data, Writing::Delete, "delete"),
        };
        // Half of the time that is left, so that the other half can tell what became of a write that is not answered.
        let patience = self.vault.deadline.remaining() / 2;
        let sending = self.send_to(&path, writing);
        let answer = match tokio::time::timeout(patience, sending).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(failure)) => {
                return match failure.cause {
                    Cause::Trouble(trouble) if trouble.may_pass() => Sent::Unheard(failure),
                    _ => Sent::Refused(failure),
                };
            }
            Err(_) => return Sent::Unheard(self.vault.trouble(Trouble::TimedOut)),
        };
        if answer.succeeded() {
            return Sent::Done;
        }
        let said = answer.said();
        if said == Said::Outdated {
            return Sent::Outdated;
        }
        let failure = self.refused(&answer, &path, capability).await;
        match answer.status {
            // What stands before a Vault may take less than it.
            400 | 413 if home.versioned && (said == Said::TooMuch || answer.status == 413) => {
                Sent::TooMuch(failure)
            }
            403 if capability == "patch" && failure.is(Fault::Denied) => Sent::NoParts(failure),
            // The version was deleted meanwhile, which is no new one. Reading again tells.
            404 if capability == "patch" => Sent::Unheard(failure),
            _ if answer.failed() && !answer.was_put_off() => Sent::Unheard(failure),
            _ => Sent::Refused(failure),
        }
    }

    async fn send_to(&self, path: &str, writing: Writing) -> Result<Answer, Failure> {
        let path = path.to_owned();
        let (token, repeat) = (Some(self.token), Repeat::WhenPutOff);
        match writing {
            Writing::Post(mut body) => {
                let body = std::mem::take(&mut *body);
                self.vault.ask(token, Request { path, body }, repeat).await
            }
            Writing::Patch(mut body) => {
                let body = std::mem::take(&mut *body);
                self.vault.ask(token, Patch { path, body }, repeat).await
            }
            Writing::Delete => self.vault.ask(token, Delete { path }, repeat).await,
        }
    }
}

/// The request that writes `document`, whole or a part, over `version` and over no other.
pub(crate) fn with_version(document: &[u8], version: u64) -> Zeroizing<Vec<u8>> {
    let head = format!(r#"{{"options":{{"cas":{version}}},"data":"#);
    let mut body = Zeroizing::new(Vec::with_capacity(head.len() + document.len() + 1));
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(document);
    body.push(b'}');
    body
}
