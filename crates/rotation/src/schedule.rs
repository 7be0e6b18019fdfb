//! When a credential is due. Decided by the dates that its store keeps, so that every host of a fleet, a dry run and a
//! run that was killed agree.

mod cron;
mod jitter;
mod length;
mod window;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub use cron::{Cron, CronError};
pub use jitter::{Jitter, JitterError};
pub use length::{Length, LengthError};
pub use window::{Window, WindowError};

use crate::Snapshot;

/// An anchor that lies further ahead than this is a clock that is wrong.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Two hourly ticks: the least time before an end at which a rotation still comes in time.
const TICKS: SignedDuration = SignedDuration::from_hours(2);

/// When a credential is rotated.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// How often.
    pub rhythm: Rhythm,
    /// How much earlier it may be, so that many credentials do not come at once. Never later.
    pub jitter: Jitter,
    /// When it may be done. Always, without one.
    pub windows: Vec<Window>,
    /// Past this age no window is waited for.
    pub max_age: Option<Length>,
    /// How long before its end it is due, whatever the rhythm says. Two hours at least.
    pub before_end: Duration,
    /// Its end, where a person knows it and the store does not. One that lies before the last rotation was of an earlier
    /// value.
    pub ends: Option<Timestamp>,
    /// How much of a window has to be left for a rotation to begin.
    pub room: Duration,
}

/// How often.
#[derive(Clone, Debug)]
pub enum Rhythm {
    /// On the first date of a calendar after the last rotation.
    Cron(Cron),
    /// A length of time after the last rotation, at most.
    Every(Length),
    /// Only before its end, or when a person says so.
    Never,
}

/// What the store keeps of a credential's times.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Dates {
    /// Now, by the store's clock.
    pub now: Timestamp,
    /// The last rotation.
    pub rotated_at: Option<Timestamp>,
    /// When it was first seen, for one without a date.
    pub first_seen: Option<Timestamp>,
    /// Its end at the vendor.
    pub expires_at: Option<Timestamp>,
}

impl Dates {
    /// Those of a snapshot.
    #[must_use]
    pub fn of(seen: &Snapshot) -> Self {
        Self {
            now: seen.read_at,
            rotated_at: seen.current.rotated_at,
            first_seen: seen.record.first_seen,
            expires_at: seen.current.expires_at,
        }
    }
}

/// Where a credential stands.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Standing {
    /// Due, but the window is closed.
    Deferred {
        /// When it opens.
        until: Timestamp,
    },
    /// Due now.
    Due,
    /// Not due yet.
    Fresh {
        /// When it will be. [`Timestamp::MAX`] for never.
        due: Timestamp,
    },
    /// Past its greatest age or its end.
    Overdue,
    /// Its last rotation lies ahead: a clock is wrong, and nothing is due because of it.
    Skewed,
    /// It has no date and was never seen before.
    Unseen,
}

impl Schedule {
    /// A schedule of this rhythm: a tenth of jitter, no window, no greatest age, due a day before its end.
    #[must_use]
    pub fn new(rhythm: Rhythm) -> Self {
        Self {
            rhythm,
            jitter: Jitter::default(),
            windows: Vec::new(),
            max_age: None,
            before_end: Duration::from_secs(86_400),
            ends: None,
            room: Duration::from_secs(5 * 60),
        }
    }

    /// Where the credential of this name stands.
    #[must_use]
    pub fn standing(&self, name: &str, dates: &Dates) -> Standing {
        let now = dates.now;
        let Some(anchor) = dates.rotated_at.or(dates.first_seen) else {
            return Standing::Unseen;
        };
        if anchor.duration_since(now) > SKEW {
            return Standing::Skewed;
        }
        let due = self.due(name, dates).unwrap_or(Timestamp::MAX);
        if now < due {
            return Standing::Fresh { due };
        }
        if self.is_overdue(dates, anchor) {
            return Standing::Overdue;
        }
        if self.is_open(now) {
            return Standing::Due;
        }
        match self.opens(now) {
            Some(until) if self.end(dates).is_none_or(|end| until < end) => {
                Standing::Deferred { until }
            }
            _ => Standing::Due,
        }
    }

    /// When it is due: missed dates count once. `None` for a credential without a date, or one that never is.
    #[must_use]
    pub fn due(&self, name: &str, dates: &Dates) -> Option<Timestamp> {
        let by_rhythm = match (dates.rotated_at, dates.first_seen) {
            (Some(anchor), _) => self.after_rotation(name, anchor),
            (None, Some(seen)) => self.after_first_seen(name, seen),
            (None, None) => None,
        };
        let by_end = self.end(dates).map(|end| {
            let ahead = SignedDuration::try_from(self.before_end)
                .unwrap_or(TICKS)
                .max(TICKS);
            end.checked_sub(ahead).unwrap_or(Timestamp::MIN)
        });
        match (by_rhythm, by_end) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// When it ends: what the vendor said, else what a person knows.
    #[must_use]
    pub fn end(&self, dates: &Dates) -> Option<Timestamp> {
        let known = |end: &Timestamp| dates.rotated_at.is_none_or(|rotated| rotated < *end);
        dates.expires_at.or(self.ends.filter(known))
    }

    /// Whether a window is open, with room for a rotation.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.windows.is_empty()
            || self
                .windows
                .iter()
                .any(|window| window.is_open(at, self.room))
    }

    /// When a window opens next.
    #[must_use]
    pub fn opens(&self, after: Timestamp) -> Option<Timestamp> {
        self.windows
            .iter()
            .filter_map(|window| window.opens(after))
            .min()
    }

    fn after_rotation(&self, name: &str, anchor: Timestamp) -> Option<Timestamp> {
        match &self.rhythm {
            Rhythm::Cron(cron) => cron.after(anchor),
            Rhythm::Every(every) => {
                let latest = every.after(anchor)?;
                let early = self
                    .jitter
                    .early(latest.duration_since(anchor), name, anchor);
                latest.checked_sub(early).ok()
            }
            Rhythm::Never => None,
        }
    }

    /// Credentials that are taken over together are spread over one period: not all on the first day.
    fn after_first_seen(&self, name: &str, seen: Timestamp) -> Option<Timestamp> {
        let period = match &self.rhythm {
            Rhythm::Cron(cron) => return cron.after(seen),
            Rhythm::Every(every) => every.after(seen)?.duration_since(seen),
            Rhythm::Never => return None,
        };
        let part = jitter::part(period, jitter::fraction(name, seen));
        seen.checked_add(part).ok()
    }

    fn is_overdue(&self, dates: &Dates, anchor: Timestamp) -> bool {
        let too_old = self
            .max_age
            .as_ref()
            .and_then(|age| age.after(anchor))
            .is_some_and(|end| dates.now >= end);
        too_old || self.end(dates).is_some_and(|end| dates.now >= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn monthly() -> Schedule {
        Schedule::new(Rhythm::Every("30d".parse().unwrap()))
    }

    fn dates(now: Timestamp, rotated_at: Option<Timestamp>) -> Dates {
        Dates {
            now,
            rotated_at,
            first_seen: None,
            expires_at: None,
        }
    }

    fn standing(schedule: &Schedule, now: &str, rotated_at: &str) -> Standing {
        schedule.standing("pg", &dates(at(now), Some(at(rotated_at))))
    }

    #[test]
    fn a_credential_is_due_once_its_time_is_over_however_long_ago_that_was() {
        let mut schedule = monthly();
        schedule.jitter = Jitter::NONE;
        let rotated = "2026-01-01T00:00:00Z";
        let due = at("2026-01-31T00:00:00Z");
        assert_eq!(
            standing(&schedule, "2026-01-30T23:59:59Z", rotated),
            Standing::Fresh { due }
        );
        for now in ["2026-01-31T00:00:00Z", "2027-01-31T00:00:00Z"] {
            assert_eq!(standing(&schedule, now, rotated), Standing::Due);
        }
    }

    #[test]
    fn missed_dates_of_a_calendar_count_once() {
        let schedule = Schedule::new(Rhythm::Cron("0 3 1 * *".parse().unwrap()));
        let now = "2026-06-15T00:00:00Z";
        assert_eq!(
            standing(&schedule, now, "2026-01-15T00:00:00Z"),
            Standing::Due
        );
        let due = at("2026-07-01T03:00:00Z");
        assert_eq!(standing(&schedule, now, now), Standing::Fresh { due });
    }

    #[test]
    fn a_closed_window_defers_until_the_credential_is_too_old() {
        let mut schedule = monthly();
        schedule.jitter = Jitter::NONE;
        schedule.windows = vec!["02:00-05:00".parse().unwrap()];
        schedule.max_age = Some("40d".parse().unwrap());
        let rotated = "2026-01-01T00:00:00Z";
        assert_eq!(
            standing(&schedule, "2026-01-31T12:00:00Z", rotated),
            Standing::Deferred {
                until: at("2026-02-01T02:00:00Z")
            }
        );
        assert_eq!(
            standing(&schedule, "2026-02-01T02:00:00Z", rotated),
            Standing::Due
        );
        assert_eq!(
            standing(&schedule, "2026-02-10T12:00:00Z", rotated),
            Standing::Overdue
        );
    }

    #[test]
    fn an_end_beats_the_rhythm_and_a_window_that_opens_too_late() {
        let mut schedule = monthly();
        let rotated = at("2026-01-01T00:00:00Z");
        let mut dates = dates(at("2026-01-03T00:00:00Z"), Some(rotated));
        dates.expires_at = Some(at("2026-01-03T20:00:00Z"));
        assert_eq!(schedule.standing("pg", &dates), Standing::Due);
        schedule.windows = vec!["21:00-23:00".parse().unwrap()];
        assert_eq!(schedule.standing("pg", &dates), Standing::Due);
        dates.now = at("2026-01-03T20:00:00Z");
        assert_eq!(schedule.standing("pg", &dates), Standing::Overdue);
    }

    #[test]
    fn an_end_that_a_person_knows_is_that_of_the_value_it_was_written_for() {
        let mut schedule = Schedule::new(Rhythm::Never);
        schedule.ends = Some(at("2026-03-01T00:00:00Z"));
        let rotated = "2026-01-01T00:00:00Z";
        let due = at("2026-02-28T00:00:00Z");
        assert_eq!(
            standing(&schedule, "2026-02-27T00:00:00Z", rotated),
            Standing::Fresh { due }
        );
        assert_eq!(
            standing(&schedule, "2026-02-28T00:00:00Z", rotated),
            Standing::Due
        );
        assert_eq!(
            standing(&schedule, "2026-03-01T00:00:00Z", rotated),
            Standing::Overdue
        );
        let due = Timestamp::MAX;
        let later = "2026-03-02T00:00:00Z";
        assert_eq!(standing(&schedule, later, later), Standing::Fresh { due });
    }

    #[test]
    fn an_anchor_that_lies_ahead_makes_nothing_due() {
        let schedule = monthly();
        let rotated = "2026-01-01T00:05:01Z";
        assert_eq!(
            standing(&schedule, "2026-01-01T00:00:00Z", rotated),
            Standing::Skewed
        );
        assert!(matches!(
            standing(&schedule, "2026-01-01T00:00:01Z", rotated),
            Standing::Fresh { .. }
        ));
    }

    #[test]
    fn credentials_that_are_taken_over_together_do_not_come_together() {
        let schedule = monthly();
        let seen = at("2026-01-01T00:00:00Z");
        let mut dates = dates(seen, None);
        assert_eq!(schedule.standing("pg", &dates), Standing::Unseen);
        dates.first_seen = Some(seen);
        let due = |name: &str| schedule.due(name, &dates).unwrap();
        let days: std::collections::BTreeSet<_> = (0..60)
            .map(|name| due(&name.to_string()).duration_since(seen).as_hours() / 24)
            .collect();
        assert!(days.len() > 15, "{days:?}");
    }

    proptest! {
        #[test]
        fn jitter_is_early_within_its_part_and_the_same_on_every_host(
            name in "[a-z]{1,12}",
            second in 0_i64..4_000_000_000,
            days in 1_i64..4000,
        ) {
            let anchor = Timestamp::from_second(second).unwrap();
            let schedule = Schedule::new(Rhythm::Every(format!("{days}d").parse().unwrap()));
            let due = schedule.due(&name, &dates(anchor, Some(anchor))).unwrap();
            let age = due.duration_since(anchor);
            let every = HOUR * 24 * i32::try_from(days).unwrap();
            prop_assert!(age <= every);
            prop_assert!(age * 10 >= every * 9 - HOUR);
            let again = schedule.clone().due(&name, &dates(due, Some(anchor)));
            prop_assert_eq!(again, Some(due));
        }

        #[test]
        fn a_later_rotation_is_never_due_earlier(
            second in 0_i64..4_000_000_000,
            later in 0_i64..10_000_000,
        ) {
            let cron = Schedule::new(Rhythm::Cron("30 2 * * Mon Europe/Berlin".parse().unwrap()));
            let mut every = monthly();
            every.jitter = Jitter::NONE;
            for schedule in [cron, every] {
                let due = |second| {
                    let anchor = Timestamp::from_second(second).unwrap();
                    schedule.due("pg", &dates(anchor, Some(anchor))).unwrap()
                };
                prop_assert!(due(second) <= due(second + later));
                prop_assert!(due(second) > Timestamp::from_second(second).unwrap());
            }
        }

        #[test]
        fn settings_are_read_or_refused_but_never_panic(text in "\\PC{0,24}") {
            drop(text.parse::<Cron>());
            drop(text.parse::<Window>());
            if let Ok(length) = text.parse::<Length>() {
                let after = length.after(Timestamp::UNIX_EPOCH);
                prop_assert!(after.is_none_or(|after| after >= Timestamp::UNIX_EPOCH));
            }
            if let Ok(jitter) = text.parse::<Jitter>() {
                prop_assert!(jitter.early(HOUR, &text, Timestamp::UNIX_EPOCH) <= HOUR);
            }
        }
    }
}
