//! Runners that leave a rule out. Each has to be caught, which shows that the check can see what the rule is for.

use std::ops::ControlFlow::{self, Break, Continue};

use jiff::Timestamp;
use mcp_launch_core::Deadline;
use mcp_launch_rotation::schedule::{Dates, Standing};
use mcp_launch_rotation::{
    Bundle, End, Generation, Handle, Issue, Liveness, Login, Memory, Method, Opening, Predecessor,
    Promotion, Retire, Rotation, RotationId, Rotator, RotatorError, Snapshot, Stage, Successor,
    Wish,
};

/// Puts the new password in force and stores it afterwards.
pub(crate) fn sets_before_it_records(
    rotation: &Rotation<'_>,
    wish: Wish<'_>,
    memory: &mut Memory,
    deadline: Deadline,
) -> ControlFlow<End> {
    let seen = read(rotation, deadline)?;
    let (Stage::Idle, Method::Set(set)) = (&seen.stage, rotation.rotator.method()) else {
        return rotation.step(wish, memory, deadline);
    };
    if !is_due(&seen, wish) {
        return Break(End::Done);
    }
    let new = set.create(&seen.current.bundle).unwrap();
    let id = seen.current.id.clone().unwrap();
    let done = set.set(&new.bundle, &id, &seen.current.bundle, deadline);
    ended_unless(done.is_ok())?;
    stage(rotation, &seen, &new, deadline)
}

/// Removes the old password as soon as the new one is set, before the store says that it is current.
pub(crate) fn retires_before_it_promotes(
    rotation: &Rotation<'_>,
    wish: Wish<'_>,
    memory: &mut Memory,
    deadline: Deadline,
) -> ControlFlow<End> {
    let seen = read(rotation, deadline)?;
    if let (Stage::Staged(staged), Predecessor::Lives(vendor)) =
        (&seen.stage, rotation.rotator.predecessor())
        && rotation.rotator.probe(&staged.bundle, deadline) == Liveness::Live
    {
        let old = seen.current.handle.as_ref().unwrap();
        let retired = vendor.retire(old, &staged.bundle, deadline);
        ended_unless(retired.is_ok())?;
    }
    rotation.step(wish, memory, deadline)
}

/// Takes an unanswered request for one that was not done: gives the value up and makes another.
pub(crate) fn takes_no_answer_for_failure(
    rotation: &Rotation<'_>,
    wish: Wish<'_>,
    memory: &mut Memory,
    deadline: Deadline,
) -> ControlFlow<End> {
    let seen = read(rotation, deadline)?;
    let (Stage::Staged(staged), Method::Set(set)) = (&seen.stage, rotation.rotator.method()) else {
        return rotation.step(wish, memory, deadline);
    };
    let answer = set.set(&staged.bundle, &staged.id, &seen.current.bundle, deadline);
    if answer == Err(RotatorError::Ambiguous) {
        let dropped = rotation.store.discard(&seen.revision, &staged.id, deadline);
        ended_unless(dropped.is_ok())?;
        return Break(End::Done);
    }
    rotation.step(wish, memory, deadline)
}

/// Takes every request for done and never logs in to see.
pub(crate) fn takes_no_answer_for_success(
    rotation: &Rotation<'_>,
    wish: Wish<'_>,
    memory: &mut Memory,
    deadline: Deadline,
) -> ControlFlow<End> {
    let blind = Blind(rotation.rotator);
    let rotation = Rotation {
        rotator: &blind,
        ..*rotation
    };
    rotation.step(wish, memory, deadline)
}

/// Has a key made and tells the store afterwards.
pub(crate) fn issues_without_a_claim(
    rotation: &Rotation<'_>,
    wish: Wish<'_>,
    memory: &mut Memory,
    deadline: Deadline,
) -> ControlFlow<End> {
    let seen = read(rotation, deadline)?;
    let (Stage::Idle, Method::Issue(issue)) = (&seen.stage, rotation.rotator.method()) else {
        return without_a_sweep(rotation, wish, memory, deadline);
    };
    if !is_due(&seen, wish) {
        return Break(End::Done);
    }
    let id = seen.current.id.clone().unwrap();
    match issue.issue(&id, &seen.current.bundle, deadline) {
        Ok(new) => stage(rotation, &seen, &new, deadline),
        Err(_) => Break(End::Done),
    }
}

/// Never looks for keys that were made and not recorded.
pub(crate) fn without_a_sweep(
    rotation: &Rotation<'_>,
    wish: Wish<'_>,
    memory: &mut Memory,
    deadline: Deadline,
) -> ControlFlow<End> {
    let forgetful = Forgetful(rotation.rotator);
    let rotation = Rotation {
        rotator: &forgetful,
        ..*rotation
    };
    rotation.step(wish, memory, deadline)
}

/// Revokes what a claim left behind before it keeps the claim's owner out.
pub(crate) fn reaps_before_it_fences(
    rotation: &Rotation<'_>,
    wish: Wish<'_>,
    memory: &mut Memory,
    deadline: Deadline,
) -> ControlFlow<End> {
    let seen = read(rotation, deadline)?;
    if let (Stage::Claimed(claim), Method::Issue(issue)) = (&seen.stage, rotation.rotator.method())
        && &claim.owner != rotation.owner
    {
        let login = &seen.current.bundle;
        for generation in issue.list(login, deadline).unwrap_or_default() {
            if generation.id == claim.id {
                let _ = issue.retire(&generation.handle, login, deadline);
            }
        }
    }
    rotation.step(wish, memory, deadline)
}

/// Ends the old value although nobody has seen the new one log in.
pub(crate) fn promotes_what_it_never_saw(
    rotation: &Rotation<'_>,
    wish: Wish<'_>,
    memory: &mut Memory,
    deadline: Deadline,
) -> ControlFlow<End> {
    let seen = read(rotation, deadline)?;
    let Stage::Staged(staged) = &seen.stage else {
        return rotation.step(wish, memory, deadline);
    };
    let promotion = Promotion {
        previous: seen.current.handle.clone(),
        retire_after: Timestamp::UNIX_EPOCH,
    };
    let promoted = rotation
        .store
        .promote(&seen.revision, &staged.id, &promotion, deadline);
    ended_unless(promoted.is_ok())
}

fn read(rotation: &Rotation<'_>, deadline: Deadline) -> ControlFlow<End, Snapshot> {
    match rotation.store.read(deadline) {
        Ok(seen) => Continue(seen),
        Err(_) => Break(End::Done),
    }
}

fn is_due(seen: &Snapshot, wish: Wish<'_>) -> bool {
    match wish {
        Wish::WhenDue(schedule) => {
            schedule.standing("credential", &Dates::of(seen)) == Standing::Due
        }
        Wish::Bring(_) | Wish::Forced | Wish::Now(_) | Wish::Resume => false,
    }
}

fn stage(
    rotation: &Rotation<'_>,
    seen: &Snapshot,
    new: &Successor,
    deadline: Deadline,
) -> ControlFlow<End> {
    let opening = Opening::Value(new);
    let begun = rotation
        .store
        .begin(&seen.revision, opening, rotation.owner, deadline);
    ended_unless(begun.is_ok())
}

fn ended_unless(fine: bool) -> ControlFlow<End> {
    if fine { Continue(()) } else { Break(End::Done) }
}

/// Sees a login in everything.
struct Blind<'a>(&'a dyn Rotator);

impl Rotator for Blind<'_> {
    fn method(&self) -> Method<'_> {
        self.0.method()
    }

    fn predecessor(&self) -> Predecessor<'_> {
        self.0.predecessor()
    }

    fn login(&self) -> Login {
        self.0.login()
    }

    fn probe(&self, _: &Bundle, _: Deadline) -> Liveness {
        Liveness::Live
    }
}

/// Finds nothing of what was made.
struct Forgetful<'a>(&'a dyn Rotator);

impl Rotator for Forgetful<'_> {
    fn method(&self) -> Method<'_> {
        match self.0.method() {
            Method::Issue(_) => Method::Issue(self),
            other => other,
        }
    }

    fn predecessor(&self) -> Predecessor<'_> {
        self.0.predecessor()
    }

    fn login(&self) -> Login {
        self.0.login()
    }

    fn probe(&self, value: &Bundle, deadline: Deadline) -> Liveness {
        self.0.probe(value, deadline)
    }
}

impl Retire for Forgetful<'_> {
    fn retire(
        &self,
        handle: &Handle,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<(), RotatorError> {
        match self.0.method() {
            Method::Issue(issue) => issue.retire(handle, login, deadline),
            _ => Ok(()),
        }
    }
}

impl Issue for Forgetful<'_> {
    fn issue(
        &self,
        id: &RotationId,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<Successor, RotatorError> {
        match self.0.method() {
            Method::Issue(issue) => issue.issue(id, login, deadline),
            _ => Err(RotatorError::Failed),
        }
    }

    fn list(&self, _: &Bundle, _: Deadline) -> Result<Vec<Generation>, RotatorError> {
        Ok(Vec::new())
    }
}
