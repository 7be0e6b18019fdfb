//! An object that is changed field by field.

use std::collections::BTreeMap;

use mcp_launch_core::Secret;
use serde::Serialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::members::Members;
use crate::select::{FieldError, content, text_of};

/// The longest that one byte of a text can become in JSON: `\u0000`.
const LONGEST_ESCAPE: usize = 6;

/// What a member takes beside its key and its value: quotes, colon, comma.
const AROUND: usize = 6;

/// The members of an object. What is not changed is written as it stood, so that `1.10` stays `1.10`.
///
/// A field is a key here, never a path: [`Object::is_path`] tells which names are taken for one where fields are read.
pub struct Object<'a> {
    members: BTreeMap<String, Member<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Member<'a> {
    Kept(&'a RawValue),
    Text(&'a str),
}

impl<'a> Object<'a> {
    /// An object without members.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            members: BTreeMap::new(),
        }
    }

    /// The object that `json` is.
    ///
    /// # Errors
    /// See [`FieldError`].
    pub fn read(json: &'a [u8]) -> Result<Self, FieldError> {
        let text = text_of(json)?;
        if !text.trim_ascii_start().starts_with('{') {
            return Err(FieldError::NoFields);
        }
        let Members(members) = crate::select::parsed(text, text)?;
        let kept = |(key, value)| (key, Member::Kept(value));
        Ok(Self {
            members: members.into_iter().map(kept).collect(),
        })
    }

    /// Whether it has no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The keys of its members, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// Whether [`crate::select()`] would look for `name` within another field: it is no key, and a part of it that ends at a dot
    /// or a bracket is one.
    #[must_use]
    pub fn is_path(&self, name: &str) -> bool {
        !self.members.contains_key(name)
            && name
                .match_indices(['.', '['])
                .any(|(end, _)| self.members.contains_key(&name[..end]))
    }

    /// The value under `key`, as [`crate::select()`] gives it.
    ///
    /// # Errors
    /// [`FieldError::Null`].
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Result<Secret, FieldError>> {
        Some(match self.members.get(key)? {
            Member::Kept(value) => content(value.get(), value.get()),
            Member::Text(text) => Ok(Secret::new(text.as_bytes().to_vec())),
        })
    }

    /// The value under `key` as it stands, quotes included.
    #[must_use]
    pub fn as_written(&self, key: &str) -> Option<&'a str> {
        match self.members.get(key)? {
            Member::Kept(value) => Some(value.get()),
            Member::Text(_) => None,
        }
    }

    /// The keys and values of the members that are texts, sorted by key.
    ///
    /// # Errors
    /// [`FieldError::NotJson`] for a text that no text can be, such as half of a surrogate pair.
    pub fn texts(&self) -> Result<Vec<(&str, Secret)>, FieldError> {
        let texts = self.members.iter().filter_map(|(key, value)| match value {
            Member::Kept(value) if !value.get().starts_with('"') => None,
            Member::Kept(value) => {
                let value = content(value.get(), value.get());
                Some(value.map(|value| (key.as_str(), value)))
            }
            Member::Text(text) => {
                let value = Secret::new(text.as_bytes().to_vec());
                Some(Ok((key.as_str(), value)))
            }
        });
        texts.collect()
    }

    /// Puts the value that `json` is under `key`, as it stands there.
    ///
    /// # Errors
    /// [`FieldError::NotJson`].
    pub fn set_json(&mut self, key: &str, json: &'a [u8]) -> Result<(), FieldError> {
        let text = text_of(json)?;
        let value = crate::select::parsed(text, text)?;
        self.members.insert(key.to_owned(), Member::Kept(value));
        Ok(())
    }

    /// Puts `text` under `key`.
    pub fn set(&mut self, key: &str, text: &'a str) {
        self.members.insert(key.to_owned(), Member::Text(text));
    }

    /// Takes `key` out.
    pub fn remove(&mut self, key: &str) {
        self.members.remove(key);
    }

    /// The object as JSON. None where a system has no memory for it.
    #[must_use]
    pub fn to_json(&self) -> Option<Zeroizing<Vec<u8>>> {
        let longest = self.members.iter().map(|(key, value)| {
            let value = match value {
                Member::Kept(value) => value.get().len(),
                Member::Text(text) => text.len() * LONGEST_ESCAPE,
            };
            key.len() * LONGEST_ESCAPE + value + AROUND
        });
        // Large enough from the start, so that no part of it stays behind where a buffer has grown.
        let mut json = Zeroizing::new(Vec::with_capacity(longest.sum::<usize>() + AROUND));
        serde_json::to_writer(&mut *json, &self.members).ok()?;
        Some(json)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the values under test")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::select;

    fn written(object: &Object<'_>) -> String {
        String::from_utf8(object.to_json().unwrap().to_vec()).unwrap()
    }

    #[test]
    fn what_is_not_changed_is_written_as_it_stood() {
        let json = br#" {"z": 1.10, "big": 12345678901234567890123, "a": {"b" : [1e3]}, "n": null, "t": "\u00fc"} "#;
        let mut object = Object::read(json).unwrap();
        object.set("new", "q\"\n");
        object.set("t", "x");
        object.remove("n");
        assert_eq!(
            written(&object),
            r#"{"a":{"b" : [1e3]},"big":12345678901234567890123,"new":"q\"\n","t":"x","z":1.10}"#
        );
        assert!(!object.is_empty() && Object::empty().is_empty());
        assert_eq!(written(&Object::empty()), "{}");
    }

    #[test]
    fn a_name_is_a_path_where_a_field_begins_it() {
        let object = Object::read(br#"{"a": {"b": 1}, "c.d": 2, "l": [1]}"#).unwrap();
        for path in ["a.b", "a.x", "l[0]", "a[0]", "c.d.e"] {
            assert!(object.is_path(path), "{path}");
        }
        for key in ["a", "c.d", "c", "c.e", "x.y", "x[0]", "ab.c", "[0]", ".a"] {
            assert!(!object.is_path(key), "{key}");
        }
    }

    #[test]
    fn values_are_given_as_a_selection_gives_them() {
        let object =
            Object::read(br#"{"t": "a\n", "n": 1.10, "o": { "x" : 1 }, "z": null}"#).unwrap();
        let value = |key: &str| {
            let value = object.get(key)?;
            Some(value.map(|value| String::from_utf8(value.expose().to_vec()).unwrap()))
        };
        assert_eq!(value("t"), Some(Ok("a\n".to_owned())));
        assert_eq!(value("n"), Some(Ok("1.10".to_owned())));
        assert_eq!(value("o"), Some(Ok(r#"{"x":1}"#.to_owned())));
        assert_eq!(value("z"), Some(Err(FieldError::Null)));
        assert_eq!(value("x"), None);
        for (json, error) in [
            (&b"[1]"[..], FieldError::NoFields),
            (b"{\"a\":1,\"a\":2}", FieldError::DuplicateKey(9)),
            (b"{", FieldError::NotJson(0)),
        ] {
            assert_eq!(Object::read(json).err(), Some(error));
        }
    }

    #[test]
    fn texts_are_told_from_other_values_and_a_value_is_put_in_as_it_stands() {
        let mut object =
            Object::read(br#"{"t": "a\n", "n": 1, "o": {"x": "y"}, "z": null}"#).unwrap();
        object.set("s", "b");
        object.set_json("j", br#"{"v": 1.0}"#).unwrap();
        let texts = object.texts().unwrap();
        let texts: Vec<_> = texts
            .iter()
            .map(|(key, value)| (*key, value.expose()))
            .collect();
        assert_eq!(texts, [("s", &b"b"[..]), ("t", b"a\n")]);
        assert_eq!(object.as_written("j"), Some(r#"{"v": 1.0}"#));
        assert_eq!(object.as_written("x"), None);
        assert_eq!(
            written(&object),
            r#"{"j":{"v": 1.0},"n":1,"o":{"x": "y"},"s":"b","t":"a\n","z":null}"#
        );
        assert!(object.set_json("k", b"{").is_err());
    }

    proptest! {
        #[test]
        fn what_was_set_is_selected(
            before in prop::collection::btree_map("[ab.\\[\\]]{1,3}", 0..9u8, 0..4),
            name in "[ab.\\[\\]]{1,4}",
            text in any::<String>(),
        ) {
            let json = serde_json::to_vec(&before).unwrap();
            let mut object = Object::read(&json).unwrap();
            prop_assume!(!object.is_path(&name));
            object.set(&name, &text);
            let written = object.to_json().unwrap();
            prop_assert!(select(&written, &name).unwrap().expose() == text.as_bytes());
            // And nothing else is hidden by it.
            for (other, value) in before.iter().filter(|(other, _)| **other != name) {
                prop_assert!(select(&written, other).unwrap().expose() == value.to_string().as_bytes());
            }
        }
    }
}
