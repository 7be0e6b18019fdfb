//! The hours in which a rotation may be done: `Mon-Fri 02:00-05:00 Europe/Berlin`.

use std::str::FromStr;
use std::time::Duration;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Hours of some days of the week. Days and zone may be left out: every day, UTC. Hours that end before they begin run
/// into the next day.
#[derive(Clone, Debug)]
pub struct Window {
    /// From Monday on.
    days: [bool; 7],
    from: Time,
    to: Time,
    zone: TimeZone,
}

impl Window {
    /// Whether it is open at `at` and stays so for `room`, or as long as it ever does.
    #[must_use]
    pub fn is_open(&self, at: Timestamp, room: Duration) -> bool {
        let room = SignedDuration::try_from(room).unwrap_or(SignedDuration::MAX);
        self.around(at, -1, 0).any(|(opens, closes)| {
            // A window shorter than the room is used from its first moment.
            let needed = room.min(closes.duration_since(opens) / 2);
            opens <= at && closes.duration_since(at) >= needed && at < closes
        })
    }

    /// When it opens next.
    #[must_use]
    pub fn opens(&self, after: Timestamp) -> Option<Timestamp> {
        self.around(after, 0, 8)
            .map(|(opens, _)| opens)
            .find(|opens| *opens > after)
    }

    /// When it opens and closes, on the days from `first` to `last` around the date of `at`.
    fn around(
        &self,
        at: Timestamp,
        first: i64,
        last: i64,
    ) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let today = at.to_zoned(self.zone.clone()).date();
        (first..=last).filter_map(move |offset| {
            let date = today.checked_add(offset.days()).ok()?;
            let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).ok()?;
            if !*self.days.get(weekday)? {
                return None;
            }
            let end = if self.to <= self.from {
                date.tomorrow().ok()?
            } else {
                date
            };
            let opens = self.instant(date, self.from)?;
            let closes = self.instant(end, self.to)?;
            // Where the zone leaves these hours out, those that follow take their place.
            let length = end
                .to_datetime(self.to)
                .duration_since(date.to_datetime(self.from));
            Some((
                opens,
                if closes > opens {
                    closes
                } else {
                    opens + length
                },
            ))
        })
    }

    fn instant(&self, date: Date, time: Time) -> Option<Timestamp> {
        let zoned = date.to_datetime(time).to_zoned(self.zone.clone()).ok()?;
        Some(zoned.timestamp())
    }
}

impl FromStr for Window {
    type Err = WindowError;

    /// # Errors
    /// [`WindowError`].
    fn from_str(text: &str) -> Result<Self, WindowError> {
        let mut pieces = text.split_whitespace().peekable();
        let mut days = [true; 7];
        if let Some(named) = pieces.next_if(|piece| !piece.contains(':')) {
            days = parse_days(named)?;
        }
        let hours = pieces.next().ok_or(WindowError::Hours)?;
        let (from, to) = hours.split_once('-').ok_or(WindowError::Hours)?;
        let zone = match pieces.next() {
            Some(name) => TimeZone::get(name).map_err(|_| WindowError::Zone)?,
            None => TimeZone::UTC,
        };
        if pieces.next().is_some() {
            return Err(WindowError::Zone);
        }
        Ok(Self {
            days,
            from: parse_time(from)?,
            to: parse_time(to)?,
            zone,
        })
    }
}

/// Why a text is no window.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WindowError {
    /// The days cannot be read.
    #[error("not days such as `Mon-Fri` or `Sat,Sun`")]
    Days,
    /// The hours cannot be read.
    #[error("not hours such as `02:00-05:00`")]
    Hours,
    /// There is no such time zone.
    #[error("no such time zone")]
    Zone,
}

/// `Mon-Fri`, `Sat,Sun`, `Fri-Mon`.
fn parse_days(text: &str) -> Result<[bool; 7], WindowError> {
    let mut days = [false; 7];
    for piece in text.split(',') {
        let (first, last) = piece.split_once('-').unwrap_or((piece, piece));
        let (mut day, last) = (parse_day(first)?, parse_day(last)?);
        loop {
            let index = usize::try_from(day.to_monday_zero_offset());
            *index
                .ok()
                .and_then(|index| days.get_mut(index))
                .ok_or(WindowError::Days)? = true;
            if day == last {
                break;
            }
            day = day.next();
        }
    }
    Ok(days)
}

fn parse_day(text: &str) -> Result<Weekday, WindowError> {
    match text.to_ascii_lowercase().as_str() {
        "mon" => Ok(Weekday::Monday),
        "tue" => Ok(Weekday::Tuesday),
        "wed" => Ok(Weekday::Wednesday),
        "thu" => Ok(Weekday::Thursday),
        "fri" => Ok(Weekday::Friday),
        "sat" => Ok(Weekday::Saturday),
        "sun" => Ok(Weekday::Sunday),
        _ => Err(WindowError::Days),
    }
}

/// `02:00`. `24:00` is the midnight at which a day ends.
fn parse_time(text: &str) -> Result<Time, WindowError> {
    let (hour, minute) = text.split_once(':').ok_or(WindowError::Hours)?;
    let is_number = |piece: &str| piece.len() == 2 && piece.bytes().all(|b| b.is_ascii_digit());
    if !is_number(hour) || !is_number(minute) {
        return Err(WindowError::Hours);
    }
    let number = |piece: &str| piece.parse::<i8>().map_err(|_| WindowError::Hours);
    match (number(hour)?, number(minute)?) {
        (24, 0) => Ok(Time::midnight()),
        (hour, minute) => Time::new(hour, minute, 0, 0).map_err(|_| WindowError::Hours),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_ROOM: Duration = Duration::ZERO;

    fn window(text: &str) -> Window {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_window_is_open_on_its_days_in_its_zone() {
        let nights = window("Mon-Fri 02:00-05:00 Europe/Berlin");
        // A Monday.
        assert!(nights.is_open(at("2026-01-05T01:00:00Z"), NO_ROOM));
        assert!(!nights.is_open(at("2026-01-05T00:59:59Z"), NO_ROOM));
        assert!(!nights.is_open(at("2026-01-05T04:00:00Z"), NO_ROOM));
        assert!(!nights.is_open(at("2026-01-04T02:00:00Z"), NO_ROOM));
        assert_eq!(
            nights.opens(at("2026-01-09T12:00:00Z")),
            Some(at("2026-01-12T01:00:00Z"))
        );
    }

    #[test]
    fn hours_may_run_into_the_next_day() {
        let saturday = window("Sat 22:00-04:00");
        assert!(saturday.is_open(at("2026-01-04T03:59:00Z"), NO_ROOM));
        assert!(!saturday.is_open(at("2026-01-04T22:30:00Z"), NO_ROOM));
        let whole = window("Sun 00:00-24:00");
        assert!(whole.is_open(at("2026-01-04T23:59:59Z"), NO_ROOM));
        assert!(!whole.is_open(at("2026-01-05T00:00:00Z"), NO_ROOM));
    }

    #[test]
    fn nothing_is_begun_in_the_last_minutes() {
        let nights = window("02:00-05:00");
        let room = Duration::from_secs(600);
        assert!(nights.is_open(at("2026-01-05T04:50:00Z"), room));
        assert!(!nights.is_open(at("2026-01-05T04:50:01Z"), room));
        assert!(window("02:00-02:05").is_open(at("2026-01-05T02:00:00Z"), room));
    }

    #[test]
    fn the_change_of_the_clocks_leaves_every_night_its_window() {
        let nights = window("02:00-03:00 Europe/Berlin");
        let mut opened = 0;
        let mut now = at("2026-01-01T00:00:00Z");
        while let Some(next) = nights.opens(now) {
            if next >= at("2027-01-01T00:00:00Z") {
                break;
            }
            assert!(nights.is_open(next, NO_ROOM), "{next}");
            opened += 1;
            now = next;
        }
        assert_eq!(opened, 365);
    }

    #[test]
    fn what_is_no_window_is_refused() {
        for (text, error) in [
            ("", WindowError::Hours),
            ("Mon-Fri", WindowError::Hours),
            ("Mon-Fry 02:00-05:00", WindowError::Days),
            ("2:00-05:00", WindowError::Hours),
            ("02:00-25:00", WindowError::Hours),
            ("02:00-05:00 Europe/Nowhere", WindowError::Zone),
            ("02:00-05:00 UTC UTC", WindowError::Zone),
        ] {
            assert_eq!(text.parse::<Window>().err(), Some(error), "{text}");
        }
    }
}
