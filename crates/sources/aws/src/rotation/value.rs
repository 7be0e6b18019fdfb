//! What a secret holds as the fields of a credential, and back.

use mcp_launch_core::Secret;
use mcp_launch_json_field::{self as json_field, FieldError, Object};
use mcp_launch_rotation::{Bundle, StoreError};

use crate::content::Content;

/// The fields of a JSON object, as a launch gets them; else the whole as one value. A field that is `null` is none.
#[expect(
    clippy::disallowed_methods,
    reason = "fields are read from it, into secrets"
)]
pub(crate) fn bundle(content: &Content) -> Result<Bundle, StoreError> {
    let bytes = content.bytes();
    let bare = || Ok(Bundle::bare(bytes.again()));
    let (names, object) = match (
        json_field::names(bytes.expose()),
        Object::read(bytes.expose()),
    ) {
        (Ok(names), Ok(object)) => (names, object),
        // Its readers disagree on which of the two counts.
        (Err(FieldError::DuplicateKey(_)), _) => return Err(StoreError::Malformed),
        _ => return bare(),
    };
    if names.iter().any(String::is_empty) {
        return bare();
    }
    let fields = names.into_iter().filter_map(|name| {
        let value = object.get(&name)?.ok()?;
        Some((name, value))
    });
    Bundle::new(fields).or_else(|_| bare())
}

/// What the secret holds when `bundle` is put into the place of what is `there`: a bare value stays bare, and members of
/// an object that are no field of the bundle, or are the same in it, stay as they stand, for those who read them.
#[expect(
    clippy::disallowed_methods,
    reason = "a successor on its way into the store"
)]
pub(crate) fn content(there: &Content, bundle: &Bundle) -> Result<Content, StoreError> {
    let content = match bundle.whole() {
        Some(whole) => Content::whole(whole),
        None => {
            let bytes = there.bytes();
            let mut object = match Object::read(bytes.expose()) {
                Ok(object) => object,
                Err(FieldError::DuplicateKey(_)) => return Err(StoreError::Malformed),
                Err(_) => Object::empty(),
            };
            for (name, value) in bundle.iter() {
                let same =
                    matches!(object.get(name), Some(Ok(old)) if Secret::is_same(&old, value));
                if !same {
                    let text =
                        std::str::from_utf8(value.expose()).map_err(|_| StoreError::Unfit)?;
                    object.set(name, text);
                }
            }
            there.holding(object.to_json().ok_or(StoreError::Unavailable)?.into())
        }
    };
    content.checked().map_err(|_| StoreError::Unfit)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the values under test")]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    fn of(text: &str) -> Content {
        Content::of(Some(text.to_owned()), None).unwrap()
    }

    #[test]
    fn what_others_read_stays_as_it_stands() {
        let there = of(r#"{"port": 5432, "n": 1.10, "password": "a", "gone": null}"#);
        let fields = bundle(&there).unwrap();
        assert_eq!(fields.get("port").unwrap().expose(), b"5432");
        assert!(fields.get("gone").is_none());
        let new = Bundle::new([
            ("password".to_owned(), secret("b\"")),
            ("port".to_owned(), secret("5432")),
        ]);
        let new = content(&there, &new.unwrap()).unwrap();
        let text = new.bytes().expose();
        assert_eq!(
            text,
            br#"{"gone":null,"n":1.10,"password":"b\"","port":5432}"#
        );
    }

    #[test]
    fn a_bare_value_stays_bare() {
        for text in ["token", "[1]", "5", "{", "{}", r#"{"":"x"}"#] {
            let there = of(text);
            assert_eq!(
                bundle(&there).unwrap().whole().unwrap().expose(),
                text.as_bytes()
            );
            let new = content(&there, &Bundle::bare(secret("new"))).unwrap();
            assert_eq!(new.bytes().expose(), b"new");
        }
        let twice = of(r#"{"a":1,"a":2}"#);
        assert_eq!(bundle(&twice).err(), Some(StoreError::Malformed));
    }

    #[test]
    fn what_aws_does_not_take_is_unfit() {
        let there = of("{}");
        let bytes = Bundle::new([("a".to_owned(), Secret::new(vec![0xff]))]).unwrap();
        for bad in [
            bytes,
            Bundle::bare(secret("")),
            Bundle::bare(secret(&"x".repeat(70_000))),
        ] {
            assert_eq!(content(&there, &bad).err(), Some(StoreError::Unfit));
        }
    }
}
