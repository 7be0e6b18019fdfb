//! A calendar: five fields and a time zone.

use std::str::FromStr;

use croner::parser::{CronParser, Seconds};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A cron expression of five fields, with the zone it is read in as a sixth: `0 3 1 * *`, `30 2 * * Mon
/// Europe/Berlin`. UTC without one, so that it does not depend on the host.
///
/// An hour that a zone leaves out moves to the next that there is; one that it has twice counts once.
#[derive(Clone, Debug)]
pub struct Cron {
    // Boxed because it is large, and most schedules have none.
    dates: Box<croner::Cron>,
    zone: TimeZone,
}

impl Cron {
    /// The first date after `at`. `None` when there is none.
    #[must_use]
    pub fn after(&self, at: Timestamp) -> Option<Timestamp> {
        let at = at.to_zoned(self.zone.clone());
        self.dates
            .find_next_occurrence(&at, false)
            .ok()
            .map(|date| date.timestamp())
    }
}

impl FromStr for Cron {
    type Err = CronError;

    /// # Errors
    /// [`CronError`].
    fn from_str(text: &str) -> Result<Self, CronError> {
        let fields: Vec<_> = text.split_whitespace().collect();
        let (fields, zone) = match fields.as_slice() {
            [fields @ .., zone] if fields.len() == 5 => (fields, zone_named(zone)?),
            fields => (fields, TimeZone::UTC),
        };
        let parser = CronParser::builder().seconds(Seconds::Disallowed).build();
        let dates = parser
            .parse(&fields.join(" "))
            .map_err(|_| CronError::Syntax)?;
        Ok(Self {
            dates: Box::new(dates),
            zone,
        })
    }
}

/// Why a text is no calendar.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CronError {
    /// The fields cannot be read.
    #[error("not a cron expression of five fields")]
    Syntax,
    /// There is no such time zone.
    #[error("no such time zone")]
    Zone,
}

pub(super) fn zone_named(name: &str) -> Result<TimeZone, CronError> {
    TimeZone::get(name).map_err(|_| CronError::Zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(cron: &str, at: &str) -> String {
        let cron: Cron = cron.parse().unwrap();
        cron.after(at.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn a_calendar_is_read_in_its_zone() {
        assert_eq!(
            after("0 3 1 * *", "2026-01-15T00:00:00Z"),
            "2026-02-01T03:00:00Z"
        );
        assert_eq!(
            after("0 3 1 * * Europe/Berlin", "2026-01-15T00:00:00Z"),
            "2026-02-01T02:00:00Z"
        );
    }

    #[test]
    fn an_hour_that_is_left_out_moves_and_one_that_comes_twice_counts_once() {
        let nightly = "30 2 * * * Europe/Berlin";
        assert_eq!(
            after(nightly, "2026-03-28T12:00:00Z"),
            "2026-03-29T01:00:00Z"
        );
        assert_eq!(
            after(nightly, "2026-10-24T12:00:00Z"),
            "2026-10-25T00:30:00Z"
        );
        assert_eq!(
            after(nightly, "2026-10-25T00:30:00Z"),
            "2026-10-26T01:30:00Z"
        );
    }

    #[test]
    fn what_is_no_calendar_is_refused() {
        for text in ["", "* * * *", "61 * * * *", "0 0 3 1 * * UTC"] {
            assert_eq!(
                text.parse::<Cron>().err(),
                Some(CronError::Syntax),
                "{text}"
            );
        }
        let nowhere = "0 3 1 * * Europe/Nowhere".parse::<Cron>();
        assert_eq!(nowhere.err(), Some(CronError::Zone));
    }
}
