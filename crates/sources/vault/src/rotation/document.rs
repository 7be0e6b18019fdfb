//! The document of a secret: which of it is the credential, which the journal, and what stays as it is.

use mcp_launch_core::Secret;
use mcp_launch_json_field::Object;
use mcp_launch_rotation::Bundle;

use crate::fault::{Failure, Fault};
use crate::portion::LARGEST;
use crate::reserved::{JOURNAL, is_reserved};

/// Which fields of a secret are the credential.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Extent {
    /// All that are texts.
    #[default]
    Texts,
    /// These.
    Fields(Vec<String>),
}

/// The credential and the journal in `data`.
#[expect(clippy::disallowed_methods, reason = "taken apart into secrets")]
pub(crate) fn parts(data: &Secret, extent: &Extent) -> Result<(Bundle, Option<Secret>), Failure> {
    let object = Object::read(data.expose()).map_err(|_| Fault::Unreadable)?;
    let journal = match object.as_written(JOURNAL) {
        None => None,
        Some(journal) if journal.starts_with('{') => Some(Secret::new(journal.as_bytes().to_vec())),
        Some(_) => {
            return Err(Failure::with(
                Fault::Unreadable,
                "the field _mcp_launch holds something that is no journal of a rotation: remove it, if nothing needs it",
            ));
        }
    };
    let texts = object.texts().map_err(|_| Fault::Unreadable)?;
    let fields: Vec<(String, Secret)> = texts
        .into_iter()
        .filter(|(name, _)| *name != JOURNAL && extent.has(name))
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    if let Extent::Fields(names) = extent
        && let Some(missing) = names
            .iter()
            .find(|&name| !fields.iter().any(|(own, _)| own == name))
    {
        let missing = mcp_launch_core::shown(missing);
        let remedy = format!("the secret has no field {missing} that is a text");
        return Err(Failure::with(Fault::FieldMissing, remedy));
    }
    let bundle = Bundle::new(fields).map_err(|_| {
        Failure::with(
            Fault::FieldMissing,
            "the secret has no field that is a text",
        )
    })?;
    Ok((bundle, journal))
}

/// `data` with this credential in place of its own, where one is given, and with this journal or none. Everything else stays
/// as it stands there, to the byte.
#[expect(
    clippy::disallowed_methods,
    reason = "values on their way into their store"
)]
pub(crate) fn changed(
    data: &Secret,
    extent: &Extent,
    current: Option<&Bundle>,
    journal: Option<&Secret>,
) -> Result<Secret, Failure> {
    let mut object = Object::read(data.expose()).map_err(|_| Fault::Unreadable)?;
    for (name, value) in current.into_iter().flat_map(Bundle::iter) {
        if name.is_empty() || is_reserved(name) || !extent.has(name) {
            return Err(Failure::with(
                Fault::NoText,
                "the new value has another form than the secret: a secret of a Vault has named fields",
            ));
        }
        let text = std::str::from_utf8(value.expose()).map_err(|_| Fault::NoText)?;
        object.set(name, text);
    }
    match journal {
        Some(journal) => object
            .set_json(JOURNAL, journal.expose())
            .map_err(|_| Fault::Unreadable)?,
        None => object.remove(JOURNAL),
    }
    let document = object.to_json().ok_or(Fault::Unreadable)?;
    if document.len() > LARGEST {
        return Err(Failure::with(
            Fault::TooMuch,
            "keep what is rotated in a secret of its own",
        ));
    }
    Ok(Secret::from(document))
}

impl Extent {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::Texts => true,
            Self::Fields(names) => names.iter().any(|own| own == name),
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the values under test")]
mod tests {
    use super::*;

    const DATA: &str = r#"{"_mcp_launch":{"v":1},"user":"u","pw":"p\n","port":5432,"ratio":1.10,"deep":{ "a" : "b" },"none":null}"#;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    fn fields(names: &[&str]) -> Extent {
        Extent::Fields(names.iter().map(|&name| name.to_owned()).collect())
    }

    fn bundle(pairs: &[(&str, &str)]) -> Bundle {
        let pairs = pairs.iter();
        Bundle::new(pairs.map(|(name, value)| ((*name).to_owned(), secret(value)))).unwrap()
    }

    fn change(extent: &Extent, current: Option<&Bundle>, journal: Option<&str>) -> String {
        let journal = journal.map(secret);
        let changed = changed(&secret(DATA), extent, current, journal.as_ref());
        String::from_utf8(changed.unwrap().expose().to_vec()).unwrap()
    }

    #[test]
    fn the_texts_are_the_credential() {
        let (current, journal) = parts(&secret(DATA), &Extent::Texts).unwrap();
        assert!(current.is_same(&bundle(&[("user", "u"), ("pw", "p\n")])));
        assert_eq!(journal.unwrap().expose(), br#"{"v":1}"#);
        let (current, _) = parts(&secret(DATA), &fields(&["pw"])).unwrap();
        assert!(current.is_same(&bundle(&[("pw", "p\n")])));
    }

    #[test]
    fn what_has_no_such_field_and_what_is_no_journal_is_told() {
        for (data, extent, told) in [
            (r#"{"n":1}"#, Extent::Texts, "no field that is a text"),
            (
                r#"{"a":"x","n":1}"#,
                fields(&["a", "n"]),
                "no field n that is a text",
            ),
            (
                r#"{"_mcp_launch":"{}","a":"x"}"#,
                Extent::Texts,
                "no journal",
            ),
        ] {
            let failure = parts(&secret(data), &extent).err().unwrap();
            assert!(failure.remedy.unwrap().contains(told), "{data}");
        }
    }

    #[test]
    fn everything_else_stays_to_the_byte() {
        let new = bundle(&[("user", "v"), ("pw", "\"")]);
        assert_eq!(
            change(&Extent::Texts, Some(&new), Some(r#"{"v":1,"x":1.0}"#)),
            r#"{"_mcp_launch":{"v":1,"x":1.0},"deep":{ "a" : "b" },"none":null,"port":5432,"pw":"\"","ratio":1.10,"user":"v"}"#
        );
        let pw = bundle(&[("pw", "q")]);
        assert_eq!(
            change(&fields(&["pw"]), Some(&pw), None),
            r#"{"deep":{ "a" : "b" },"none":null,"port":5432,"pw":"q","ratio":1.10,"user":"u"}"#
        );
    }

    #[test]
    fn what_a_field_cannot_hold_is_refused() {
        let no_text = Bundle::new([("pw".to_owned(), Secret::new(vec![0xff]))]).unwrap();
        for (value, extent) in [
            (no_text, Extent::Texts),
            (Bundle::bare(secret("x")), Extent::Texts),
            (bundle(&[("_mcp_launch", "x")]), Extent::Texts),
            (bundle(&[("user", "x")]), fields(&["pw"])),
        ] {
            let failure = changed(&secret(DATA), &extent, Some(&value), None);
            assert!(failure.err().unwrap().is(Fault::NoText));
        }
    }
}
