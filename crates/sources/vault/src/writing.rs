//! Changing one secret: read, changed, written over that version and no other; and again, where somebody was faster.

use std::collections::BTreeSet;
use std::time::Duration;

use mcp_launch_network::Trouble;
use serde_json::json;
use zeroize::Zeroizing;

use crate::answer::{Answer, Said};
use crate::change::{Change, Next, Outcome, Step};
use crate::endpoint::{Delete, Request};
use crate::exchange::{Repeat, jittered};
use crate::fault::{Cause, Failure, Fault};
use crate::kept::{Current, Home, Keeping};
use crate::reference::SecretPath;

/// How often a secret is read and written at most, where others write it at the same time. Twenty that do so at once are
/// through by then.
const ROUNDS: u32 = 60;

/// How many writes may end without an answer that says whether they were made.
const UNHEARD: u32 = 4;

/// The longest first pause before somebody faster is met again, and the longest of all.
const PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(160);

/// What became of a step that was sent.
enum Sent {
    Done,
    /// Somebody else has written meanwhile, so nothing was done.
    Outdated,
    /// It may have been done or not.
    Unheard(Failure),
    Refused(Failure),
}

impl Keeping<'_> {
    /// Makes `changes` of the fields of `secret`, in their order. One outcome each.
    pub(crate) async fn change(&self, secret: &SecretPath, changes: &[Change<'_>]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(changes.len());
        let mut home = None;
        // Changes of one field come after each other.
        while outcomes.len() < changes.len() {
            let left = &changes[outcomes.len()..];
            let mut fields = BTreeSet::new();
            let distinct = left
                .iter()
                .take_while(|change| fields.insert(change.field))
                .count();
            let made = self.change_distinct(secret, &mut home, &left[..distinct]);
            outcomes.extend(made.await);
        }
        outcomes
    }

    /// The same, of fields that are all different. `home` is where the secret is, once it is known.
    async fn change_distinct(
        &self,
        secret: &SecretPath,
        home: &mut Option<Home>,
        changes: &[Change<'_>],
    ) -> Vec<Outcome> {
        let mut sent = vec![false; changes.len()];
        let mut unheard = 0;
        let mut pause = PAUSE;
        // What is to replace nothing is written without a look, where a secret that is there would refuse it.
        let are_new = home.is_none() && changes.iter().all(|change| change.is_new());
        let mut unread = are_new.then(|| self.unread(secret)).flatten();
        for _ in 0..ROUNDS {
            let is_unread = unread.is_some();
            let current = match (unread.take(), home.clone()) {
                (Some(unread), _) => Ok(unread),
                (None, Some(home)) => self.again(home).await,
                (None, None) => self.current(secret).await,
            };
            let next = current.and_then(|current| {
                *home = Some(current.home.clone());
                let next = Next::of(current.data.as_ref(), current.absent, changes, &sent)?;
                Ok((current, next))
            });
            let (current, next) = match next {
                Ok(next) => next,
                Err(failure) => return all(changes, &failure),
            };
            let Next {
                step,
                outcomes,
                made,
            } = next;
            if matches!(step, Step::Nothing) {
                return outcomes;
            }
            // Where no version says what was there, and where a version is deleted, only reading again tells whether it
            // stayed so.
            let is_sure = current.home.versioned && matches!(step, Step::Write(_));
            let failure = match self.send(&current, step).await {
                Sent::Done if is_sure => return outcomes,
                Sent::Done => None,
                Sent::Outdated | Sent::Refused(_) if is_unread => continue,
                Sent::Outdated => {
                    tokio::time::sleep(jittered(pause)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    continue;
                }
                Sent::Unheard(failure) => {
                    unheard += 1;
                    (unheard == UNHEARD).then_some(failure)
                }
                Sent::Refused(failure) => Some(failure),
            };
            if let Some(failure) = failure {
                return outcomes
                    .into_iter()
                    .map(|outcome| outcome.and(Err(failure.clone())))
                    .collect();
            }
            for (sent, made) in sent.iter_mut().zip(made) {
                *sent |= made;
            }
            if unheard > 0 {
                tokio::time::sleep(jittered(pause)).await;
                pause *= 2;
            }
        }
        all(changes, &Fault::Contended.into())
    }

    async fn send(&self, current: &Current, step: Step) -> Sent {
        let home = &current.home;
        let (path, body, capability) = match (step, home.versioned) {
            (Step::Nothing, _) => return Sent::Done,
            (Step::Write(document), true) => {
                // A version is counted from 1, also where the newest is gone.
                let capability = if current.version == 0 {
                    "create"
                } else {
                    "update"
                };
                let body = with_version(&document, current.version);
                (home.api("data"), Some(body), capability)
            }
            (Step::Write(document), false) => {
                let is_new = current.data.is_none();
                let capability = if is_new { "create" } else { "update" };
                (home.api("data"), Some(document), capability)
            }
            // Not whatever is the newest by then: that may be somebody else's.
            (Step::Delete, true) => {
                let versions = json!({ "versions": [current.version] });
                let body = Zeroizing::new(versions.to_string().into_bytes());
                (home.api("delete"), Some(body), "update")
            }
            (Step::Delete, false) => (home.api("data"), None, "delete"),
        };
        // Half of the time that is left, so that the other half can tell what became of a write that is not answered.
        let patience = self.vault.deadline.remaining() / 2;
        let sending = self.send_to(&path, body);
        let answer = match tokio::time::timeout(patience, sending).await {
            Ok(answer) => answer,
            Err(_) => return Sent::Unheard(self.vault.trouble(Trouble::TimedOut)),
        };
        match answer {
            Ok(answer) if answer.succeeded() => Sent::Done,
            Ok(answer) if answer.said() == Said::Outdated => Sent::Outdated,
            Ok(answer) => {
                let failure = self.refused(&answer, &path, capability).await;
                if answer.failed() && !answer.was_put_off() {
                    Sent::Unheard(failure)
                } else {
                    Sent::Refused(failure)
                }
            }
            Err(failure) => match failure.cause {
                Cause::Trouble(trouble) if trouble.may_pass() => Sent::Unheard(failure),
                _ => Sent::Refused(failure),
            },
        }
    }

    /// Writes `body` to `path`, or deletes what is there.
    async fn send_to(
        &self,
        path: &str,
        body: Option<Zeroizing<Vec<u8>>>,
    ) -> Result<Answer, Failure> {
        let path = path.to_owned();
        let (token, repeat) = (Some(self.token), Repeat::WhenPutOff);
        match body {
            Some(mut body) => {
                let body = std::mem::take(&mut *body);
                self.vault.ask(token, Request { path, body }, repeat).await
            }
            None => self.vault.ask(token, Delete { path }, repeat).await,
        }
    }
}

/// The request that writes `document` over `version` and over no other.
fn with_version(document: &[u8], version: u64) -> Zeroizing<Vec<u8>> {
    let head = format!(r#"{{"options":{{"cas":{version}}},"data":"#);
    let mut body = Zeroizing::new(Vec::with_capacity(head.len() + document.len() + 1));
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(document);
    body.push(b'}');
    body
}

fn all(changes: &[Change<'_>], failure: &Failure) -> Vec<Outcome> {
    changes.iter().map(|_| Err(failure.clone())).collect()
}
