//! A `.env` file, byte for byte.

use std::fmt;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::dialect::BYTE_ORDER_MARK;

/// A `.env` file, byte for byte: order, comments, blank lines, quotes, line ends, whatever stands in it.
///
/// It is divided into entries as a person reads it; what the readers make of an entry is for
/// [`Values`](crate::Values) to say. The bytes hold secrets: they are wiped and cannot be printed by accident.
///
/// ```compile_fail
/// let copy = mcp_launch_source_dotenv::Document::parse(b"A=1").clone();
/// ```
pub struct Document {
    bytes: Zeroizing<Vec<u8>>,
    entries: Vec<Entry>,
}

impl Document {
    /// Reads a file. Every sequence of bytes is one.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        Self::from(Zeroizing::new(bytes.to_vec()))
    }

    /// The file again: the bytes that were read, and what was edited.
    #[must_use]
    pub fn print(&self) -> &[u8] {
        &self.bytes
    }

    /// The entries in their order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The name of an entry of this document.
    #[must_use]
    pub fn key(&self, entry: &Entry) -> &str {
        // Only text is taken for a name.
        self.bytes
            .get(entry.key.clone())
            .and_then(|key| std::str::from_utf8(key).ok())
            .unwrap_or_default()
    }

    /// The names in the order of their first entries, each once.
    #[must_use]
    pub fn keys(&self) -> Vec<&str> {
        let mut seen = std::collections::HashSet::new();
        self.entries
            .iter()
            .map(|entry| self.key(entry))
            .filter(|key| seen.insert(*key))
            .collect()
    }

    /// The last entry of `key`, which is the one that counts.
    #[must_use]
    pub fn last(&self, key: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .rev()
            .find(|entry| self.key(entry) == key)
    }

    /// The whole file in pieces: its entries, and each line that is none.
    pub(crate) fn stretches(&self) -> impl Iterator<Item = (Range<usize>, Option<&Entry>)> {
        let mut at = 0;
        let mut entries = self.entries.iter().peekable();
        std::iter::from_fn(move || {
            let start = at;
            if start == self.bytes.len() {
                return None;
            }
            // A byte order mark stands before the first entry and has no line of its own.
            let entry = entries.next_if(|entry| {
                entry.whole.start == start
                    || (start == 0 && entry.whole.start == BYTE_ORDER_MARK.len() && entry.line == 1)
            });
            at = entry.map_or_else(|| line_end(&self.bytes, start), |entry| entry.whole.end);
            Some((start..at, entry))
        })
    }

    /// Why no reader can be trusted to see the names in this file, if it is stored as no `.env` is.
    pub(crate) fn foreign(&self) -> Option<&'static str> {
        if [b"\xFF\xFE", b"\xFE\xFF"]
            .iter()
            .any(|mark| self.bytes.starts_with(*mark))
        {
            return Some("the file is stored as UTF-16 or UTF-32, not as UTF-8");
        }
        if self.bytes.starts_with(b"\0\0\xFE\xFF") {
            return Some("the file is stored as UTF-32, not as UTF-8");
        }
        let nul = self.bytes.contains(&0);
        nul.then_some("the file has NUL bytes, so it is no text in UTF-8")
    }

    /// What most lines of the file end with.
    pub(crate) fn line_end(&self) -> &'static [u8] {
        let ends = self.bytes.iter().filter(|&&byte| byte == b'\n').count();
        let carried = self.bytes.windows(2).filter(|pair| pair == b"\r\n").count();
        if carried * 2 > ends { b"\r\n" } else { b"\n" }
    }
}

impl From<Zeroizing<Vec<u8>>> for Document {
    fn from(bytes: Zeroizing<Vec<u8>>) -> Self {
        let entries = divide(&bytes);
        Self { bytes, entries }
    }
}

/// Numbers only: nothing of the file's text.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Document(‹{} bytes›, {} entries)",
            self.bytes.len(),
            self.entries.len()
        )
    }
}

/// One assignment of a file: positions, no text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Where the name stands.
    pub key: Range<usize>,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// How the value is quoted.
    pub quote: Quote,
    /// Where the value stands, quotes included; comments and the white space around it are not.
    pub value: Range<usize>,
    /// The whole entry, from the line's start to and with the line's end.
    pub whole: Range<usize>,
}

/// How a value is quoted. A quote counts as one if it is closed and nothing but a comment follows on its line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Quote {
    /// `` ` ``, which only some readers know.
    Backtick,
    /// `"`.
    Double,
    /// None.
    None,
    /// `'`.
    Single,
}

fn divide(bytes: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut line = 1;
    let mut at = if bytes.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    while at < bytes.len() {
        let whole = match entry_at(bytes, at, line) {
            Some(entry) => {
                let whole = entry.whole.clone();
                entries.push(entry);
                whole
            }
            None => at..line_end(bytes, at),
        };
        line += bytes[whole.clone()]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count();
        at = whole.end;
    }
    entries
}

/// The entry on the line that begins at `start`.
fn entry_at(bytes: &[u8], start: usize, line: usize) -> Option<Entry> {
    let mut at = skip_blanks(bytes, start);
    if bytes[at..].starts_with(b"export") {
        let next = skip_blanks(bytes, at + "export".len());
        if next > at + "export".len() && bytes.get(next) != Some(&b'=') {
            at = next;
        }
    }
    let length = bytes[at..]
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || b"=#'\"`".contains(byte))?;
    let key = at..at + length;
    let equals = skip_blanks(bytes, key.end);
    if length == 0 || bytes.get(equals) != Some(&b'=') {
        return None;
    }
    std::str::from_utf8(&bytes[key.clone()]).ok()?;

    let from = skip_blanks(bytes, equals + 1);
    let (value, quote) = quoted(bytes, from).unwrap_or_else(|| (bare(bytes, from), Quote::None));
    Some(Entry {
        whole: start..line_end(bytes, value.end),
        key,
        line,
        quote,
        value,
    })
}

/// The quoted value at `from`, if a quote opens there and is closed.
fn quoted(bytes: &[u8], from: usize) -> Option<(Range<usize>, Quote)> {
    let mark = *bytes.get(from)?;
    let quote = match mark {
        b'"' => Quote::Double,
        b'\'' => Quote::Single,
        b'`' => Quote::Backtick,
        _ => return None,
    };
    let mut at = from + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' if quote == Quote::Double => at += 2,
            byte if byte == mark => break,
            _ => at += 1,
        }
    }
    let rest = &bytes[skip_blanks(bytes, at + 1)..];
    let closed = matches!(rest, [] | [b'\n' | b'#', ..] | [b'\r', b'\n', ..] | [b'\r']);
    closed.then_some((from..at + 1, quote))
}

/// The rest of the line, without a comment and the white space at its end.
fn bare(bytes: &[u8], from: usize) -> Range<usize> {
    let line = &bytes[from..line_end(bytes, from)];
    let comment = line
        .windows(2)
        .position(|pair| matches!(pair, [b' ' | b'\t', b'#']))
        .unwrap_or(line.len());
    from..from + line[..comment].trim_ascii_end().len()
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..]
        .iter()
        .position(|&byte| byte == b'\n')
        .map_or(bytes.len(), |offset| at + offset + 1)
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    bytes[at..]
        .iter()
        .position(|&byte| byte != b' ' && byte != b'\t')
        .map_or(bytes.len(), |offset| at + offset)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let document = Document::parse(text.as_bytes());
        assert_eq!(document.print(), text.as_bytes());
        document
            .entries()
            .iter()
            .map(|entry| {
                format!(
                    "{}:{}={:?}{:?}",
                    entry.line,
                    document.key(entry),
                    &text[entry.value.clone()],
                    entry.quote
                )
            })
            .collect()
    }

    #[test]
    fn divides_a_file_as_a_person_does() {
        let text = "\u{FEFF}# c=1\r\n\r\nexport A = b # c\r\nB='x\ny' # z\nC=\"it\\\"s\"\nD=`q`\nE='open\n\
                    not an entry\nF=a#b\nexport=1\nG=";
        assert_eq!(
            shown(text),
            [
                r#"3:A="b"None"#,
                r#"4:B="'x\ny'"Single"#,
                r#"6:C="\"it\\\"s\""Double"#,
                r#"7:D="`q`"Backtick"#,
                r#"8:E="'open"None"#,
                r#"10:F="a#b"None"#,
                r#"11:export="1"None"#,
                r#"12:G=""None"#,
            ]
        );
    }

    #[test]
    fn shows_no_text() {
        let document = Document::parse(b"TOKEN=hunter2\n");
        assert_eq!(format!("{document:?}"), "Document(‹14 bytes›, 1 entries)");
        assert!(!format!("{:?}", document.entries()).contains("hunter2"));
    }

    proptest! {
        #[test]
        fn prints_what_was_parsed(bytes in proptest::collection::vec(
            prop_oneof![
                any::<u8>(),
                proptest::sample::select(b"A=\"'`#\\\r\n $\xEF\xBB\xBF".to_vec()),
            ],
            0..80,
        )) {
            let document = Document::parse(&bytes);
            prop_assert_eq!(document.print(), bytes.as_slice());
            let mut end = 0;
            for entry in document.entries() {
                prop_assert!(entry.whole.start >= end && entry.whole.end <= bytes.len());
                prop_assert!(entry.whole.start <= entry.key.start && entry.key.end < entry.value.end + 1);
                prop_assert!(entry.value.end <= entry.whole.end);
                let lines = bytes[..entry.whole.start].iter().filter(|&&byte| byte == b'\n').count();
                prop_assert_eq!(entry.line, lines + 1);
                end = entry.whole.end;
            }
        }
    }
}
