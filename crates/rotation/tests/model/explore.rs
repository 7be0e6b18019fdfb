//! Every way in which two runners, kills, lost answers and the passing of days can be interleaved.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use mcp_launch_rotation::End;

use crate::op::{Answer, Op};
use crate::replay::{self, Next, Process, Step, Told};
use crate::world::{DAY, FOREIGN, Stage, Vendor, World, bit};

/// How much may go wrong on one way.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Budget {
    /// Processes that are killed.
    pub(crate) kills: u8,
    /// Answers that are lost, requests that are not sent, or that arrive later.
    pub(crate) losses: u8,
    /// Days that pass while somebody runs.
    pub(crate) days: u8,
}

#[derive(Clone, Hash)]
struct State {
    world: World,
    /// `None` for one that has ended.
    runners: [Option<Process>; 2],
    left: Budget,
}

/// What was found.
pub(crate) struct Explored {
    pub(crate) states: usize,
    /// States in which what a launch is given does not log in.
    pub(crate) gaps: usize,
    /// The shortest way to a broken invariant.
    pub(crate) violation: Option<Violation>,
}

/// One edge of the graph.
#[derive(Clone, Copy, Debug)]
#[expect(dead_code, reason = "shown by Debug when a test fails")]
enum Move {
    Begin,
    Day,
    Done(usize, Op),
    Ends(usize, End),
    Killed(usize, Op),
    Late(Op),
    Never(Op),
    NotSent(usize, Op),
    OnItsWay(usize, Op),
    Unanswered(usize, Op),
}

#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) what: &'static str,
    #[expect(dead_code, reason = "shown by Debug when a test fails")]
    way: Vec<Move>,
}

/// Explores all that two runners of this procedure can do from this world.
pub(crate) fn explore(step: Step, world: World, budget: Budget) -> Explored {
    let process = Process::default();
    let start = State {
        world,
        runners: [Some(process.clone()), Some(process)],
        left: budget,
    };
    let mut explorer = Explorer {
        step,
        seen: HashSet::from([key(&start)]),
        way: vec![(0, Move::Begin)],
        queue: VecDeque::from([(0, start)]),
        settled: HashMap::new(),
        gaps: 0,
    };
    let violation = explorer.run();
    Explored {
        states: explorer.way.len(),
        gaps: explorer.gaps,
        violation,
    }
}

struct Explorer {
    step: Step,
    seen: HashSet<u128>,
    /// For each state its parent and what led here.
    way: Vec<(usize, Move)>,
    queue: VecDeque<(usize, State)>,
    /// How clean runs end, by world.
    settled: HashMap<u128, Option<&'static str>>,
    gaps: usize,
}

impl Explorer {
    fn run(&mut self) -> Option<Violation> {
        while let Some((index, state)) = self.queue.pop_front() {
            if let Some(what) = self.broken(&state) {
                return Some(Violation {
                    what,
                    way: self.way_to(index),
                });
            }
            self.expand(index, &state);
        }
        None
    }

    fn way_to(&self, mut index: usize) -> Vec<Move> {
        let mut way = Vec::new();
        while index > 0 {
            let (parent, step) = &self.way[index];
            way.push(*step);
            index = *parent;
        }
        way.reverse();
        way
    }

    fn broken(&mut self, state: &State) -> Option<&'static str> {
        let world = &state.world;
        if world.broken.is_some() {
            return world.broken;
        }
        // An administrator gets a rolled or delegated credential back: there the end counts.
        if !matches!(world.vendor, Vendor::Roll) && world.stored() & world.live == 0 {
            return Some("I1: no stored value logs in");
        }
        if !world.lives(world.kept.value) {
            self.gaps += 1;
            if world.overlaps() {
                return Some("I2: what a launch is given does not log in");
            }
        }
        // All who run may be gone for good at any time.
        if world.in_flight.is_none() {
            self.settles(world)
        } else {
            None
        }
    }

    /// Whether clean runs, a day apart, bring this world to rest.
    fn settles(&mut self, world: &World) -> Option<&'static str> {
        let key = key(world);
        if let Some(known) = self.settled.get(&key) {
            return *known;
        }
        let mut world = world.clone();
        let mut end = End::Done;
        for day in 0..6 {
            world.now += DAY;
            end = clean_run(self.step, &mut world, 20 + day);
        }
        let stray = world.live & !bit(world.kept.value) & !bit(FOREIGN);
        let verdict = if world.broken.is_some() {
            world.broken
        } else if !world.lives(world.kept.value) {
            Some("I3: what is current does not log in after clean runs")
        } else if world.kept.stage != Stage::Idle {
            Some("I3: something is pending or left after clean runs")
        } else if world.kept.rotated_at == 0 {
            Some("I3: a due credential was not rotated by clean runs")
        } else if stray != 0 && world.vendor != Vendor::Track {
            Some("I4: a value lives that nobody holds")
        } else if world.vendor == Vendor::Issue && !world.lives(FOREIGN) {
            Some("R4: what somebody else made is gone")
        } else if end != End::Done {
            Some("I3: the last clean run did not end well")
        } else {
            None
        };
        self.settled.insert(key, verdict);
        verdict
    }

    fn expand(&mut self, index: usize, state: &State) {
        // The two are alike, so it is the first that begins.
        let alike = state.runners[0] == Some(Process::default());
        for who in 0..if alike { 1 } else { 2 } {
            self.expand_runner(index, state, who);
        }
        if let Some(op) = state.world.in_flight {
            let mut next = state.clone();
            next.world.in_flight = None;
            next.world.apply(&op);
            self.push(index, next, Move::Late(op));
            let mut next = state.clone();
            next.world.in_flight = None;
            self.push(index, next, Move::Never(op));
        } else if state.left.days > 0 {
            let mut next = state.clone();
            next.left.days -= 1;
            next.world.now += DAY;
            self.push(index, next, Move::Day);
        }
    }

    fn expand_runner(&mut self, index: usize, state: &State, who: usize) {
        let Some(process) = &state.runners[who] else {
            return;
        };
        let name = u8::try_from(who).unwrap();
        let (op, process, readings) =
            match replay::next(self.step, &state.world, name, process.clone()) {
                Next::Ended(end) => {
                    let mut next = state.clone();
                    next.runners[who] = None;
                    self.push(index, next, Move::Ends(who, end));
                    return;
                }
                Next::Asks(op, process, readings) => (op, process, readings),
            };
        let life = process.life + 1;
        let mut state = state.clone();
        state.runners[who] = Some(process);
        let mut done = state.clone();
        let answer = done.world.apply(&op);
        // Killed before an action is killed after the one before.
        if state.left.kills > 0 && !op.only_looks() {
            let mut killed = done.clone();
            killed.left.kills -= 1;
            killed.runners[who] = Some(Process {
                life,
                ..Process::default()
            });
            self.push(index, killed, Move::Killed(who, op));
        }
        if state.left.losses > 0 {
            self.lose(index, &state, &done, who, &op, &readings);
        }
        done.tell(who, readings, answer);
        self.push(index, done, Move::Done(who, op));
    }

    /// All that can come between a request and its answer.
    fn lose(
        &mut self,
        index: usize,
        state: &State,
        done: &State,
        who: usize,
        op: &Op,
        readings: &[i64],
    ) {
        let mut unsent = state.clone();
        unsent.left.losses -= 1;
        unsent.tell(who, readings.to_vec(), op.unanswered(false));
        self.push(index, unsent, Move::NotSent(who, *op));
        if op.only_looks() {
            return;
        }
        let mut lost = done.clone();
        lost.left.losses -= 1;
        lost.tell(who, readings.to_vec(), op.unanswered(true));
        self.push(index, lost, Move::Unanswered(who, *op));
        if state.world.in_flight.is_none() {
            let mut late = state.clone();
            late.left.losses -= 1;
            late.world.in_flight = Some(*op);
            late.tell(who, readings.to_vec(), op.unanswered(true));
            self.push(index, late, Move::OnItsWay(who, *op));
        }
    }

    fn push(&mut self, parent: usize, state: State, step: Move) {
        if self.seen.insert(key(&state)) {
            self.way.push((parent, step));
            self.queue.push_back((self.way.len() - 1, state));
        }
    }
}

impl State {
    fn tell(&mut self, who: usize, readings: Vec<i64>, answer: Answer) {
        if let Some(process) = &mut self.runners[who] {
            process.told.push(Rc::new(Told { readings, answer }));
        }
    }
}

/// One run that nothing disturbs.
pub(crate) fn clean_run(step: Step, world: &mut World, life: u8) -> End {
    let mut process = Process {
        life,
        ..Process::default()
    };
    for _ in 0..200 {
        match replay::next(step, world, 0, process) {
            Next::Ended(end) => return end,
            Next::Asks(op, asking, readings) => {
                process = asking;
                let answer = world.apply(&op);
                process.told.push(Rc::new(Told { readings, answer }));
            }
        }
    }
    panic!("a clean run does not end");
}

/// Stands for a state. Of 128 bits, so that no two states are taken for one.
fn key(state: &impl Hash) -> u128 {
    let mut hasher = Wide(0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F);
    state.hash(&mut hasher);
    u128::from(hasher.0) << 64 | u128::from(hasher.1)
}

/// Two lanes of folded multiplication.
struct Wide(u64, u64);

impl Hasher for Wide {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let word = u64::from_le_bytes(word) ^ (chunk.len() as u64) << 56;
            self.0 = fold(self.0 ^ word, 0xA076_1D64_78BD_642F).rotate_left(23);
            self.1 = fold(self.1 ^ word, 0xE703_7ED1_A0B4_28DB).rotate_left(41);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one | 1) * u128::from(other);
    // The low and the high half, each within 64 bits.
    ((product & u128::from(u64::MAX)) as u64) ^ ((product >> 64) as u64) ^ one
}
