//! Lines that reach beyond their end: an open quote, or code, in which some reader loses what follows.

use std::ops::Range;

use zeroize::Zeroizing;

use crate::agreement::{Full, Said};
use crate::dialect::{BYTE_ORDER_MARK, Dialect};
use crate::document::{Document, Entry};
use crate::plain;
use crate::reading::{End, Outcome};

/// A stretch of a file that reaches beyond its end.
#[derive(Clone, Copy)]
pub(crate) struct Spill<'d> {
    pub(crate) kind: SpillKind,
    /// Where it begins, from 1.
    pub(crate) line: usize,
    /// The assignment, if it is one.
    pub(crate) entry: Option<&'d Entry>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SpillKind {
    /// A backslash stands before the quote that should close the value.
    Backslash,
    /// Shell code.
    Code,
    /// A quote that is never closed.
    Open,
}

/// The first spill that `wanted` takes. What stands before the first of all is whole, so what it does among other lines
/// is what it does in the file.
pub(crate) fn first<'d>(
    document: &'d Document,
    dialect: Option<Dialect>,
    wanted: impl Fn(&Spill) -> bool,
) -> Option<Spill<'d>> {
    let bytes = document.print();
    let mut line = 1;
    document.stretches().find_map(|(range, entry)| {
        let text = &bytes[range];
        let begins = line;
        line += text.iter().filter(|&&byte| byte == b'\n').count();
        if plain::entries(text).is_some() {
            return None;
        }
        let spill = Spill {
            kind: Among::new(text).spill(dialect)?,
            line: begins,
            entry,
        };
        wanted(&spill).then_some(spill)
    })
}

/// A stretch of a file among lines that it must not touch.
pub(crate) struct Among {
    bytes: Zeroizing<Vec<u8>>,
    own: Range<usize>,
}

impl Among {
    pub(crate) fn new(text: &[u8]) -> Self {
        const BEFORE: &[u8] = b"MCP_LAUNCH_ABOVE=1\n";
        const AFTER: &[u8] = b"\nMCP_LAUNCH_BELOW='2'\nMCP_LAUNCH_LAST=\"3\"\n";
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let mut bytes = Zeroizing::new(Vec::with_capacity(BEFORE.len() + text.len() + AFTER.len()));
        bytes.extend_from_slice(BEFORE);
        bytes.extend_from_slice(text);
        bytes.extend_from_slice(AFTER);
        Self {
            bytes,
            own: BEFORE.len()..BEFORE.len() + text.len(),
        }
    }

    /// How it reaches beyond its end, if it does to a reader that counts.
    pub(crate) fn spill(&self, dialect: Option<Dialect>) -> Option<SpillKind> {
        let full = Full::read(&self.bytes, dialect);
        let kept = [
            ("MCP_LAUNCH_ABOVE", "1"),
            ("MCP_LAUNCH_BELOW", "2"),
            ("MCP_LAUNCH_LAST", "3"),
        ]
        .iter()
        .all(|(name, value)| full.agreed(name.as_bytes()) == Some(value.as_bytes()));
        if kept && full.ends().all(|end| end == End::Whole) {
            return None;
        }
        let open = full.ends().any(|end| matches!(end, End::Stopped(_)));
        if !open && full.ends().any(|end| matches!(end, End::Unknown(_))) {
            return Some(SpillKind::Code);
        }
        match self.bytes[self.own.clone()].trim_ascii_end() {
            [.., b'\\', b'"' | b'\''] => Some(SpillKind::Backslash),
            _ => Some(SpillKind::Open),
        }
    }

    /// Whether the readers that count read it as `value` for `key`, and it ends where it ends.
    pub(crate) fn gives(&self, key: &[u8], value: &[u8], dialect: Option<Dialect>) -> bool {
        self.spill(dialect).is_none() && Full::read(&self.bytes, dialect).agreed(key) == Some(value)
    }

    /// The values that readers have for `key`.
    pub(crate) fn readings(&self, key: &[u8], dialect: Option<Dialect>) -> Vec<Zeroizing<Vec<u8>>> {
        let full = Full::read(&self.bytes, dialect);
        full.said(key)
            .filter_map(|said| match said {
                Said::Bound {
                    outcome: Outcome::Value(value),
                    ..
                } => Some(value.clone()),
                _ => None,
            })
            .collect()
    }

    /// Whether the readers that count agree on `key`.
    pub(crate) fn agrees(&self, key: &[u8], dialect: Option<Dialect>) -> bool {
        Full::read(&self.bytes, dialect).agreed(key).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_line_that_does_not_end() {
        let cases = [
            (
                "A=1\nB='C:\\dir\\'\nC='x'\n",
                Some((SpillKind::Backslash, 2)),
            ),
            ("A=1\nB=\"C:\\\"\nC=1\n", Some((SpillKind::Backslash, 2))),
            ("# it's\nA='x\ny'\nB=it's\n", Some((SpillKind::Open, 4))),
            ("A='x' # c\\'\nit's text\n", Some((SpillKind::Open, 2))),
            ("A=1\nunset A\n", Some((SpillKind::Code, 2))),
            ("A=a b\nB=$x\nC=\"a\\tb\"\nD=1", None),
        ];
        for (file, expected) in cases {
            let document = Document::parse(file.as_bytes());
            let found = first(&document, None, |_| true);
            let found = found.map(|spill| (spill.kind, spill.line));
            assert_eq!(found, expected, "{file:?}");
        }
    }
}
