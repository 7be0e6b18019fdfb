//! Why a file cannot be read: a kind and a place, never its text.

use thiserror::Error;

/// Why a file cannot be read, and where. It holds nothing of the file's text, which may be secret.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("{kind} (line {line}, column {column})")]
pub struct Flaw {
    /// What is wrong.
    pub kind: FlawKind,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum FlawKind {
    /// Bytes that are no UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// Nothing but white space.
    #[error("empty")]
    Empty,
    /// Not of the format that was asked for.
    #[error("not well-formed")]
    Syntax,
    /// The same key twice in a map; the place is that of the second.
    #[error("the same key twice")]
    DuplicateKey,
    /// More than 128 maps and lists within each other.
    #[error("nested too deeply")]
    TooDeep,
    /// More than 1 GiB.
    #[error("too large")]
    TooLarge,
    /// More than one YAML document in a file.
    #[error("more than one document")]
    SeveralDocuments,
    /// A YAML key that is no plain name: a list, a map or an alias.
    #[error("a key that is no text")]
    KeyNotText,
}

/// A flaw at a byte of the text, before its line is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) kind: FlawKind,
    pub(crate) at: usize,
}

impl Fault {
    pub(crate) fn new(kind: FlawKind, at: usize) -> Self {
        Self { kind, at }
    }

    /// The flaw, with line and column of its byte in `text`.
    pub(crate) fn in_text(self, text: &[u8]) -> Flaw {
        let before = text.get(..self.at).unwrap_or(text);
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        let start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |newline| newline + 1);
        // Bytes that continue a character are not counted.
        let column = before[start..]
            .iter()
            .filter(|&&byte| byte & 0xC0 != 0x80)
            .count()
            + 1;
        Flaw {
            kind: self.kind,
            line,
            column,
        }
    }
}
