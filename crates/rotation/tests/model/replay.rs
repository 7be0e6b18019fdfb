//! Runs the real runner up to its next outside action.
//!
//! A runner is a function of what it was told. So its state is the list of answers that it got: it is run from the start,
//! given these answers again, and stopped where it asks for one more. What it was told before its present step is
//! in its memory, so the list is short and ways that lead to the same memory are one.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use mcp_launch_core::Deadline;
use mcp_launch_rotation::schedule::{Jitter, Rhythm, Schedule};
use mcp_launch_rotation::{
    Bundle, Clock, Delegate, End, Generation, Handle, Issue, Liveness, Login, Memory, Method,
    Opening, Owner, Predecessor, Promotion, Record, Retire, Revision, Roll, RotatingStore,
    Rotation, RotationId, Rotator, RotatorError, Scrubbed, Set, Snapshot, StoreError, Successor,
    Terms, Unobserved, Wish,
};

use crate::encode::{bundle, handle, number, rotation_id, snapshot, timestamp, value};
use crate::op::{Answer, Op};
use crate::world::{self, Vendor, World};

/// What is explored: a step of the runner, or of one of its naive variants.
pub(crate) type Step = fn(&Rotation<'_>, Wish<'_>, &mut Memory, Deadline) -> ControlFlow<End>;

/// An answer, with what the runner read of its surroundings between the answer before and its request.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Told {
    pub(crate) readings: Vec<i64>,
    pub(crate) answer: Answer,
}

/// One process of a runner, stopped before an outside action: what it remembered when its present step began, and what
/// it was told since.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Process {
    /// Which process of its runner it is.
    pub(crate) life: u8,
    pub(crate) memory: Memory,
    pub(crate) told: Vec<Rc<Told>>,
}

/// What a process does next.
pub(crate) enum Next {
    Ended(End),
    /// It asks for this; the process as it is then, and what it read since it was told something.
    Asks(Op, Process, Vec<i64>),
}

/// Thrown to stop a process.
struct Asked(Op);

/// The surroundings of one process.
struct Play<'a> {
    world: &'a World,
    runner: u8,
    told: &'a [Rc<Told>],
    at: Cell<usize>,
    /// How many readings of the present entry were given again.
    reread: Cell<usize>,
    readings: RefCell<Vec<i64>>,
}

/// What this process of `runner` does next in `world`.
pub(crate) fn next(step: Step, world: &World, runner: u8, mut process: Process) -> Next {
    loop {
        let mut memory = process.memory.clone();
        match advance(step, world, runner, &process, &mut memory) {
            Ok(ControlFlow::Break(end)) => return Next::Ended(end),
            Ok(ControlFlow::Continue(())) => {
                process.memory = memory;
                process.told.clear();
            }
            Err((op, readings)) => return Next::Asks(op, process, readings),
        }
    }
}

/// One step, or the action it stops at.
fn advance(
    step: Step,
    world: &World,
    runner: u8,
    process: &Process,
    memory: &mut Memory,
) -> Result<ControlFlow<End>, (Op, Vec<i64>)> {
    let play = Play {
        world,
        runner,
        told: &process.told,
        at: Cell::new(0),
        reread: Cell::new(0),
        readings: RefCell::new(Vec::new()),
    };
    let owner = Owner::new((runner * 32 + process.life).to_string()).unwrap();
    let schedule = SCHEDULE.get_or_init(|| {
        let mut schedule = Schedule::new(Rhythm::Every("30d".parse().unwrap()));
        schedule.jitter = Jitter::NONE;
        schedule
    });
    let rotation = Rotation {
        name: "credential",
        store: &play,
        rotator: &play,
        clock: &play,
        observer: &Unobserved,
        owner: &owner,
        held: &|_| true,
        terms: Terms {
            grace: Duration::from_secs(12 * 3600),
            ..Terms::default()
        },
    };
    let deadline = Deadline::after(Duration::from_secs(3600));
    let brought = play.successor(world::BROUGHT);
    let wish = if world.vendor == Vendor::Track {
        Wish::Bring(&brought)
    } else {
        Wish::WhenDue(schedule)
    };
    let run = AssertUnwindSafe(|| step(&rotation, wish, memory, deadline));
    panic::catch_unwind(run).map_err(|thrown| match thrown.downcast::<Asked>() {
        Ok(asked) => (asked.0, play.readings.take()),
        Err(other) => panic::resume_unwind(other),
    })
}

static SCHEDULE: OnceLock<Schedule> = OnceLock::new();

impl Play<'_> {
    /// One outside action: answered as before, or the place where the runner stops.
    fn ask(&self, op: Op) -> Answer {
        let at = self.at.get();
        let Some(told) = self.told.get(at) else {
            panic::resume_unwind(Box::new(Asked(op)));
        };
        self.at.set(at + 1);
        self.reread.set(0);
        told.answer.clone()
    }

    /// One look at the surroundings.
    fn reading(&self, live: impl FnOnce() -> i64) -> i64 {
        if let Some(told) = self.told.get(self.at.get()) {
            let at = self.reread.get();
            self.reread.set(at + 1);
            return told.readings[at];
        }
        let value = live();
        self.readings.borrow_mut().push(value);
        value
    }

    fn write(&self, op: Op) -> Result<(), StoreError> {
        match self.ask(op) {
            Answer::Written(result) => result,
            other => unreachable!("{other:?}"),
        }
    }

    fn change(&self, op: Op) -> Result<(), RotatorError> {
        match self.ask(op) {
            Answer::Vendor(result) => result,
            other => unreachable!("{other:?}"),
        }
    }

    fn make(&self, op: Op) -> Result<Successor, RotatorError> {
        match self.ask(op) {
            Answer::Made(result) => result.map(|value| self.successor(value)),
            other => unreachable!("{other:?}"),
        }
    }

    fn successor(&self, value: u8) -> Successor {
        Successor {
            bundle: bundle(value),
            handle: Some(handle(self.world.handle(value))),
            expires_at: None,
        }
    }
}

impl RotatingStore for Play<'_> {
    fn read(&self, _: Deadline) -> Result<Snapshot, StoreError> {
        match self.ask(Op::Read) {
            Answer::Read(result) => result.map(|(now, kept)| snapshot(self.world, now, &kept)),
            other => unreachable!("{other:?}"),
        }
    }

    fn begin(
        &self,
        at: &Revision,
        opening: Opening<'_>,
        owner: &Owner,
        _: Deadline,
    ) -> Result<(), StoreError> {
        self.write(Op::Begin {
            rev: number(at.as_str()),
            value: match opening {
                Opening::Claim => None,
                Opening::Value(successor) => Some(value(&successor.bundle)),
            },
            owner: number(owner.as_str()),
        })
    }

    fn record(
        &self,
        at: &Revision,
        id: &RotationId,
        successor: &Successor,
        _: Deadline,
    ) -> Result<(), StoreError> {
        self.write(Op::Record {
            rev: number(at.as_str()),
            id: number(id.as_str()),
            value: value(&successor.bundle),
        })
    }

    fn promote(
        &self,
        at: &Revision,
        id: &RotationId,
        promotion: &Promotion,
        _: Deadline,
    ) -> Result<(), StoreError> {
        self.write(Op::Promote {
            rev: number(at.as_str()),
            id: number(id.as_str()),
            previous: promotion.previous.as_ref().map(|own| number(own.as_str())),
            after: promotion.retire_after.as_second(),
        })
    }

    fn discard(&self, at: &Revision, id: &RotationId, _: Deadline) -> Result<(), StoreError> {
        self.write(Op::Discard {
            rev: number(at.as_str()),
            id: number(id.as_str()),
        })
    }

    fn scrub(&self, at: &Revision, _: Deadline) -> Result<Scrubbed, StoreError> {
        let rev = number(at.as_str());
        self.write(Op::Scrub { rev }).map(|()| Scrubbed::Everything)
    }

    fn note(&self, at: &Revision, record: &Record, _: Deadline) -> Result<(), StoreError> {
        self.write(Op::Note {
            rev: number(at.as_str()),
            failures: record.failures,
            retry_at: record.retry_at.map_or(0, Timestamp::as_second),
        })
    }
}

impl Rotator for Play<'_> {
    fn method(&self) -> Method<'_> {
        match self.world.vendor {
            Vendor::Alternate | Vendor::OneSlot | Vendor::TwoSlots => Method::Set(self),
            Vendor::Delegate => Method::Delegate(self),
            Vendor::Issue => Method::Issue(self),
            Vendor::Roll => Method::Roll(self),
            Vendor::Track => Method::Track,
        }
    }

    fn predecessor(&self) -> Predecessor<'_> {
        if self.world.vendor == Vendor::Track {
            Predecessor::Stays
        } else if self.world.overlaps() {
            Predecessor::Lives(self)
        } else {
            Predecessor::Dies
        }
    }

    fn login(&self) -> Login {
        if self.world.administered {
            Login::Administrator
        } else {
            Login::Itself
        }
    }

    fn probe(&self, bundle: &Bundle, _: Deadline) -> Liveness {
        match self.ask(Op::Probe {
            value: value(bundle),
        }) {
            Answer::Live(live) => live,
            other => unreachable!("{other:?}"),
        }
    }
}

impl Set for Play<'_> {
    fn create(&self, _: &Bundle) -> Result<Successor, RotatorError> {
        let drawn = self.reading(|| i64::from(self.world.draw(self.runner)));
        Ok(self.successor(u8::try_from(drawn).unwrap()))
    }

    fn set(
        &self,
        new: &Bundle,
        _: &RotationId,
        login: &Bundle,
        _: Deadline,
    ) -> Result<(), RotatorError> {
        self.change(Op::Set {
            value: value(new),
            login: value(login),
        })
    }
}

impl Retire for Play<'_> {
    fn retire(&self, handle: &Handle, login: &Bundle, _: Deadline) -> Result<(), RotatorError> {
        self.change(Op::Retire {
            handle: number(handle.as_str()),
            login: value(login),
        })
    }
}

impl Issue for Play<'_> {
    fn issue(
        &self,
        id: &RotationId,
        login: &Bundle,
        _: Deadline,
    ) -> Result<Successor, RotatorError> {
        self.make(Op::Issue {
            id: number(id.as_str()),
            login: value(login),
        })
    }

    fn list(&self, _: &Bundle, _: Deadline) -> Result<Vec<Generation>, RotatorError> {
        let Answer::Listed(result) = self.ask(Op::List) else {
            unreachable!()
        };
        let generation = |(value, id): (u8, u16)| Generation {
            handle: handle(value),
            id: rotation_id(id),
        };
        result.map(|listed| listed.into_iter().map(generation).collect())
    }
}

impl Roll for Play<'_> {
    fn roll(&self, _: &RotationId, _: &Bundle, _: Deadline) -> Result<Successor, RotatorError> {
        self.make(Op::Roll)
    }
}

impl Delegate for Play<'_> {
    fn trigger(&self, _: &Bundle, _: Deadline) -> Result<(), RotatorError> {
        self.change(Op::Trigger)
    }
}

impl Clock for Play<'_> {
    fn now(&self) -> Timestamp {
        timestamp(self.reading(|| self.world.now + self.world.skew))
    }

    fn sleep(&self, _: Duration) {}
}
