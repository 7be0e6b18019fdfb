//! A time span, for a person.

use std::time::Duration;

/// `span` in the unit that fits, rounded down: `59 minutes`.
#[must_use]
pub fn rough(span: Duration) -> String {
    let (count, unit) = match span.as_secs() {
        seconds @ 0..=119 => (seconds, "second"),
        seconds @ 120..=7_199 => (seconds / 60, "minute"),
        seconds @ 7_200..=172_799 => (seconds / 3_600, "hour"),
        seconds => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_the_unit_that_fits() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "119 seconds"),
            (3_599, "59 minutes"),
            (7_200, "2 hours"),
            (2_764_800, "32 days"),
        ] {
            assert_eq!(rough(Duration::from_secs(seconds)), words);
        }
    }
}
