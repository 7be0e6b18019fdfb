//! From TOML to our types, by hand, so that no message of a library can quote a value.
//!
//! A [`Table`] knows which keys were asked of it; what is left at its end is unknown. So the keys of a
//! table stand in one place, the code that reads them.

mod value;

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(crate) use value::Value;

use crate::document::{Document, Located};
use crate::error::ConfigError;
use crate::shown::shown_key;
use crate::vocabulary::unknown_key;

/// A table whose keys are known.
pub(crate) struct Table<'a> {
    document: &'a Document<'a>,
    key: String,
    entries: &'a DeTable<'a>,
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// The table that a whole file is.
    pub(crate) fn root(document: &'a Document<'a>, entries: &'a DeTable<'a>) -> Self {
        Self::of(document, String::new(), entries)
    }

    /// The table at `key`.
    fn of(document: &'a Document<'a>, key: String, entries: &'a DeTable<'a>) -> Self {
        Self {
            document,
            key,
            entries,
            asked: Vec::new(),
        }
    }

    /// The setting `key`, if it stands here.
    pub(crate) fn take<T>(
        &mut self,
        key: &'static str,
        decode: impl FnOnce(&Value<'a>) -> Result<T, ConfigError>,
    ) -> Result<Option<Located<T>>, ConfigError> {
        self.asked.push(key);
        let Some((own_key, content)) = self.entries.get_key_value(key) else {
            return Ok(None);
        };
        self.value(own_key.span(), key, content)
            .located(decode)
            .map(Some)
    }

    /// The setting `key` without its place, if it stands here.
    pub(crate) fn take_value<T>(
        &mut self,
        key: &'static str,
        decode: impl FnOnce(&Value<'a>) -> Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        Ok(self.take(key, decode)?.map(|located| located.value))
    }

    /// Every setting that was not asked for, in the file's order.
    pub(crate) fn others(self) -> Vec<(&'a str, Value<'a>)> {
        let mut others: Vec<_> = self
            .entries
            .iter()
            .filter(|(key, _)| !self.asked.contains(&key.get_ref().as_ref()))
            .collect();
        others.sort_by_key(|(key, _)| key.span().start);
        others
            .into_iter()
            .map(|(key, content)| {
                let name: &str = key.get_ref();
                (name, self.value(key.span(), name, content))
            })
            .collect()
    }

    /// Whether [`Self::take`] was asked for the setting.
    pub(crate) fn was_asked(&self, key: &str) -> bool {
        self.asked.contains(&key)
    }

    /// Whether a setting of this name stands here, whatever it says.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Every setting, in a table whose keys are the person's own names.
    pub(crate) fn take_all<K, T>(
        self,
        mut decode: impl FnMut(&str, &Value<'a>) -> Result<(K, T), ConfigError>,
    ) -> Result<Vec<(K, Located<T>)>, ConfigError> {
        self.entries
            .iter()
            .map(|(own_key, content)| {
                let value = self.value(own_key.span(), own_key.get_ref(), content);
                let (key, value) = decode(own_key.get_ref(), &value)
                    .map(|(key, decoded)| (key, value.at_its_place(decoded)))?;
                Ok((key, value))
            })
            .collect()
    }

    /// Says that every known key was asked for.
    ///
    /// # Errors
    /// The first key that was not.
    pub(crate) fn finish(self) -> Result<(), ConfigError> {
        let asked = self.asked.clone();
        match self.others().first() {
            None => Ok(()),
            Some((key, value)) => Err(value.error(unknown_key(key, &asked))),
        }
    }

    fn value(
        &self,
        key_span: Range<usize>,
        key: &str,
        content: &'a Spanned<DeValue<'a>>,
    ) -> Value<'a> {
        let key = shown_key(key);
        Value {
            document: self.document,
            key: if self.key.is_empty() {
                key.to_owned()
            } else {
                format!("{}.{key}", self.key)
            },
            line: self.document.line(key_span.start),
            content: content.get_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::document::Author;

    fn decoded(text: &str) -> Result<String, ConfigError> {
        Document::decode(
            text.as_bytes(),
            Path::new("/f.toml"),
            Author::User,
            Some(Path::new("/home/me")),
            |mut root| {
                let order = root.take("order", |value| {
                    value
                        .list("a list of stores")?
                        .iter()
                        .map(|item| Ok(item.text("a store")?.to_owned()))
                        .collect::<Result<Vec<_>, _>>()
                })?;
                let place = root.take("env_file", Value::path)?;
                root.finish()?;
                Ok(format!(
                    "{:?} {:?}",
                    order.map(|order| (order.value.join(" "), order.origin.line)),
                    place.map(|place| place.value)
                ))
            },
        )
    }

    #[test]
    fn says_file_line_and_key() {
        let cases = [
            (
                "order = [\"a\",\n 1]",
                "/f.toml:2: order[1]: expected a store",
            ),
            (
                "\n\norder = 3",
                "/f.toml:3: order: expected a list of stores",
            ),
            ("a = 1\nordr = 3", "/f.toml:1: a: unknown key"),
            ("[stores]\n", "/f.toml:1: stores: unknown key"),
            (
                "watch = 1",
                "/f.toml:1: watch: not supported by this version",
            ),
            ("a b", "/f.toml:1: not valid TOML: a key without `= value`"),
            (
                "a = 1\na = 2",
                "/f.toml:2: not valid TOML: the same key twice",
            ),
            ("a = b", "/f.toml:1: not valid TOML: text needs quotes"),
            ("env_file = \"\"", "/f.toml:1: env_file: expected a path"),
        ];
        for (text, expected) in cases {
            assert_eq!(decoded(text).unwrap_err().to_string(), expected, "{text}");
        }
        let Err(error) = decoded("ordr = 3") else {
            panic!("ordr is not a key")
        };
        assert_eq!(error.hint().as_deref(), Some("did you mean `order`?"));
    }

    #[test]
    fn resolves_paths_against_home_and_the_file() {
        for (text, expected) in [
            ("~/x/.env", "/home/me/x/.env"),
            ("../.env", "/../.env"),
            ("/run/.env", "/run/.env"),
        ] {
            let shown = decoded(&format!("env_file = {text:?}")).unwrap();
            assert_eq!(shown, format!("None Some({expected:?})"));
        }
    }
}
