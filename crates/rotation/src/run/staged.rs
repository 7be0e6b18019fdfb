//! From a staged value: put it in force, see it log in, make it current.

use std::ops::ControlFlow::{self, Break, Continue};
use std::time::Duration;

use jiff::Timestamp;

use super::{Attempt, Run, Wish, later};
use crate::resume::{self, Known, Next, Origin};
use crate::{
    Action, Bundle, End, Handle, Liveness, Method, Predecessor, Promotion, Reason, RotatorError,
    Snapshot, Staged,
};

/// Attempts to set a value in one run.
const TRIES: u32 = 2;
/// Logins while a new value spreads.
const POLLS: u32 = 5;

impl Run<'_> {
    pub(super) fn staged(&mut self, seen: &Snapshot, staged: &Staged) -> ControlFlow<End> {
        let mut known = self.known(seen, staged);
        if self.is_own_and_untried(staged) && known.origin == Origin::Chosen {
            return self.set(&seen.current.bundle, staged);
        }
        loop {
            match resume::next(known) {
                Next::ProbePending => known.pending = Some(self.poll(&staged.bundle, &known)?),
                Next::ProbeCurrent => known.current = Some(self.probe(&seen.current.bundle)?),
                Next::ProbeAgain => known.again = Some(self.probe(&staged.bundle)?),
                Next::Promote => return self.promote(seen, staged),
                Next::Set => return self.set(&seen.current.bundle, staged),
                Next::Discard => return self.discard(seen, staged),
                Next::Renew => return self.claim(seen),
                Next::Stop(reason) => {
                    return match self.wish {
                        Wish::Bring(brought) if known.origin == Origin::Brought => {
                            self.bring(seen, brought)
                        }
                        _ => Break(End::NeedsPerson(reason)),
                    };
                }
                Next::Wait(reason) => return Break(End::Later(reason)),
            }
        }
    }

    fn known(&self, seen: &Snapshot, staged: &Staged) -> Known {
        let rotator = self.parts.rotator;
        let attempt = self.attempt_at(staged);
        Known {
            origin: match rotator.method() {
                Method::Set(_) => Origin::Chosen,
                Method::Issue(_) => Origin::Issued,
                Method::Roll(_) | Method::Delegate(_) | Method::Track => Origin::Brought,
            },
            login: rotator.login(),
            rejected: attempt.is_some_and(|attempt| {
                attempt.tries >= TRIES && attempt.error == Some(RotatorError::Rejected)
            }),
            propagated: later(staged.begun_at, rotator.propagation()) <= seen.read_at,
            pending: None,
            current: None,
            again: None,
        }
    }

    fn attempt_at(&self, staged: &Staged) -> Option<&Attempt> {
        self.memory
            .attempt
            .as_ref()
            .filter(|attempt| attempt.id == staged.id)
    }

    /// Whether this run staged it a moment ago, so that nobody has put it in force.
    fn is_own_and_untried(&self, staged: &Staged) -> bool {
        self.memory.current_live
            && &staged.owner == self.parts.owner
            && self.attempt_at(staged).is_none()
    }

    /// Probes a value that may still be spreading.
    fn poll(&mut self, value: &Bundle, known: &Known) -> ControlFlow<End, Liveness> {
        let span = self.parts.rotator.propagation();
        let spreading = !span.is_zero() && !known.propagated;
        for _ in 1..if spreading { POLLS } else { 1 } {
            let live = self.act(Action::Probe, || {
                self.parts.rotator.probe(value, self.deadline)
            });
            if live == Liveness::Live {
                return Continue(live);
            }
            self.parts
                .clock
                .sleep((span / POLLS).min(self.deadline.remaining()));
        }
        self.probe(value)
    }

    fn set(&mut self, login: &Bundle, staged: &Staged) -> ControlFlow<End> {
        let tries = self.attempt_at(staged).map_or(0, |attempt| attempt.tries);
        if tries >= TRIES {
            let error = self.attempt_at(staged).and_then(|attempt| attempt.error);
            return Break(error.map_or(End::Later(Reason::Propagating), |error| {
                End::of_vendor(Action::Set, error)
            }));
        }
        let Method::Set(set) = self.parts.rotator.method() else {
            return Break(End::Later(Reason::Unsettled));
        };
        if !self.is_fresh() {
            return Continue(());
        }
        let ask = || {
            self.act(Action::Set, || {
                set.set(&staged.bundle, &staged.id, login, self.deadline)
            })
        };
        // A rejection is believed when it is given twice: what follows from it is that the value is dropped.
        let (answer, asked) = match ask() {
            Err(RotatorError::Rejected) => (ask(), TRIES),
            answer => (answer, 1),
        };
        // Whatever the answer is, a login tells.
        self.memory.attempt = Some(Attempt {
            id: staged.id.clone(),
            tries: tries + asked,
            error: answer.err(),
        });
        Continue(())
    }

    fn promote(&mut self, seen: &Snapshot, staged: &Staged) -> ControlFlow<End> {
        let promotion = Promotion {
            previous: self.handle_of_current(seen),
            retire_after: self.retire_after(seen),
        };
        self.memory.promoting = Some(staged.id.clone());
        let promoted = self.act(Action::Promote, || {
            self.parts
                .store
                .promote(&seen.revision, &staged.id, &promotion, self.deadline)
        });
        self.written(Action::Promote, promoted)
    }

    /// The public name of the current value, asked for where it was not recorded and is needed to retire it one day.
    pub(super) fn handle_of_current(&self, seen: &Snapshot) -> Option<Handle> {
        if seen.current.handle.is_some()
            || !matches!(self.parts.rotator.predecessor(), Predecessor::Lives(_))
        {
            return seen.current.handle.clone();
        }
        self.act(Action::Identify, || {
            self.parts
                .rotator
                .identify(&seen.current.bundle, self.deadline)
        })
        .ok()
        .flatten()
    }

    fn retire_after(&self, seen: &Snapshot) -> Timestamp {
        let grace = match self.parts.rotator.predecessor() {
            Predecessor::Dies => Duration::ZERO,
            Predecessor::Lives(_) | Predecessor::Stays => self.parts.terms.grace,
        };
        later(seen.read_at, grace)
    }

    fn discard(&mut self, seen: &Snapshot, staged: &Staged) -> ControlFlow<End> {
        let dropped = self.act(Action::Discard, || {
            self.parts
                .store
                .discard(&seen.revision, &staged.id, self.deadline)
        });
        self.written(Action::Discard, dropped)
    }
}
