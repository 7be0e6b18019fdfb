//! Runs that end before and after each of their outside actions.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use mcp_launch_rotation::{Action, End, Observer, Outcome};

/// Runs after a crash until it is done. A claim that a dead owner has left is waited for.
const RUNS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(200);

/// What ends a run.
struct Crash;

/// Ends a run at one of its points.
struct CrashAt {
    point: usize,
    passed: Cell<usize>,
    name: Cell<String>,
}

impl CrashAt {
    fn pass(&self, when: &str, action: Action) {
        if self.passed.get() == self.point {
            self.name.set(format!("{when} {}", action.code()));
            resume_unwind(Box::new(Crash));
        }
        self.passed.set(self.passed.get() + 1);
    }
}

impl Observer for CrashAt {
    fn before(&self, action: Action) {
        self.pass("before", action);
    }

    fn after(&self, action: Action) {
        self.pass("after", action);
    }
}

/// Crashes a run before and after each of its outside actions, and has others finish what it began.
///
/// `fresh` makes a world anew for each crash; `run` runs a rotation in it, with a lease of a second or two; `check` looks at
/// the world after the crash, with the point's name and `None`, and when later runs are done, with what they came to.
/// Gives the names of the points.
///
/// # Panics
/// When later runs do not finish, or with what `check` finds.
pub fn crash_everywhere<W>(
    fresh: impl Fn() -> W,
    run: impl Fn(&W, &dyn Observer) -> Outcome,
    check: impl Fn(&W, &str, Option<&Outcome>),
) -> Vec<String> {
    let mut names = Vec::new();
    for point in 0.. {
        let world = fresh();
        let crash = CrashAt {
            point,
            passed: Cell::new(0),
            name: Cell::new(String::new()),
        };
        let ended = catch_unwind(AssertUnwindSafe(|| run(&world, &crash)));
        match ended {
            Ok(outcome) => {
                check(&world, "no crash", Some(&outcome));
                return names;
            }
            Err(panic) if panic.is::<Crash>() => {}
            Err(panic) => resume_unwind(panic),
        }
        let name = crash.name.take();
        check(&world, &name, None);
        let outcome = finished(&world, &name, &run);
        check(&world, &name, Some(&outcome));
        names.push(name);
    }
    names
}

fn finished<W>(world: &W, name: &str, run: &impl Fn(&W, &dyn Observer) -> Outcome) -> Outcome {
    let mut last = None;
    for _ in 0..RUNS {
        let outcome = run(world, &mcp_launch_rotation::Unobserved);
        if outcome.end == End::Done {
            return outcome;
        }
        last = Some(outcome);
        std::thread::sleep(PAUSE);
    }
    panic!("a crash {name} is not mended: {last:?}")
}
