//! Changes to a document that leave all else as it is.
//!
//! Every change is checked with all readers: the entry reads as it should, and no other entry reads otherwise than
//! before. A change that cannot be made so is not made.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

use mcp_launch_core::Secret;
use zeroize::Zeroizing;

use crate::dialect::{Dialect, LineEnds, Text};
use crate::document::Document;
use crate::plain::is_plain_name;
use crate::reading::{End, Outcome, Reading};
use crate::spelling::Form;

impl Document {
    /// Gives `key` this value, in a spelling that all readers read alike. Only the bytes of the value change, in every
    /// entry of the name; a new name gets a line at the end.
    ///
    /// # Errors
    /// See [`EditError`]; the document is then unchanged.
    #[expect(
        clippy::disallowed_methods,
        reason = "the value goes into the document, which is wiped"
    )]
    pub fn set(&mut self, key: &str, value: &Secret) -> Result<(), EditError> {
        self.write(key, value.expose())
    }

    /// Puts `text` in the place of the value of `key`: a placeholder such as `$<NAME>`, where the value has moved into a
    /// store.
    ///
    /// # Errors
    /// [`EditError::Missing`] when there is no such name; else see [`EditError`].
    pub fn refer(&mut self, key: &str, text: &str) -> Result<(), EditError> {
        if self.last(key).is_none() {
            return Err(EditError::Missing);
        }
        self.write(key, text.as_bytes())
    }

    /// Removes every entry of `key`, each with its line. Comments on lines of their own stay.
    ///
    /// # Errors
    /// [`EditError::Missing`] when there is no such name; [`EditError::Entangled`].
    pub fn remove(&mut self, key: &str) -> Result<(), EditError> {
        let lines: Vec<Range<usize>> = self.of(key).map(|entry| entry.whole.clone()).collect();
        if lines.is_empty() {
            return Err(EditError::Missing);
        }
        let edited = self.with(&lines, b"");
        self.adopt(edited, &[(key, None)])
    }

    /// As [`Document::refer`] for many names at once, with the text of each: all of them or none.
    ///
    /// # Errors
    /// As [`Document::refer`].
    pub fn refer_all(&mut self, references: &[(&str, &str)]) -> Result<(), EditError> {
        let mut places = Vec::new();
        for (key, text) in references {
            if !is_plain_name(key.as_bytes()) {
                return Err(EditError::Name);
            }
            let form = Form::of(text.as_bytes()).ok_or(EditError::Unspellable)?;
            let before = places.len();
            places.extend(
                self.of(key)
                    .map(|entry| (entry.value.clone(), form.write(text.as_bytes()))),
            );
            if places.len() == before {
                return Err(EditError::Missing);
            }
        }
        let changes: Vec<(&str, Option<&[u8]>)> = references
            .iter()
            .map(|(key, text)| (*key, Some(text.as_bytes())))
            .collect();
        let edited = self.with_each(places);
        self.adopt(edited, &changes)
    }

    /// As [`Document::remove`] for many names at once: all of them or none.
    ///
    /// # Errors
    /// As [`Document::remove`].
    pub fn remove_all(&mut self, keys: &[&str]) -> Result<(), EditError> {
        let mut lines = Vec::new();
        for key in keys {
            let before = lines.len();
            lines.extend(
                self.of(key)
                    .map(|entry| (entry.whole.clone(), Zeroizing::default())),
            );
            if lines.len() == before {
                return Err(EditError::Missing);
            }
        }
        let changes: Vec<(&str, Option<&[u8]>)> = keys.iter().map(|key| (*key, None)).collect();
        let edited = self.with_each(lines);
        self.adopt(edited, &changes)
    }

    fn write(&mut self, key: &str, value: &[u8]) -> Result<(), EditError> {
        if !is_plain_name(key.as_bytes()) {
            return Err(EditError::Name);
        }
        let written = Form::of(value).ok_or(EditError::Unspellable)?.write(value);
        let places: Vec<Range<usize>> = self.of(key).map(|entry| entry.value.clone()).collect();
        let edited = if places.is_empty() {
            self.with_line(key, &written)
        } else {
            self.with(&places, &written)
        };
        self.adopt(edited, &[(key, Some(value))])
    }

    pub(crate) fn of(&self, key: &str) -> impl Iterator<Item = &crate::Entry> {
        self.entries()
            .iter()
            .filter(move |entry| self.key(entry) == key)
    }

    /// The bytes with `text` in the place of each of `ranges`, which are in order.
    pub(crate) fn with(&self, ranges: &[Range<usize>], text: &[u8]) -> Zeroizing<Vec<u8>> {
        let bytes = self.print();
        let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() + ranges.len() * text.len()));
        let mut from = 0;
        for range in ranges {
            out.extend_from_slice(&bytes[from..range.start]);
            out.extend_from_slice(text);
            from = range.end;
        }
        out.extend_from_slice(&bytes[from..]);
        out
    }

    /// The bytes with a text of its own in the place of each range.
    pub(crate) fn with_each(
        &self,
        mut places: Vec<(Range<usize>, Zeroizing<Vec<u8>>)>,
    ) -> Zeroizing<Vec<u8>> {
        places.sort_by_key(|(range, _)| range.start);
        let bytes = self.print();
        let longer: usize = places.iter().map(|(_, text)| text.len()).sum();
        let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() + longer));
        let mut from = 0;
        for (range, text) in places {
            out.extend_from_slice(&bytes[from..range.start]);
            out.extend_from_slice(&text);
            from = range.end;
        }
        out.extend_from_slice(&bytes[from..]);
        out
    }

    /// The bytes with a line more. A file whose last line has no end keeps it that way.
    fn with_line(&self, key: &str, value: &[u8]) -> Zeroizing<Vec<u8>> {
        let bytes = self.print();
        let end = self.line_end();
        let mut out = Zeroizing::new(Vec::with_capacity(
            bytes.len() + key.len() + value.len() + 2 * end.len() + 1,
        ));
        out.extend_from_slice(bytes);
        let ended = bytes.is_empty() || bytes.ends_with(b"\n");
        if !ended {
            out.extend_from_slice(end);
        }
        out.extend_from_slice(key.as_bytes());
        out.push(b'=');
        out.extend_from_slice(value);
        if ended {
            out.extend_from_slice(end);
        }
        out
    }

    /// Takes the edited bytes, if each key of `changes` is then read as its value, or not at all, and everything else as
    /// before.
    pub(crate) fn adopt(
        &mut self,
        edited: Zeroizing<Vec<u8>>,
        changes: &[(&str, Option<&[u8]>)],
    ) -> Result<(), EditError> {
        let keys: HashSet<&[u8]> = changes.iter().map(|(key, _)| key.as_bytes()).collect();
        let before = Text::new(self.print(), LineEnds::Either);
        let after = Text::new(&edited, LineEnds::Either);
        for dialect in Dialect::ALL {
            let old = Read::new(dialect, &before);
            let new = Read::new(dialect, &after);
            let last = new.last(&keys);
            let written =
                changes
                    .iter()
                    .all(|(key, value)| match (last.get(key.as_bytes()), value) {
                        (None, None) => true,
                        (Some(outcome), Some(value)) => {
                            !new.may_change(key.as_bytes())
                                && matches!(outcome, Outcome::Value(own) if **own == **value)
                        }
                        _ => false,
                    });
            if !written || !new.is_as_before(&old, &keys) {
                return Err(EditError::Entangled);
            }
        }
        drop(before);
        drop(after);
        *self = Self::from(edited);
        Ok(())
    }
}

struct Read<'t> {
    reading: Reading,
    view: &'t [u8],
}

impl<'t> Read<'t> {
    fn new(dialect: Dialect, text: &'t Text) -> Self {
        Self {
            reading: dialect.read(text),
            view: dialect.view(text),
        }
    }

    /// What each of `keys` is read as at last.
    fn last(&self, keys: &HashSet<&[u8]>) -> HashMap<&[u8], &Outcome> {
        self.reading
            .bindings
            .iter()
            .map(|binding| (&self.view[binding.key.clone()], &binding.outcome))
            .filter(|(key, _)| keys.contains(key))
            .collect()
    }

    /// Whether every other name is read as in `old`, in the same order.
    fn is_as_before(&self, old: &Self, keys: &HashSet<&[u8]>) -> bool {
        self.unknown() == old.unknown() && self.others(keys).eq(old.others(keys))
    }

    /// Whether code in the file may give `key` another value.
    fn may_change(&self, key: &[u8]) -> bool {
        match self.reading.end {
            End::Unknown(at) => self.view[at..].windows(key.len()).any(|part| part == key),
            End::Stopped(_) | End::Whole => false,
        }
    }

    /// The text of which it is not known what the reader makes.
    fn unknown(&self) -> Option<&[u8]> {
        match self.reading.end {
            End::Stopped(at) | End::Unknown(at) => Some(&self.view[at..]),
            End::Whole => None,
        }
    }

    fn others<'r>(&'r self, keys: &HashSet<&[u8]>) -> impl Iterator<Item = Other<'r>> {
        self.reading
            .bindings
            .iter()
            .map(|binding| Other(&self.view[binding.key.clone()], &binding.outcome))
            .filter(move |other| !keys.contains(other.0))
    }
}

struct Other<'r>(&'r [u8], &'r Outcome);

impl PartialEq for Other<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 && self.1.same(other.1)
    }
}

/// Why a document was not changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EditError {
    /// Some reader would read another entry otherwise, or not the new value: a quote that is not closed, or lines on whose
    /// meaning the readers do not agree.
    Entangled,
    /// There is no such name.
    Missing,
    /// Not every reader takes the name.
    Name,
    /// No spelling of the value is read alike by all readers.
    Unspellable,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Entangled => "the change would alter what some reader makes of the file",
            Self::Missing => "the file has no such name",
            Self::Name => "not every reader of .env files takes this name",
            Self::Unspellable => "no spelling of the value is read alike by all readers",
        })
    }
}

impl std::error::Error for EditError {}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "\u{FEFF}# head\r\nA=1 # first\r\n\r\nexport B='two' # second\r\n# tail\r\nA=\"3\"";

    fn edited(
        text: &str,
        edit: impl FnOnce(&mut Document) -> Result<(), EditError>,
    ) -> Result<String, EditError> {
        let mut document = Document::parse(text.as_bytes());
        match edit(&mut document) {
            Ok(()) => Ok(String::from_utf8(document.print().to_vec()).unwrap()),
            Err(error) => {
                assert_eq!(document.print(), text.as_bytes(), "unchanged on error");
                Err(error)
            }
        }
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    #[test]
    fn sets_only_the_bytes_of_the_value() {
        assert_eq!(
            edited(FILE, |document| document.set("B", &secret("it's"))).unwrap(),
            FILE.replace("'two'", "\"it's\"")
        );
        assert_eq!(
            edited(FILE, |document| document.set("A", &secret("$x"))).unwrap(),
            FILE.replace("A=1", "A='$x'").replace("\"3\"", "'$x'")
        );
        assert_eq!(
            edited(FILE, |document| document.set("C", &secret("new"))).unwrap(),
            format!("{FILE}\r\nC=new")
        );
        assert_eq!(
            edited("", |document| document.set("C", &secret(""))).unwrap(),
            "C=''\n"
        );
    }

    #[test]
    fn refers_to_a_store() {
        assert_eq!(
            edited(FILE, |document| document.refer("B", "$<B>")).unwrap(),
            FILE.replace("'two'", "'$<B>'")
        );
        assert_eq!(
            edited(FILE, |document| document.refer("C", "$<C>")),
            Err(EditError::Missing)
        );
    }

    #[test]
    fn many_names_are_edited_at_once_or_none() {
        let text = "# c\r\nA=1\r\nB='x y' # b\r\nA=2\r\nC=3";
        let mut document = Document::parse(text.as_bytes());
        let gone = document.refer_all(&[("A", "$<A>"), ("GONE", "$<GONE>")]);
        assert_eq!(gone, Err(EditError::Missing));
        assert_eq!(document.print(), text.as_bytes());
        document
            .refer_all(&[("B", "$<vault:a/b#B>"), ("A", "$<A>")])
            .unwrap();
        assert_eq!(
            document.print(),
            b"# c\r\nA='$<A>'\r\nB='$<vault:a/b#B>' # b\r\nA='$<A>'\r\nC=3"
        );
        document.remove_all(&["A", "C"]).unwrap();
        assert_eq!(document.print(), b"# c\r\nB='$<vault:a/b#B>' # b\r\n");
    }

    #[test]
    fn removes_every_entry_and_keeps_comments() {
        assert_eq!(
            edited(FILE, |document| document.remove("A")).unwrap(),
            "\u{FEFF}# head\r\n\r\nexport B='two' # second\r\n# tail\r\n"
        );
        let multiline = "A='x\ny'\nB=1\n";
        assert_eq!(
            edited(multiline, |document| document.remove("A")).unwrap(),
            "B=1\n"
        );
    }

    #[test]
    fn refuses_what_it_cannot_do_for_all_readers() {
        assert_eq!(
            edited(FILE, |document| document.set("A", &secret("it's $5"))),
            Err(EditError::Unspellable)
        );
        assert_eq!(
            edited(FILE, |document| document.set("A-B", &secret("1"))),
            Err(EditError::Name)
        );
        // The quote on line 1 is open to some readers, so what B is depends on it.
        assert_eq!(
            edited("A='x\nB=1\nC='y'\n", |document| document.remove("B")),
            Err(EditError::Entangled)
        );
        // Code could look at any of them; names before it, which it does not mention, can be changed.
        let code = "A=1\nB=2\nif true; then\nB=3\nfi\n";
        assert_eq!(
            edited(code, |document| document.remove("B")),
            Err(EditError::Entangled)
        );
        assert_eq!(
            edited(code, |document| document.set("A", &secret("4"))).unwrap(),
            code.replace("A=1", "A=4")
        );
    }
}
