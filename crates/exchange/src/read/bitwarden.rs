//! Bitwarden and Vaultwarden: `bw export --format json`, `bw list items`, `bw get item`.

use super::{Draft, named, one_or_many};
use crate::contents::{Contents, Note, NoteKind, Taken};
use crate::error::{ReadError, ReadErrorKind};
use crate::name::{is_variable, joined, variable};
use crate::tree::Node;

pub(super) fn read(root: &Node) -> Result<Contents, ReadError> {
    if root.says("encrypted", "true") {
        return Err(root.error(ReadErrorKind::Encrypted));
    }
    let items = match root.get("items") {
        Some(items) => items.list().ok_or(items.error(ReadErrorKind::Shape))?,
        None => one_or_many(root),
    };
    let mut drafts = Vec::new();
    let mut notes = Vec::new();
    for item in items {
        let own = of_item(item)?;
        if own.is_empty() || item.has("deletedDate") {
            let name = item.text_of("name").unwrap_or_default();
            notes.push(Note::new(NoteKind::ItemLeftOut, name, item.line));
        } else {
            drafts.extend(own);
        }
    }
    Ok(Contents {
        entries: named(drafts),
        notes,
    })
}

pub(crate) fn is_bitwarden(root: &Node) -> bool {
    let is_item = |node: &Node| {
        node.has("name") && (node.says("object", "item") || (node.has("type") && node.has("login")))
    };
    let is_export = root.has("encrypted") && (root.has("items") || root.has("data"));
    is_export || one_or_many(root).first().is_some_and(is_item)
}

fn of_item(item: &Node) -> Result<Vec<Draft>, ReadError> {
    let title = variable(
        item.text_of("name")
            .ok_or(item.error(ReadErrorKind::Shape))?,
    );
    let mut drafts = Vec::new();
    for (part, key, suffix) in [
        ("login", "username", "USERNAME"),
        ("login", "password", "PASSWORD"),
        ("login", "totp", "TOTP"),
        ("sshKey", "privateKey", "PRIVATE_KEY"),
    ] {
        if let Some(node) = item.get(part).and_then(|part| part.get(key)) {
            drafts.push((vec![joined(&[&title, suffix])], node));
        }
    }
    for field in item.get("fields").and_then(Node::list).unwrap_or_default() {
        // Text and hidden; the others are check boxes and links to the form's own fields.
        if let Some(node) = field
            .get("value")
            .filter(|_| field.says("type", "0") || field.says("type", "1"))
        {
            let label = field.text_of("name").unwrap_or_default();
            let own = variable(label);
            let mut names = vec![joined(&[&title, &own])];
            // What is named like a variable already is meant to be one.
            if is_variable(label) && own == label {
                names.insert(0, own);
            }
            drafts.push((names, node));
        }
    }
    // The text of a secure note is the secret; beside a login it is a remark.
    if let Some(notes) = item.get("notes").filter(|_| item.says("type", "2")) {
        let long = joined(&[&title, "NOTES"]);
        drafts.push((vec![title, long], notes));
    }
    let filled = |(names, node): (Vec<String>, &Node)| match node.taken() {
        Ok(Taken::Empty) => None,
        taken => Some(taken.map(|value| Draft {
            names,
            value,
            line: node.line,
        })),
    };
    drafts.into_iter().filter_map(filled).collect()
}
