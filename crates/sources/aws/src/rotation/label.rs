//! What is kept of a rotation, as staging labels of the version that it is about.
//!
//! A label has 256 characters at most, so an entry is cut into as many as it needs:
//!
//! ```text
//! mcp-launch/value/1f0c9a2e/1-1/3,,host=2Fboot=2F71,AKIAIOSFODNN7EXAMPLE,2027-01-01T00:00:00Z
//!            kind  set      n-of fields
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use mcp_launch_rotation::{Handle, Owner, Record, RotationId};
use sha2::{Digest as _, Sha256};

/// What all of them begin with.
pub(crate) const PREFIX: &str = "mcp-launch/";

/// Of the fields, in one label. With what stands before them they stay below the 256 that AWS takes.
const CHUNK: usize = 200;

/// One thing that is known of a version.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Entry {
    /// It was staged, be it that it has become current since.
    Made(Made),
    /// What it took the place of.
    Displaced(Displaced),
    /// What runs noted while it was current; of several the one with the highest number.
    Note(u32, Record),
}

/// A version that a rotation made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Made {
    /// It has no value yet.
    pub(crate) is_claim: bool,
    /// How many were begun while the same version was current.
    pub(crate) number: u32,
    /// The claim that it was made under; none for one whose own id it is.
    pub(crate) id: Option<RotationId>,
    pub(crate) owner: Owner,
    pub(crate) handle: Option<Handle>,
    pub(crate) expires_at: Option<Timestamp>,
}

/// The version before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Displaced {
    pub(crate) version: String,
    pub(crate) handle: Option<Handle>,
    pub(crate) retire_after: Timestamp,
}

impl Entry {
    /// As labels.
    pub(crate) fn labels(&self) -> Vec<String> {
        let (kind, fields) = self.written();
        let fields: Vec<String> = fields.iter().map(|field| escaped(field)).collect();
        let text = fields.join(",");
        let digest = Sha256::digest(format!("{kind} {text}"));
        let set: String = digest[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        // Escaped, so every byte is a character.
        let chunks: Vec<&[u8]> = text.as_bytes().chunks(CHUNK).collect();
        let of = chunks.len();
        chunks
            .iter()
            .enumerate()
            .map(|(at, chunk)| {
                let chunk = String::from_utf8_lossy(chunk);
                format!("{PREFIX}{kind}/{set}/{}-{of}/{chunk}", at + 1)
            })
            .collect()
    }

    /// Those that `labels` hold whole.
    pub(crate) fn read<'a>(labels: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let mut sets: BTreeMap<(&str, &str, usize), BTreeMap<usize, &str>> = BTreeMap::new();
        for label in labels {
            let Some(part) = Part::of(label) else {
                continue;
            };
            let set = sets.entry((part.kind, part.set, part.of)).or_default();
            set.insert(part.at, part.fields);
        }
        sets.iter()
            .filter(|((_, _, of), parts)| parts.len() == *of)
            .filter_map(|((kind, _, _), parts)| {
                let text: String = parts.values().copied().collect();
                let fields: Vec<String> = text.split(',').map(unescaped).collect::<Option<_>>()?;
                Self::of(kind, &fields)
            })
            .collect()
    }

    fn written(&self) -> (&'static str, Vec<String>) {
        let date = |date: &Option<Timestamp>| date.map(|date| date.to_string()).unwrap_or_default();
        let handle = |handle: &Option<Handle>| {
            let handle = handle.as_ref().map(Handle::as_str);
            handle.unwrap_or_default().to_owned()
        };
        match self {
            Self::Made(made) => (
                if made.is_claim { "claim" } else { "value" },
                vec![
                    made.number.to_string(),
                    made.id
                        .as_ref()
                        .map_or_else(String::new, |id| id.as_str().to_owned()),
                    made.owner.as_str().to_owned(),
                    handle(&made.handle),
                    date(&made.expires_at),
                ],
            ),
            Self::Displaced(displaced) => (
                "displaced",
                vec![
                    displaced.version.clone(),
                    handle(&displaced.handle),
                    displaced.retire_after.to_string(),
                ],
            ),
            Self::Note(number, record) => (
                "note",
                vec![
                    number.to_string(),
                    date(&record.first_seen),
                    record.failures.to_string(),
                    date(&record.retry_at),
                ],
            ),
        }
    }

    /// None for what a later version may have written.
    fn of(kind: &str, fields: &[String]) -> Option<Self> {
        let date = |text: &String| match text.as_str() {
            "" => Some(None),
            text => text.parse().ok().map(Some),
        };
        let handle = |text: &String| match text.as_str() {
            "" => Some(None),
            text => Handle::new(text).ok().map(Some),
        };
        match (kind, fields) {
            ("claim" | "value", [number, id, owner, made, expires_at]) => Some(Self::Made(Made {
                is_claim: kind == "claim",
                number: number.parse().ok()?,
                id: match id.as_str() {
                    "" => None,
                    id => Some(RotationId::new(id).ok()?),
                },
                owner: Owner::new(owner.as_str()).ok()?,
                handle: handle(made)?,
                expires_at: date(expires_at)?,
            })),
            ("displaced", [version, displaced, retire_after]) => Some(Self::Displaced(Displaced {
                version: version.clone(),
                handle: handle(displaced)?,
                retire_after: retire_after.parse().ok()?,
            })),
            ("note", [number, first_seen, failures, retry_at]) => {
                let record = Record {
                    first_seen: date(first_seen)?,
                    failures: failures.parse().ok()?,
                    retry_at: date(retry_at)?,
                };
                Some(Self::Note(number.parse().ok()?, record))
            }
            _ => None,
        }
    }
}

/// The kind of an entry that a label is of.
pub(crate) fn kind(label: &str) -> Option<&str> {
    Part::of(label).map(|part| part.kind)
}

/// One label.
struct Part<'a> {
    kind: &'a str,
    set: &'a str,
    at: usize,
    of: usize,
    fields: &'a str,
}

impl<'a> Part<'a> {
    fn of(label: &'a str) -> Option<Self> {
        let mut parts = label.strip_prefix(PREFIX)?.splitn(4, '/');
        let (kind, set) = (parts.next()?, parts.next()?);
        let (at, of) = parts.next()?.split_once('-')?;
        let (at, of) = (at.parse().ok()?, of.parse().ok()?);
        let fields = parts.next()?;
        (at >= 1 && at <= of).then_some(Self {
            kind,
            set,
            at,
            of,
            fields,
        })
    }
}

/// In characters that names of AWS have too.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"_.:+@-".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // A text takes any text.
            let _: Result<(), std::fmt::Error> = write!(escaped, "={byte:02X}");
        }
    }
    escaped
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'=' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        bytes.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(second: i64) -> Option<Timestamp> {
        Some(Timestamp::from_second(second).unwrap())
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(owner in "\\PC{1,60}", handle in "\\PC{0,120}", number: u32, second in 0_i64..4_000_000_000) {
            let handle = Handle::new(handle).ok();
            let entries = [
                Entry::Made(Made {
                    is_claim: number.is_multiple_of(2),
                    number,
                    id: (second % 3 == 0).then(|| RotationId::new("a-b").unwrap()),
                    owner: Owner::new(owner).unwrap(),
                    handle: handle.clone(),
                    expires_at: date(second),
                }),
                Entry::Displaced(Displaced { version: "v".to_owned(), handle, retire_after: date(second).unwrap() }),
                Entry::Note(number, Record { first_seen: date(second), failures: number, retry_at: None }),
            ];
            let mut labels: Vec<String> = entries.iter().flat_map(Entry::labels).collect();
            prop_assert!(labels.iter().all(|label| label.len() <= 256));
            labels.push("AWSCURRENT".to_owned());
            labels.reverse();
            let read = Entry::read(labels.iter().map(String::as_str));
            prop_assert_eq!(read.len(), 3);
            prop_assert!(entries.iter().all(|entry| read.contains(entry)));
        }
    }

    #[test]
    fn what_is_not_whole_or_of_somebody_else_is_nothing() {
        let made = Entry::Made(Made {
            is_claim: false,
            number: 1,
            id: None,
            owner: Owner::new("o".repeat(250)).unwrap(),
            handle: None,
            expires_at: None,
        });
        let labels = made.labels();
        assert_eq!(labels.len(), 2);
        assert!(Entry::read([labels[0].as_str()]).is_empty());
        for label in [
            "mcp-launch-2b1e",
            "mcp-launch/",
            "mcp-launch/value/a/1-1/x",
            "mcp-launch/value/a/2-1/1,,o,,",
            "mcp-launch/later/a/1-1/1",
            "mcp-launch/value/a/1-1/1,,o=,,",
        ] {
            assert!(Entry::read([label]).is_empty(), "{label}");
        }
    }
}
