//! When a credential is rotated, read from the texts of the settings.

use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mcp_launch_config::{Located, Rotate};
use mcp_launch_rotation::Terms;
use mcp_launch_rotation::schedule::{Jitter, Length, Rhythm, Schedule};

use crate::report::Report;

/// Before its end a warning is given, so long.
const WARN_BEFORE: [Duration; 3] = [days(14), days(3), days(1)];

const fn days(number: u64) -> Duration {
    Duration::from_secs(number * 86_400)
}

/// When a credential is rotated, and how long things last.
#[derive(Clone, Debug)]
pub(crate) struct Timetable {
    pub(crate) schedule: Schedule,
    pub(crate) terms: Terms,
    /// How long before its end a warning is given, the longest first.
    pub(crate) warn_before: Vec<Duration>,
}

impl Timetable {
    /// Reads the times of `rotate`.
    ///
    /// # Errors
    /// The first that cannot be read, or a grace that is not over when the next rotation is due.
    pub(crate) fn of(rotate: &Rotate) -> Result<Self, Report> {
        let key = |key: &str| format!("secrets.{}.rotate.{key}", rotate.name);
        let timing = &rotate.timing;
        let every: Option<Length> = read(
            timing.every.as_ref(),
            &key("every"),
            "a time such as \"30d\" or \"1mo\"",
        )?;
        let cron = read(
            timing.schedule.as_ref(),
            &key("schedule"),
            "a cron expression such as \"0 3 1 * * Europe/Berlin\"",
        )?;
        let mut schedule = Schedule::new(match (every, cron) {
            (Some(every), _) => Rhythm::Every(every),
            (None, Some(cron)) => Rhythm::Cron(cron),
            (None, None) => Rhythm::Never,
        });
        let jitter: Option<Jitter> = read(
            timing.jitter.as_ref(),
            &key("jitter"),
            "a part from \"0%\" to \"50%\"",
        )?;
        schedule.jitter = jitter.unwrap_or_default();
        for window in list(timing.window.as_ref()) {
            schedule.windows.extend(read(
                Some(&window),
                &key("window"),
                "a window such as \"Mon-Fri 02:00-05:00 Europe/Berlin\"",
            )?);
        }
        schedule.max_age = read(
            timing.max_age.as_ref(),
            &key("max_age"),
            "a time such as \"90d\"",
        )?;
        let mut warn_before = Vec::new();
        for warning in list(timing.warn_before.as_ref()) {
            warn_before.push(fixed(&warning, &key("warn_before"))?);
        }
        if timing.warn_before.is_none() {
            warn_before.extend(WARN_BEFORE);
        }
        warn_before.sort_unstable();
        warn_before.reverse();
        let mut terms = Terms::default();
        if let Some(grace) = &timing.grace {
            terms.grace = fixed(grace, &key("grace"))?;
        }
        if every
            .and_then(|every| every.fixed())
            .is_some_and(|every| terms.grace >= every)
        {
            let place = timing.grace.as_ref().or(timing.every.as_ref());
            return Err(match place {
                Some(place) => refused(
                    place,
                    &key("grace"),
                    "a time shorter than `every`: a third generation would have no room",
                ),
                None => Report::failure("the grace is not shorter than `every`"),
            });
        }
        schedule.ends = match &rotate.expires {
            Some(expires) => Some(moment(&expires.value).ok_or_else(|| {
                let key = format!("secrets.{}.expires", rotate.name);
                refused(expires, &key, "a date such as 2027-03-01")
            })?),
            None => None,
        };
        // Vendors without a program that makes new values need a person, who needs the first warning.
        if matches!(schedule.rhythm, Rhythm::Never)
            && let Some(first) = warn_before.first()
        {
            schedule.before_end = *first;
        }
        Ok(Self {
            schedule,
            terms,
            warn_before,
        })
    }
}

/// The beginning of a day in UTC, or a moment.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let day: Date = text.parse().ok()?;
    day.to_zoned(TimeZone::UTC)
        .ok()
        .map(|start| start.timestamp())
}

fn read<T: FromStr>(
    text: Option<&Located<String>>,
    key: &str,
    expected: &'static str,
) -> Result<Option<T>, Report> {
    let Some(text) = text else { return Ok(None) };
    match text.value.parse() {
        Ok(read) => Ok(Some(read)),
        Err(_) => Err(refused(text, key, expected)),
    }
}

fn fixed(text: &Located<String>, key: &str) -> Result<Duration, Report> {
    const EXPECTED: &str = "a time such as \"24h\" or \"3d\", without months and years";
    let length: Option<Length> = text.value.parse().ok();
    length
        .and_then(|length| length.fixed())
        .ok_or_else(|| refused(text, key, EXPECTED))
}

fn list(texts: Option<&Located<Vec<String>>>) -> Vec<Located<String>> {
    let Some(texts) = texts else {
        return Vec::new();
    };
    let one = |text: &String| Located {
        value: text.clone(),
        origin: texts.origin.clone(),
    };
    texts.value.iter().map(one).collect()
}

fn refused<T>(setting: &Located<T>, key: &str, expected: &'static str) -> Report {
    Report::from(&setting.refused(key, expected))
}
