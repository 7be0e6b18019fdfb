//! What stands in a place: whose answer it is, when it was lent, and the value.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mcp_launch_core::Secret;
use zeroize::Zeroizing;

use crate::name::{self, Name};

/// The first byte. Another one was written by another version of mcp-launch, and is not read.
const VERSION: u8 = 1;

/// The version, the name, and the time in milliseconds of Unix time, least significant byte first.
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

    /// The record of `name` in `bytes`, if they hold that.
    pub(crate) fn read(name: &Name, bytes: &[u8]) -> Option<Self> {
        let (head, value) = bytes.split_at_checked(HEAD)?;
        let (written, milliseconds) = head[1..].split_at(name::LENGTH);
        if head[0] != VERSION || written != name.0 {
            return None;
        }
        Some(Self {
            lent: time(milliseconds)?,
            value: Secret::new(value.to_vec()),
        })
    }

    /// The record of `name`, lent at `lent`.
    #[expect(
        clippy::disallowed_methods,
        reason = "the gate through which a value goes to the other processes of this user"
    )]
    pub(crate) fn write(name: &Name, lent: SystemTime, value: &Secret) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEAD + value.len()));
        bytes.push(VERSION);
        bytes.extend_from_slice(&name.0);
        bytes.extend_from_slice(&milliseconds(lent));
        bytes.extend_from_slice(value.expose());
        bytes
    }
}

/// When what stands in `bytes` was lent, whoever it belongs to.
#[cfg(target_os = "linux")]
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
    use super::*;

    fn written(lent: SystemTime) -> Zeroizing<Vec<u8>> {
        let name = Name::of_store("store");
        Record::write(&name, lent, &Secret::new(b"value".to_vec()))
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the value under test")]
    fn reads_what_it_wrote() {
        let name = Name::of_store("store");
        let lent = UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
        let record = Record::read(&name, &written(lent)).unwrap();
        assert_eq!(record.value.expose(), b"value");
        let later = lent + Duration::from_millis(7);
        assert_eq!(record.age(later), Some(Duration::from_millis(7)));
    }

    #[test]
    fn a_record_from_the_future_has_no_age() {
        let now = SystemTime::now();
        let record = Record::read(
            &Name::of_store("store"),
            &written(now + Duration::from_secs(2)),
        )
        .unwrap();
        assert_eq!(record.age(now), None);
    }

    #[test]
    fn other_names_other_versions_and_pieces_are_not_read() {
        let bytes = written(SystemTime::now());
        assert!(Record::read(&Name::of_store("other"), &bytes).is_none());
        let name = Name::of_store("store");
        assert!(Record::read(&name, &bytes[..HEAD - 1]).is_none());
        assert!(Record::read(&name, &bytes[..HEAD]).is_some_and(|record| record.value.is_empty()));
        let mut other = bytes.to_vec();
        other[0] += 1;
        assert!(Record::read(&name, &other).is_none());
        assert!(Record::read(&name, &[]).is_none());
    }
}
