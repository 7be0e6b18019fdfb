//! From a claim: the value is had from the vendor and recorded, or a dead owner's claim is taken over.

use std::ops::ControlFlow::{self, Break, Continue};
use std::time::Duration;

use super::{Attempt, Run, later};
use crate::{
    Action, Claim, End, Generation, Handle, Issue, Liveness, Login, Method, Reason, RotationId,
    RotatorError, Snapshot, Stage, StoreError, Successor,
};

/// Attempts to record a value that exists nowhere else.
const RECORDS: u32 = 4;
/// The wait between two of them.
const PAUSE: Duration = Duration::from_secs(1);

impl Run<'_> {
    pub(super) fn claimed(&mut self, seen: &Snapshot, claim: &Claim) -> ControlFlow<End> {
        let tried = self
            .memory
            .attempt
            .as_ref()
            .is_some_and(|attempt| attempt.id == claim.id);
        // In the second half of the lease another may be about to take over; a roll would not survive two at it.
        let half = later(claim.begun_at, self.parts.terms.lease / 2);
        if &claim.owner == self.parts.owner && !tried && seen.read_at < half {
            if !self.is_fresh() {
                return Continue(());
            }
            return self.fulfil(seen, claim);
        }
        if seen.read_at < later(claim.begun_at, self.parts.terms.lease) {
            return Break(End::Elsewhere);
        }
        if self.is_skewed(seen) {
            return Break(End::Later(Reason::ClockSkew));
        }
        match (
            self.probe(&seen.current.bundle)?,
            self.parts.rotator.login(),
        ) {
            (Liveness::Unknown, _) => Break(End::Later(Reason::Unseen)),
            (Liveness::Dead, Login::Itself) => Break(End::NeedsPerson(Reason::CurrentDead)),
            // The first owner is kept out by the new claim before its work is touched.
            (Liveness::Live, _) | (Liveness::Dead, Login::Administrator) => self.claim(seen),
        }
    }

    /// Has the value made that our own claim is for.
    fn fulfil(&mut self, seen: &Snapshot, claim: &Claim) -> ControlFlow<End> {
        let login = &seen.current.bundle;
        let (action, made) = match self.parts.rotator.method() {
            Method::Issue(issue) => {
                // What a claim before this one may have left would take the room.
                self.sweep()?;
                self.tries(claim);
                let made = self.act(Action::Issue, || {
                    issue.issue(&claim.id, login, self.deadline)
                });
                (Action::Issue, made)
            }
            Method::Roll(roll) => {
                self.tries(claim);
                let made = self.act(Action::Roll, || roll.roll(&claim.id, login, self.deadline));
                (Action::Roll, made)
            }
            Method::Set(_) | Method::Delegate(_) | Method::Track => {
                return self.give_up(seen, claim, None, End::Later(Reason::Unsettled));
            }
        };
        match made {
            Ok(successor) => self.keep(seen, claim, &successor),
            // It may exist. The claim stays, and whoever takes it over revokes what carries its name.
            Err(RotatorError::Ambiguous) => Break(End::of_vendor(action, RotatorError::Ambiguous)),
            Err(error) => self.give_up(seen, claim, None, End::of_vendor(action, error)),
        }
    }

    fn tries(&mut self, claim: &Claim) {
        self.memory.attempt = Some(Attempt {
            id: claim.id.clone(),
            tries: 1,
            error: None,
        });
    }

    /// Records the value under the claim. Until that is done the value exists in this process only.
    fn keep(&mut self, seen: &Snapshot, claim: &Claim, made: &Successor) -> ControlFlow<End> {
        let mut at = seen.revision.clone();
        let mut error = StoreError::Unavailable;
        for attempt in 0..RECORDS {
            if attempt > 0 {
                self.parts.clock.sleep(PAUSE);
            }
            let recorded = self.act(Action::Record, || {
                self.parts.store.record(&at, &claim.id, made, self.deadline)
            });
            match recorded {
                Ok(()) => return Continue(()),
                Err(cause) => error = cause,
            }
            let Ok(now) = self.read() else { continue };
            match &now.stage {
                Stage::Claimed(own) if own.id == claim.id => at = now.revision,
                // It was recorded, and somebody may have gone on with it.
                _ if holds(
                    &now,
                    now.current.handle.as_ref(),
                    &claim.id,
                    made.handle.as_ref(),
                ) =>
                {
                    return Continue(());
                }
                // We were kept out: nobody will ever record what we made.
                _ => return self.undo(&now, Some(made), End::Elsewhere),
            }
        }
        let end = End::of_store(Action::Record, error);
        let Ok(now) = self.read() else {
            return Break(end);
        };
        self.give_up(&now, claim, Some(made), end)
    }

    /// Gives our claim back, and only then revokes what was made under it: a record under way can no longer succeed.
    fn give_up(
        &mut self,
        seen: &Snapshot,
        claim: &Claim,
        made: Option<&Successor>,
        end: End,
    ) -> ControlFlow<End> {
        let given = self.act(Action::Discard, || {
            self.parts
                .store
                .discard(&seen.revision, &claim.id, self.deadline)
        });
        match given {
            Ok(()) => self.undo(seen, made, end),
            Err(_) => Break(end),
        }
    }

    fn undo(&mut self, seen: &Snapshot, made: Option<&Successor>, end: End) -> ControlFlow<End> {
        if let (Method::Issue(issue), Some(handle)) = (
            self.parts.rotator.method(),
            made.and_then(|made| made.handle.as_ref()),
        ) {
            let undone = self.act(Action::Retire, || {
                issue.retire(handle, &seen.current.bundle, self.deadline)
            });
            // What stays is found by a later sweep.
            if undone.is_ok() {
                self.memory.progress.swept += 1;
            }
        }
        Break(end)
    }

    /// Revokes what was made for this credential and never recorded. First the vendor is asked what there is, then the
    /// store what it holds: a value recorded in between is seen.
    pub(super) fn sweep(&mut self) -> ControlFlow<End> {
        let Method::Issue(issue) = self.parts.rotator.method() else {
            return Continue(());
        };
        self.sweep_of(issue)
    }

    fn sweep_of(&mut self, issue: &dyn Issue) -> ControlFlow<End> {
        let Ok(before) = self.read() else {
            return Continue(());
        };
        let login = &before.current.bundle;
        let listed = match self.act(Action::List, || issue.list(login, self.deadline)) {
            Ok(listed) if !listed.is_empty() => listed,
            // A sweep that cannot be done today is done another day.
            Ok(_) | Err(_) => return Continue(()),
        };
        let Ok(now) = self.read() else {
            return Continue(());
        };
        let current = self.handle_of_current(&now);
        for generation in listed {
            if is_held(&now, current.as_ref(), &generation) || !self.is_fresh() {
                continue;
            }
            let gone = self.act(Action::Retire, || {
                issue.retire(&generation.handle, &now.current.bundle, self.deadline)
            });
            if gone.is_ok() {
                self.memory.progress.swept += 1;
            }
        }
        Continue(())
    }
}

/// Whether the store holds this generation, may hold it under a name that it does not know, or is having it made.
fn is_held(seen: &Snapshot, current: Option<&Handle>, generation: &Generation) -> bool {
    // Nothing tells this generation from the current one.
    if current.is_none() && seen.current.id.is_none() {
        return true;
    }
    holds(seen, current, &generation.id, Some(&generation.handle))
}

/// Whether the store knows a generation by its id or its handle, wherever it stands.
fn holds(
    seen: &Snapshot,
    current: Option<&Handle>,
    id: &RotationId,
    handle: Option<&Handle>,
) -> bool {
    let is = |own_id: Option<&RotationId>, own: Option<&Handle>| {
        own_id == Some(id) || (own.is_some() && own == handle)
    };
    is(seen.current.id.as_ref(), current)
        || match &seen.stage {
            Stage::Idle => false,
            Stage::Claimed(claim) => is(Some(&claim.id), None),
            Stage::Staged(staged) => is(Some(&staged.id), staged.handle.as_ref()),
            Stage::Overlap(previous) => is(previous.id.as_ref(), previous.handle.as_ref()),
        }
}
