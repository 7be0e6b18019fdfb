//! From idle: is a rotation wished for, and may it begin?

use std::ops::ControlFlow::{self, Break, Continue};

use super::{Run, Wish};
use crate::schedule::{Dates, Standing};
use crate::{
    Action, Bundle, Delegate, End, Liveness, Login, Mastery, Method, Notice, Opening, Reason,
    Record, RotatorError, Set, Snapshot, Successor,
};

/// Reads of the store while somebody else rotates.
const DELEGATE_READS: u32 = 5;

impl Run<'_> {
    pub(super) fn idle(&mut self, seen: &Snapshot) -> ControlFlow<End> {
        if self.memory.progress.promoted {
            self.sweep()?;
            return Break(End::Done);
        }
        if let Some(attempt) = &self.memory.attempt {
            return Break(match attempt.error {
                Some(RotatorError::Rejected) => End::of_vendor(Action::Set, RotatorError::Rejected),
                _ => End::Elsewhere,
            });
        }
        let wished = self.wished(seen);
        if let Break(end) = wished {
            self.sweep()?;
            return Break(end);
        }
        let method = self.parts.rotator.method();
        if seen.mastery == Mastery::Theirs && !matches!(method, Method::Delegate(_)) {
            return Break(End::NeedsPerson(Reason::Theirs));
        }
        match method {
            Method::Track => match self.wish {
                Wish::Bring(brought) => self.bring(seen, brought),
                _ => Break(End::NeedsPerson(Reason::Track)),
            },
            Method::Delegate(delegate) => self.delegate(seen, delegate),
            Method::Set(set) => {
                self.current_may_log_in(seen)?;
                self.stage(seen, set)
            }
            Method::Issue(_) => {
                self.current_may_log_in(seen)?;
                self.sweep()?;
                self.claim(seen)
            }
            Method::Roll(roll) => {
                if self.parts.rotator.login() == Login::Itself && !roll.accepts_loss() {
                    return Break(End::NeedsPerson(Reason::LossWindow));
                }
                self.current_may_log_in(seen)?;
                self.claim(seen)
            }
        }
    }

    /// Goes on only if a rotation is wished for now.
    pub(super) fn wished(&mut self, seen: &Snapshot) -> ControlFlow<End> {
        match self.wish {
            Wish::Resume => Break(End::Done),
            Wish::Bring(_) | Wish::Forced => Continue(()),
            Wish::Now(schedule) if !schedule.is_open(seen.read_at) => {
                Break(End::Later(Reason::Window))
            }
            Wish::Now(_) => self.heed_back_off(seen),
            Wish::WhenDue(schedule) => match schedule.standing(self.parts.name, &Dates::of(seen)) {
                Standing::Fresh { .. } => Break(End::Done),
                Standing::Unseen => {
                    self.note_first_seen(seen);
                    Break(End::Done)
                }
                Standing::Skewed => {
                    self.tell(Notice::ClockSkew);
                    Break(End::Done)
                }
                Standing::Deferred { .. } => Break(End::Later(Reason::Window)),
                Standing::Due | Standing::Overdue => self.heed_back_off(seen),
            },
        }
    }

    fn note_first_seen(&mut self, seen: &Snapshot) {
        let record = Record {
            first_seen: Some(seen.read_at),
            ..seen.record
        };
        self.note(seen, &record);
    }

    /// Nothing is begun on a value that does not log in, unless an administrator can mend it.
    fn current_may_log_in(&mut self, seen: &Snapshot) -> ControlFlow<End> {
        match (
            self.probe(&seen.current.bundle)?,
            self.parts.rotator.login(),
        ) {
            (Liveness::Live, _) => {
                self.memory.current_live = true;
                Continue(())
            }
            (Liveness::Dead, Login::Administrator) => Continue(()),
            (Liveness::Dead, Login::Itself) => Break(End::NeedsPerson(Reason::CurrentDead)),
            (Liveness::Unknown, _) => Break(End::Later(Reason::Unseen)),
        }
    }

    fn stage(&mut self, seen: &Snapshot, set: &dyn Set) -> ControlFlow<End> {
        let successor = match set.create(&seen.current.bundle) {
            Ok(successor) => successor,
            Err(error) => return Break(End::of_vendor(Action::Set, error)),
        };
        self.begin(seen, Opening::Value(&successor))
    }

    /// Stages what a person brought, once it was seen to log in. Over a pending value too that does not.
    pub(super) fn bring(&mut self, seen: &Snapshot, brought: &Successor) -> ControlFlow<End> {
        if seen.current.bundle.is_same(&brought.bundle) {
            return Break(End::Done);
        }
        match self.probe(&brought.bundle)? {
            Liveness::Live => self.begin(seen, Opening::Value(brought)),
            Liveness::Dead => Break(End::Failed(Reason::Brought)),
            Liveness::Unknown => Break(End::Later(Reason::Unseen)),
        }
    }

    /// Has a claim made pending: a new one, or one over what is pending now.
    pub(super) fn claim(&mut self, seen: &Snapshot) -> ControlFlow<End> {
        self.begin(seen, Opening::Claim)
    }

    fn begin(&mut self, seen: &Snapshot, opening: Opening<'_>) -> ControlFlow<End> {
        let begun = self.act(Action::Begin, || {
            self.parts
                .store
                .begin(&seen.revision, opening, self.parts.owner, self.deadline)
        });
        self.written(Action::Begin, begun)
    }

    /// Tells whoever rotates to do so, and waits until the store shows it.
    fn delegate(&mut self, seen: &Snapshot, delegate: &dyn Delegate) -> ControlFlow<End> {
        let told = self.act(Action::Trigger, || {
            delegate.trigger(&seen.current.bundle, self.deadline)
        });
        match told {
            Ok(()) | Err(RotatorError::Ambiguous) => {}
            Err(error) => return Break(End::of_vendor(Action::Trigger, error)),
        }
        for pause in 0..DELEGATE_READS {
            if pause > 0 {
                self.parts.clock.sleep(self.parts.rotator.propagation());
            }
            if let Ok(now) = self.read()
                && !is_same_generation(seen, &now)
            {
                return self.delegated(&now.current.bundle);
            }
        }
        Break(End::Later(Reason::Rotating))
    }

    fn delegated(&mut self, value: &Bundle) -> ControlFlow<End> {
        match self.probe(value)? {
            Liveness::Live => {
                self.memory.progress.promoted = true;
                Break(End::Done)
            }
            Liveness::Dead => Break(End::Later(Reason::Propagating)),
            Liveness::Unknown => Break(End::Later(Reason::Unseen)),
        }
    }
}

fn is_same_generation(one: &Snapshot, other: &Snapshot) -> bool {
    one.current.id == other.current.id
        && one.current.rotated_at == other.current.rotated_at
        && one.current.bundle.is_same(&other.current.bundle)
}
