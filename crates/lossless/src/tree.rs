//! The one tree into which every format is read: spans into the text, and how each value is written there.

use std::collections::HashSet;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::flaw::{Fault, FlawKind};

/// Maps and lists within each other, at most.
pub(crate) const DEPTH: usize = 128;

/// What a value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A map: keys and values, in order.
    Map,
    /// A list of items.
    List,
    /// A text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// No value.
    Null,
    /// What none of the others is: a date, a YAML alias or tag, a JSON text with half a surrogate pair.
    Other,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// Without quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// TOML's `'''…'''`
    MultiSingle,
    /// TOML's `"""…"""`
    MultiDouble,
    /// YAML's `|` and `>`.
    BlockText,
    /// Within brackets, with commas.
    Brackets,
    /// YAML's maps and lists by indentation.
    Block,
    /// TOML's `[table]`, and its root.
    Table,
    /// A TOML table or list that only its parts make: `a` in `[a.b]`, `a` in `a.b = 1`, and the list of `[[a]]`.
    Implicit,
    /// A YAML alias.
    Alias,
}

/// Bytes of the text, from and up to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        // Texts over 1 GiB are refused before they are read.
        Self {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(end).unwrap_or(u32::MAX),
        }
    }

    pub(crate) fn start(self) -> usize {
        self.start as usize
    }

    pub(crate) fn end(self) -> usize {
        self.end as usize
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start()..self.end()
    }
}

/// Decoded text: a piece of the source where that is the same, else a copy.
pub(crate) enum Words {
    Source(Span),
    Owned(Zeroizing<String>),
}

impl Words {
    pub(crate) fn in_text<'a>(&'a self, text: &'a str) -> &'a str {
        match self {
            Self::Source(span) => &text[span.range()],
            Self::Owned(words) => words,
        }
    }
}

/// The key of a value in a map.
pub(crate) struct Key {
    pub(crate) words: Words,
    /// The key as it is written, with its quotes. For TOML the part of a dotted key or of a header.
    pub(crate) span: Span,
}

/// The number of a node in its tree.
pub(crate) type Id = u32;

/// The root of every tree.
pub(crate) const ROOT: Id = 0;

/// A value with its place.
pub(crate) struct Slot {
    pub(crate) kind: Kind,
    pub(crate) form: Form,
    pub(crate) span: Span,
    pub(crate) parent: Id,
    pub(crate) key: Option<Key>,
    pub(crate) words: Option<Words>,
    pub(crate) children: Vec<Id>,
    /// Where the dash of an item of a YAML list stands.
    pub(crate) dash: Option<u32>,
    /// A YAML anchor, tag or alias stands at this value, or `?` before its key.
    pub(crate) marked: bool,
}

/// The part of a TOML file under one header, or before the first.
pub(crate) struct Section {
    /// The table whose keys stand here.
    pub(crate) table: Id,
    /// `[a.b]` or `[[a.b]]`; nothing for the root.
    pub(crate) header: Option<Span>,
    pub(crate) settings: Vec<Setting>,
}

/// `a.b = 1` on its line.
pub(crate) struct Setting {
    /// The value that it sets.
    pub(crate) node: Id,
    /// From the start of the key to the end of the value.
    pub(crate) span: Span,
    /// Where each part of the key ends.
    pub(crate) part_ends: Vec<usize>,
}

/// A file as a tree.
pub(crate) struct Tree {
    pub(crate) slots: Vec<Slot>,
    /// For TOML, in the order of the file.
    pub(crate) sections: Vec<Section>,
    /// For JSON: no comment, no trailing comma, no byte order mark.
    pub(crate) strict: bool,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self {
            slots: Vec::new(),
            sections: Vec::new(),
            strict: true,
        }
    }

    pub(crate) fn slot(&self, id: Id) -> &Slot {
        &self.slots[id as usize]
    }

    pub(crate) fn slot_mut(&mut self, id: Id) -> &mut Slot {
        &mut self.slots[id as usize]
    }

    /// Adds a node under `parent`; the first one is the root, its own parent.
    pub(crate) fn add(
        &mut self,
        parent: Id,
        key: Option<Key>,
        kind: Kind,
        form: Form,
        span: Span,
    ) -> Id {
        let id = Id::try_from(self.slots.len()).unwrap_or(Id::MAX);
        self.slots.push(Slot {
            kind,
            form,
            span,
            parent,
            key,
            words: None,
            children: Vec::new(),
            dash: None,
            marked: false,
        });
        if id != ROOT {
            self.slot_mut(parent).children.push(id);
        }
        id
    }

    /// Refuses the second of two equal keys in a map.
    pub(crate) fn check_keys(&self, text: &str) -> Result<(), Fault> {
        for slot in self.slots.iter().filter(|slot| slot.kind == Kind::Map) {
            // A set of its own for each map: to clear that of a large one costs as much for each small one.
            let mut seen = HashSet::with_capacity(slot.children.len());
            for &child in &slot.children {
                if let Some(key) = &self.slot(child).key
                    && !seen.insert(key.words.in_text(text))
                {
                    return Err(Fault::new(FlawKind::DuplicateKey, key.span.start()));
                }
            }
        }
        Ok(())
    }

    /// The bytes of an entry: from its key or dash, if it has one, to the end of its value.
    pub(crate) fn entry(&self, id: Id) -> Range<usize> {
        let slot = self.slot(id);
        let start = match (&slot.key, slot.dash) {
            (Some(key), _) => key.span.start(),
            (None, Some(dash)) => dash as usize,
            (None, None) => slot.span.start(),
        };
        start..slot.span.end()
    }

    /// Whether a YAML anchor, tag or alias stands at this value or within it.
    pub(crate) fn has_marks(&self, id: Id) -> bool {
        let slot = self.slot(id);
        slot.marked || slot.children.iter().any(|&child| self.has_marks(child))
    }

    /// Whether `id` is `ancestor` or stands within it.
    pub(crate) fn is_within(&self, id: Id, ancestor: Id) -> bool {
        self.steps_up(id, ancestor).is_some()
    }

    /// How many steps `id` is below `ancestor`; `None` if it is not within it.
    pub(crate) fn steps_up(&self, id: Id, ancestor: Id) -> Option<usize> {
        let mut id = id;
        let mut steps = 0;
        while id != ancestor {
            if id == ROOT {
                return None;
            }
            id = self.slot(id).parent;
            steps += 1;
        }
        Some(steps)
    }

    /// The child of a map with this key.
    pub(crate) fn child(&self, id: Id, key: &str, text: &str) -> Option<Id> {
        self.slot(id).children.iter().copied().find(|&child| {
            self.slot(child)
                .key
                .as_ref()
                .is_some_and(|own| own.words.in_text(text) == key)
        })
    }
}
