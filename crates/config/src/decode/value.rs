//! One value of a settings file, and what it can be read as.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::DeValue;

use crate::decode::Table;
use crate::document::{Author, Document, Located, Origin};
use crate::error::{ConfigError, ConfigErrorKind};

/// One value, and where it stands.
pub(crate) struct Value<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) content: &'a DeValue<'a>,
}

impl<'a> Value<'a> {
    pub(crate) fn author(&self) -> Author {
        self.document.author
    }

    pub(crate) fn error(&self, kind: ConfigErrorKind) -> ConfigError {
        ConfigError::at(&self.document.path, self.line, self.key.as_str(), kind)
    }

    pub(crate) fn expected(&self, what: &'static str) -> ConfigError {
        self.error(ConfigErrorKind::Expected(what))
    }

    /// That the table lacks a key that it needs.
    pub(crate) fn lacks(&self, what: &'static str) -> ConfigError {
        self.error(ConfigErrorKind::Lacks(what))
    }

    /// Refuses the setting in a project file.
    pub(crate) fn only_in_user_file(&self) -> Result<(), ConfigError> {
        match self.document.author {
            Author::Project => Err(self.error(ConfigErrorKind::OnlyInUserFile)),
            Author::User => Ok(()),
        }
    }

    pub(crate) fn flag(&self) -> Result<bool, ConfigError> {
        self.content
            .as_bool()
            .ok_or_else(|| self.expected("true or false"))
    }

    /// The path of the key in the file.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// A whole number.
    pub(crate) fn number(&self, expected: &'static str) -> Result<i64, ConfigError> {
        let number = self
            .content
            .as_integer()
            .and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        number.ok_or_else(|| self.expected(expected))
    }

    /// A date or a time of one, as TOML or as text, in the form of RFC 3339.
    pub(crate) fn date(&self) -> Option<String> {
        match self.content {
            DeValue::String(text) => {
                let day = text.get(..10)?.as_bytes();
                let is_day = day.iter().enumerate().all(|(at, byte)| match at {
                    4 | 7 => *byte == b'-',
                    _ => byte.is_ascii_digit(),
                });
                is_day.then(|| text.to_string())
            }
            DeValue::Datetime(date) if date.date.is_some() => Some(date.to_string()),
            _ => None,
        }
    }

    /// The text; an error that says what was `expected`, if it is none.
    pub(crate) fn text(&self, expected: &'static str) -> Result<&'a str, ConfigError> {
        match self.content {
            DeValue::String(text) => Ok(text),
            _ => Err(self.expected(expected)),
        }
    }

    pub(crate) fn is_text(&self) -> bool {
        self.content.is_str()
    }

    pub(crate) fn is_table(&self) -> bool {
        self.content.is_table()
    }

    pub(crate) fn list(&self, expected: &'static str) -> Result<Vec<Value<'a>>, ConfigError> {
        let DeValue::Array(items) = self.content else {
            return Err(self.expected(expected));
        };
        Ok(items
            .iter()
            .enumerate()
            .map(|(index, item)| Value {
                document: self.document,
                key: format!("{}[{index}]", self.key),
                line: self.document.line(item.span().start),
                content: item.get_ref(),
            })
            .collect())
    }

    pub(crate) fn table(&self) -> Result<Table<'a>, ConfigError> {
        let DeValue::Table(entries) = self.content else {
            return Err(self.expected("a table"));
        };
        Ok(Table::of(self.document, self.key.clone(), entries))
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&self, words: &[(&'static str, T)]) -> Result<T, ConfigError> {
        let text = self.content.as_str();
        words
            .iter()
            .find(|(word, _)| Some(*word) == text)
            .map(|&(_, meaning)| meaning)
            .ok_or_else(|| {
                let words = words.iter().map(|(word, _)| *word).collect();
                self.error(ConfigErrorKind::ExpectedOneOf(words))
            })
    }

    /// A path: absolute, under home as `~/…`, or relative to the file's own folder.
    pub(crate) fn path(&self) -> Result<PathBuf, ConfigError> {
        let text = self.text("a path")?;
        if text.is_empty() || text.contains('\0') {
            return Err(self.expected("a path"));
        }
        if let Some(rest) = text.strip_prefix("~/") {
            return match self.document.home {
                Some(home) => Ok(home.join(rest)),
                None => Err(self.error(ConfigErrorKind::NoHome)),
            };
        }
        let folder = self.document.path.parent().unwrap_or(Path::new(""));
        Ok(folder.join(text))
    }

    pub(crate) fn located<T>(
        &self,
        decode: impl FnOnce(&Self) -> Result<T, ConfigError>,
    ) -> Result<Located<T>, ConfigError> {
        Ok(self.at_its_place(decode(self)?))
    }

    pub(super) fn at_its_place<T>(&self, value: T) -> Located<T> {
        Located {
            value,
            origin: Origin {
                file: Arc::clone(&self.document.path),
                line: self.line,
            },
        }
    }
}
