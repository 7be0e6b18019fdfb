//! What was changed at each place of a file, and taking it back where the file has changed since.

use std::collections::BTreeMap;

use mcp_launch_lossless::{Change, Document, Kind, Node, Place, Step, Value};
use serde::{Deserialize, Serialize};

/// The edits of one entry. Deliberately without `Debug`: what stood there held secrets.
#[derive(Clone, Deserialize, Serialize)]
pub struct Edits {
    /// The server.
    pub server: String,
    /// Its project, where the file has a map of projects.
    pub project: Option<String>,
    /// The map of its variables, which are taken back one by one; the rest of the entry is, as a whole or not at all.
    pub variables: Option<Place>,
    /// Place by place, in the order in which they are taken back.
    pub edits: Vec<Edit>,
}

/// What was changed at one place.
#[derive(Clone, Deserialize, Serialize)]
pub struct Edit {
    /// The place.
    pub at: Place,
    /// What stands there since; None where it was taken out.
    pub now: Option<Snapshot>,
    /// What stood there, as source text; None where there was nothing, or no source in one piece.
    pub was: Option<Vec<u8>>,
    /// What stood there, of a map or a list, for where its source cannot be put back.
    pub table: Option<Value>,
    /// The key behind which it stood, of one that was taken out.
    pub after: Option<String>,
    /// Item by item, of a list.
    pub items: Option<Items>,
}

/// What was changed in a list, for taking it back where somebody has added to it since.
#[derive(Clone, Deserialize, Serialize)]
pub struct Items {
    /// What was put before all others.
    pub before: Vec<String>,
    /// What stood first and was taken out, as source text.
    pub out: Vec<Vec<u8>>,
    /// Of the others, those that were changed: the text since, and the source text of what stood there.
    pub changed: Vec<(String, Vec<u8>)>,
}

/// A value as it stood in a document, without its layout: a client that writes its file anew lays it out in its own way.
#[derive(Clone, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Snapshot {
    /// `true` or `false`.
    Bool(bool),
    /// A list.
    List(Vec<Snapshot>),
    /// A map. The order of keys does not count.
    Map(BTreeMap<String, Snapshot>),
    /// A number, or what else is no text, as it was written.
    Other(Vec<u8>),
    /// A text.
    Text(String),
}

impl Snapshot {
    /// The value that is at `place`, if there is one.
    #[must_use]
    pub fn at(document: &Document, place: &Place) -> Option<Self> {
        document.at(place).map(|node| Self::of(document, node))
    }

    fn of(document: &Document, node: Node<'_>) -> Self {
        match node.kind() {
            Kind::Text => Self::Text(node.text().unwrap_or_default().to_owned()),
            Kind::Bool => Self::Bool(node.bool().unwrap_or_default()),
            Kind::List => Self::List(node.items().map(|item| Self::of(document, item)).collect()),
            Kind::Map => Self::Map(
                node.entries()
                    .map(|(key, value)| (key.to_owned(), Self::of(document, value)))
                    .collect(),
            ),
            _ => Self::Other(document.source(&node.place()).unwrap_or_default().to_vec()),
        }
    }
}

/// A document in which edits were taken back.
pub struct TakenBack {
    /// The document.
    pub document: Document,
    /// The places that somebody has written since, which stay as they are.
    pub left: Vec<Place>,
}

/// Takes back what still stands as it was put there; what somebody has written over since stays. Where that is the command or
/// one of its arguments, the whole entry stays: half of it would start nothing.
#[must_use]
pub fn take_back(document: Document, edits: &Edits) -> TakenBack {
    let is_variable = |edit: &Edit| {
        let map = edits.variables.as_ref();
        map.is_some_and(|map| edit.at.0.starts_with(&map.0))
    };
    let (variables, core): (Vec<&Edit>, Vec<&Edit>) =
        edits.edits.iter().partition(|edit| is_variable(edit));
    let mut left = Vec::new();
    let mut started: Option<Document> = None;
    for edit in core {
        if is_back(started.as_ref().unwrap_or(&document), edit) {
            continue;
        }
        match taken_back(started.as_ref().unwrap_or(&document), edit) {
            Some(changed) => started = Some(changed),
            None => left.push(edit.at.clone()),
        }
    }
    if !left.is_empty() {
        return TakenBack { document, left };
    }
    let mut document = started.unwrap_or(document);
    for edit in variables {
        if is_back(&document, edit) {
            continue;
        }
        match taken_back(&document, edit) {
            Some(changed) => document = changed,
            None => left.push(edit.at.clone()),
        }
    }
    TakenBack { document, left }
}

/// Whether the place is as it was already: an earlier restore has done its part, or somebody has by hand.
fn is_back(document: &Document, edit: &Edit) -> bool {
    match &edit.was {
        Some(was) => document.source(&edit.at) == Some(was),
        None => document.at(&edit.at).is_none(),
    }
}

fn taken_back(document: &Document, edit: &Edit) -> Option<Document> {
    if Snapshot::at(document, &edit.at) != edit.now {
        return items_taken_back(document, &edit.at, edit.items.as_ref()?);
    }
    match (&edit.was, &edit.now) {
        (Some(was), Some(_)) => document
            .change(&Change::SetSource {
                at: edit.at.clone(),
                source: was.clone(),
            })
            .ok(),
        (Some(was), None) => {
            put_again(document, edit, was).or_else(|| inserted(document, edit, edit.table.clone()?))
        }
        (None, None) if edit.table.is_some() => inserted(document, edit, edit.table.clone()?),
        (None, Some(_)) => document
            .change(&Change::Remove {
                at: edit.at.clone(),
            })
            .ok(),
        (None, None) => None,
    }
}

/// A list in which what we put still stands, among what others have added.
fn items_taken_back(document: &Document, list: &Place, items: &Items) -> Option<Document> {
    let there: Vec<Option<&str>> = document.at(list)?.items().map(Node::text).collect();
    let before = items.before.iter().map(|text| Some(text.as_str()));
    if there.len() < items.before.len() || !before.eq(there[..items.before.len()].iter().copied()) {
        return None;
    }
    let mut changes = Vec::new();
    for (now, was) in &items.changed {
        let mut places = (0..there.len()).filter(|&index| there[index] == Some(now));
        match (places.next(), places.next()) {
            (Some(index), None) => changes.push(Change::SetSource {
                at: list.index(index),
                source: was.clone(),
            }),
            // Somebody has written over it, or taken it out: the secret would be nowhere in the file.
            (None, _) | (Some(_), Some(_)) => return None,
        }
    }
    changes.push(Change::Splice {
        list: list.clone(),
        at: 0,
        remove: items.before.len(),
        with: vec![Value::Text(String::new()); items.out.len()],
    });
    for (index, source) in items.out.iter().enumerate() {
        changes.push(Change::SetSource {
            at: list.index(index),
            source: source.clone(),
        });
    }
    document.change_all(&changes).ok()
}

/// A key that was taken out, with its source.
fn put_again(document: &Document, edit: &Edit, was: &[u8]) -> Option<Document> {
    inserted(document, edit, Value::Text(String::new()))?
        .change(&Change::SetSource {
            at: edit.at.clone(),
            source: was.to_vec(),
        })
        .ok()
}

/// A key that was taken out, where it stood.
fn inserted(document: &Document, edit: &Edit, value: Value) -> Option<Document> {
    let Some(Step::Key(key)) = edit.at.last() else {
        return None;
    };
    let into = edit.at.parent()?;
    let siblings = document.at(&into)?;
    let after = edit
        .after
        .as_ref()
        .filter(|after| siblings.get(after).is_some());
    document
        .change(&Change::Insert {
            into,
            key: key.clone(),
            value,
            after: after.cloned(),
        })
        .ok()
}
