//! The one change that a rotation makes: values and the journal beside them.

use std::ops::Range;

use mcp_launch_core::Secret;
use mcp_launch_rotation::Entries;
use zeroize::Zeroizing;

use super::comment;
use crate::document::Quote;
use crate::spelling::Form;
use crate::{Document, EditError};

/// Gives entries of `document` their values, and puts the journal in the place of the one that is there, or before the first
/// of the entries; `None` removes it. All of it or nothing, and no other byte changes. The quotes stay where the value
/// allows.
///
/// # Errors
/// See [`EditError`]; [`EditError::Missing`] also where the credential has no entry at all.
pub(super) fn rotate(
    document: &mut Document,
    entries: &Entries,
    values: &[(&str, &Secret)],
    journal: Option<&Secret>,
) -> Result<(), EditError> {
    let kept = change(document, entries, values, journal, like);
    match kept {
        // Among other lines, what all readers read alike by itself may not be.
        Err(EditError::Entangled) => change(document, entries, values, journal, |_, value| {
            Form::of(value)
        }),
        other => other,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the values go into the document, which is wiped"
)]
fn change(
    document: &mut Document,
    entries: &Entries,
    values: &[(&str, &Secret)],
    journal: Option<&Secret>,
    form: fn(Quote, &[u8]) -> Option<Form>,
) -> Result<(), EditError> {
    let mut places: Vec<(Range<usize>, Zeroizing<Vec<u8>>)> = Vec::new();
    for (key, value) in values {
        let before = places.len();
        let value = value.expose();
        for entry in document.of(key) {
            let form = form(entry.quote, value).ok_or(EditError::Unspellable)?;
            places.push((entry.value.clone(), form.write(value)));
        }
        if places.len() == before {
            return Err(EditError::Missing);
        }
    }
    places.extend(of_journal(document, entries, journal)?);
    let changes: Vec<(&str, Option<&[u8]>)> = values
        .iter()
        .map(|(key, value)| (*key, Some(value.expose())))
        .collect();
    let edited = document.with_each(places);
    document.adopt(edited, &changes)
}

/// A place in the document, and the text that comes there.
type Place = (Range<usize>, Zeroizing<Vec<u8>>);

/// Where the journal is, or goes, and the text there.
fn of_journal(
    document: &Document,
    entries: &Entries,
    journal: Option<&Secret>,
) -> Result<Option<Place>, EditError> {
    let there = own_lines(document, entries).into_iter().next();
    let Some(journal) = journal else {
        return Ok(there.map(|line| (line.whole, Zeroizing::default())));
    };
    let mut text = comment::written(entries.first(), journal).ok_or(EditError::Unspellable)?;
    if let Some(line) = there {
        return Ok(Some((line.text, text)));
    }
    let first = document
        .entries()
        .iter()
        .find(|entry| entries.contains(document.key(entry)))
        .ok_or(EditError::Missing)?;
    let end = document.line_end();
    let mut line = Zeroizing::new(Vec::with_capacity(text.len() + end.len()));
    line.append(&mut text);
    line.extend_from_slice(end);
    Ok(Some((first.whole.start..first.whole.start, line)))
}

/// The journals of this credential: named by any of its entries, since the first one changes with the settings.
pub(super) fn own_lines(document: &Document, entries: &Entries) -> Vec<comment::Line> {
    let mut lines = document.journals();
    lines.retain(|line| {
        std::str::from_utf8(document.journal_name(line)).is_ok_and(|name| entries.contains(name))
    });
    lines
}

/// The form of the old value, if all readers read the new one back in it.
fn like(quote: Quote, value: &[u8]) -> Option<Form> {
    let own = match quote {
        Quote::Backtick => None,
        Quote::Double => Some(Form::Double),
        Quote::None => Some(Form::Bare),
        Quote::Single => Some(Form::Single),
    };
    own.filter(|form| form.is_read_back(value))
        .or_else(|| Form::of(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    fn entries(names: &[&str]) -> Entries {
        let field = |(at, name): (usize, &&str)| (format!("field{at}"), (*name).to_owned());
        Entries::new(names.iter().enumerate().map(field)).unwrap()
    }

    fn rotated(
        file: &str,
        names: &[&str],
        values: &[(&str, &str)],
        journal: Option<&str>,
    ) -> Result<String, EditError> {
        let mut document = Document::parse(file.as_bytes());
        let secrets: Vec<Secret> = values.iter().map(|(_, value)| secret(value)).collect();
        let values: Vec<(&str, &Secret)> = values
            .iter()
            .zip(&secrets)
            .map(|((name, _), value)| (*name, value))
            .collect();
        let journal = journal.map(secret);
        rotate(&mut document, &entries(names), &values, journal.as_ref())?;
        Ok(String::from_utf8(document.print().to_vec()).unwrap())
    }

    #[test]
    fn a_journal_comes_before_the_first_entry_and_is_replaced_there_and_goes() {
        let file = "\u{FEFF}# head\r\nX=1\r\nexport B='two' # second\r\nA=\"3\"";
        let names = ["A", "B"];
        let with = rotated(file, &names, &[], Some("{\"v\":1}")).unwrap();
        let line = "#:mcp-launch rotation A {\"v\":1}\r\n";
        assert_eq!(with, file.replace("export", &format!("{line}export")));
        let values = [("A", "it's"), ("B", "c d")];
        let promoted = rotated(&with, &names, &values, Some("{\"v\": 2}")).unwrap();
        let expected = with
            .replace("{\"v\":1}", "{\"v\": 2}")
            .replace("'two'", "'c d'")
            .replace("\"3\"", "\"it's\"");
        assert_eq!(promoted, expected);
        let gone = rotated(&promoted, &names, &[], None).unwrap();
        assert_eq!(
            gone,
            file.replace("'two'", "'c d'").replace("\"3\"", "\"it's\"")
        );
        // One that a person has moved stays where it is; that of another credential is not touched.
        let moved = format!("#:mcp-launch rotation X {{}}\n{file}\r\n#:mcp-launch rotation B {{}}");
        let written = rotated(&moved, &names, &[], Some("{}")).unwrap();
        assert_eq!(written, moved.replace("rotation B", "rotation A"));
        assert_eq!(
            rotated("A=1\n", &["B"], &[], Some("{}")),
            Err(EditError::Missing)
        );
    }

    #[test]
    fn quotes_stay_where_the_value_allows() {
        for (was, value, now) in [
            ("old", "new", "new"),
            ("old", "a b", "'a b'"),
            ("old", "it's", "\"it's\""),
            ("'old'", "new", "'new'"),
            ("\"old\"", "new", "\"new\""),
            ("\"old\"", "a$b", "'a$b'"),
            ("'old'", "it's", "\"it's\""),
            ("`old`", "new", "new"),
            ("", "new", "new"),
            ("\"old\"", "", "\"\""),
        ] {
            let file = format!("A={was} # kept\nB=1");
            let expected = format!("A={now} # kept\nB=1");
            if was.is_empty() || was.starts_with('`') {
                let (file, expected) =
                    (file.replace(" # kept", ""), expected.replace(" # kept", ""));
                assert_eq!(rotated(&file, &["A"], &[("A", value)], None), Ok(expected));
                continue;
            }
            assert_eq!(rotated(&file, &["A"], &[("A", value)], None), Ok(expected));
        }
        let refused = rotated("A=1\n", &["A"], &[("A", "it's $5")], None);
        assert_eq!(refused, Err(EditError::Unspellable));
    }

    /// Lines of all kinds, with entries of ours among them.
    fn line() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => ("(export )?", "[ABCD]", prop_oneof!["[a-z0-9]{0,6}", "'[ -~]{0,8}'", "\"[ -~]{0,8}\"", "`[a-z]{0,4}`"], "( # [ -~]{0,8})?")
                .prop_map(|(export, name, value, comment)| format!("{export}{name}={value}{comment}")),
            1 => "[ \t]{0,2}(#[ -~\u{e9}]{0,8})?",
            1 => "[ -~]{0,10}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        /// Of any file, only the value tokens of the entries and the line of the journal change, and every reader reads
        /// the new values, and all else as before.
        #[test]
        fn only_the_chosen_tokens_and_the_line_change(
            mark in proptest::bool::weighted(0.1),
            lines in proptest::collection::vec(line(), 1..7),
            crlf: bool,
            ended: bool,
            value in "[ -~]{1,10}",
            journal in proptest::option::of("\\{[a-z\u{e9}\u{2028}\u{1f511}]{0,6}\\}"),
        ) {
            let end = if crlf { "\r\n" } else { "\n" };
            let mut file = String::from(if mark { "\u{FEFF}" } else { "" });
            file.push_str(&lines.join(end));
            if ended {
                file.push_str(end);
            }
            let names = ["A", "B"];
            let values = [("A", value.as_str()), ("B", "fixed")];
            let before = Document::parse(file.as_bytes());
            // In a file that has one of them twice, nothing is begun.
            if names.iter().any(|name| before.of(name).count() > 1) {
                return Ok(());
            }
            let Ok(after) = rotated(&file, &names, &values, journal.as_deref()) else {
                // Nothing is written where it cannot be done for all readers.
                return Ok(());
            };
            // The file again, its own entries masked and the line taken out.
            let masked = |text: &str| {
                let document = Document::parse(text.as_bytes());
                let mut places: Vec<_> = own_lines(&document, &entries(&names))
                    .into_iter()
                    .map(|line| (line.whole, Zeroizing::default()))
                    .collect();
                places.extend(names.iter().flat_map(|name| document.of(name)).map(|entry| {
                    (entry.value.clone(), Zeroizing::new(b"*".to_vec()))
                }));
                document.with_each(places).to_vec()
            };
            prop_assert_eq!(masked(&file), masked(&after));
            let document = Document::parse(after.as_bytes());
            prop_assert_eq!(own_lines(&document, &entries(&names)).len(), usize::from(journal.is_some()));
            for (name, value) in values {
                prop_assert!(document.value(name).is_ok_and(|read| read.is_same(&secret(value))));
            }
            for key in before.keys().into_iter().filter(|key| !names.contains(key)) {
                match (before.value(key), document.value(key)) {
                    (Ok(one), Ok(other)) => prop_assert!(one.is_same(&other), "{}", key),
                    (Err(_), Err(_)) => {}
                    _ => prop_assert!(false, "{} is read otherwise", key),
                }
            }
        }
    }
}
