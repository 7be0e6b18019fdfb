//! From the path of a field to its value.
//!
//! The text is taken apart level by level and values are cut out of it as they stand, so that `1.10` stays `1.10`.

use mcp_launch_core::Secret;
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::compact::without_spaces;
use crate::members::Members;

/// Why there is no such field. Bytes are counted from 0.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FieldError {
    /// A key of an object on the way stands twice, for the second time before this byte.
    DuplicateKey(usize),
    /// There is none. The fields that there are beside it, as a path writes them; none where a list, a text or a number was to
    /// have a key.
    Missing(Vec<String>),
    /// It is JSON without fields: a text, a number.
    NoFields,
    /// It is no JSON from this byte on.
    NotJson(usize),
    /// The field holds `null`, which is no value.
    Null,
}

/// The field at `path` of `json`: a text as it is, a number, `true` and `false` as JSON writes them, an object or a list
/// as JSON without spaces.
///
/// # Errors
/// See [`FieldError`].
pub fn select(json: &[u8], path: &str) -> Result<Secret, FieldError> {
    let document = Document::read(json)?;
    let found = document.find(path)?;
    document.content(found.value)
}

/// The names of the fields of `json`, an object, sorted.
///
/// # Errors
/// As of [`select`]; a list has no names.
pub fn names(json: &[u8]) -> Result<Vec<String>, FieldError> {
    let document = Document::read(json)?;
    if !document.text.trim_ascii_start().starts_with('{') {
        return Err(FieldError::NoFields);
    }
    let Members(members) = document.parsed(document.text)?;
    Ok(members.into_keys().collect())
}

pub(crate) struct Document<'a> {
    pub(crate) text: &'a str,
}

/// A value in its document.
pub(crate) struct Found<'a> {
    /// The object or the list that holds it, as it stands.
    pub(crate) parent: &'a str,
    /// As it stands.
    pub(crate) value: &'a str,
}

impl<'a> Document<'a> {
    pub(crate) fn read(json: &'a [u8]) -> Result<Self, FieldError> {
        text_of(json).map(|text| Self { text })
    }

    /// The value at `path`.
    pub(crate) fn find(&self, path: &str) -> Result<Found<'a>, FieldError> {
        let whole: &RawValue = self.parsed(self.text)?;
        let mut value = whole.get();
        let mut parent = value;
        if !value.starts_with(['{', '[']) {
            return Err(FieldError::NoFields);
        }
        let mut rest = Rest::Start(path);
        loop {
            rest = match (rest, value.as_bytes().first()) {
                (Rest::End, _) => return Ok(Found { parent, value }),
                (Rest::Start(step) | Rest::Key(step), Some(b'{')) => {
                    let before = &path[..path.len() - step.len()];
                    let (member, rest) = self.member(value, before, step)?;
                    parent = value;
                    value = member;
                    rest
                }
                (Rest::Start(step) | Rest::Index(step), Some(b'[')) => {
                    let (element, rest) = self.element(value, step)?;
                    parent = value;
                    value = element;
                    rest
                }
                _ => return Err(FieldError::Missing(Vec::new())),
            };
        }
    }

    /// The longest key that `step` begins with, and what follows it: a key may hold dots and brackets itself. `before`
    /// leads to the object.
    fn member<'p>(
        &self,
        object: &'a str,
        before: &str,
        step: &'p str,
    ) -> Result<(&'a str, Rest<'p>), FieldError> {
        let Members(members) = self.parsed(object)?;
        let ends = step
            .char_indices()
            .rev()
            .filter(|(_, character)| matches!(character, '.' | '['))
            .map(|(index, _)| index);
        for end in std::iter::once(step.len()).chain(ends) {
            let (key, rest) = step.split_at(end);
            if let (Some(value), Some(rest)) = (members.get(key), Rest::of(rest)) {
                return Ok((value.get(), rest));
            }
        }
        let names = members.keys().map(|key| format!("{before}{key}"));
        Err(FieldError::Missing(names.collect()))
    }

    /// The element that `[n]` at the start of `step` names, and what follows it.
    fn element<'p>(&self, list: &'a str, step: &'p str) -> Result<(&'a str, Rest<'p>), FieldError> {
        let missing = || FieldError::Missing(Vec::new());
        let (index, rest) = step
            .strip_prefix('[')
            .and_then(|inside| inside.split_once(']'))
            .ok_or_else(missing)?;
        let elements: Vec<&RawValue> = self.parsed(list)?;
        let element = index_of(index)
            .and_then(|index| elements.get(index))
            .ok_or_else(missing)?;
        Ok((element.get(), Rest::of(rest).ok_or_else(missing)?))
    }

    fn content(&self, value: &'a str) -> Result<Secret, FieldError> {
        content(self.text, value)
    }

    pub(crate) fn parsed<T: Deserialize<'a>>(&self, part: &'a str) -> Result<T, FieldError> {
        parsed(self.text, part)
    }

    /// At which byte `part`, a part of the text, begins.
    pub(crate) fn place_of(&self, part: &str) -> usize {
        part.as_ptr().addr() - self.text.as_ptr().addr()
    }
}

/// `json` as text.
pub(crate) fn text_of(json: &[u8]) -> Result<&str, FieldError> {
    std::str::from_utf8(json).map_err(|error| FieldError::NotJson(error.valid_up_to()))
}

/// The value that `value` is, a part of `whole`, as it is given.
pub(crate) fn content(whole: &str, value: &str) -> Result<Secret, FieldError> {
    match value.as_bytes().first() {
        Some(b'"') => {
            let mut text: Zeroizing<String> = Zeroizing::new(parsed(whole, value)?);
            Ok(Secret::new(std::mem::take(&mut *text).into_bytes()))
        }
        Some(b'{' | b'[') => Ok(Secret::new(without_spaces(value))),
        _ if value == "null" => Err(FieldError::Null),
        _ => Ok(Secret::new(value.as_bytes().to_vec())),
    }
}

/// Reads `part`, a part of `whole`; a failure says where in the whole, and nothing of what.
pub(crate) fn parsed<'a, T: Deserialize<'a>>(whole: &str, part: &'a str) -> Result<T, FieldError> {
    serde_json::from_str(part).map_err(|error| {
        let lines: usize = part
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum();
        let before = part.as_ptr().addr() - whole.as_ptr().addr();
        let byte = before + lines + error.column().saturating_sub(1);
        if error.is_data() {
            FieldError::DuplicateKey(byte)
        } else {
            FieldError::NotJson(byte)
        }
    })
}

/// What is left of a path, for the level below. A dot leads to a key and a bracket to an element, so that every value has
/// one spelling.
#[derive(Clone, Copy)]
enum Rest<'p> {
    End,
    Index(&'p str),
    Key(&'p str),
    /// The whole path: a key or an element.
    Start(&'p str),
}

impl<'p> Rest<'p> {
    /// What follows a key or an element; none where that does not end there.
    fn of(rest: &'p str) -> Option<Self> {
        match rest.strip_prefix('.') {
            Some("") => None,
            Some(key) => Some(Self::Key(key)),
            None if rest.is_empty() => Some(Self::End),
            None => rest.starts_with('[').then_some(Self::Index(rest)),
        }
    }
}

/// An index in its one spelling: without a sign, and without zeros before it.
fn index_of(text: &str) -> Option<usize> {
    let canonical = text == "0" || text.starts_with(|first| matches!(first, '1'..='9'));
    canonical.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the values under test")]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::overlap;

    fn field(json: &str, path: &str) -> Result<String, FieldError> {
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
        let nested =
            r#"{"a": {"list": [ {"x": "first"}, "second", [7] ], "b.c": {"d": 1}, "[0]": "key"}}"#;
        for (path, value) in [
            ("a.list[0].x", "first"),
            ("a.list[1]", "second"),
            ("a.list[2][0]", "7"),
            ("a.list[2]", "[7]"),
            ("a.b.c.d", "1"),
            ("a.[0]", "key"),
        ] {
            assert_eq!(field(nested, path).unwrap(), value, "{path}");
        }
        assert_eq!(field("[1, 2]", "[1]").unwrap(), "2");
        assert_eq!(field(r#"{"[0]": 1}"#, "[0]").unwrap(), "1");
        assert_eq!(
            field(r#"{"a": "x \" , {  \\" }"#, "a").unwrap(),
            "x \" , {  \\"
        );
    }

    #[test]
    fn a_field_that_is_not_there_is_missing_among_the_others() {
        let names = ["a", "b"].map(str::to_owned).to_vec();
        assert_eq!(
            field(r#"{"b": 1, "a": 2}"#, "c"),
            Err(FieldError::Missing(names.clone()))
        );
        assert_eq!(super::names(br#" {"b": 1, "a": 2}"#), Ok(names));
        assert_eq!(super::names(b"[1]"), Err(FieldError::NoFields));
        let inner = ["x[1].a", "x[1].b"].map(str::to_owned).to_vec();
        assert_eq!(
            field(r#"{"x": [1, {"a": 1, "b": 2}]}"#, "x[1].c"),
            Err(FieldError::Missing(inner))
        );
        for path in [
            "a.x", "a.", "a[3]", "a[x]", "a[0", "a[-1]", "a[0]]", "a[0]b", "a[0].", "a[0].b.c",
        ] {
            assert!(
                matches!(
                    field(r#"{"a": [{"b": 1}]}"#, path),
                    Err(FieldError::Missing(_))
                ),
                "{path}"
            );
        }
    }

    #[test]
    fn an_element_has_one_spelling() {
        for path in [
            "a[00]",
            "a[+0]",
            "a[ 0]",
            "a[0 ]",
            "a.[0]",
            "a[]",
            "[00]",
            "a[99999999999999999999]",
        ] {
            for json in [r#"{"a": ["x"]}"#, r#"["x"]"#] {
                assert!(
                    matches!(field(json, path), Err(FieldError::Missing(_))),
                    "{path}"
                );
            }
        }
        assert!(field(r#"{"a": {"[0]": "x"}}"#, "a[0]").is_err());
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        for (json, path, error) in [
            ("hunter2", "a", FieldError::NotJson(0)),
            ("{\"a\": 1", "a", FieldError::NotJson(6)),
            ("{\"a\": 1}\n}", "a", FieldError::NotJson(9)),
            ("{\"a\":1,\"a\":2}", "a", FieldError::DuplicateKey(9)),
            (
                "{\"b\":1,\n \"a\":{\"c\":1,\"c\":2}}",
                "a.c",
                FieldError::DuplicateKey(22),
            ),
            ("\"text\"", "a", FieldError::NoFields),
            ("7", "a", FieldError::NoFields),
            (r#"{"a": {"c": null}}"#, "a.c", FieldError::Null),
        ] {
            assert_eq!(field(json, path), Err(error), "{json}");
        }
        assert!(matches!(
            field(r#"{"a": "\ud800"}"#, "a"),
            Err(FieldError::NotJson(_))
        ));
        assert_eq!(
            select(b"{\"a\": \"\xff\"}", "a").map(drop),
            Err(FieldError::NotJson(7))
        );
    }

    /// Few keys of few characters, so that paths are ambiguous wherever they can be.
    fn documents() -> impl Strategy<Value = Value> {
        let leaf = (0..10u8).prop_map(Value::from);
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::hash_map(keys(), inner, 0..4).prop_map(Value::from_iter),
            ]
        })
    }

    fn keys() -> impl Strategy<Value = String> {
        prop_oneof!["[ab.]{0,3}", "[ab]?\\[0\\]", "[ab]"]
    }

    fn paths() -> impl Strategy<Value = String> {
        prop::collection::vec(
            prop::sample::select(vec![
                ".", "[0]", "[1]", "[00]", "[+0]", "[", "]", "a", "b", "ab",
            ]),
            1..6,
        )
        .prop_map(|parts| parts.concat())
    }

    /// Where the value at `path` stands in the text.
    fn span(json: &str, path: &str) -> Option<(usize, usize)> {
        let document = Document { text: json };
        let value = document.find(path).ok()?.value;
        let start = value.as_ptr().addr() - json.as_ptr().addr();
        Some((start, start + value.len()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn values_that_hold_each_other_have_fields_that_overlap(
            document in documents(), one in paths(), other in paths()
        ) {
            let json = document.to_string();
            if let (Some(a), Some(b)) = (span(&json, &one), span(&json, &other)) {
                if a.0 < b.1 && b.0 < a.1 {
                    prop_assert!(overlap(Some(&one), Some(&other)), "{json}: {one} {other}");
                }
                if a == b {
                    prop_assert_eq!(one, other, "two spellings of one value in {}", json);
                }
            }
        }
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
    }
}
