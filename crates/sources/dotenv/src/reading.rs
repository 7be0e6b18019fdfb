//! What one reader makes of a whole file.

use std::ops::Range;

use zeroize::Zeroizing;

/// What one reader makes of a whole file: its assignments in order, and how far that is known.
pub(crate) struct Reading {
    pub(crate) bindings: Vec<Binding>,
    pub(crate) end: End,
    /// Where the real reader gives the file up, if it does. A reading goes on at the next line, because a broken
    /// line does not stop a name on another; tests compare with the real reader up to here.
    pub(crate) broken_at: Option<usize>,
}

impl Reading {
    pub(crate) fn new() -> Self {
        Self {
            bindings: Vec::new(),
            end: End::Whole,
            broken_at: None,
        }
    }

    pub(crate) fn bind(&mut self, key: Range<usize>, at: usize, outcome: Outcome) {
        self.bindings.push(Binding { key, at, outcome });
    }

    pub(crate) fn broken(&mut self, at: usize) {
        self.broken_at.get_or_insert(at);
    }

    /// The last assignment of `key`; `text` is what was read.
    pub(crate) fn last(&self, key: &[u8], text: &[u8]) -> Option<&Binding> {
        self.bindings
            .iter()
            .rev()
            .find(|binding| text.get(binding.key.clone()) == Some(key))
    }
}

/// One assignment.
pub(crate) struct Binding {
    /// Where the key stands in the text that was read.
    pub(crate) key: Range<usize>,
    /// Where the statement begins there.
    pub(crate) at: usize,
    pub(crate) outcome: Outcome,
}

/// What a reader makes of one assignment.
pub(crate) enum Outcome {
    /// It gives no value, or one that is not in the file.
    Refused(Cause),
    /// It gives these bytes.
    Value(Zeroizing<Vec<u8>>),
}

impl Outcome {
    pub(crate) fn value(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Value(Zeroizing::new(bytes.into()))
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Refused(own), Self::Refused(others)) => own == others,
            (Self::Value(own), Self::Value(others)) => own == others,
            _ => false,
        }
    }
}

/// How far a reading is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    /// From here the reader reads nothing: a quote that is never closed.
    Stopped(usize),
    /// From here on what the reader does is not known: shell code.
    Unknown(usize),
    /// To the last byte.
    Whole,
}

/// Why a reader gives no value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// An escape that the reader does not know, or one it treats in its own way.
    Backslash,
    /// It would run a command.
    Command,
    /// Bytes that it cannot hold, or takes for more than text.
    Control,
    /// It expands a variable.
    Expansion,
    /// The line is no assignment to it.
    Form,
    /// It does not take the name.
    Name,
    /// A name without a value.
    NoValue,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// A quote that is never closed.
    Unclosed,
}
