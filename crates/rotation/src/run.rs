//! One run: from what the store shows to completion or to a safe stop.
//!
//! The loop reads, does one thing, and reads again. So a run that takes up what another left does the same as one that
//! began it, and what is put in force is always the copy that the store gave back.

mod begin;
mod claim;
mod previous;
mod staged;

use std::ops::ControlFlow::{self, Break, Continue};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mcp_launch_core::Deadline;

use crate::schedule::Schedule;
use crate::{
    Action, Bundle, Clock, End, Liveness, Notice, Observer, Outcome, Owner, Previous, Progress,
    Reason, Record, RotatingStore, RotationId, Rotator, RotatorError, Snapshot, Stage, StoreError,
    Successor,
};

/// A read that is older is not acted on at the vendor: others may have gone on meanwhile.
const FRESH: SignedDuration = SignedDuration::from_mins(1);
/// A difference between two clocks that is not yet a skew.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Steps of a run. A rotation with a take-over, a rejection and a retirement needs twelve.
const STEPS: u32 = 24;
/// Logins that may fail in one run. Vendors lock accounts after five, often after three.
const DEAD_PROBES: u32 = 3;
/// Writes that may stay without an answer in one run.
const LOST_WRITES: u32 = 3;
/// Failures after which a person has to look.
const BREAKER: u32 = 5;

/// One credential with all that its rotation needs.
#[derive(Clone, Copy)]
pub struct Rotation<'a> {
    /// The credential's name, the same on every host.
    pub name: &'a str,
    /// Where it is kept.
    pub store: &'a dyn RotatingStore,
    /// Who accepts it.
    pub rotator: &'a dyn Rotator,
    /// The time on this host.
    pub clock: &'a dyn Clock,
    /// Who is told of each outside action.
    pub observer: &'a dyn Observer,
    /// This process.
    pub owner: &'a Owner,
    /// Whether a running server is known to hold the previous generation, or may. Where nobody can tell, as in a fleet: it may.
    pub held: &'a dyn Fn(&Previous) -> bool,
    /// How long things last.
    pub terms: Terms,
}

/// How long things last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Terms {
    /// How long an old value stays in force at most, for the servers that hold it.
    pub grace: Duration,
    /// How long a claim keeps others away. Longer than any run.
    pub lease: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(86_400),
            lease: Duration::from_secs(15 * 60),
        }
    }
}

/// What a run is asked for. Each finishes what is pending and retires what is over first.
#[derive(Clone, Copy)]
pub enum Wish<'a> {
    /// This value, which a person brought, in place of the current one: for the class `track`. Nothing is stored unless it
    /// logs in.
    Bring(&'a Successor),
    /// A rotation now, whatever window and back-off say. Never past a rule or another's claim.
    Forced,
    /// A rotation now, if the window is open and no back-off runs.
    Now(&'a Schedule),
    /// No new rotation.
    Resume,
    /// A rotation if it is due.
    WhenDue(&'a Schedule),
}

impl Rotation<'_> {
    /// Rotates to completion, or to a stop at which a stored value logs in and a later run goes on.
    #[must_use]
    pub fn run(&self, wish: Wish<'_>, deadline: Deadline) -> Outcome {
        let mut memory = Memory::default();
        for _ in 0..STEPS {
            if let Break(end) = self.step(wish, &mut memory, deadline) {
                return memory.into_outcome(end);
            }
        }
        memory.into_outcome(End::Later(Reason::Unsettled))
    }

    /// One step of a run: reads, and does one thing. For those who look at a run between its steps.
    pub fn step(
        &self,
        wish: Wish<'_>,
        memory: &mut Memory,
        deadline: Deadline,
    ) -> ControlFlow<End> {
        let mut run = Run {
            parts: self,
            wish,
            deadline,
            memory,
        };
        let next = run.step();
        if let Break(end) = next {
            run.note_failure(end);
        }
        next
    }
}

/// What a run remembers between its steps. All of it may be lost at any time.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Memory {
    /// When the last snapshot was read, by the local clock.
    read_here: Timestamp,
    progress: Progress,
    notices: Vec<Notice>,
    dead_probes: u32,
    lost_writes: u32,
    /// The current value was seen to log in before this run began something.
    current_live: bool,
    attempt: Option<Attempt>,
    /// What this run has asked the store to make current.
    promoting: Option<RotationId>,
}

impl Memory {
    fn into_outcome(self, end: End) -> Outcome {
        Outcome {
            progress: self.progress,
            end,
            notices: self.notices,
        }
    }
}

/// One step of a run.
struct Run<'a> {
    parts: &'a Rotation<'a>,
    wish: Wish<'a>,
    deadline: Deadline,
    memory: &'a mut Memory,
}

/// What this run has tried at the vendor for one pending entry.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Attempt {
    id: RotationId,
    tries: u32,
    error: Option<RotatorError>,
}

impl Run<'_> {
    fn step(&mut self) -> ControlFlow<End> {
        if self.deadline.passed() {
            return Break(End::Later(Reason::OutOfTime));
        }
        let seen = match self.read() {
            Ok(seen) => seen,
            Err(error) => return Break(End::of_store(Action::Read, error)),
        };
        if self.memory.promoting.is_some() && self.memory.promoting == seen.current.id {
            self.memory.progress.promoted = true;
        }
        if !matches!(seen.stage, Stage::Idle) {
            self.heed_back_off(&seen)?;
        }
        match &seen.stage {
            Stage::Idle => self.idle(&seen),
            Stage::Claimed(claim) => self.claimed(&seen, claim),
            Stage::Staged(staged) => self.staged(&seen, staged),
            Stage::Overlap(previous) => self.overlap(&seen, previous),
        }
    }

    fn heed_back_off(&self, seen: &Snapshot) -> ControlFlow<End> {
        if self.memory.attempt.is_some() || matches!(self.wish, Wish::Bring(_) | Wish::Forced) {
            return Continue(());
        }
        if seen.record.failures >= BREAKER {
            return Break(End::NeedsPerson(Reason::Breaker));
        }
        match seen.record.retry_at {
            Some(at) if seen.read_at < at => Break(End::Later(Reason::BackOff)),
            _ => Continue(()),
        }
    }

    /// Does one outside action, with the observer told before and after.
    fn act<T>(&self, action: Action, act: impl FnOnce() -> T) -> T {
        self.parts.observer.before(action);
        let answer = act();
        self.parts.observer.after(action);
        answer
    }

    fn read(&mut self) -> Result<Snapshot, StoreError> {
        // Before the request: a process that is put to sleep has an old answer, not a young one.
        self.memory.read_here = self.parts.clock.now();
        self.act(Action::Read, || self.parts.store.read(self.deadline))
    }

    /// What follows from the answer to a write. Without an answer the next read tells.
    fn written(&mut self, action: Action, answer: Result<(), StoreError>) -> ControlFlow<End> {
        match answer {
            Ok(()) => Continue(()),
            Err(error) if error.may_have_happened() && self.memory.lost_writes < LOST_WRITES => {
                self.memory.lost_writes += 1;
                Continue(())
            }
            Err(error) => Break(End::of_store(action, error)),
        }
    }

    /// Whether the last read is still young enough to act on at the vendor.
    fn is_fresh(&self) -> bool {
        self.parts
            .clock
            .now()
            .duration_since(self.memory.read_here)
            .abs()
            <= FRESH
    }

    /// Whether the clocks of the store and of this host differ, so that nothing may be taken away because of the time.
    fn is_skewed(&mut self, seen: &Snapshot) -> bool {
        let skewed = seen.read_at.duration_since(self.memory.read_here).abs() > SKEW;
        if skewed {
            self.tell(Notice::ClockSkew);
        }
        skewed
    }

    fn probe(&mut self, value: &Bundle) -> ControlFlow<End, Liveness> {
        if self.memory.dead_probes >= DEAD_PROBES {
            return Break(End::Later(Reason::Probes));
        }
        let live = self.act(Action::Probe, || {
            self.parts.rotator.probe(value, self.deadline)
        });
        if live == Liveness::Dead {
            self.memory.dead_probes += 1;
        }
        Continue(live)
    }

    /// Leaves a note for later runs when trying again at once would help nobody. Best effort: nothing depends on it.
    fn note_failure(&mut self, end: End) {
        let vendor_said_no = matches!(end.reason(), Some(Reason::Vendor(..)));
        if !vendor_said_no {
            return;
        }
        let Ok(seen) = self.read() else { return };
        if !matches!(seen.stage, Stage::Idle | Stage::Staged(_)) {
            return;
        }
        let failures = seen.record.failures.saturating_add(1);
        let record = Record {
            failures,
            retry_at: Some(later(seen.read_at, back_off(failures))),
            ..seen.record
        };
        self.note(&seen, &record);
    }

    fn note(&self, seen: &Snapshot, record: &Record) {
        let _nothing_depends_on_it = self.act(Action::Note, || {
            self.parts.store.note(&seen.revision, record, self.deadline)
        });
    }

    fn tell(&mut self, notice: Notice) {
        if !self.memory.notices.contains(&notice) {
            self.memory.notices.push(notice);
        }
    }
}

/// An hour after the first failure, twice as long after each further one, a day at most.
fn back_off(failures: u32) -> Duration {
    let hours = 1_u64 << failures.saturating_sub(1).min(5);
    Duration::from_secs(3600 * hours.min(24))
}

/// The time `span` after `at`, or the last there is.
fn later(at: Timestamp, span: Duration) -> Timestamp {
    SignedDuration::try_from(span)
        .ok()
        .and_then(|span| at.checked_add(span).ok())
        .unwrap_or(Timestamp::MAX)
}
