//! A file: its bytes and its tree.

use zeroize::Zeroizing;

use crate::change::{Change, ChangeError, ChangeErrorKind};
use crate::flaw::{Fault, Flaw, FlawKind};
use crate::node::Node;
use crate::place::{Place, Step};
use crate::tree::{Form, ROOT, Tree};
use crate::{json, toml, yaml};

/// The byte order mark, as UTF-8.
pub(crate) const MARK: &str = "\u{feff}";

/// Bytes of a file, at most: 1 GiB.
const SIZE: usize = 1 << 30;

/// The format of a file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Format {
    /// JSON, also with comments and trailing commas.
    Json,
    /// TOML 1.0, and what 1.1 adds.
    Toml,
    /// YAML 1.2, one document.
    Yaml,
}

/// A file that was read. Its text may hold secrets: it is wiped when it is dropped, and never shown.
pub struct Document {
    text: Zeroizing<String>,
    format: Format,
    pub(crate) tree: Tree,
    line_starts: Vec<usize>,
}

impl Document {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If it is no UTF-8, empty, not of the format, has a key twice, or is nested over 128 levels deep. JSON5 beyond
    /// comments and trailing commas is not read.
    pub fn parse(bytes: &[u8], format: Format) -> Result<Self, Flaw> {
        if bytes.len() > SIZE {
            return Err(Fault::new(FlawKind::TooLarge, 0).in_text(&[]));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| Fault::new(FlawKind::NotUtf8, error.valid_up_to()).in_text(bytes))?;
        Self::of_text(Zeroizing::new(text.to_owned()), format)
    }

    pub(crate) fn of_text(text: Zeroizing<String>, format: Format) -> Result<Self, Flaw> {
        let tree = read(&text, format).map_err(|fault| fault.in_text(text.as_bytes()))?;
        let newlines = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let line_starts = std::iter::once(0)
            .chain(newlines.map(|(at, _)| at + 1))
            .collect();
        Ok(Self {
            text,
            format,
            tree,
            line_starts,
        })
    }

    /// The format it was read as.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether it is JSON without comments, trailing commas and byte order mark.
    pub fn is_strict_json(&self) -> bool {
        self.format == Format::Json && self.tree.strict
    }

    /// The file, byte for byte.
    pub fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The outermost value.
    pub fn root(&self) -> Node<'_> {
        Node::new(self, ROOT)
    }

    /// The value at a place.
    pub fn at(&self, place: &Place) -> Option<Node<'_>> {
        place
            .0
            .iter()
            .try_fold(self.root(), |node, step| match step {
                Step::Key(key) => node.get(key),
                Step::Index(index) => node.index(*index),
            })
    }

    /// The bytes of the value at a place, as they stand: what [`Change::SetSource`] takes. `None` if there is no value,
    /// or if it is a TOML table that does not stand in one piece.
    pub fn source(&self, place: &Place) -> Option<&[u8]> {
        let node = self.at(place)?;
        let slot = self.tree.slot(node.id());
        (!matches!(slot.form, Form::Table | Form::Implicit))
            .then(|| &self.bytes()[slot.span.range()])
    }

    /// The file after a change.
    ///
    /// # Errors
    ///
    /// If the change does not fit the file, or the result, read again, would not be what was meant. Then nothing is
    /// given back.
    pub fn change(&self, change: &Change) -> Result<Self, ChangeError> {
        change.apply(self)
    }

    /// The file after several changes, one after the other.
    ///
    /// # Errors
    ///
    /// As for [`Self::change`]; the first change that fails ends it.
    pub fn change_all(&self, changes: &[Change]) -> Result<Self, ChangeError> {
        let Some((first, others)) = changes.split_first() else {
            // Read once before, so this cannot fail.
            return Self::of_text(self.text.clone(), self.format).map_err(|_| ChangeError {
                kind: ChangeErrorKind::NotAsMeant,
                place: Place::root(),
            });
        };
        let start = self.change(first)?;
        others
            .iter()
            .try_fold(start, |document, change| document.change(change))
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The line of a byte, from 1.
    pub(crate) fn line(&self, byte: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= byte)
    }

    /// The line end that the file uses first; a newline if it has none.
    pub(crate) fn newline(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }
}

/// Reads a text by its format.
fn read(text: &str, format: Format) -> Result<Tree, Fault> {
    let start = if text.starts_with(MARK) {
        MARK.len()
    } else {
        0
    };
    if text[start..].trim().is_empty() {
        return Err(Fault::new(FlawKind::Empty, 0));
    }
    let tree = match format {
        Format::Json => json::read(text, start)?,
        Format::Toml => toml::read(text, start)?,
        Format::Yaml => yaml::read(text, start)?,
    };
    tree.check_keys(text)?;
    Ok(tree)
}
