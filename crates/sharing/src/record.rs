//! What stands in a place: whose answer it is, when it was lent, and the value, sealed.
//!
//! Every program of the user can write into the place. A record that was not sealed with the keys at
//! hand is none: not an answer, and not an error either.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mcp_launch_core::Secret;
use zeroize::Zeroizing;

use crate::keys::{Keys, NONCE, TAG};
use crate::name::{self, Name};

/// The first byte. Another one was written by another version of mcp-launch, and is not read.
const VERSION: u8 = 2;

/// The version, the name, and the time in milliseconds of Unix time, least significant byte first: what
/// can be read without a key. It is sealed together with the value, so nobody can change it either.
const HEAD: usize = 1 + name::LENGTH + 8;

/// An answer that was lent.
pub(crate) struct Record {
    pub(crate) lent: SystemTime,
    pub(crate) value: Secret,
}

impl Record {
    /// How old it is. None when it is from the future: a clock was set back, and its age is not known.
    pub(crate) fn age(&self, now: SystemTime) -> Option<Duration> {
        now.duration_since(self.lent).ok()
    }

    /// The record of `name` in `bytes`, if they are one that was sealed with `keys`.
    pub(crate) fn open(keys: &Keys, name: &Name, bytes: &[u8]) -> Option<Self> {
        if !is_of(name, bytes) {
            return None;
        }
        let (head, sealed) = bytes.split_at_checked(HEAD)?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let (sealed, tag) = sealed.split_last_chunk::<TAG>()?;
        let mut value = Zeroizing::new(sealed.to_vec());
        keys.open(head, nonce, &mut value, tag)?;
        Some(Self {
            lent: lent(bytes)?,
            value: Secret::from(value),
        })
    }

    /// The record of `name`, lent at `lent`. None if it cannot be sealed.
    #[expect(
        clippy::disallowed_methods,
        reason = "the gate through which a value goes, sealed, to the other processes of this user"
    )]
    pub(crate) fn seal(
        keys: &Keys,
        name: &Name,
        lent: SystemTime,
        value: &Secret,
    ) -> Option<Vec<u8>> {
        let mut value = Zeroizing::new(value.expose().to_vec());
        let mut bytes = Vec::with_capacity(HEAD + NONCE + value.len() + TAG);
        bytes.push(VERSION);
        bytes.extend_from_slice(&name.0);
        bytes.extend_from_slice(&milliseconds(lent));
        let (nonce, tag) = keys.seal(&bytes, &mut value)?;
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&value);
        bytes.extend_from_slice(&tag);
        Some(bytes)
    }
}

/// Whether `bytes` say that they are a record of `name`. Anybody can write that.
pub(crate) fn is_of(name: &Name, bytes: &[u8]) -> bool {
    bytes.split_first().is_some_and(|(version, rest)| {
        *version == VERSION && rest.starts_with(&name.0) && rest.len() >= HEAD - 1
    })
}

/// When what stands in `bytes` was lent, as they say, whoever they belong to.
pub(crate) fn lent(bytes: &[u8]) -> Option<SystemTime> {
    time(bytes.get(HEAD - 8..HEAD)?)
}

/// A time as records hold it.
pub(crate) fn milliseconds(time: SystemTime) -> [u8; 8] {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis())
        .unwrap_or(u64::MAX)
        .to_le_bytes()
}

/// The time that eight bytes of a record hold.
pub(crate) fn time(bytes: &[u8]) -> Option<SystemTime> {
    let milliseconds = u64::from_le_bytes(bytes.try_into().ok()?);
    UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use mcp_launch_testkit::Canary;

    use super::*;
    use crate::proof::Proof;

    fn keys(proof: &str, store: &str) -> Keys {
        Keys::derive(&Proof::of([proof.as_bytes()]), store).unwrap()
    }

    fn sealed(keys: &Keys, lent: SystemTime, value: &str) -> Vec<u8> {
        let value = Secret::new(value.as_bytes().to_vec());
        Record::seal(keys, &keys.name("what").unwrap(), lent, &value).unwrap()
    }

    fn opened(keys: &Keys, bytes: &[u8]) -> Option<Record> {
        Record::open(keys, &keys.name("what").unwrap(), bytes)
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the value under test")]
    fn reads_what_it_wrote() {
        let keys = keys("token", "store");
        let lent = UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
        for value in ["value", ""] {
            let record = opened(&keys, &sealed(&keys, lent, value)).unwrap();
            assert_eq!(record.value.expose(), value.as_bytes());
            let later = lent + Duration::from_millis(7);
            assert_eq!(record.age(later), Some(Duration::from_millis(7)));
        }
    }

    #[test]
    fn a_record_from_the_future_has_no_age() {
        let keys = keys("token", "store");
        let now = SystemTime::now();
        let record = opened(&keys, &sealed(&keys, now + Duration::from_secs(2), "v"));
        assert_eq!(record.unwrap().age(now), None);
    }

    #[test]
    fn another_login_neither_finds_nor_opens_it() {
        let ours = keys("token", "store");
        let bytes = sealed(&ours, SystemTime::now(), "value");
        for other in [keys("other", "store"), keys("token", "other")] {
            assert_ne!(other.name("what"), ours.name("what"));
            assert!(opened(&other, &bytes).is_none());
            // Nor where it knows the name, which is no secret.
            let name = ours.name("what").unwrap();
            assert!(Record::open(&other, &name, &bytes).is_none());
        }
        assert_ne!(ours.name("what"), ours.name("else"));
    }

    #[test]
    fn no_byte_can_be_changed_and_no_piece_is_read() {
        let keys = keys("token", "store");
        let bytes = sealed(&keys, SystemTime::now(), "value");
        for index in 0..bytes.len() {
            let mut other = bytes.clone();
            other[index] ^= 1;
            assert!(opened(&keys, &other).is_none(), "{index}");
            assert!(opened(&keys, &bytes[..index]).is_none(), "{index}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(opened(&keys, &longer).is_none());
        assert!(opened(&keys, &bytes).is_some());
    }

    #[test]
    fn neither_the_value_nor_the_proof_is_in_it() {
        let [value, proof] = [Canary::new(), Canary::new()];
        let bytes = sealed(
            &keys(proof.value(), "store"),
            SystemTime::now(),
            value.value(),
        );
        value.assert_absent("the record", &bytes);
        proof.assert_absent("the record", &bytes);
        let again = sealed(
            &keys(proof.value(), "store"),
            SystemTime::now(),
            value.value(),
        );
        assert_ne!(bytes[HEAD..], again[HEAD..]);
    }
}
