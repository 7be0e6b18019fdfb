//! The journal of a rotation in a `.env` file: one comment line, which no reader of such files loads.
//!
//! ```text
//! #:mcp-launch rotation DB_PASSWORD {"v":1,…}
//! DB_PASSWORD="…"
//! ```

use std::ops::Range;

use mcp_launch_core::Secret;
use mcp_launch_rotation::{Journal, Stage};
use zeroize::Zeroizing;

use crate::Document;
use crate::dialect::BYTE_ORDER_MARK;

/// How the line begins; the name of a key follows, then the journal.
const MARK: &[u8] = b"#:mcp-launch rotation ";

/// Where such a line stands in a document.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Without the line's end.
    pub(super) text: Range<usize>,
    /// With it.
    pub(super) whole: Range<usize>,
    name: Range<usize>,
    journal: Range<usize>,
}

impl Document {
    /// Whether a rotation of the credential whose journal is named `name` is under way: claimed or staged. One that
    /// cannot be read is none, to a launch. Costs one pass over the file where it has no journal.
    #[must_use]
    pub fn pending(&self, name: &str) -> bool {
        self.journals()
            .iter()
            .any(|line| self.journal_name(line) == name.as_bytes() && self.is_pending(line))
    }

    /// The names of all journals of this file whose rotation is under way: see [`Document::pending`].
    #[must_use]
    pub fn all_pending(&self) -> Vec<&str> {
        self.journals()
            .iter()
            .filter(|line| self.is_pending(line))
            .filter_map(|line| std::str::from_utf8(&self.print()[line.name.clone()]).ok())
            .collect()
    }

    /// The journals, in their order.
    pub(super) fn journals(&self) -> Vec<Line> {
        let bytes = self.print();
        if !bytes.windows(MARK.len()).any(|part| part == MARK) {
            return Vec::new();
        }
        self.stretches()
            .filter(|(_, entry)| entry.is_none())
            .filter_map(|(range, _)| self.journal_at(range))
            .collect()
    }

    pub(super) fn journal_name(&self, line: &Line) -> &[u8] {
        &self.print()[line.name.clone()]
    }

    /// The JSON.
    pub(super) fn journal(&self, line: &Line) -> Secret {
        Secret::new(self.print()[line.journal.clone()].to_vec())
    }

    fn is_pending(&self, line: &Line) -> bool {
        Journal::parse(&self.journal(line))
            .is_ok_and(|journal| matches!(journal.stage(), Stage::Claimed(_) | Stage::Staged(_)))
    }

    /// The journal on the line of this range.
    fn journal_at(&self, range: Range<usize>) -> Option<Line> {
        let bytes = self.print();
        let mut whole = range;
        if whole.start == 0 && bytes.starts_with(BYTE_ORDER_MARK) {
            whole.start = BYTE_ORDER_MARK.len();
        }
        let line = &bytes[whole.clone()];
        let rest = line.strip_prefix(MARK)?;
        let length = rest.iter().position(|&byte| byte == b' ')?;
        let name = whole.start + MARK.len()..whole.start + MARK.len() + length;
        let text = whole.start..whole.start + line.trim_ascii_end().len();
        let journal = name.end + 1..text.end.max(name.end + 1);
        Some(Line {
            text,
            whole,
            name,
            journal,
        })
    }
}

/// The line without its end. All of it is printable ASCII: JSON says the same of any other character in an escape, and to
/// some reader one of those would be the end of the line.
#[expect(
    clippy::disallowed_methods,
    reason = "the journal goes into the document, which is wiped"
)]
pub(super) fn written(name: &str, journal: &Secret) -> Option<Zeroizing<Vec<u8>>> {
    let json = std::str::from_utf8(journal.expose()).ok()?;
    // No byte becomes more than six: one of DEL does, and what is longer has more bytes to begin with.
    let most = MARK.len() + name.len() + 1 + 6 * json.len();
    let mut line = Zeroizing::new(Vec::with_capacity(most));
    line.extend_from_slice(MARK);
    line.extend_from_slice(name.as_bytes());
    line.push(b' ');
    for character in json.chars() {
        if matches!(character, ' '..='~') {
            line.push(character as u8);
            continue;
        }
        // White space between the parts of a document may not be escaped, and needs not be there.
        if matches!(character, '\n' | '\r' | '\t') {
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            line.extend_from_slice(b"\\u");
            for shift in [12, 8, 4, 0] {
                line.push(b"0123456789abcdef"[usize::from(*unit >> shift & 0xf)]);
            }
        }
    }
    debug_assert!(line.capacity() == most, "it has not grown");
    Some(line)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "values of this test alone")]
mod tests {
    use mcp_launch_core::Secret;
    use mcp_launch_rotation::{Bundle, Opening, Owner, RotationId, Successor};
    use proptest::prelude::*;

    use super::*;
    use crate::dialect::{Dialect, LineEnds, Text};
    use crate::plain;

    fn staged(value: &[u8]) -> Journal {
        let mut journal = Journal::default();
        let successor = Successor {
            bundle: Bundle::bare(Secret::new(value.to_vec())),
            handle: None,
            expires_at: None,
        };
        let (id, owner) = (RotationId::new("1").unwrap(), Owner::new("o").unwrap());
        let now = jiff::Timestamp::from_second(1).unwrap();
        journal
            .begin(id, Opening::Value(&successor), &owner, now)
            .unwrap();
        journal
    }

    fn file(before: &str, json: &Secret, after: &str) -> Vec<u8> {
        let line = written("A", json).unwrap();
        [before.as_bytes(), &line, after.as_bytes()].concat()
    }

    #[test]
    fn only_a_whole_line_of_its_own_is_a_journal() {
        let json = staged(b"x").to_json().unwrap();
        let ends = "\r\nA=1\n";
        for (before, is_one) in [
            ("", true),
            ("\u{FEFF}", true),
            ("B=2\r\n", true),
            (" ", false),
            ("A=1 ", false),
            ("A='x\n", false),
            ("## ", false),
        ] {
            let after = if before.contains('\'') { "\n'\n" } else { ends };
            let document = Document::parse(&file(before, &json, after));
            assert_eq!(document.pending("A"), is_one, "{before:?}");
            assert!(!document.pending("B"));
            assert_eq!(document.all_pending().len(), usize::from(is_one));
        }
    }

    #[test]
    fn what_is_not_under_way_or_not_to_be_read_holds_no_launch_up() {
        for text in [
            "A=1\n",
            "",
            "#:mcp-launch rotation A {}\nA=1\n",
            "#:mcp-launch rotation A {\"v\":1}\nA=1\n",
            "#:mcp-launch rotation A \nA=1\n",
            "#:mcp-launch rotation A\nA=1\n",
            "#:mcp-launch rotation ",
            "#:mcp-launch rotation  ",
        ] {
            assert!(!Document::parse(text.as_bytes()).pending("A"), "{text:?}");
        }
    }

    proptest! {
        /// Whatever the value: each of the five readers reads the file as if the line were not there.
        #[test]
        fn no_reader_loads_it(value in any::<String>(), bytes in any::<Vec<u8>>(), binary: bool, crlf: bool, mark: bool, above: bool) {
            let json = staged(if binary { &bytes } else { value.as_bytes() })
                .to_json()
                .unwrap();
            let end = if crlf { "\r\n" } else { "\n" };
            let before = format!("{}{}", if mark { "\u{FEFF}" } else { "" }, if above { format!("Z='z'{end}") } else { String::new() });
            let after = format!("A=1{end}export B=\"2\" # it's{end}C='3'");
            let with = file(&before, &json, &format!("{end}{after}"));
            let without = format!("{before}{after}").into_bytes();
            prop_assert!(plain::entries(&with).is_some(), "it is plain to all of them");
            let (with_text, without_text) = (Text::new(&with, LineEnds::Either), Text::new(&without, LineEnds::Either));
            for dialect in Dialect::ALL {
                let (read, expected) = (dialect.read(&with_text), dialect.read(&without_text));
                prop_assert_eq!(read.end, expected.end);
                prop_assert_eq!(read.bindings.len(), expected.bindings.len());
                for (one, other) in read.bindings.iter().zip(&expected.bindings) {
                    prop_assert!(one.outcome.same(&other.outcome));
                    let (own, others) = (dialect.view(&with_text), dialect.view(&without_text));
                    prop_assert_eq!(&own[one.key.clone()], &others[other.key.clone()]);
                }
            }
            // And we read it back whole.
            let document = Document::parse(&with);
            let lines = document.journals();
            prop_assert_eq!(lines.len(), 1);
            let journal = Journal::parse(&document.journal(&lines[0])).unwrap();
            let Stage::Staged(staged) = journal.stage() else { panic!("not staged") };
            let expected = if binary { &bytes[..] } else { value.as_bytes() };
            prop_assert_eq!(staged.bundle.whole().unwrap().expose(), expected);
        }
    }
}
