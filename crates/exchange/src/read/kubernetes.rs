//! A Secret of Kubernetes, or a List of them: `kubectl get secret NAME -o yaml`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mcp_launch_core::Secret;
use zeroize::Zeroizing;

use super::{Draft, named};
use crate::contents::{Contents, Note, NoteKind, Taken};
use crate::error::{ReadError, ReadErrorKind};
use crate::name::{is_variable, joined, variable};
use crate::tree::{Form, Node};

pub(super) fn read(root: &Node) -> Result<Contents, ReadError> {
    let mut notes = Vec::new();
    let mut drafts = Vec::new();
    if is_secret(root) {
        drafts.extend(of_secret(root)?);
    } else {
        let items = root.get("items").and_then(Node::list);
        for item in items.ok_or(root.error(ReadErrorKind::Shape))? {
            if is_secret(item) {
                drafts.extend(of_secret(item)?);
            } else {
                notes.push(Note::new(
                    NoteKind::ItemLeftOut,
                    object_name(item),
                    item.line,
                ));
            }
        }
    }
    Ok(Contents {
        entries: named(drafts),
        notes,
    })
}

pub(crate) fn is_kubernetes(root: &Node) -> bool {
    let items = root.get("items").and_then(Node::list).unwrap_or_default();
    is_secret(root) || (root.has("apiVersion") && items.iter().any(is_secret))
}

fn is_secret(node: &Node) -> bool {
    node.says("kind", "Secret") && node.has("apiVersion")
}

fn object_name(node: &Node) -> &str {
    let metadata = node.get("metadata");
    metadata
        .and_then(|metadata| metadata.text_of("name"))
        .unwrap_or_default()
}

fn of_secret(node: &Node) -> Result<Vec<Draft>, ReadError> {
    let title = variable(object_name(node));
    let part = |key: &str| match node.get(key) {
        Some(part) => part.entries(),
        None => Ok(&[][..]),
    };
    let texts = part("stringData")?;
    let data = part("data")?;
    // What stands in both, the server takes from the text.
    let data = data
        .iter()
        .filter(|(key, _)| !texts.iter().any(|(text, _)| text == key));
    let data = data.map(|(key, node)| Ok((key, node, decoded(node)?)));
    let texts = texts
        .iter()
        .map(|(key, node)| Ok((key, node, node.taken()?)));
    data.chain(texts)
        .map(|one| {
            let (key, node, value) = one?;
            let own = if is_variable(key) {
                key.clone()
            } else {
                variable(key)
            };
            let long = joined(&[&title, &variable(key)]);
            Ok(Draft {
                names: vec![own, long],
                value,
                line: node.line,
            })
        })
        .collect()
}

/// The bytes of a text in Base64, in which line ends do not count.
fn decoded(node: &Node) -> Result<Taken, ReadError> {
    let text = match &node.form {
        Form::Bare(text) | Form::Text(text) => text,
        _ => return node.taken(),
    };
    let mut packed = Zeroizing::new(Vec::with_capacity(text.len()));
    packed.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(packed.len())]);
    Ok(match STANDARD.decode_slice(&*packed, &mut bytes) {
        Ok(length) => {
            bytes.truncate(length);
            Taken::of(Secret::from(bytes))
        }
        Err(_) => Taken::malformed(node.line, "the value is not Base64"),
    })
}
