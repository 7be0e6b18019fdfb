//! Changing one secret: read, changed, written over that version and no other; and again, where somebody was faster, and
//! where its Vault does not take all of it at once.

use std::collections::BTreeSet;
use std::time::Duration;

use mcp_launch_core::shown;

use crate::change::{Change, Next, Outcome, Past, Step, To};
use crate::exchange::jittered;
use crate::fault::{Failure, Fault};
use crate::kept::{Home, Keeping};
use crate::portion::Portion;
use crate::reference::SecretPath;
use crate::sending::Sent;

/// How often one step is tried at most, where others write the secret at the same time. Twenty that do so at once are
/// through by then.
const ROUNDS: u32 = 60;

/// How many tries of one step may end without an answer that says whether it was made.
const UNHEARD: u32 = 4;

/// The longest first pause before somebody faster is met again, and the longest of all.
const PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(160);

/// How far the changes of a secret have come.
struct Course {
    past: Vec<Past>,
    portion: Portion,
    /// Of the step that is under way.
    rounds: u32,
    unheard: u32,
    pause: Duration,
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
        let mut course = Course::new(changes.len());
        // What is to replace nothing is written without a look, where a secret that is there would refuse it.
        let are_new = home.is_none() && changes.iter().all(|change| change.is_new());
        let mut unread = are_new.then(|| self.unread(secret)).flatten();
        // What was read, and was not written over.
        let mut read = None;
        while course.rounds < ROUNDS {
            course.rounds += 1;
            let is_unread = unread.is_some();
            let current = match (unread.take().or(read.take()), home.clone()) {
                (Some(current), _) => Ok(current),
                (None, Some(home)) => self.again(home).await,
                (None, None) => self.current(secret).await,
            };
            let next = current.and_then(|current| {
                *home = Some(current.home.clone());
                let (data, absent) = (current.data.as_ref(), current.absent);
                let next = Next::of(data, absent, changes, &course.past, course.portion)?;
                Ok((current, next))
            });
            let (current, next) = match next {
                Ok(next) => next,
                Err(failure) => return course.end(&failure, None),
            };
            if matches!(next.step, Step::Nothing) {
                return next.outcomes;
            }
            // Where no version says what was there, and where a version is deleted, only reading again tells whether it
            // stayed so.
            let is_sure = current.home.versioned && !matches!(next.step, Step::Delete);
            let failure = match self.send(&current, &next).await {
                Sent::Done if is_sure && !next.has_more => return next.outcomes,
                Sent::Done if is_sure => {
                    course.made(&next.made);
                    continue;
                }
                Sent::Done => None,
                Sent::TooMuch(failure) => {
                    if course.lessen(&next.made, current.data.is_none()) {
                        // Nothing was done: what was read still holds, and what was not is not looked at yet.
                        let held = if is_unread { &mut unread } else { &mut read };
                        *held = Some(current);
                        continue;
                    }
                    Some(failure)
                }
                Sent::Outdated | Sent::NoParts(_) | Sent::Refused(_) if is_unread => continue,
                Sent::Outdated => {
                    tokio::time::sleep(jittered(course.pause)).await;
                    course.pause = (course.pause * 2).min(LONGEST_PAUSE);
                    continue;
                }
                Sent::Unheard(failure) => {
                    course.unheard += 1;
                    (course.unheard == UNHEARD).then_some(failure)
                }
                Sent::NoParts(failure) => Some(or_apart(failure, secret, changes)),
                Sent::Refused(failure) => Some(failure),
            };
            if let Some(failure) = failure {
                return course.end(&failure, Some(next.outcomes));
            }
            course.mark(&next.made, Past::Sent);
            if course.unheard > 0 {
                tokio::time::sleep(jittered(course.pause)).await;
                course.pause *= 2;
            }
        }
        course.end(&Fault::Contended.into(), None)
    }
}

impl Course {
    fn new(changes: usize) -> Self {
        Self {
            past: vec![Past::None; changes],
            portion: Portion::Whole,
            rounds: 0,
            unheard: 0,
            pause: PAUSE,
        }
    }

    /// A step is done: what it was to make is `made`, and another begins.
    fn made(&mut self, made: &[bool]) {
        self.mark(made, Past::Made);
        (self.rounds, self.unheard, self.pause) = (0, 0, PAUSE);
    }

    fn mark(&mut self, made: &[bool], as_past: Past) {
        let made = self.past.iter_mut().zip(made).filter(|(_, made)| **made);
        made.for_each(|(past, _)| *past = as_past);
    }

    /// A step with what it was to make, `made`, was too much at once. Whether less can be sent; then it will be.
    fn lessen(&mut self, made: &[bool], is_new: bool) -> bool {
        let sent = made.iter().filter(|made| **made).count();
        let smaller = self.portion.smaller(sent, is_new);
        self.portion = smaller.unwrap_or(self.portion);
        smaller.is_some()
    }

    /// What the changes come to where no more of them are made. `outcomes` is what they would have come to, if that is known.
    fn end(&self, failure: &Failure, outcomes: Option<Vec<Outcome>>) -> Vec<Outcome> {
        let outcomes = outcomes.unwrap_or_else(|| vec![Ok(()); self.past.len()]);
        let ends = self.past.iter().zip(outcomes);
        ends.map(|(past, outcome)| match past {
            Past::Made => Ok(()),
            Past::None | Past::Sent => outcome.and(Err(failure.clone())),
        })
        .collect()
    }
}

/// With the way that needs no parts, where something is to be written: a secret of its own for each name.
fn or_apart(failure: Failure, secret: &SecretPath, changes: &[Change<'_>]) -> Failure {
    let writes = changes
        .iter()
        .any(|change| matches!(change.to, To::Written(..)));
    if !writes {
        return failure;
    }
    let folder = format!("{}/", secret.path);
    let apart = format!(
        "or write to \"{}\", with a / at the end, which makes a secret for each name",
        shown(&folder)
    );
    let remedy = match failure.remedy {
        Some(remedy) => format!("{remedy}; {apart}"),
        None => apart,
    };
    Failure::with(failure.cause, remedy)
}
