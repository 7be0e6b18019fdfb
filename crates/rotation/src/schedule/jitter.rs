//! How much earlier than its date a credential comes, the same on every host.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// The greatest part of a period by which it may be shortened, in thousandths.
const MOST: u16 = 500;

/// A part of the period, from nothing to half of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Jitter {
    thousandths: u16,
}

impl Jitter {
    /// No jitter.
    pub const NONE: Self = Self { thousandths: 0 };

    /// How much earlier than `period` after `anchor`: drawn from the credential's name and the anchor, so that it
    /// is another one in each period and the same one on every host.
    #[must_use]
    pub fn early(self, period: SignedDuration, name: &str, anchor: Timestamp) -> SignedDuration {
        let most = part(period, f64::from(self.thousandths) / 1000.0);
        part(most, fraction(name, anchor))
    }
}

impl Default for Jitter {
    /// A tenth.
    fn default() -> Self {
        Self { thousandths: 100 }
    }
}

impl FromStr for Jitter {
    type Err = JitterError;

    /// # Errors
    /// [`JitterError`].
    fn from_str(text: &str) -> Result<Self, JitterError> {
        let percent = text.trim().strip_suffix('%').ok_or(JitterError)?;
        let percent: f64 = percent.trim_end().parse().map_err(|_| JitterError)?;
        let thousandths = (percent * 10.0).round();
        if !(0.0..=f64::from(MOST)).contains(&thousandths) {
            return Err(JitterError);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between nought and five hundred"
        )]
        let thousandths = thousandths as u16;
        Ok(Self { thousandths })
    }
}

/// Why a text is no jitter.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a part from `0%` to `50%`")]
pub struct JitterError;

/// A number from 0 up to, not including, 1.
pub(super) fn fraction(name: &str, anchor: Timestamp) -> f64 {
    let mut digest = Sha256::new();
    digest.update(name.as_bytes());
    digest.update([0]);
    digest.update(anchor.as_second().to_be_bytes());
    let digest = digest.finalize();
    let (first, _) = digest.split_at(4);
    let bits = first
        .iter()
        .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

/// A part of a span, in whole seconds.
pub(super) fn part(span: SignedDuration, fraction: f64) -> SignedDuration {
    SignedDuration::try_from_secs_f64((span.as_secs_f64() * fraction).floor())
        .unwrap_or(SignedDuration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_and_no_more_than_half_is_taken() {
        assert_eq!("10%".parse(), Ok(Jitter::default()));
        assert_eq!("0%".parse(), Ok(Jitter::NONE));
        assert_eq!("2.5 %".parse(), Ok(Jitter { thousandths: 25 }));
        for text in ["", "10", "51%", "-1%", "NaN%", "%"] {
            assert_eq!(text.parse::<Jitter>(), Err(JitterError), "{text}");
        }
    }

    #[test]
    fn the_fraction_of_a_credential_is_pinned_because_a_fleet_must_agree() {
        let anchor: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let drawn = format!("{:.6}", fraction("pg", anchor));
        assert_eq!(drawn, "0.265963");
    }
}
