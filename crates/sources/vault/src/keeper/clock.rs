//! Time as leases see it: it also passes while the machine sleeps.

use std::time::{Duration, Instant, SystemTime};

/// Time since the keeper began. The system's monotonic clock stands still in a machine that sleeps, and its calendar
/// is set now and then, so each step is what the one of them says that has gone further.
pub(super) struct Clock {
    steady: Instant,
    calendar: SystemTime,
    passed: Duration,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self {
            steady: Instant::now(),
            calendar: SystemTime::now(),
            passed: Duration::ZERO,
        }
    }

    /// The time since the start.
    pub(super) fn now(&mut self) -> Duration {
        let (steady, calendar) = (Instant::now(), SystemTime::now());
        self.step(
            steady.saturating_duration_since(self.steady),
            calendar.duration_since(self.calendar).unwrap_or_default(),
        );
        (self.steady, self.calendar) = (steady, calendar);
        self.passed
    }

    fn step(&mut self, steady: Duration, calendar: Duration) {
        self.passed = self.passed.saturating_add(steady.max(calendar));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_while_the_machine_sleeps_and_never_goes_back() {
        let seconds = Duration::from_secs;
        let mut clock = Clock::start();
        clock.step(seconds(1), seconds(1));
        // Asleep for an hour.
        clock.step(seconds(1), seconds(3600));
        // The calendar was set back.
        clock.step(seconds(2), Duration::ZERO);
        assert_eq!(clock.passed, seconds(3603));
        assert!(clock.now() >= seconds(3603));
    }
}
