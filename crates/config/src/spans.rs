//! Spans of time, `500ms`, `10s`, `24h`, and what each can be.

use std::time::Duration;

use crate::decode::Value;
use crate::error::ConfigError;

/// How long a launch waits for its values when no setting says so. Clients wait 3 to 60 seconds.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);

/// What a deadline can be. Shorter, and a keychain cannot answer; longer, and every client has given up.
pub const DEADLINES: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(600);

/// A span of time: `500ms`, `10s`, `1m`.
pub(crate) fn deadline(value: &Value<'_>) -> Result<Duration, ConfigError> {
    const EXPECTED: &str = "a time such as \"10s\", from \"100ms\" to \"10m\"";
    let text = value.text(EXPECTED)?;
    span(text)
        .filter(|span| DEADLINES.contains(span))
        .ok_or_else(|| value.expected(EXPECTED))
}

/// How long an answer may be used again: at most as long as a person forgets that they changed it.
pub(crate) fn cache(value: &Value<'_>) -> Result<Duration, ConfigError> {
    const EXPECTED: &str = "a time such as \"10m\", from \"1s\" to \"24h\"";
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    age(value, EXPECTED).and_then(|age| {
        if age > DAY {
            return Err(value.expected(EXPECTED));
        }
        Ok(age)
    })
}

/// How old an answer may be that stands in for a store that cannot be reached.
pub(crate) fn stale(value: &Value<'_>, cache: Option<Duration>) -> Result<Duration, ConfigError> {
    const EXPECTED: &str = "a time such as \"24h\", from \"1s\" to \"30d\"";
    const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);
    let age = age(value, EXPECTED)?;
    if age > MONTH {
        return Err(value.expected(EXPECTED));
    }
    if cache.is_some_and(|cache| age < cache) {
        return Err(value.expected("a time that is not shorter than `cache`"));
    }
    Ok(age)
}

fn age(value: &Value<'_>, expected: &'static str) -> Result<Duration, ConfigError> {
    span(value.text(expected)?)
        .filter(|age| *age >= Duration::from_secs(1))
        .ok_or_else(|| value.expected(expected))
}

fn span(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u32 = number.parse().ok()?;
    let unit = match unit {
        "d" => Duration::from_secs(24 * 60 * 60),
        "h" => Duration::from_secs(60 * 60),
        "m" => Duration::from_secs(60),
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        _ => return None,
    };
    unit.checked_mul(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_spans_and_nothing_else() {
        for (text, milliseconds) in [
            ("500ms", 500),
            ("10s", 10_000),
            ("2m", 120_000),
            ("0s", 0),
            ("24h", 86_400_000),
            ("7d", 604_800_000),
        ] {
            assert_eq!(
                span(text),
                Some(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "s",
            "10",
            "10 s",
            "1.5s",
            "-1s",
            "1w",
            "99999999999s",
            "10sx",
            "٣s",
        ] {
            assert_eq!(span(text), None, "{text}");
        }
    }
}
