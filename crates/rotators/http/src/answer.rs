//! What a vendor's answer comes to.

use std::time::Duration;

use jiff::civil::Date;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use mcp_launch_rotation::{Handle, RotatorError};
use reqwest::header::HeaderMap;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::Unanswered;

/// An answer: its status, its headers, and a body that is never shown.
pub struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

/// What a request was for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dealing {
    /// It changes something: without a clear answer it may have.
    Change,
    /// It only asks.
    Question,
}

impl Answer {
    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The text of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body, if it is JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// What an answer that is not the wished one means. Only what a vendor says of a request that it did not take is believed
    /// to have changed nothing: 500 may come after the change, and a redirect too.
    #[must_use]
    pub fn error(&self, dealing: Dealing) -> RotatorError {
        match (self.status, dealing) {
            (401 | 403 | 407, _) => RotatorError::Denied,
            (429, _) => RotatorError::Limited(self.retry_after()),
            (408, Dealing::Change) => RotatorError::Ambiguous,
            (400..=499, _) => RotatorError::Failed,
            (_, Dealing::Change) => RotatorError::Ambiguous,
            (_, Dealing::Question) => RotatorError::Unavailable,
        }
    }

    /// `Retry-After` (RFC 9110, section 10.2.3): seconds or a date.
    fn retry_after(&self) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let at = DateTimeParser::new().parse_timestamp(text).ok()?;
        let span = at.duration_since(Timestamp::now());
        Duration::try_from(span.max(SignedDuration::ZERO)).ok()
    }
}

impl Unanswered {
    /// What it means.
    #[must_use]
    pub const fn error(self, dealing: Dealing) -> RotatorError {
        match (self, dealing) {
            (Self::NotSent(None), _) => RotatorError::Failed,
            (Self::NotSent(Some(_)), _) | (Self::Lost(_), Dealing::Question) => {
                RotatorError::Unavailable
            }
            (Self::Lost(_), Dealing::Change) => RotatorError::Ambiguous,
        }
    }
}

/// A public name: a text or a number.
pub(crate) fn handle(value: &Value) -> Option<Handle> {
    match value {
        Value::String(text) => Handle::new(text.clone()).ok(),
        Value::Number(number) => Handle::new(number.to_string()).ok(),
        _ => None,
    }
}

/// A point in time as vendors write one: seconds since 1970, a timestamp (RFC 3339), a date (its beginning in UTC), or
/// `2026-01-31 12:00:00 UTC`, as GitHub does.
pub(crate) fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => Timestamp::from_second(number.as_i64()?).ok(),
        Value::String(text) => moment_in(text),
        _ => None,
    }
}

pub(crate) fn moment_in(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    if let Some(local) = text.strip_suffix(" UTC") {
        let local: jiff::civil::DateTime = local.parse().ok()?;
        return local.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    }
    if let Ok(at) = Zoned::strptime("%Y-%m-%d %H:%M:%S %z", text) {
        return Some(at.timestamp());
    }
    // A date, and no more than that: a time without its zone is no point in time.
    let date = Date::strptime("%Y-%m-%d", text).ok()?;
    date.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderValue, RETRY_AFTER};
    use serde_json::json;

    use super::*;

    fn answer(status: u16, retry_after: Option<&str>) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(text) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from_str(text).unwrap());
        }
        Answer {
            status,
            headers,
            body: Zeroizing::default(),
        }
    }

    #[test]
    fn only_a_refusal_changed_nothing() {
        use RotatorError::{Ambiguous, Denied, Failed, Limited, Unavailable};
        for (status, change, question) in [
            (200, Ambiguous, Unavailable),
            (302, Ambiguous, Unavailable),
            (400, Failed, Failed),
            (401, Denied, Denied),
            (403, Denied, Denied),
            (404, Failed, Failed),
            (408, Ambiguous, Failed),
            (409, Failed, Failed),
            (422, Failed, Failed),
            (429, Limited(None), Limited(None)),
            (500, Ambiguous, Unavailable),
            (503, Ambiguous, Unavailable),
        ] {
            let answer = answer(status, None);
            assert_eq!(answer.error(Dealing::Change), change, "{status}");
            assert_eq!(answer.error(Dealing::Question), question, "{status}");
        }
    }

    #[test]
    fn how_long_to_wait_is_seconds_or_a_date() {
        let wait = |text| match answer(429, Some(text)).error(Dealing::Change) {
            RotatorError::Limited(wait) => wait,
            other => panic!("{other:?}"),
        };
        assert_eq!(wait("30"), Some(Duration::from_secs(30)));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let later = wait("Mon, 21 Oct 2115 07:28:00 GMT").unwrap();
        assert!(later > Duration::from_secs(50 * 365 * 86_400));
    }

    #[test]
    fn times_are_read_as_vendors_write_them() {
        for (value, expected) in [
            (json!(1_767_225_600), "2026-01-01T00:00:00Z"),
            (json!("2026-01-01T01:00:00+01:00"), "2026-01-01T00:00:00Z"),
            (json!("2026-01-01T00:00:00.000Z"), "2026-01-01T00:00:00Z"),
            (json!("2026-01-31"), "2026-01-31T00:00:00Z"),
            (json!("2026-01-31 12:30:00 UTC"), "2026-01-31T12:30:00Z"),
            (json!("2026-01-31 12:30:00 -0800"), "2026-01-31T20:30:00Z"),
        ] {
            assert_eq!(moment(&value), Some(expected.parse().unwrap()), "{value}");
        }
        for value in [
            json!(null),
            json!(""),
            json!("never"),
            json!("2026-01-31 12:30:00"),
            json!(1.5),
        ] {
            assert_eq!(moment(&value), None, "{value}");
        }
    }
}
