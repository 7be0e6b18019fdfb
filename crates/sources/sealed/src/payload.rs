//! What the sealed file holds once it is open: names and values, as JSON.
//!
//! ```json
//! {"version":1,"secrets":{"API_TOKEN":{"text":"…"},"KEYSTORE":{"base64":"…"}}}
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mcp_launch_core::{Position, Secret, SourceError};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::unescape::unescape;

const VERSION: u32 = 1;

/// All secrets of a store, by name.
#[derive(Default)]
pub(crate) struct Payload {
    pub(crate) secrets: BTreeMap<String, Secret>,
}

impl Payload {
    /// Reads the whole document or nothing.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, SourceError> {
        let malformed = |error: serde_json::Error| {
            Fault::PayloadMalformed
                .error()
                .at(Position::Byte(offset(bytes, &error)))
        };
        // The version first: a later one may hold what this one would call malformed.
        let head: Head = serde_json::from_slice(bytes).map_err(malformed)?;
        if head.version > VERSION {
            return Err(Fault::NewerVersion.error());
        }
        let document: Document<'_> = serde_json::from_slice(bytes).map_err(malformed)?;
        if document.version != VERSION {
            return Err(Fault::PayloadMalformed.error());
        }
        let mut secrets = BTreeMap::new();
        for (name, entry) in document.secrets.0 {
            let value = entry.value().ok_or(Fault::PayloadMalformed.error())?;
            if secrets.insert(name, value).is_some() {
                return Err(Fault::PayloadMalformed.error());
            }
        }
        Ok(Self { secrets })
    }

    /// The document, in a buffer that was large enough from the start.
    pub(crate) fn print(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.longest_print()));
        serde_json::to_writer(&mut *bytes, self).expect("a map with text keys, into memory");
        debug_assert!(bytes.capacity() == self.longest_print());
        bytes
    }

    /// One byte becomes at most six (`\u0000`).
    fn longest_print(&self) -> usize {
        let entry = |(name, value): (&String, &Secret)| 6 * (name.len() + value.len()) + 32;
        64 + self.secrets.iter().map(entry).sum::<usize>()
    }
}

#[derive(Deserialize)]
struct Head {
    version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    version: u32,
    #[serde(borrow)]
    secrets: Entries<'a>,
}

/// Entries in their order; a map would hide that a name stands twice.
struct Entries<'a>(Vec<(String, Entry<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for Reader<'a> {
            type Value = Entries<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("secrets by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Reader(PhantomData))
    }
}

/// A value as it stands in the document, still escaped, borrowed from the wiped buffer.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Entry<'a> {
    #[serde(borrow)]
    Base64(&'a RawValue),
    #[serde(borrow)]
    Text(&'a RawValue),
}

impl Entry<'_> {
    fn value(&self) -> Option<Secret> {
        match self {
            Self::Base64(literal) => {
                let encoded = unescape(literal.get())?;
                let mut bytes =
                    Zeroizing::new(vec![0; base64::decoded_len_estimate(encoded.len())]);
                let length = STANDARD.decode_slice(&*encoded, &mut bytes).ok()?;
                bytes.truncate(length);
                Some(Secret::from(bytes))
            }
            Self::Text(literal) => unescape(literal.get()).map(Secret::from),
        }
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Document<'a> {
            version: u32,
            secrets: BTreeMap<&'a str, Value<'a>>,
        }

        let secrets = self.secrets.iter();
        Document {
            version: VERSION,
            secrets: secrets
                .map(|(name, value)| (name.as_str(), Value(value)))
                .collect(),
        }
        .serialize(serializer)
    }
}

struct Value<'a>(&'a Secret);

impl Serialize for Value<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "written into the buffer that is sealed next"
    )]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.0.expose();
        let mut map = serializer.serialize_map(Some(1))?;
        match std::str::from_utf8(bytes) {
            Ok(text) => map.serialize_entry("text", text)?,
            Err(_) => {
                let encoded = Zeroizing::new(STANDARD.encode(bytes));
                map.serialize_entry("base64", encoded.as_str())?;
            }
        }
        map.end()
    }
}

/// Where `error` is. Its text may quote a value, so nothing else is taken from it.
fn offset(bytes: &[u8], error: &serde_json::Error) -> usize {
    let lines = bytes.split_inclusive(|&byte| byte == b'\n');
    let before: usize = lines
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    before + error.column().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use mcp_launch_core::SourceErrorKind;
    use proptest::prelude::*;

    use super::*;

    fn payload_of(entries: &BTreeMap<String, Vec<u8>>) -> Payload {
        let secrets = entries
            .iter()
            .map(|(name, value)| (name.clone(), Secret::new(value.clone())));
        Payload {
            secrets: secrets.collect(),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the values under test")]
    fn entries_of(payload: Payload) -> BTreeMap<String, Vec<u8>> {
        let secrets = payload.secrets.into_iter();
        secrets
            .map(|(name, value)| (name, value.expose().to_vec()))
            .collect()
    }

    fn refusal(text: &str) -> SourceError {
        match Payload::parse(text.as_bytes()) {
            Ok(_) => panic!("{text} was read"),
            Err(error) => error,
        }
    }

    #[test]
    fn prints_sorted_text_and_base64() {
        let entries = BTreeMap::from([
            ("B".to_owned(), b"two\n\"lines\"".to_vec()),
            ("A".to_owned(), vec![0xff, 0]),
        ]);
        let printed = payload_of(&entries).print();
        assert_eq!(
            std::str::from_utf8(&printed).unwrap(),
            r#"{"version":1,"secrets":{"A":{"base64":"/wA="},"B":{"text":"two\n\"lines\""}}}"#
        );
    }

    #[test]
    fn reads_what_a_person_wrote_by_hand() {
        let text = r#"
            { "secrets": { "A": { "text": "x\u00e9" },
                           "B": { "base64": "aGk=" } }, "version": 1 }
        "#;
        let entries = entries_of(Payload::parse(text.as_bytes()).unwrap());
        assert_eq!(entries["A"], "xé".as_bytes());
        assert_eq!(entries["B"], b"hi");
    }

    #[test]
    fn a_malformed_document_gives_a_position_and_no_text() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"version":"hunter2","secrets":{}}"#,
            r#"{"version":0,"secrets":{}}"#,
            r#"{"version":1}"#,
            r#"{"version":1,"secrets":{},"hunter2":1}"#,
            r#"{"version":1,"secrets":{"A":"hunter2"}}"#,
            r#"{"version":1,"secrets":{"A":{"hunter2":"x"}}}"#,
            r#"{"version":1,"secrets":{"A":{"text":7}}}"#,
            r#"{"version":1,"secrets":{"A":{"text":"hunter2\ud800"}}}"#,
            r#"{"version":1,"secrets":{"A":{"text":"hunter2","base64":"aGk="}}}"#,
            r#"{"version":1,"secrets":{"A":{"base64":"hunter2!"}}}"#,
            r#"{"version":1,"secrets":{"A":{"text":"hunter2"},"A":{"text":"x"}}}"#,
            r#"{"version":1,"secrets":{}} hunter2"#,
        ] {
            let error = refusal(text);
            assert_eq!(error.kind(), SourceErrorKind::Malformed, "{text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{text}");
        }
        let text = "{\"version\":1,\n\"secrets\":{\"A\":7}}";
        assert_eq!(
            refusal(text).position(),
            Position::Byte(text.find('7').unwrap())
        );
    }

    #[test]
    fn a_later_version_says_so() {
        let error = refusal(r#"{"version":2,"vaults":[{"A":"b"}]}"#);
        assert_eq!(error, Fault::NewerVersion.error());
    }

    proptest! {
        #[test]
        fn parse_and_print_are_inverse(
            entries in prop::collection::btree_map(any::<String>(), prop::collection::vec(any::<u8>(), 0..40), 0..6)
        ) {
            let printed = payload_of(&entries).print();
            prop_assert_eq!(entries_of(Payload::parse(&printed).unwrap()), entries);
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(Payload::parse(&bytes));
        }

        #[test]
        fn the_buffer_never_grows(
            entries in prop::collection::btree_map("[\0-\u{1f}a\"]{1,9}", prop::collection::vec(prop::sample::select(vec![0u8, 1, b'"', 0xff]), 0..99), 1..6)
        ) {
            let payload = payload_of(&entries);
            prop_assert_eq!(payload.print().capacity(), payload.longest_print());
        }
    }
}
