//! A length of time as the settings write it: `30d`, `24h`, `1mo`, `90 days`, `P30D`.

use std::str::FromStr;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo, Timestamp};

/// A positive length of time. Months and years are those of the calendar, in UTC; a day is 24 hours.
#[derive(Clone, Copy, Debug)]
pub struct Length(Span);

impl Length {
    /// The time that lies this length after `at`. `None` past the end of the calendar.
    #[must_use]
    pub fn after(&self, at: Timestamp) -> Option<Timestamp> {
        let zoned = at.to_zoned(TimeZone::UTC);
        zoned.checked_add(self.0).ok().map(|end| end.timestamp())
    }

    /// The length itself, if it is the same from whatever date it is counted: one without months and years.
    #[must_use]
    pub fn fixed(&self) -> Option<Duration> {
        let relative = SpanRelativeTo::days_are_24_hours();
        let exact = self.0.to_duration(relative).ok()?;
        Duration::try_from(exact).ok()
    }
}

impl FromStr for Length {
    type Err = LengthError;

    /// # Errors
    /// [`LengthError`].
    fn from_str(text: &str) -> Result<Self, LengthError> {
        let span: Span = text.trim().parse().map_err(|_| LengthError::Syntax)?;
        if span.is_positive() {
            Ok(Self(span))
        } else {
            Err(LengthError::NotPositive)
        }
    }
}

/// Why a text is no length of time.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LengthError {
    /// It is zero or runs backwards.
    #[error("not longer than nothing")]
    NotPositive,
    /// It cannot be read.
    #[error("not a length of time such as `30d`, `24h` or `1mo`")]
    Syntax,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_ways_to_write_a_length_are_read() {
        let day = 86_400;
        for (text, seconds) in [
            ("30d", 30 * day),
            ("24h", day),
            ("90 days", 90 * day),
            ("P30D", 30 * day),
            ("1w", 7 * day),
            ("15m", 900),
            ("1d 12h", day + day / 2),
        ] {
            let length: Length = text.parse().unwrap();
            assert_eq!(length.fixed(), Some(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn a_month_is_one_of_the_calendar() {
        let month: Length = "1mo".parse().unwrap();
        assert_eq!(month.fixed(), None);
        let end = month.after("2026-01-31T12:00:00Z".parse().unwrap());
        assert_eq!(end, Some("2026-02-28T12:00:00Z".parse().unwrap()));
    }

    #[test]
    fn what_is_no_length_is_refused() {
        for text in ["0s", "-30d", "30d ago"] {
            let refused = text.parse::<Length>().err();
            assert_eq!(refused, Some(LengthError::NotPositive), "{text}");
        }
        for text in ["", "30", "d", "soon", "30x"] {
            let refused = text.parse::<Length>().err();
            assert_eq!(refused, Some(LengthError::Syntax), "{text}");
        }
    }

    #[test]
    fn the_end_of_the_calendar_is_no_panic() {
        assert!(
            "30d"
                .parse::<Length>()
                .unwrap()
                .after(Timestamp::MAX)
                .is_none()
        );
    }
}
