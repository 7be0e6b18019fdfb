//! An object of names and texts, or a list of names with their values, in JSON or YAML.

use crate::contents::{Contents, Entry, Taken};
use crate::error::{ReadError, ReadErrorKind};
use crate::tree::Node;

pub(super) fn read(root: &Node) -> Result<Contents, ReadError> {
    let entries = match root.list() {
        Some(items) => items.iter().map(pair).collect::<Result<Vec<_>, _>>()?,
        None => root
            .entries()?
            .iter()
            .map(|(name, node)| {
                Ok(Entry {
                    name: name.clone(),
                    value: node.taken()?,
                    line: node.line,
                })
            })
            .collect::<Result<Vec<_>, ReadError>>()?,
    };
    let mut seen = std::collections::HashSet::new();
    if let Some(entry) = entries
        .iter()
        .find(|entry| !seen.insert(entry.name.as_str()))
    {
        return Err(ReadError::new(ReadErrorKind::Twice, entry.line));
    }
    Ok(Contents {
        entries,
        notes: Vec::new(),
    })
}

/// `{"name": …, "value": …}`, as task definitions and many services write it; `valueFrom` says where the value is.
fn pair(node: &Node) -> Result<Entry, ReadError> {
    let shape = node.error(ReadErrorKind::Shape);
    let name = node
        .text_of("name")
        .or_else(|| node.text_of("key"))
        .ok_or(shape)?;
    let value = match node.get("value") {
        Some(value) => value.taken()?,
        None if node.has("valueFrom") => Taken::Reference,
        None => return Err(shape),
    };
    Ok(Entry {
        name: name.to_owned(),
        value,
        line: node.line,
    })
}
