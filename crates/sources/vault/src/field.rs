//! From the data of a secret to the value of one field.

use std::borrow::Cow;
use std::collections::BTreeMap;

use mcp_launch_core::Secret;
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::fault::{Failure, Fault};

/// The fields of one secret, as JSON. They are values.
pub(crate) struct Fields<'a>(BTreeMap<Name<'a>, &'a RawValue>);

#[derive(Deserialize, Eq, Ord, PartialEq, PartialOrd)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Fields<'a> {
    /// The fields of `data`, a JSON object.
    pub(crate) fn read(data: &'a str) -> Result<Self, Failure> {
        serde_json::from_str(data)
            .map(Self)
            .map_err(|_| Fault::Unreadable.into())
    }

    /// The value of `field`: a text as it is, anything else as its JSON. Where no field has that name, `a.b` is the
    /// field `b` of the object in `a`.
    pub(crate) fn value(&self, field: &str) -> Result<Secret, Failure> {
        let raw = self.find(field).ok_or_else(|| self.missing())?;
        match raw.get().as_bytes().first() {
            Some(b'"') => {
                let text: Zeroizing<String> =
                    serde_json::from_str(raw.get()).map_err(|_| Fault::Unreadable)?;
                Ok(Secret::new(text.as_bytes().to_vec()))
            }
            Some(b'n') => Err(Fault::FieldNull.into()),
            _ => Ok(Secret::new(raw.get().as_bytes().to_vec())),
        }
    }

    /// The failure of a locator that names the secret alone.
    pub(crate) fn unnamed(&self) -> Failure {
        Failure::with(Fault::FieldUnnamed.error(), self.told())
    }

    fn missing(&self) -> Failure {
        Failure::with(Fault::FieldMissing.error(), self.told())
    }

    /// Which fields there are; a name is no value.
    fn told(&self) -> String {
        if self.0.is_empty() {
            return "the secret has no fields".to_owned();
        }
        let names: Vec<String> = self.0.keys().map(|name| printable(&name.0)).collect();
        format!("its fields are: {}", names.join(", "))
    }

    fn find(&self, field: &str) -> Option<&'a RawValue> {
        if let Some(raw) = self.0.get(&Name(Cow::Borrowed(field))) {
            return Some(raw);
        }
        field.match_indices('.').find_map(|(dot, _)| {
            let object = self.0.get(&Name(Cow::Borrowed(&field[..dot])))?;
            Self::read(object.get()).ok()?.find(&field[dot + 1..])
        })
    }
}

/// A name on one plain line, and as a locator writes it.
fn printable(name: &str) -> String {
    mcp_launch_core::shown(name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = r#"{"text":"a\n\"b\" \u00fc","number":12345678901234567890.50,"yes":true,"none":null,
        "object":{"inner":"x","deep":{"er":"y"},"dotted.name":"z"},"object.inner":"flat","list":[1,"two"],"a b":""}"#;

    #[expect(clippy::disallowed_methods, reason = "the values under test")]
    fn value(field: &str) -> Result<String, Failure> {
        let secret = Fields::read(DATA)?.value(field)?;
        Ok(String::from_utf8(secret.expose().to_vec()).unwrap())
    }

    #[test]
    fn a_text_is_itself_and_the_rest_is_its_json() {
        for (field, expected) in [
            ("text", "a\n\"b\" ü"),
            ("number", "12345678901234567890.50"),
            ("yes", "true"),
            ("list", r#"[1,"two"]"#),
            ("a b", ""),
            (
                "object",
                r#"{"inner":"x","deep":{"er":"y"},"dotted.name":"z"}"#,
            ),
            ("object.inner", "flat"),
            ("object.deep.er", "y"),
            ("object.dotted.name", "z"),
        ] {
            assert_eq!(value(field).unwrap(), expected, "{field}");
        }
    }

    #[test]
    fn a_missing_field_is_told_with_the_names_of_the_others() {
        let failure = value("txet").unwrap_err();
        assert_eq!(failure.error, Fault::FieldMissing.error());
        assert_eq!(
            failure.remedy.unwrap(),
            "its fields are: a b, list, none, number, object, object.inner, text, yes"
        );
        assert_eq!(value("none").unwrap_err().error, Fault::FieldNull.error());
        assert!(value("object.nothing").is_err());
        assert!(value("text.x").is_err());
        assert!(Fields::read("[]").is_err());
    }
}
