//! `fnox.toml`: what stands in it as plain text (jdx/fnox `crates/fnox-core/src/config.rs`).

use crate::contents::{Contents, Entry, Note, NoteKind, Taken};
use crate::error::{ReadError, ReadErrorKind};
use crate::tree::Node;

pub(super) fn read(root: &Node) -> Result<Contents, ReadError> {
    let mut contents = Contents::default();
    let profiles = root
        .get("profiles")
        .and_then(Node::table)
        .unwrap_or_default();
    for (name, node) in profiles
        .iter()
        .filter_map(|(_, profile)| profile.get("secrets")?.table())
        .flatten()
    {
        contents
            .notes
            .push(Note::new(NoteKind::ProfileLeftOut, name, node.line));
    }
    let Some(secrets) = root.get("secrets") else {
        // A file of profiles and providers alone is one too.
        if root.has("profiles") || root.has("providers") {
            return Ok(contents);
        }
        return Err(root.error(ReadErrorKind::Shape));
    };
    for (name, node) in secrets.entries()? {
        if node.table().is_none() {
            return Err(node.error(ReadErrorKind::Shape));
        }
        let (value, note) = taken(root, node)?;
        contents
            .notes
            .extend(note.map(|kind| Note::new(kind, name, node.line)));
        contents.entries.push(Entry {
            name: name.clone(),
            value,
            line: node.line,
        });
    }
    Ok(contents)
}

fn taken(root: &Node, secret: &Node) -> Result<(Taken, Option<NoteKind>), ReadError> {
    let value = secret.get("value");
    if value.is_some() && !is_plain(root, secret) {
        return Ok((Taken::Reference, Some(NoteKind::ProviderNotReadable)));
    }
    if value.is_some() && (secret.has("json_path") || secret.has("line")) {
        let note = "fnox gives a part of this value only";
        return Ok((Taken::malformed(secret.line, note), None));
    }
    match value.or(secret.get("default")) {
        Some(value) => Ok((value.taken()?, None)),
        None => Ok((Taken::NameOnly, None)),
    }
}

/// Whether the value stands in the file as it is: that of a provider of the type `plain`, or of none at all.
fn is_plain(root: &Node, secret: &Node) -> bool {
    let providers = root
        .get("providers")
        .and_then(Node::table)
        .unwrap_or_default();
    let named = secret
        .text_of("provider")
        .or_else(|| root.text_of("default_provider"))
        // A provider that is the only one is the default one.
        .or(match providers {
            [(name, _)] => Some(name.as_str()),
            _ => None,
        });
    let Some(named) = named else {
        return true;
    };
    match providers.iter().find(|(name, _)| name == named) {
        Some((_, provider)) => provider.says("type", "plain"),
        None => named == "plain",
    }
}
