//! How a value is written so that all readers read it alike.

use zeroize::Zeroizing;

use crate::dialect::{Dialect, LineEnds, Text};
use crate::plain::{is_plain, is_plain_in_double, is_plain_in_single};
use crate::reading::{End, Outcome};

/// A form in which a value can be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// As it is.
    Bare,
    /// `"…"`, the value between them as it is.
    Double,
    /// `'…'`, the value between them as it is.
    Single,
}

/// In the order in which they are tried. No escape is among them: what a backslash means in quotes is what the readers
/// disagree on most.
const FORMS: [Form; 3] = [Form::Bare, Form::Single, Form::Double];

impl Form {
    /// The first form in which all readers read `value` back.
    #[must_use]
    pub fn of(value: &[u8]) -> Option<Self> {
        if !value.is_empty() && value.iter().all(|&byte| is_plain(byte)) {
            return Some(Self::Bare);
        }
        let braced = value.windows(2).any(|pair| pair == b"${");
        if !braced && value.iter().all(|&byte| is_plain_in_single(byte)) {
            return Some(Self::Single);
        }
        if value.iter().all(|&byte| is_plain_in_double(byte)) {
            return Some(Self::Double);
        }
        FORMS.into_iter().find(|form| form.is_read_back(value))
    }

    /// Writes `value`.
    #[must_use]
    pub(crate) fn write(self, value: &[u8]) -> Zeroizing<Vec<u8>> {
        let quote = match self {
            Self::Bare => None,
            Self::Double => Some(b'"'),
            Self::Single => Some(b'\''),
        };
        let mut out = Zeroizing::new(Vec::with_capacity(value.len() + 2));
        out.extend(quote);
        out.extend_from_slice(value);
        out.extend(quote);
        out
    }

    /// `NAME='…'`, with the value left out.
    pub(crate) fn shown(self, name: &str) -> String {
        match self {
            Self::Bare => format!("{name}=… without quotes"),
            Self::Double => format!("{name}=\"…\" in double quotes"),
            Self::Single => format!("{name}='…' in single quotes"),
        }
    }

    /// Asks every reader, with lines before and after that must not be touched.
    pub(crate) fn is_read_back(self, value: &[u8]) -> bool {
        const BEFORE: &[u8] = b"BEFORE=1\nNAME=";
        const AFTER: &[u8] = b"\nAFTER='2'\n";
        let written = self.write(value);
        let mut file = Zeroizing::new(Vec::with_capacity(
            BEFORE.len() + written.len() + AFTER.len(),
        ));
        file.extend_from_slice(BEFORE);
        file.extend_from_slice(&written);
        file.extend_from_slice(AFTER);
        let text = Text::new(&file, LineEnds::Unix);
        let expected: [(&[u8], &[u8]); 3] = [(b"BEFORE", b"1"), (b"NAME", value), (b"AFTER", b"2")];
        Dialect::ALL.into_iter().all(|dialect| {
            let reading = dialect.read(&text);
            let view = dialect.view(&text);
            reading.end == End::Whole
                && reading.bindings.len() == expected.len()
                && reading
                    .bindings
                    .iter()
                    .zip(expected)
                    .all(|(binding, (key, value))| {
                        let same =
                            matches!(&binding.outcome, Outcome::Value(own) if **own == *value);
                        same && &view[binding.key.clone()] == key
                    })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_the_form_for_each_kind_of_value() {
        let cases: [(&str, Option<Form>); 22] = [
            ("ghp_abc123", Some(Form::Bare)),
            ("postgres://u:p@h:5432/db", Some(Form::Bare)),
            ("bm90IGEgc2VjcmV0Cg==", Some(Form::Bare)),
            ("", Some(Form::Single)),
            ("a#b", Some(Form::Single)),
            ("a # b", Some(Form::Single)),
            ("pa$sw0rd", Some(Form::Single)),
            ("pa$$word$1", Some(Form::Single)),
            ("`x` $(x)", Some(Form::Single)),
            (r#"{"k":"v w"}"#, Some(Form::Single)),
            ("it's", Some(Form::Double)),
            ("two\nlines", Some(Form::Single)),
            (
                "-----BEGIN KEY-----\nab/+=\n-----END KEY-----\n",
                Some(Form::Single),
            ),
            ("it's\ntwo", Some(Form::Double)),
            (r"C:\dir", Some(Form::Single)),
            ("pass wörd", Some(Form::Single)),
            // Both quotes; a dollar beside a single quote; what python expands and what ends in a backslash.
            (r#"it's "x""#, None),
            ("it's $5", None),
            ("${A}", None),
            (r"ends\", None),
            (r"two\\", None),
            ("a\r\nb", None),
        ];
        for (value, form) in cases {
            assert_eq!(Form::of(value.as_bytes()), form, "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn the_short_way_is_what_the_readers_say(value in "[ -~]{0,12}") {
            if let Some(form) = Form::of(value.as_bytes()) {
                prop_assert!(form.is_read_back(value.as_bytes()));
            }
        }
    }
}
