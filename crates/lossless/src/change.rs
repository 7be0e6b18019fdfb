//! Changes of single values, and how one is carried out: edits, a second reading, a comparison.

use std::fmt;
use std::ops::Range;

use thiserror::Error;

use crate::collection::{self, Edits};
use crate::document::{Document, Format};
use crate::edit::{self, Edit};
use crate::flaw::FlawKind;
use crate::place::Place;
use crate::tree::{Form, Id, Kind, ROOT};
use crate::value::Value;
use crate::verify;
use crate::{toml_lines, toml_text, yaml_lines};

/// A change of a file.
#[derive(Clone, Eq, PartialEq)]
pub enum Change {
    /// Puts a value in the place of another. A text in the place of a text keeps its kind of quotes where it can.
    Set {
        /// The value that goes.
        at: Place,
        /// The one that comes.
        to: Value,
    },
    /// Puts a new key into a map. It takes over the indentation and line ends of its siblings.
    Insert {
        /// The map.
        into: Place,
        /// The new key.
        key: String,
        /// Its value.
        value: Value,
        /// The key behind which it stands; at the end without.
        after: Option<String>,
    },
    /// Takes items out of a list and puts others in their place, each on a line of its own if its siblings are.
    Splice {
        /// The list.
        list: Place,
        /// The first item that goes, or before which others come.
        at: usize,
        /// How many go.
        remove: usize,
        /// What comes.
        with: Vec<Value>,
    },
    /// Takes out a key of a map or an item of a list, with its comma, and with its line if it has one of its own.
    Remove {
        /// What goes.
        at: Place,
    },
    /// Puts in the place of a value what [`Document::source`] gave once.
    SetSource {
        /// The value that goes.
        at: Place,
        /// The bytes of the value that comes.
        source: Vec<u8>,
    },
}

impl fmt::Debug for Change {
    /// The place, and no value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set { at, .. } => write!(f, "Set({at})"),
            Self::Insert { into, key, .. } => write!(f, "Insert({})", into.key(key)),
            Self::Splice {
                list,
                at,
                remove,
                with,
            } => {
                write!(f, "Splice({list}, {at}, -{remove}, +{})", with.len())
            }
            Self::Remove { at } => write!(f, "Remove({at})"),
            Self::SetSource { at, .. } => write!(f, "SetSource({at})"),
        }
    }
}

/// Why a file was not changed, and which place of it. It holds no value.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{kind}: {place}")]
pub struct ChangeError {
    /// Why.
    pub kind: ChangeErrorKind,
    /// The value, map or list that was to be changed.
    pub place: Place,
}

/// Why a file was not changed.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ChangeErrorKind {
    /// There is no such value, or no such key to put another behind.
    #[error("no such place")]
    NoSuchPlace,
    /// A key was to be put into what is no map.
    #[error("not a map")]
    NotAMap,
    /// Items were to be changed of what is no list.
    #[error("not a list")]
    NotAList,
    /// The new key is there already.
    #[error("the key is there already")]
    KeyExists,
    /// The root was to be taken out.
    #[error("the root cannot be taken out")]
    Root,
    /// A YAML anchor, alias, tag or merge key is in the way: the change might be one of other values too.
    #[error("shared or tagged in YAML")]
    Shared,
    /// A TOML table that does not stand in one piece.
    #[error("not in one piece")]
    NotInOnePiece,
    /// The file would be empty.
    #[error("nothing would be left")]
    NothingLeft,
    /// The source to put in is no UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// Written in a way that cannot be changed here.
    #[error("cannot be changed as it is laid out")]
    Layout,
    /// The file after the change, read again, was not what was meant.
    #[error("would not read back as meant")]
    NotAsMeant,
}

impl Change {
    /// The value, map or list whose bytes change.
    fn place(&self) -> &Place {
        match self {
            Self::Set { at, .. } | Self::Remove { at } | Self::SetSource { at, .. } => at,
            Self::Insert { into, .. } => into,
            Self::Splice { list, .. } => list,
        }
    }

    pub(crate) fn apply(&self, document: &Document) -> Result<Document, ChangeError> {
        self.try_apply(document).map_err(|kind| ChangeError {
            kind,
            place: self.place().clone(),
        })
    }

    fn try_apply(&self, document: &Document) -> Result<Document, ChangeErrorKind> {
        let node = document
            .at(self.place())
            .ok_or(ChangeErrorKind::NoSuchPlace)?;
        if let Some(first) = self.last_item_alone(document, node.id()) {
            let (one, others) = first;
            return others.try_apply(&one.try_apply(document)?);
        }
        self.refuse_shared(document, node.id())?;
        let edits = self.edits(document, node.id())?;
        let text = edit::apply(document.text(), edits).ok_or(ChangeErrorKind::Layout)?;
        let changed =
            Document::of_text(text, document.format()).map_err(|flaw| match flaw.kind {
                FlawKind::Empty => ChangeErrorKind::NothingLeft,
                _ => ChangeErrorKind::NotAsMeant,
            })?;
        if verify::is_as_meant(document, &changed, self) {
            Ok(changed)
        } else {
            Err(ChangeErrorKind::NotAsMeant)
        }
    }

    /// Items with comments between them are taken out one by one, so that the comments stay.
    fn last_item_alone(&self, document: &Document, id: Id) -> Option<(Self, Self)> {
        let Self::Splice {
            list,
            at,
            remove,
            with,
        } = self
        else {
            return None;
        };
        let slot = document.tree.slot(id);
        let end = at.checked_add(*remove)?;
        let first = at + with.len();
        if first + 1 >= end || end > slot.children.len() || slot.form != Form::Brackets {
            return None;
        }
        if !collection::has_comments_within(document, id, first..end) {
            return None;
        }
        let last = Self::Remove {
            at: list.index(end - 1),
        };
        let others = Self::Splice {
            list: list.clone(),
            at: *at,
            remove: remove - 1,
            with: with.clone(),
        };
        Some((last, others))
    }

    /// Refuses what would change more, or other, than what stands at the place: YAML's anchors, aliases, tags and merge
    /// keys.
    fn refuse_shared(&self, document: &Document, id: Id) -> Result<(), ChangeErrorKind> {
        let tree = &document.tree;
        let goes = match self {
            Self::Set { .. } | Self::SetSource { .. } | Self::Remove { .. } => tree.has_marks(id),
            Self::Splice { at, remove, .. } => {
                let children = tree.slot(id).children.iter().skip(*at).take(*remove);
                children.copied().any(|child| tree.has_marks(child))
            }
            Self::Insert { .. } => false,
        };
        let mut around = Some(id);
        let mut is_shared = goes;
        while let Some(id) = around {
            let merges = document.format() == Format::Yaml
                && tree.child(id, "<<", document.text()).is_some();
            is_shared |= tree.slot(id).marked || merges;
            around = (id != ROOT).then(|| tree.slot(id).parent);
        }
        if is_shared {
            Err(ChangeErrorKind::Shared)
        } else {
            Ok(())
        }
    }

    fn edits(&self, document: &Document, id: Id) -> Edits {
        let slot = document.tree.slot(id);
        match self {
            Self::Set { to, .. } => set(document, id, to),
            Self::SetSource { source, .. } => {
                let source = str::from_utf8(source).map_err(|_| ChangeErrorKind::NotUtf8)?;
                set_source(document, id, source)
            }
            Self::Insert {
                key, value, after, ..
            } => {
                if slot.kind != Kind::Map {
                    return Err(ChangeErrorKind::NotAMap);
                }
                if document.tree.child(id, key, document.text()).is_some() {
                    return Err(ChangeErrorKind::KeyExists);
                }
                let at = match after {
                    None => slot.children.len(),
                    Some(after) => {
                        let after = document.tree.child(id, after, document.text());
                        let position = slot.children.iter().position(|&id| Some(id) == after);
                        position.ok_or(ChangeErrorKind::NoSuchPlace)? + 1
                    }
                };
                insert(document, id, at, key, value)
            }
            Self::Splice {
                at, remove, with, ..
            } => {
                if slot.kind != Kind::List {
                    return Err(ChangeErrorKind::NotAList);
                }
                let end = at
                    .checked_add(*remove)
                    .ok_or(ChangeErrorKind::NoSuchPlace)?;
                if end > slot.children.len() {
                    return Err(ChangeErrorKind::NoSuchPlace);
                }
                splice(document, id, *at, *remove, with)
            }
            Self::Remove { .. } => {
                if id == ROOT {
                    return Err(ChangeErrorKind::Root);
                }
                let siblings = &document.tree.slot(slot.parent).children;
                let index = siblings.iter().position(|&child| child == id).unwrap_or(0);
                remove(document, slot.parent, index..index + 1)
            }
        }
    }
}

fn set(document: &Document, id: Id, to: &Value) -> Edits {
    let slot = document.tree.slot(id);
    if matches!(slot.form, Form::Table | Form::Implicit) {
        return Err(ChangeErrorKind::NotInOnePiece);
    }
    if document.format() == Format::Yaml {
        return yaml_lines::set(document, id, to);
    }
    let text = match (document.format(), to) {
        (Format::Toml, Value::Text(text)) => toml_text::like(slot.form, text),
        _ => collection::replacement(document, id, to),
    };
    Ok(vec![Edit::replace(slot.span.range(), text)])
}

fn set_source(document: &Document, id: Id, source: &str) -> Edits {
    let slot = document.tree.slot(id);
    if matches!(slot.form, Form::Table | Form::Implicit) {
        return Err(ChangeErrorKind::NotInOnePiece);
    }
    let mut span = slot.span.range();
    if document.format() == Format::Yaml && source.is_empty() {
        // Nothing at all is how YAML writes null; the blank that came with the value goes.
        span.start -= usize::from(document.text()[..span.start].ends_with(' '));
    }
    Ok(vec![Edit::replace(span, source)])
}

fn insert(document: &Document, map: Id, at: usize, key: &str, value: &Value) -> Edits {
    match document.tree.slot(map).form {
        Form::Table | Form::Implicit => toml_lines::insert(document, map, at, key, value),
        Form::Block => yaml_lines::insert(document, map, at, key, value),
        _ => collection::insert(document, map, at, key, value),
    }
}

fn splice(document: &Document, list: Id, at: usize, gone: usize, with: &[Value]) -> Edits {
    let slot = document.tree.slot(list);
    let (over, new) = with.split_at(gone.min(with.len()));
    let mut edits = Vec::new();
    for (&item, value) in slot.children[at..].iter().zip(over) {
        edits.extend(set(document, item, value)?);
    }
    let next = at + over.len();
    if !new.is_empty() {
        edits.extend(insert_items(document, list, next, new)?);
    } else if next < at + gone {
        edits.extend(remove(document, list, next..at + gone)?);
    }
    Ok(edits)
}

fn insert_items(document: &Document, list: Id, at: usize, items: &[Value]) -> Edits {
    match document.tree.slot(list).form {
        Form::Implicit => Err(ChangeErrorKind::NotInOnePiece),
        Form::Block => yaml_lines::insert_items(document, list, at, items),
        _ => collection::insert_items(document, list, at, items),
    }
}

fn remove(document: &Document, id: Id, which: Range<usize>) -> Edits {
    match document.tree.slot(id).form {
        Form::Table | Form::Implicit => toml_lines::remove(document, id, which),
        Form::Block => yaml_lines::remove(document, id, which),
        _ => collection::remove(document, id, which),
    }
}
