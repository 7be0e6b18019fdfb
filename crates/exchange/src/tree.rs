//! What JSON, TOML and YAML have in common: values within objects and lists, each with its line.

use mcp_launch_lossless::{Document, FlawKind, Kind};
use zeroize::Zeroizing;

use crate::contents::Taken;
use crate::error::{ReadError, ReadErrorKind};

/// How a file is written.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Json,
    Toml,
    Yaml,
}

/// Whether `bytes` begin as an object or a list of JSON does.
pub(crate) fn begins_as_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// A value of a file.
pub(crate) struct Node {
    pub(crate) form: Form,
    /// The line on which it begins, from 1.
    pub(crate) line: usize,
}

pub(crate) enum Form {
    /// A number, `true`, `false` or a date, as it is written.
    Bare(Zeroizing<String>),
    List(Vec<Node>),
    /// `null`.
    Nothing,
    /// What has no text of its own: a date, an alias or a tag of YAML, half a character of JSON.
    Other,
    Table(Vec<(String, Node)>),
    Text(Zeroizing<String>),
}

impl Node {
    pub(crate) fn table(&self) -> Option<&[(String, Node)]> {
        match &self.form {
            Form::Table(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> Option<&[Node]> {
        match &self.form {
            Form::List(items) => Some(items),
            _ => None,
        }
    }

    /// What is written, whether with quotes or without.
    pub(crate) fn scalar(&self) -> Option<&str> {
        match &self.form {
            Form::Bare(text) | Form::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a key, unless that is `null`.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.table()?
            .iter()
            .find(|(own, node)| own == key && !matches!(node.form, Form::Nothing))
            .map(|(_, node)| node)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The text of a key, if it has some.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.scalar().filter(|text| !text.is_empty())
    }

    /// Whether a key says `text`.
    pub(crate) fn says(&self, key: &str, text: &str) -> bool {
        self.text_of(key) == Some(text)
    }

    pub(crate) fn entries(&self) -> Result<&[(String, Node)], ReadError> {
        self.table().ok_or(self.error(ReadErrorKind::Shape))
    }

    pub(crate) fn taken(&self) -> Result<Taken, ReadError> {
        match &self.form {
            Form::Bare(text) | Form::Text(text) => Ok(Taken::of_text(text)),
            Form::Nothing => Ok(Taken::Empty),
            Form::Other => Ok(Taken::malformed(self.line, "the value is no plain text")),
            Form::List(_) | Form::Table(_) => Err(self.error(ReadErrorKind::Nested)),
        }
    }

    pub(crate) fn error(&self, kind: ReadErrorKind) -> ReadError {
        ReadError::new(kind, self.line)
    }
}

/// Reads a file.
pub(crate) fn parse(bytes: &[u8], format: Format) -> Result<Node, ReadError> {
    let format = match format {
        Format::Json => mcp_launch_lossless::Format::Json,
        Format::Toml => mcp_launch_lossless::Format::Toml,
        Format::Yaml => mcp_launch_lossless::Format::Yaml,
    };
    let document = Document::parse(bytes, format).map_err(|flaw| {
        let kind = match flaw.kind {
            FlawKind::DuplicateKey => ReadErrorKind::Twice,
            FlawKind::NotUtf8 => ReadErrorKind::NotText,
            FlawKind::SeveralDocuments => ReadErrorKind::Several,
            _ => ReadErrorKind::Syntax,
        };
        ReadError::new(kind, flaw.line)
    })?;
    Ok(Node::of(&document, document.root()))
}

impl Node {
    fn of(document: &Document, node: mcp_launch_lossless::Node<'_>) -> Self {
        let form = match node.kind() {
            Kind::Map => {
                let entries = node.entries();
                let entries =
                    entries.map(|(key, value)| (key.to_owned(), Self::of(document, value)));
                Form::Table(entries.collect())
            }
            Kind::List => {
                let items = node.items();
                Form::List(items.map(|item| Self::of(document, item)).collect())
            }
            Kind::Text => node
                .text()
                .map_or(Form::Other, |text| Form::Text(owned(text))),
            Kind::Number | Kind::Bool => {
                let written = document.bytes().get(node.span());
                let written = written.and_then(|written| std::str::from_utf8(written).ok());
                written.map_or(Form::Other, |text| Form::Bare(owned(text)))
            }
            Kind::Null => Form::Nothing,
            Kind::Other => Form::Other,
        };
        Self {
            form,
            line: node.line(),
        }
    }
}

fn owned(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}
