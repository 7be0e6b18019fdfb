//! A field of a secret that is JSON: `password`, `db.password`, `hosts[0].name`.
//!
//! The text is taken apart level by level and values are cut out of it as they stand, so that `1.10` stays `1.10`.

use std::collections::HashSet;
use std::fmt;

use mcp_launch_core::{Position, Secret, SourceError};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::fault::Fault;

/// Why there is no such field.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum NoField {
    /// What is there cannot be read.
    Malformed(SourceError),
    /// There are others: their names, where an object has it not.
    Missing(Vec<String>),
}

impl From<SourceError> for NoField {
    fn from(error: SourceError) -> Self {
        Self::Malformed(error)
    }
}

/// The field at `path` of `json`: a text as it is, a number, `true` and `false` as JSON writes them, an object or a list
/// as JSON without spaces.
pub(crate) fn select(json: &[u8], path: &str) -> Result<Secret, NoField> {
    let text = std::str::from_utf8(json).map_err(|error| {
        Fault::NotJson
            .error()
            .at(Position::Byte(error.valid_up_to()))
    })?;
    let mut value: &RawValue = parsed(text, Fault::NotJson)?;
    if !value.get().starts_with(['{', '[']) {
        return Err(Fault::NoObject.error().into());
    }
    let mut rest = path;
    while !rest.is_empty() {
        (value, rest) = if value.get().starts_with('[') {
            element(value.get(), rest)?
        } else if value.get().starts_with('{') {
            member(value.get(), rest)?
        } else {
            return Err(NoField::Missing(Vec::new()));
        };
    }
    Ok(content(value.get())?)
}

/// The longest key that `path` begins with, and what follows it. A key may hold dots and brackets itself.
fn member<'a, 'p>(object: &'a str, path: &'p str) -> Result<(&'a RawValue, &'p str), NoField> {
    let Members(members) = parsed(object, Fault::DuplicateKey)?;
    let ends = path
        .char_indices()
        .rev()
        .filter(|(_, character)| matches!(character, '.' | '['))
        .map(|(index, _)| index);
    for end in std::iter::once(path.len()).chain(ends) {
        let (key, rest) = path.split_at(end);
        let found = members.iter().find(|(name, _)| name == key);
        if let (Some((_, value)), Some(rest)) = (found, next_level(rest)) {
            return Ok((value, rest));
        }
    }
    let mut names: Vec<String> = members.into_iter().map(|(name, _)| name).collect();
    names.sort();
    Err(NoField::Missing(names))
}

/// The element that `[n]` at the start of `path` names, and what follows it.
fn element<'a, 'p>(list: &'a str, path: &'p str) -> Result<(&'a RawValue, &'p str), NoField> {
    let missing = || NoField::Missing(Vec::new());
    let (index, rest) = path
        .strip_prefix('[')
        .and_then(|inside| inside.split_once(']'))
        .ok_or_else(missing)?;
    let elements: Vec<&RawValue> = parsed(list, Fault::NotJson)?;
    let value = index
        .parse::<usize>()
        .ok()
        .and_then(|index| elements.get(index).copied())
        .ok_or_else(missing)?;
    Ok((value, next_level(rest).ok_or_else(missing)?))
}

/// What is left of a path after a key or an element, for the level below.
fn next_level(rest: &str) -> Option<&str> {
    match rest.strip_prefix('.') {
        Some("") => None,
        Some(key) => Some(key),
        None => (rest.is_empty() || rest.starts_with('[')).then_some(rest),
    }
}

fn content(json: &str) -> Result<Secret, SourceError> {
    match json.as_bytes().first() {
        Some(b'"') => {
            let mut text: Zeroizing<String> = Zeroizing::new(parsed(json, Fault::NotJson)?);
            Ok(Secret::new(std::mem::take(&mut *text).into_bytes()))
        }
        Some(b'{' | b'[') => Ok(Secret::new(without_spaces(json))),
        _ if json == "null" => Err(Fault::Null.error()),
        _ => Ok(Secret::new(json.as_bytes().to_vec())),
    }
}

/// Takes out what stands between the tokens.
fn without_spaces(json: &str) -> Vec<u8> {
    let mut compact = Vec::with_capacity(json.len());
    let (mut in_text, mut escaped) = (false, false);
    for &byte in json.as_bytes() {
        if !in_text && byte.is_ascii_whitespace() {
            continue;
        }
        if byte == b'"' && !escaped {
            in_text = !in_text;
        }
        escaped = in_text && byte == b'\\' && !escaped;
        compact.push(byte);
    }
    compact
}

/// Reads `json`; a failure says where and nothing of what.
fn parsed<'a, T: serde::Deserialize<'a>>(json: &'a str, fault: Fault) -> Result<T, SourceError> {
    serde_json::from_str(json).map_err(|error| {
        let fault = if error.is_data() {
            fault
        } else {
            Fault::NotJson
        };
        let before: usize = json
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum();
        fault
            .error()
            .at(Position::Byte(before + error.column().saturating_sub(1)))
    })
}

/// The members of an object as they stand. A key that stands twice is an error: readers disagree on which counts.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(String, &RawValue)> = Vec::new();
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(serde::de::Error::custom("a key stands twice"));
            }
            members.push((key, map.next_value()?));
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the values under test")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field(json: &str, path: &str) -> Result<String, NoField> {
        select(json.as_bytes(), path)
            .map(|secret| String::from_utf8(secret.expose().to_vec()).unwrap())
    }

    const JSON: &str = r#" {
        "user": "me", "port": 5432, "ratio": 1.10, "big": 12345678901234567890123, "on": true, "empty": "",
        "a": {"b": "inner", "list": [ {"x": "first"}, "second", [7] ]},
        "a.b": "literal", "k[0]": "bracket", "a.list": "short", "nothing": null,
        "text": "q\" \\ \n \u00fc {} ", "": "unnamed"
    } "#;

    #[test]
    fn fields_are_found_at_every_depth() {
        for (path, value) in [
            ("user", "me"),
            ("port", "5432"),
            ("ratio", "1.10"),
            ("big", "12345678901234567890123"),
            ("on", "true"),
            ("empty", ""),
            ("text", "q\" \\ \n ü {} "),
            ("a.b", "literal"),
            ("a.list", "short"),
            ("k[0]", "bracket"),
            ("a", r#"{"b":"inner","list":[{"x":"first"},"second",[7]]}"#),
        ] {
            assert_eq!(field(JSON, path).unwrap(), value, "{path}");
        }
        let nested = r#"{"a": {"list": [ {"x": "first"}, "second", [7] ], "b.c": {"d": 1}}}"#;
        for (path, value) in [
            ("a.list[0].x", "first"),
            ("a.list[1]", "second"),
            ("a.list[2][0]", "7"),
            ("a.list[2]", "[7]"),
            ("a.b.c.d", "1"),
        ] {
            assert_eq!(field(nested, path).unwrap(), value, "{path}");
        }
        assert_eq!(field("[1, 2]", "[1]").unwrap(), "2");
        assert_eq!(
            field(r#"{"a": "x \" , {  \\" }"#, "a").unwrap(),
            "x \" , {  \\"
        );
        assert_eq!(
            field(r#"{"a": {"b" : "x \" ,  y\\" , "c":1} }"#, "a").unwrap(),
            r#"{"b":"x \" ,  y\\","c":1}"#
        );
    }

    #[test]
    fn a_field_that_is_not_there_is_missing_among_the_others() {
        let names = ["a", "b"].map(str::to_owned).to_vec();
        assert_eq!(
            field(r#"{"b": 1, "a": 2}"#, "c"),
            Err(NoField::Missing(names))
        );
        for path in [
            "a.x", "a.", "a[3]", "a[x]", "a[0", "a[-1]", "a[0]]", "a[0]b", "a[0].", "a[0].b.c",
        ] {
            assert!(
                matches!(
                    field(r#"{"a": [{"b": 1}]}"#, path),
                    Err(NoField::Missing(_))
                ),
                "{path}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_by_fault_and_place() {
        for (json, fault, byte) in [
            ("hunter2", Fault::NotJson, 0),
            ("{\"a\": 1", Fault::NotJson, 6),
            ("{\"a\": 1}\n}", Fault::NotJson, 9),
            ("{\"a\":1,\"a\":2}", Fault::DuplicateKey, 9),
        ] {
            let Err(NoField::Malformed(error)) = field(json, "a") else {
                panic!("{json} is read");
            };
            assert_eq!(Fault::of(error), Some(fault), "{json}");
            assert_eq!(error.position(), Position::Byte(byte), "{json}");
        }
        for (json, fault) in [
            ("\"text\"", Fault::NoObject),
            ("7", Fault::NoObject),
            (r#"{"a": null}"#, Fault::Null),
            (r#"{"a": "\ud800"}"#, Fault::NotJson),
        ] {
            let Err(NoField::Malformed(error)) = field(json, "a") else {
                panic!("{json} is read");
            };
            assert_eq!(Fault::of(error), Some(fault), "{json}");
        }
        let Err(NoField::Malformed(error)) = select(b"{\"a\": \"\xff\"}", "a").map(drop) else {
            panic!("bytes that are no text are read");
        };
        assert_eq!(error.position(), Position::Byte(7));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(json in prop::collection::vec(any::<u8>(), 0..200), path in ".{1,20}") {
            drop(select(&json, &path));
        }

        #[test]
        fn any_text_comes_back(key in "[^.\\[]{1,20}", value in ".{0,200}") {
            let json = serde_json::to_string(&serde_json::json!({ (key.clone()): value.clone() })).unwrap();
            prop_assert_eq!(field(&json, &key).unwrap(), value);
        }

        #[test]
        fn leaving_out_spaces_changes_nothing(value in ".{0,50}", number in any::<i64>()) {
            let json = serde_json::json!({ "a": { "k": [value, number], "é \" \\": {} } });
            let spaced = serde_json::to_string_pretty(&json).unwrap();
            let compact: serde_json::Value = serde_json::from_str(&field(&spaced, "a").unwrap()).unwrap();
            prop_assert_eq!(&compact, &json["a"]);
        }
    }
}
