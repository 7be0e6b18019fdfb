//! Whether a file after a change is the file before it, but for what was meant to change.

use crate::change::Change;
use crate::document::{Document, Format};
use crate::node::Node;
use crate::place::{Place, Step};
use crate::tree::{Form, Id, Kind, ROOT};

/// Compares both readings, value by value and, where nothing was to change, byte by byte.
pub(crate) fn is_as_meant(old: &Document, new: &Document, change: &Change) -> bool {
    let pair = Pair { old, new };
    match change {
        Change::Set { at, to } => pair.is_same_but(at, |_, id| Node::new(new, id).equals(to)),
        Change::SetSource { at, source } => pair.is_same_but(at, |_, id| {
            !new.tree.has_marks(id)
                && new.bytes().get(new.tree.slot(id).span.range()) == Some(source.as_slice())
        }),
        Change::Insert {
            into, key, value, ..
        } => pair.is_same_but(into, |old_id, id| {
            let Some(added) = new.tree.child(id, key, new.text()) else {
                return false;
            };
            let before = &old.tree.slot(old_id).children;
            let after = without(&new.tree.slot(id).children, added);
            Node::new(new, added).equals(value) && pair.are_same_children(before, &after)
        }),
        Change::Splice {
            list,
            at,
            remove,
            with,
        } => pair.is_same_but(list, |old_id, id| {
            let before = &old.tree.slot(old_id).children;
            let after = &new.tree.slot(id).children;
            let end = at + with.len();
            let (Some(put_in), Some(rest)) = (after.get(*at..end), after.get(end..)) else {
                return false;
            };
            pair.are_same_children(&before[..*at], &after[..*at])
                && put_in
                    .iter()
                    .zip(with)
                    .all(|(&id, value)| Node::new(new, id).equals(value))
                && pair.are_same_children(&before[at + remove..], rest)
        }),
        Change::Remove { at } => pair.is_without(at),
    }
}

fn without(ids: &[Id], gone: Id) -> Vec<Id> {
    ids.iter().copied().filter(|&id| id != gone).collect()
}

struct Pair<'a> {
    old: &'a Document,
    new: &'a Document,
}

impl Pair<'_> {
    fn is_without(&self, at: &Place) -> bool {
        let Some(mut gone) = self.old.at(at).map(Node::id) else {
            return false;
        };
        // A TOML table that only its keys make ends with its last key.
        loop {
            let parent = self.old.tree.slot(gone).parent;
            let slot = self.old.tree.slot(parent);
            if parent == ROOT || slot.form != Form::Implicit || slot.children.len() > 1 {
                break;
            }
            gone = parent;
        }
        let parent = Node::new(self.old, self.old.tree.slot(gone).parent).place();
        self.is_same_but(&parent, |old_id, id| {
            let before = without(&self.old.tree.slot(old_id).children, gone);
            self.are_same_children(&before, &self.new.tree.slot(id).children)
        })
    }

    /// Whether all is the same but at `place`, where `check` decides about the value before and the value after.
    fn is_same_but(&self, place: &Place, check: impl Fn(Id, Id) -> bool) -> bool {
        let (mut old, mut new) = (ROOT, ROOT);
        for step in &place.0 {
            let next = |document: &Document, id: Id| match step {
                Step::Key(key) => document.tree.child(id, key, document.text()),
                Step::Index(index) => document.tree.slot(id).children.get(*index).copied(),
            };
            let (Some(old_next), Some(new_next)) = (next(self.old, old), next(self.new, new))
            else {
                return false;
            };
            let before = without(&self.old.tree.slot(old).children, old_next);
            let after = without(&self.new.tree.slot(new).children, new_next);
            if self.old.tree.slot(old).kind != self.new.tree.slot(new).kind
                || !self.is_same_key(old_next, new_next)
                || !self.are_same_children(&before, &after)
            {
                return false;
            }
            (old, new) = (old_next, new_next);
        }
        check(old, new)
    }

    fn are_same_children(&self, old: &[Id], new: &[Id]) -> bool {
        if old.len() != new.len() {
            return false;
        }
        if self.old.format() != Format::Toml {
            return old
                .iter()
                .zip(new)
                .all(|(&old, &new)| self.is_same(old, new));
        }
        // The order of a TOML file's tables is that of their first parts, which a change may move.
        old.iter().zip(new).all(|(&id, &same_index)| {
            let twin = if self.is_same_key(id, same_index) {
                Some(same_index)
            } else {
                new.iter().copied().find(|&new| self.is_same_key(id, new))
            };
            twin.is_some_and(|twin| self.is_same(id, twin))
        })
    }

    /// Goes no deeper than the reader, which has a limit.
    fn is_same(&self, old: Id, new: Id) -> bool {
        let (old_slot, new_slot) = (self.old.tree.slot(old), self.new.tree.slot(new));
        let is_collection = matches!(old_slot.kind, Kind::Map | Kind::List);
        old_slot.kind == new_slot.kind
            && old_slot.marked == new_slot.marked
            && old_slot.form == new_slot.form
            && self.is_same_key(old, new)
            && self.are_same_children(&old_slot.children, &new_slot.children)
            && (is_collection
                || self.old.text()[old_slot.span.range()] == self.new.text()[new_slot.span.range()])
            && words(self.old, old) == words(self.new, new)
    }

    fn is_same_key(&self, old: Id, new: Id) -> bool {
        key(self.old, old) == key(self.new, new)
    }
}

fn key(document: &Document, id: Id) -> Option<&str> {
    let key = document.tree.slot(id).key.as_ref()?;
    Some(key.words.in_text(document.text()))
}

fn words(document: &Document, id: Id) -> Option<&str> {
    let words = document.tree.slot(id).words.as_ref()?;
    Some(words.in_text(document.text()))
}
