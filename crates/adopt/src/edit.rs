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
    /// What stood there, as source text; None where there was nothing.
    pub was: Option<Vec<u8>>,
    /// The key behind which it stood, of one that was taken out.
    pub after: Option<String>,
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

/// Takes back what still stands as it was put there; what somebody has written over since stays.
#[must_use]
pub fn take_back(document: Document, edits: &[Edit]) -> TakenBack {
    let mut document = document;
    let mut left = Vec::new();
    for edit in edits {
        match taken_back(&document, edit) {
            Some(changed) => document = changed,
            None => left.push(edit.at.clone()),
        }
    }
    TakenBack { document, left }
}

fn taken_back(document: &Document, edit: &Edit) -> Option<Document> {
    if Snapshot::at(document, &edit.at) != edit.now {
        return None;
    }
    match (&edit.was, &edit.now) {
        (Some(was), Some(_)) => document
            .change(&Change::SetSource {
                at: edit.at.clone(),
                source: was.clone(),
            })
            .ok(),
        (Some(was), None) => put_again(document, edit, was),
        (None, Some(_)) => document
            .change(&Change::Remove {
                at: edit.at.clone(),
            })
            .ok(),
        (None, None) => None,
    }
}

/// A key that was taken out, with its source.
fn put_again(document: &Document, edit: &Edit, was: &[u8]) -> Option<Document> {
    let Some(Step::Key(key)) = edit.at.last() else {
        return None;
    };
    let into = edit.at.parent()?;
    let siblings = document.at(&into)?;
    let after = edit
        .after
        .as_ref()
        .filter(|after| siblings.get(after).is_some());
    let changed = document
        .change(&Change::Insert {
            into,
            key: key.clone(),
            value: Value::Text(String::new()),
            after: after.cloned(),
        })
        .ok()?;
    changed
        .change(&Change::SetSource {
            at: edit.at.clone(),
            source: was.to_vec(),
        })
        .ok()
}
