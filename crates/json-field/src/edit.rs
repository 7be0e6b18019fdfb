//! A field put into a document, or taken out of it. Everything else stays as it stands, to the byte: order, spaces and
//! the spelling of numbers.

use std::ops::Range;

use mcp_launch_core::Secret;
use zeroize::Zeroizing;

use crate::members::{Members, Pairs};
use crate::select::{Document, FieldError, Found};

/// Why a document is not changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EditError {
    /// It is an element of a list: without it, the ones behind it would have other numbers.
    Element,
    /// The document cannot be read, or has no such field to take out: as of [`select`](crate::select()).
    Field(FieldError),
    /// There is no such field, and a shorter one that it would lie in is there: only that one can be written, as a whole.
    Within,
}

impl From<FieldError> for EditError {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

/// `json` with `text` at `path`, in place of what is there. A field that is not there becomes the last one of the object,
/// with the whole path as its key, which is how it is found again.
///
/// # Errors
/// See [`EditError`].
pub fn set(json: &[u8], path: &str, text: &str) -> Result<Secret, EditError> {
    let document = Document::read(json)?;
    match document.find(path) {
        Ok(found) => {
            let start = document.place_of(found.value);
            let end = start + found.value.len();
            Ok(document.with(start..end, &[&quoted(text)]))
        }
        Err(FieldError::Missing(_)) => document.with_new(path, text),
        Err(error) => Err(error.into()),
    }
}

/// `json` without the field at `path`.
///
/// # Errors
/// See [`EditError`].
pub fn remove(json: &[u8], path: &str) -> Result<Secret, EditError> {
    let document = Document::read(json)?;
    let Found { parent, value } = document.find(path)?;
    if !parent.starts_with('{') {
        return Err(EditError::Element);
    }
    let Pairs(pairs) = document.parsed(parent)?;
    let of = |text: &str| document.place_of(text);
    let start = of(value);
    let end = start + value.len();
    let before = pairs.iter().take_while(|(_, other)| of(other) < start);
    let behind = pairs.iter().find(|(key, _)| of(key) > start);
    let cut = match (before.last(), behind) {
        // With the comma before it; the first one with the comma behind it.
        (Some((_, before)), _) => of(before) + before.len()..end,
        (None, Some((behind, _))) => of(pairs[0].0)..of(behind),
        (None, None) => of(pairs[0].0)..end,
    };
    Ok(document.with(cut, &[]))
}

impl Document<'_> {
    /// With a new field at the end of the outermost object, set off as the one before it is.
    fn with_new(&self, path: &str, text: &str) -> Result<Secret, EditError> {
        let object = self.text.trim_ascii_start();
        if !object.starts_with('{') {
            return Err(FieldError::NoFields.into());
        }
        let Members(members) = self.parsed(object)?;
        let lies_within = path
            .match_indices(['.', '['])
            .filter_map(|(end, _)| members.get(&path[..end]))
            .any(|value| value.get().starts_with(['{', '[']));
        if lies_within {
            return Err(EditError::Within);
        }
        let Pairs(pairs) = self.parsed(object)?;
        let between = |before: &str, behind: &str| {
            &self.text[self.place_of(before) + before.len()..self.place_of(behind)]
        };
        let (key, value) = (quoted(path), quoted(text));
        let start = self.place_of(object) + 1;
        Ok(match pairs.as_slice() {
            [] => self.with(start..start, &[&key, ":", &value]),
            [.., (last_key, last)] => {
                let end = self.place_of(last) + last.len();
                let colon = between(last_key, last);
                let (comma, space) = match pairs.as_slice() {
                    [.., (_, before), _] => ("", between(before, last_key)),
                    _ => (",", &self.text[start..self.place_of(last_key)]),
                };
                self.with(end..end, &[comma, space, &key, colon, &value])
            }
        })
    }

    /// With `parts` in place of what stands at `place`.
    fn with(&self, place: Range<usize>, parts: &[&str]) -> Secret {
        let before = [&self.text[..place.start]];
        let behind = [&self.text[place.end..]];
        let all = || before.iter().chain(parts).chain(&behind);
        let mut text = Vec::with_capacity(all().map(|part| part.len()).sum());
        all().for_each(|part| text.extend_from_slice(part.as_bytes()));
        Secret::new(text)
    }
}

/// As a text of JSON.
fn quoted(text: &str) -> Zeroizing<String> {
    /// `\u001f`, the longest that one byte becomes.
    const LONGEST: usize = 6;

    let mut json = Zeroizing::new(String::with_capacity(LONGEST * text.len() + 2));
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            control if control < ' ' => {
                json.push_str("\\u00");
                let digit = |value: u32| char::from_digit(value, 16).unwrap_or('0');
                json.push(digit(u32::from(control) >> 4));
                json.push(digit(u32::from(control) & 15));
            }
            other => json.push(other),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the values under test")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::select;

    fn text(secret: Secret) -> String {
        String::from_utf8(secret.expose().to_vec()).unwrap()
    }

    fn with(json: &str, path: &str, value: &str) -> Result<String, EditError> {
        set(json.as_bytes(), path, value).map(text)
    }

    fn without(json: &str, path: &str) -> Result<String, EditError> {
        remove(json.as_bytes(), path).map(text)
    }

    #[test]
    fn a_field_is_replaced_where_it_stands() {
        for (json, path, after) in [
            (r#"{"a": "1", "b": 1.10}"#, "a", r#"{"a": "x", "b": 1.10}"#),
            (
                " {\"b\":1e2,\n \"a\" : null } ",
                "a",
                " {\"b\":1e2,\n \"a\" : \"x\" } ",
            ),
            (
                r#"{"a":{"b":[1,{"c":2}]}}"#,
                "a.b[1].c",
                r#"{"a":{"b":[1,{"c":"x"}]}}"#,
            ),
            (
                r#"{"a.b":1,"a":{"b":2}}"#,
                "a.b",
                r#"{"a.b":"x","a":{"b":2}}"#,
            ),
            ("[1, 2]", "[1]", r#"[1, "x"]"#),
        ] {
            assert_eq!(with(json, path, "x").unwrap(), after, "{json}");
        }
    }

    #[test]
    fn a_new_field_stands_last_and_is_set_off_as_the_others_are() {
        for (json, after) in [
            ("{}", r#"{"new":"x"}"#),
            ("{ }\n", "{\"new\":\"x\" }\n"),
            (r#"{"a":1}"#, r#"{"a":1,"new":"x"}"#),
            (r#"{"a": 1, "b": 2}"#, r#"{"a": 1, "b": 2, "new": "x"}"#),
            (
                "{\n  \"a\": 1\n}\n",
                "{\n  \"a\": 1,\n  \"new\": \"x\"\n}\n",
            ),
        ] {
            assert_eq!(with(json, "new", "x").unwrap(), after, "{json}");
        }
        assert_eq!(
            with(r#"{"a":"b"}"#, "a.b", "x").unwrap(),
            r#"{"a":"b","a.b":"x"}"#
        );
    }

    #[test]
    fn a_new_field_does_not_lie_within_another() {
        for (json, path) in [
            (r#"{"a":{"c":1}}"#, "a.b"),
            (r#"{"a":{"b.c":1}}"#, "a.b"),
            (r#"{"a":[1]}"#, "a[1]"),
        ] {
            assert_eq!(with(json, path, "x"), Err(EditError::Within), "{json}");
        }
    }

    #[test]
    fn a_field_is_taken_out_with_one_comma() {
        for (json, path, after) in [
            (r#"{"a": 1}"#, "a", "{}"),
            (r#"{"a": 1, "b": 2}"#, "a", r#"{"b": 2}"#),
            (r#"{"a": 1, "b": 2}"#, "b", r#"{"a": 1}"#),
            (r#"{"a": 1, "b" : 2 , "c": 3}"#, "b", r#"{"a": 1 , "c": 3}"#),
            (
                r#"{"a":{"b":{},"c":[]},"d":1.0}"#,
                "a.b",
                r#"{"a":{"c":[]},"d":1.0}"#,
            ),
        ] {
            assert_eq!(without(json, path).unwrap(), after, "{json}");
        }
        assert_eq!(without(r#"{"a":[1]}"#, "a[0]"), Err(EditError::Element));
        let missing = FieldError::Missing(vec!["a".to_owned()]);
        assert_eq!(without(r#"{"a":1}"#, "b"), Err(missing.into()));
    }

    #[test]
    fn what_is_no_object_is_not_changed() {
        for (json, error) in [
            ("hunter2", FieldError::NotJson(0)),
            ("7", FieldError::NoFields),
            ("[]", FieldError::NoFields),
            (r#"{"b":1,"b":2}"#, FieldError::DuplicateKey(9)),
        ] {
            assert_eq!(with(json, "a", "x"), Err(error.into()), "{json}");
        }
    }

    proptest! {
        #[test]
        fn what_is_put_in_is_found_and_taken_out_again(
            keys in prop::collection::btree_set("[ab.]{1,3}|\\PC{1,4}|[\"\\\\\n\u{1}]{1,2}", 0..5),
            path in "[ab.]{1,3}|\\PC{1,4}|[\"\\\\\n\u{1}]{1,2}", value in any::<String>(),
        ) {
            let members = keys.iter().map(|key| format!("{} : 1.10", *quoted(key)));
            let json = format!("{{ {} }}", members.collect::<Vec<_>>().join(" ,"));
            let put = with(&json, &path, &value).unwrap();
            serde_json::from_str::<serde_json::Value>(&put).unwrap();
            prop_assert_eq!(text(select(put.as_bytes(), &path).unwrap()), value);
            for key in keys.iter().filter(|key| **key != path) {
                prop_assert_eq!(text(select(put.as_bytes(), key).unwrap()), "1.10");
            }
            let taken = without(&put, &path).unwrap();
            if !keys.contains(&path) && !keys.is_empty() {
                prop_assert_eq!(taken, json);
            }
        }
    }
}
