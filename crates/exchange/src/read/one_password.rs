//! `op item get --format json`: an item with its fields; a list of items; or the list of fields that `--fields` gives.

use super::{Draft, named, one_or_many};
use crate::contents::{Contents, Taken};
use crate::error::{ReadError, ReadErrorKind};
use crate::name::{is_variable, joined, variable};
use crate::tree::Node;

pub(super) fn read(root: &Node) -> Result<Contents, ReadError> {
    let mut drafts = Vec::new();
    for node in one_or_many(root) {
        match node.get("fields") {
            Some(fields) => {
                let title = variable(node.text_of("title").unwrap_or_default());
                let fields = fields.list().ok_or(fields.error(ReadErrorKind::Shape))?;
                drafts.extend(fields.iter().filter_map(|field| draft(&title, field)));
            }
            None if is_field(node) => drafts.extend(draft("", node)),
            None => return Err(node.error(ReadErrorKind::Shape)),
        }
    }
    Ok(Contents {
        entries: named(drafts),
        notes: Vec::new(),
    })
}

pub(crate) fn is_one_password(root: &Node) -> bool {
    let is_item = |node: &Node| {
        node.has("fields") && node.has("title") && (node.has("category") || node.has("vault"))
    };
    one_or_many(root)
        .first()
        .is_some_and(|node| is_item(node) || is_field(node))
}

fn is_field(node: &Node) -> bool {
    node.has("id") && node.has("label") && node.has("type")
}

/// An empty field is a place in the form that was not filled in.
fn draft(title: &str, field: &Node) -> Option<Draft> {
    let value = field.text_of("value")?;
    let purpose = match field.text_of("purpose") {
        Some("NOTES") => Some("NOTES"),
        Some("PASSWORD") => Some("PASSWORD"),
        Some("USERNAME") => Some("USERNAME"),
        _ => None,
    };
    let label = field
        .text_of("label")
        .filter(|label| !variable(label).is_empty());
    let label = label.or(field.text_of("id")).unwrap_or_default();
    let own = purpose.map_or_else(|| variable(label), str::to_owned);
    let section = field.get("section");
    let section = section.and_then(|section| section.text_of("label").or(section.text_of("id")));
    let section = match section {
        // Where the forms of 1Password put what was added by hand.
        None | Some("add more") => String::new(),
        Some(section) => variable(section),
    };
    // What is named like a variable already is meant to be one.
    let is_named = purpose.is_none() && is_variable(label) && label == own;
    let mut names = vec![joined(&[title, &own]), joined(&[title, &section, &own])];
    if is_named {
        names.insert(0, own);
    }
    let value = match field.text_of("type") {
        // The id of another item.
        Some("REFERENCE") => Taken::Reference,
        _ => Taken::of_text(value),
    };
    Some(Draft {
        names,
        value,
        line: field.line,
    })
}
