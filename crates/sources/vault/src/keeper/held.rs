//! One thing that was lent: until when it holds, and when it is renewed.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::{Duration, SystemTime};

use crate::lease::Term;

/// The first pause after a renewal that failed, where the lease is long.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The shortest, so that a lease that is about to end is not asked for in a rush.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// As good as for ever: ten years. What a store tells is counted with, and must not be beyond counting.
const LONGEST: Duration = Duration::from_secs(315_360_000);

/// What a store tells in whole seconds may be one less than what it means.
const ROUNDING: Duration = Duration::from_secs(1);

/// How long something holds, in the keeper's own time.
#[derive(Debug)]
pub(super) struct Held {
    /// What is asked for with each renewal: as long as it was granted at first.
    pub(super) span: Duration,
    /// When it ends. None: never.
    pub(super) ends: Option<Duration>,
    /// When it is renewed next. None: not at all.
    pub(super) due: Option<Duration>,
    failures: u32,
}

/// What became of a renewal that the store granted.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Granted {
    /// It goes on.
    Prolonged,
    /// It is the last: the store gives no more.
    ForTheLastTime,
}

impl Held {
    /// What `term` says, at `now` of the keeper's time.
    pub(super) fn of(term: Term, now: Duration) -> Self {
        let span = term.span.min(LONGEST);
        let mut held = Self {
            span,
            ends: None,
            due: None,
            failures: 0,
        };
        if span.is_zero() {
            return held;
        }
        // A calendar that was set meanwhile must not make more of it than there is.
        let age = SystemTime::now()
            .duration_since(term.since)
            .unwrap_or_default()
            .min(span);
        held.ends = Some(now + (span - age));
        if term.renewable {
            let until_due = early(span).saturating_sub(age);
            held.due = Some(now + until_due);
        }
        held
    }

    /// Whether it is to be renewed at `now`.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.due.is_some_and(|due| due <= now)
    }

    /// How long it still holds.
    pub(super) fn left(&self, now: Duration) -> Option<Duration> {
        self.ends.map(|ends| ends.saturating_sub(now))
    }

    /// The store has prolonged it by `span`.
    pub(super) fn granted(&mut self, span: Duration, renewable: bool, now: Duration) -> Granted {
        let span = span.min(LONGEST);
        self.failures = 0;
        if span.is_zero() {
            // No more of it, then: it ends when it would have ended.
            self.due = None;
            return Granted::ForTheLastTime;
        }
        self.ends = Some(now + span);
        if !renewable || span + ROUNDING < self.span {
            self.due = None;
            return Granted::ForTheLastTime;
        }
        self.due = Some(now + early(span).max(SHORTEST_PAUSE));
        Granted::Prolonged
    }

    /// The store could not be asked. Gives when it is asked again; none once it has ended.
    pub(super) fn failed(&mut self, now: Duration) -> Option<Duration> {
        let left = self.left(now).unwrap_or(LONGEST_PAUSE);
        if left.is_zero() {
            self.due = None;
            return None;
        }
        // A short lease has less patience: some attempts fit into what is left of any.
        let first = PAUSE.min(self.span / 20);
        let pause = first
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST_PAUSE.min(self.span / 6))
            .min(left);
        self.failures = self.failures.saturating_add(1);
        let pause = pause.mul_f64(0.75 + jitter() / 4.0).max(SHORTEST_PAUSE);
        self.due = Some(now + pause);
        Some(pause)
    }

    /// The store does not prolong it, whatever is asked.
    pub(super) fn refused(&mut self) {
        self.due = None;
    }
}

/// About two thirds of `span`: a renewal that fails has the last third to be repeated in, and keepers that began
/// together do not come back together.
fn early(span: Duration) -> Duration {
    span.mul_f64(0.6 + jitter() / 10.0)
}

/// From 0 to 1.
fn jitter() -> f64 {
    // The standard library's keys of hash tables are random.
    let random = RandomState::new().build_hasher().finish();
    f64::from((random & 0xFFFF) as u16) / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn hour() -> Held {
        Held::of(Term::told(3600, true), Duration::ZERO)
    }

    #[test]
    fn is_renewed_after_about_two_thirds() {
        for _ in 0..100 {
            let due = hour().due.unwrap();
            assert!(due >= HOUR * 59 / 100 && due <= HOUR * 71 / 100, "{due:?}");
        }
    }

    #[test]
    fn what_passed_before_the_keeper_began_counts() {
        let mut term = Term::told(3600, true);
        term.since -= HOUR * 9 / 10;
        let held = Held::of(term, Duration::from_secs(5));
        assert!(held.is_due(Duration::from_secs(5)));
        assert!(held.left(Duration::ZERO).unwrap() <= HOUR / 10 + Duration::from_secs(6));
    }

    #[test]
    fn what_has_no_end_or_cannot_be_renewed_is_left_alone() {
        let endless = Held::of(Term::told(0, true), Duration::ZERO);
        assert!(endless.ends.is_none() && endless.due.is_none());
        let fixed = Held::of(Term::told(60, false), Duration::ZERO);
        assert!(fixed.ends.is_some() && fixed.due.is_none());
    }

    #[test]
    fn a_shorter_grant_is_the_last() {
        let mut held = hour();
        assert_eq!(held.granted(HOUR, true, HOUR), Granted::Prolonged);
        assert_eq!(
            held.granted(HOUR - ROUNDING, true, HOUR),
            Granted::Prolonged
        );
        assert_eq!(held.granted(HOUR / 2, true, HOUR), Granted::ForTheLastTime);
        assert_eq!(held.due, None);
        assert_eq!(held.left(HOUR), Some(HOUR / 2));
        assert_eq!(hour().granted(HOUR, false, HOUR), Granted::ForTheLastTime);
    }

    #[test]
    fn a_grant_of_nothing_is_the_last_and_moves_no_end() {
        let mut held = hour();
        let ends = held.ends;
        let granted = held.granted(Duration::ZERO, true, HOUR / 2);
        assert_eq!(granted, Granted::ForTheLastTime);
        assert_eq!((held.due, held.ends), (None, ends));
        // Even where a second was all that was granted at first.
        let mut short = Held::of(Term::told(1, true), Duration::ZERO);
        assert_eq!(
            short.granted(Duration::ZERO, true, HOUR),
            Granted::ForTheLastTime
        );
        assert_eq!(short.due, None);
    }

    #[test]
    fn no_span_of_a_store_is_beyond_counting() {
        let mut held = Held::of(Term::told(u64::MAX, true), HOUR);
        assert!(held.due.is_some_and(|due| due > HOUR));
        let granted = held.granted(Duration::from_secs(u64::MAX), true, HOUR);
        assert_eq!(granted, Granted::Prolonged);
        assert!(held.failed(HOUR).is_some());
    }

    #[test]
    fn is_asked_again_until_it_ends() {
        let mut held = hour();
        let mut now = held.due.unwrap();
        let mut attempts = 0;
        while let Some(pause) = held.failed(now) {
            assert!(pause <= LONGEST_PAUSE);
            now = held.due.unwrap();
            attempts += 1;
        }
        // Some time passes between the store's answer and the keeper's start.
        assert!(now >= HOUR - ROUNDING, "{now:?}");
        assert!((15..100).contains(&attempts), "{attempts}");
    }

    proptest! {
        #[test]
        fn a_short_lease_is_asked_for_several_times(seconds in 1u64..30) {
            let mut held = Held::of(Term::told(seconds, true), Duration::ZERO);
            let mut now = held.due.unwrap();
            let mut attempts = 0;
            while held.failed(now).is_some() && attempts < 1000 {
                now = held.due.unwrap();
                attempts += 1;
            }
            prop_assert!((3..30).contains(&attempts), "{attempts}");
        }
    }
}
