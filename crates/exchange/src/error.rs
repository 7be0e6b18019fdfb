//! Why a file was not read.

use std::fmt;

/// Why a file was not read: a kind and a line, nothing of its text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ReadError {
    /// What is wrong.
    pub kind: ReadErrorKind,
    /// Where, from 1.
    pub line: usize,
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// A Bitwarden export under a password or an account's key.
    #[error("the export is encrypted")]
    Encrypted,
    /// A line without a name, or with white space in it.
    #[error("this line is no NAME=VALUE")]
    Line,
    /// An object or a list where a value is expected.
    #[error("a value is an object or a list")]
    Nested,
    /// Not UTF-8.
    #[error("the file is no text in UTF-8")]
    NotText,
    /// More than one document in a file of YAML.
    #[error("the file has more than one document")]
    Several,
    /// Well formed, but not what the tool writes.
    #[error("this is not what the tool writes")]
    Shape,
    /// Not JSON, TOML or YAML at all, or more than this program reads.
    #[error("the file is not well formed")]
    Syntax,
    /// One name stands twice in one place.
    #[error("a name stands twice")]
    Twice,
}

impl ReadError {
    pub(crate) const fn new(kind: ReadErrorKind, line: usize) -> Self {
        Self { kind, line }
    }

    /// What a person does about it, where there is more to say.
    #[must_use]
    pub const fn remedy(self) -> Option<&'static str> {
        match self.kind {
            ReadErrorKind::Encrypted => {
                Some("export it again as `.json` without encryption: `bw export --format json`")
            }
            ReadErrorKind::Nested => {
                Some("give each secret a name of its own, with a text for its value")
            }
            ReadErrorKind::NotText => Some("save the file as UTF-8"),
            ReadErrorKind::Several => Some("read each document as a file of its own"),
            ReadErrorKind::Line
            | ReadErrorKind::Shape
            | ReadErrorKind::Syntax
            | ReadErrorKind::Twice => None,
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

impl std::error::Error for ReadError {}
