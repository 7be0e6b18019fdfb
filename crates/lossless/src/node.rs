//! A value of a file, as others see it.

use std::ops::Range;

use crate::document::Document;
use crate::place::{Place, Step};
use crate::tree::{Id, Kind, ROOT};
use crate::value::Value;

/// A value in a [`Document`].
#[derive(Clone, Copy)]
pub struct Node<'a> {
    document: &'a Document,
    id: Id,
}

impl<'a> Node<'a> {
    pub(crate) fn new(document: &'a Document, id: Id) -> Self {
        Self { document, id }
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        self.document.tree.slot(self.id).kind
    }

    /// The text, decoded; `None` if it is none. Numbers and `true` are no texts.
    pub fn text(self) -> Option<&'a str> {
        let slot = self.document.tree.slot(self.id);
        let words = slot.words.as_ref()?;
        (slot.kind == Kind::Text).then(|| words.in_text(self.document.text()))
    }

    /// `true` or `false`; `None` if it is none of them.
    pub fn bool(self) -> Option<bool> {
        (self.kind() == Kind::Bool)
            .then(|| self.document.text()[self.span()].eq_ignore_ascii_case("true"))
    }

    /// Keys and values of a map, in the order of the file. Nothing if it is no map.
    pub fn entries(self) -> impl Iterator<Item = (&'a str, Node<'a>)> + use<'a> {
        let document = self.document;
        let slot = document.tree.slot(self.id);
        slot.children.iter().filter_map(move |&child| {
            let key = document.tree.slot(child).key.as_ref()?;
            Some((
                key.words.in_text(document.text()),
                Node::new(document, child),
            ))
        })
    }

    /// The items of a list. Nothing if it is no list.
    pub fn items(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let document = self.document;
        let slot = document.tree.slot(self.id);
        let is_list = slot.kind == Kind::List;
        slot.children
            .iter()
            .filter(move |_| is_list)
            .map(move |&child| Node::new(document, child))
    }

    /// How many entries or items there are.
    pub fn len(self) -> usize {
        self.document.tree.slot(self.id).children.len()
    }

    /// Whether there are no entries or items.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The value of a key of a map.
    pub fn get(self, key: &str) -> Option<Self> {
        let child = self
            .document
            .tree
            .child(self.id, key, self.document.text())?;
        Some(Self::new(self.document, child))
    }

    /// An item of a list, from 0.
    pub fn index(self, index: usize) -> Option<Self> {
        let slot = self.document.tree.slot(self.id);
        let &child = slot
            .children
            .get(index)
            .filter(|_| slot.kind == Kind::List)?;
        Some(Self::new(self.document, child))
    }

    /// The bytes of the value as it is written. Of a TOML table that is its header, or nothing.
    pub fn span(self) -> Range<usize> {
        self.document.tree.slot(self.id).span.range()
    }

    /// The bytes of its key as it is written; `None` for the root and for items.
    pub fn key_span(self) -> Option<Range<usize>> {
        let key = self.document.tree.slot(self.id).key.as_ref()?;
        Some(key.span.range())
    }

    /// The line in which the value begins, from 1.
    pub fn line(self) -> usize {
        self.document.line(self.span().start)
    }

    /// The way to it from the root.
    pub fn place(self) -> Place {
        let tree = &self.document.tree;
        let mut steps = Vec::new();
        let mut id = self.id;
        while id != ROOT {
            let slot = tree.slot(id);
            steps.push(match &slot.key {
                Some(key) => Step::Key(key.words.in_text(self.document.text()).to_owned()),
                None => {
                    let siblings = &tree.slot(slot.parent).children;
                    Step::Index(siblings.iter().position(|&child| child == id).unwrap_or(0))
                }
            });
            id = slot.parent;
        }
        steps.reverse();
        Place(steps)
    }

    /// Whether it is this value, in whatever way it is written. The order of keys counts.
    pub fn equals(self, value: &Value) -> bool {
        match value {
            Value::Text(text) => self.text() == Some(text),
            Value::Bool(value) => self.bool() == Some(*value),
            Value::List(items) => {
                self.kind() == Kind::List
                    && self.len() == items.len()
                    && self
                        .items()
                        .zip(items)
                        .all(|(node, item)| node.equals(item))
            }
            Value::Map(entries) => {
                self.kind() == Kind::Map
                    && self.len() == entries.len()
                    && self
                        .entries()
                        .zip(entries)
                        .all(|((own, node), (key, value))| own == key && node.equals(value))
            }
        }
    }

    pub(crate) fn id(self) -> Id {
        self.id
    }
}
