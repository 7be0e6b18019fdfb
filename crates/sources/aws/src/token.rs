//! The ids of versions that are written.

use std::time::Duration;

use crate::diagnosis::Diagnosis;
use crate::fault::Fault;

/// The id of a version that is about to be made: a UUID, which a reference can name.
///
/// AWS takes it as `ClientRequestToken`, and knows by it that a request is the same one again: who asks twice with one
/// token, because the first answer was lost, has made one version. So there is one token for each content that is written,
/// made before the first attempt, and every attempt of the SDK carries it.
///
/// It is random and not made from the value. A token stands in CloudTrail and in every list of versions, for people who
/// may not read the value: from a digest they could try values until one fits.
pub(crate) fn new() -> Result<String, Diagnosis> {
    let random = || getrandom::u64().map_err(|_| Fault::NoRandomness);
    let (high, low) = (random()?, random()?);
    Ok(uuid(u128::from(high) << 64 | u128::from(low), 4))
}

/// A UUID of these bits, with the version and the variant of RFC 9562 in their places.
pub(crate) fn uuid(bits: u128, version: u8) -> String {
    let bits = bits & !(0xf << 76) | u128::from(version) << 76;
    let bits = bits & !(0b11 << 62) | 0b10 << 62;
    let hex = format!("{bits:032x}");
    let group = |from: usize, to: usize| &hex[from..to];
    [
        group(0, 8),
        group(8, 12),
        group(12, 16),
        group(16, 20),
        group(20, 32),
    ]
    .join("-")
}

/// How long to wait before the attempt after `lost` others that somebody else was faster than. At random, so that those who
/// met do not meet again.
pub(crate) fn pause(lost: u32) -> Duration {
    const LONGEST: Duration = Duration::from_millis(800);
    const SHORTEST: Duration = Duration::from_millis(25);

    let longest = (SHORTEST * 2_u32.saturating_pow(lost.min(8))).min(LONGEST);
    let share = f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    longest.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{Reference, Version};

    #[test]
    fn a_token_is_a_version_id_that_a_reference_can_name() {
        let token = new().unwrap();
        let locator = format!("db@{token}");
        let reference = Reference::parse(&locator).unwrap();
        assert_eq!(reference.version, Version::Id(token.clone()));
        assert_eq!(&token[14..15], "4", "{token}");
        assert_ne!(new().unwrap(), token);
    }

    #[test]
    fn a_pause_is_never_longer_than_a_second() {
        assert!((0..40).all(|lost| pause(lost) < Duration::from_secs(1)));
    }
}
