//! The local clock, behind a joint so that tests own time.

use std::time::Duration;

use jiff::Timestamp;

/// The time on this host. What decides over a credential is the time of its store; this one tells how old an answer is,
/// and whether the two agree.
pub trait Clock {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Waits.
    fn sleep(&self, span: Duration);
}

/// The clock of the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, span: Duration) {
        std::thread::sleep(span);
    }
}
