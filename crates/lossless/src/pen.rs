//! Writes values in the syntax of a format, within brackets or on lines of their own.

use std::fmt::Write as _;

use crate::document::Format;
use crate::value::Value;
use crate::{toml_text, yaml_text};

/// How values are written at one place of a file.
#[derive(Clone, Copy)]
pub(crate) struct Pen<'a> {
    pub(crate) format: Format,
    /// One step of indentation.
    pub(crate) unit: &'a str,
    pub(crate) newline: &'a str,
    /// What stands between a key and its value: `: `.
    pub(crate) colon: &'a str,
    /// What stands behind a comma.
    pub(crate) blank: &'a str,
}

impl Pen<'_> {
    /// A text, with its quotes.
    pub(crate) fn text(self, text: &str) -> String {
        match self.format {
            Format::Toml => toml_text::basic(text),
            Format::Json => json_text(text),
            Format::Yaml => yaml_text::text(text),
        }
    }

    /// A key, in quotes where it needs them.
    pub(crate) fn key(self, key: &str) -> String {
        match self.format {
            Format::Toml => toml_text::key(key),
            Format::Json => json_text(key),
            Format::Yaml => yaml_text::text(key),
        }
    }

    /// A value. With the indentation of its line, maps have one key a line; without, all is on one line.
    pub(crate) fn value(self, value: &Value, indent: Option<&str>) -> String {
        match value {
            Value::Text(text) => self.text(text),
            Value::Bool(value) => value.to_string(),
            Value::List(items) => {
                // A list of texts stays on one line, as clients' arguments mostly are.
                let indent = indent.filter(|_| items.iter().any(Value::is_collection));
                let inner = self.further(indent);
                let parts = items.iter().map(|item| self.value(item, inner.as_deref()));
                self.enclose(["[", "]"], parts.collect(), indent, "")
            }
            Value::Map(entries) => {
                let inner = self.further(indent);
                let parts = entries
                    .iter()
                    .map(|(key, value)| self.entry(key, value, inner.as_deref()));
                let padding = match self.format {
                    Format::Toml => " ",
                    Format::Json | Format::Yaml => "",
                };
                self.enclose(["{", "}"], parts.collect(), indent, padding)
            }
        }
    }

    /// A key and its value.
    pub(crate) fn entry(self, key: &str, value: &Value, indent: Option<&str>) -> String {
        format!(
            "{}{}{}",
            self.key(key),
            self.colon,
            self.value(value, indent)
        )
    }

    fn further(self, indent: Option<&str>) -> Option<String> {
        indent.map(|indent| format!("{indent}{}", self.unit))
    }

    fn enclose(
        self,
        [open, close]: [&str; 2],
        parts: Vec<String>,
        indent: Option<&str>,
        padding: &str,
    ) -> String {
        if parts.is_empty() {
            return format!("{open}{close}");
        }
        let Some(indent) = indent else {
            let parts = parts.join(&format!(",{}", self.blank));
            return format!("{open}{padding}{parts}{padding}{close}");
        };
        let Self { unit, newline, .. } = self;
        let lines = parts.join(&format!(",{newline}{indent}{unit}"));
        format!("{open}{newline}{indent}{unit}{lines}{newline}{indent}{close}")
    }
}

/// A text in quotes, with no more escapes than JSON asks for.
fn json_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
