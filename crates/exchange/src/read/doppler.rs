//! `doppler secrets download --no-file --format json`: names and texts; and `doppler secrets --json`: names and objects with
//! `computed` and `raw` (DopplerHQ/cli `pkg/printer/enclave.go`).

use crate::contents::{Contents, Entry, Note, NoteKind, Taken};
use crate::error::ReadError;
use crate::tree::{Form, Node};

/// Where the others came from; Doppler adds them to every export.
const OWN: [&str; 3] = ["DOPPLER_CONFIG", "DOPPLER_ENVIRONMENT", "DOPPLER_PROJECT"];

pub(super) fn read(root: &Node) -> Result<Contents, ReadError> {
    let mut contents = Contents::default();
    for (name, node) in root.entries()? {
        let note = |kind| Note::new(kind, name, node.line);
        if OWN.contains(&name.as_str()) {
            contents.notes.push(note(NoteKind::OwnEntry));
            continue;
        }
        let value = match (&node.form, node.get("computed")) {
            (Form::Table(_), Some(computed)) => computed.taken()?,
            // `--only-names`, and secrets that may be set but not seen.
            (Form::Table(_) | Form::Nothing, _) => Taken::NameOnly,
            _ => node.taken()?,
        };
        if matches!(value, Taken::NameOnly) {
            contents.notes.push(note(NoteKind::Withheld));
        }
        contents.entries.push(Entry {
            name: name.clone(),
            value,
            line: node.line,
        });
    }
    Ok(contents)
}

pub(crate) fn is_doppler(root: &Node) -> bool {
    let entries = root.table().unwrap_or_default();
    let own = entries.iter().any(|(name, _)| OWN.contains(&name.as_str()));
    own || (!entries.is_empty() && entries.iter().all(|(_, node)| node.has("computed")))
}
