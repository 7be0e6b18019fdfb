//! From the data of a secret to the value of one field.

use mcp_launch_core::Secret;
use mcp_launch_json_field::{FieldError, names, select};

use crate::fault::{Failure, Fault};
use crate::reserved::is_reserved;

/// The fields of one secret, as JSON. They are values.
pub(crate) struct Fields<'a> {
    data: &'a str,
    names: Vec<String>,
}

impl<'a> Fields<'a> {
    /// The fields of `data`, a JSON object.
    pub(crate) fn read(data: &'a str) -> Result<Self, Failure> {
        let names = names(data.as_bytes()).map_err(|_| Fault::Unreadable)?;
        Ok(Self { data, names })
    }

    /// The value of `field`: a text as it is, anything else as its JSON. Where no field has that name, `a.b` is the
    /// field `b` of the object in `a`, and `a[0]` the first element of the list in `a`.
    pub(crate) fn value(&self, field: &str) -> Result<Secret, Failure> {
        select(self.data.as_bytes(), field).map_err(|error| match error {
            FieldError::Missing(names) => match told(&names) {
                Some(names) => Failure::with(Fault::FieldMissing, names),
                None => Fault::FieldMissing.into(),
            },
            FieldError::Null => Fault::FieldNull.into(),
            FieldError::DuplicateKey(_) | FieldError::NoFields | FieldError::NotJson(_) => {
                Fault::Unreadable.into()
            }
        })
    }

    /// The failure of a locator that names the secret alone.
    pub(crate) fn unnamed(&self) -> Failure {
        let none = || "the secret has no fields".to_owned();
        Failure::with(Fault::FieldUnnamed, told(&self.names).unwrap_or_else(none))
    }
}

/// Which fields there are; a name is no value.
fn told(names: &[String]) -> Option<String> {
    let names: Vec<String> = names
        .iter()
        .filter(|name| !is_reserved(name))
        .map(|name| mcp_launch_core::shown(name).to_string())
        .collect();
    if names.is_empty() {
        return None;
    }
    Some(format!("its fields are: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str =
        r#"{"text":"a","none":null,"object":{"inner":"x","deep":{"er":"y"}},"list":[1,"two"]}"#;

    #[expect(clippy::disallowed_methods, reason = "the values under test")]
    fn value(field: &str) -> Result<String, Failure> {
        let secret = Fields::read(DATA)?.value(field)?;
        Ok(String::from_utf8(secret.expose().to_vec()).unwrap())
    }

    #[test]
    fn a_field_may_stand_within_another() {
        for (field, expected) in [
            ("text", "a"),
            ("object.deep.er", "y"),
            ("list[1]", "two"),
            ("list", r#"[1,"two"]"#),
        ] {
            assert_eq!(value(field).unwrap(), expected, "{field}");
        }
    }

    #[test]
    fn a_missing_field_is_told_with_the_names_of_the_others() {
        for (field, names) in [
            ("txet", Some("its fields are: list, none, object, text")),
            (
                "object.x",
                Some("its fields are: object.deep, object.inner"),
            ),
            ("text.x", None),
            ("list[00]", None),
        ] {
            let failure = value(field).unwrap_err();
            assert!(failure.is(Fault::FieldMissing), "{field}");
            assert_eq!(failure.remedy.as_deref(), names, "{field}");
        }
        assert!(value("none").unwrap_err().is(Fault::FieldNull));
        assert!(Fields::read("[]").is_err());
    }

    #[test]
    fn the_journal_of_a_rotation_is_no_field() {
        let data = r#"{"_mcp_launch":{"pending":true},"a":"b"}"#;
        let fields = Fields::read(data).unwrap();
        for failure in [fields.unnamed(), fields.value("x").err().unwrap()] {
            assert_eq!(failure.remedy.unwrap(), "its fields are: a");
        }
    }

    #[test]
    fn a_secret_alone_is_told_with_the_names_of_its_fields() {
        let unnamed = Fields::read(DATA).unwrap().unnamed();
        assert_eq!(
            unnamed.remedy.unwrap(),
            "its fields are: list, none, object, text"
        );
        let empty = Fields::read("{}").unwrap().unnamed();
        assert_eq!(empty.remedy.unwrap(), "the secret has no fields");
    }
}
