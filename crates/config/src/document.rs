//! One settings file as TOML: where its lines begin, who wrote it, and why it cannot be read.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use toml::de::DeTable;

use crate::decode::Table;
use crate::error::{ConfigError, ConfigErrorKind};
use crate::shown::Shown;

/// Where a setting stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    /// The file.
    pub file: Arc<Path>,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", Shown(&self.file), self.line)
    }
}

/// A setting and where it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Located<T> {
    /// The setting.
    pub value: T,
    /// Where it stands.
    pub origin: Origin,
}

/// The setting, or what holds where it is not set.
pub(crate) fn inner<T: Default>(located: Option<Located<T>>) -> T {
    located.map(|located| located.value).unwrap_or_default()
}

/// Who wrote a file, and so what it may say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Author {
    /// A repository.
    Project,
    /// The person who starts the launch.
    User,
}

/// What every value of one file shares.
pub(crate) struct Document<'a> {
    pub(crate) author: Author,
    pub(crate) path: Arc<Path>,
    /// Where `~/` leads.
    pub(crate) home: Option<&'a Path>,
    line_starts: Vec<usize>,
}

impl<'a> Document<'a> {
    /// Reads `bytes` as a TOML table and decodes it.
    pub(crate) fn decode<T>(
        bytes: &[u8],
        path: &Path,
        author: Author,
        home: Option<&'a Path>,
        decode: impl FnOnce(Table<'_>) -> Result<T, ConfigError>,
    ) -> Result<T, ConfigError> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| ConfigError::of_file(path, ConfigErrorKind::NotUtf8))?;
        let document = Self {
            author,
            path: path.into(),
            home,
            line_starts: line_starts(bytes),
        };
        let root = DeTable::parse(text).map_err(|error| document.syntax_error(&error))?;
        decode(Table::root(&document, root.get_ref()))
    }

    /// The line, from 1, in which a byte stands.
    pub(crate) fn line(&self, byte: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= byte)
    }

    fn syntax_error(&self, error: &toml::de::Error) -> ConfigError {
        let kind = ConfigErrorKind::Syntax(syntax_text(error.message()));
        let line = self.line(error.span().map_or(0, |span| span.start));
        ConfigError::at(&self.path, line, "", kind)
    }
}

fn line_starts(bytes: &[u8]) -> Vec<usize> {
    std::iter::once(0)
        .chain(
            bytes
                .iter()
                .enumerate()
                .filter(|&(_, &byte)| byte == b'\n')
                .map(|(at, _)| at + 1),
        )
        .collect()
}

/// Our text for a parser's message. What is not in the table is not repeated, because it might quote.
fn syntax_text(message: &str) -> &'static str {
    /// A message of the parser begins so, and what we say of it.
    const TEXTS: &[(&str, &str)] = &[
        ("cannot extend value", "this key has a value already"),
        ("cannot recurse", "nested too deeply"),
        ("duplicate key", "the same key twice"),
        ("extra comma", "a comma too many"),
        ("invalid key-value pair", "expected `key = value`"),
        (
            "invalid unquoted key",
            "a key of other characters than A-Z a-z 0-9 _ - needs quotes",
        ),
        ("key with no value", "a key without `= value`"),
        ("missing assignment", "expected `=` after the key"),
        ("missing comma", "expected a comma"),
        (
            "missing escaped value",
            "a backslash without its character; `'…'` takes text as it is",
        ),
        ("missing opening quote", "text needs quotes"),
        ("missing value", "a key without a value"),
        ("recursion limit", "nested too deeply"),
        ("string values must be quoted", "text needs quotes"),
        ("unclosed array table", "a `[[` that is not closed by `]]`"),
        ("unclosed array", "a `[` that is not closed by `]`"),
        ("unclosed inline table", "a `{` that is not closed by `}`"),
        ("unclosed table", "a `[` that is not closed by `]`"),
        (
            "unexpected key or value",
            "expected a new line between two settings",
        ),
    ];
    TEXTS
        .iter()
        .find(|(start, _)| message.starts_with(start))
        .map_or("it cannot be read here", |(_, text)| text)
}
