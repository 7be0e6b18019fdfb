//! The file of `docker run --env-file`, and of Compose's `env_file` with `format: raw`.
//!
//! By docker/cli `pkg/kvfile`: each line for itself, everything behind the first `=` is the value, quotes are not special.

use mcp_launch_core::Secret;

use crate::contents::{Contents, Entry, Note, NoteKind, Taken};
use crate::error::{ReadError, ReadErrorKind};

pub(super) fn read(bytes: &[u8]) -> Result<Contents, ReadError> {
    let mut contents = Contents::default();
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let at = index + 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let text = std::str::from_utf8(line)
            .map_err(|_| ReadError::new(ReadErrorKind::NotText, at))?
            .trim_start();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        if name.is_empty() || name.contains([' ', '\t', '\0']) {
            return Err(ReadError::new(ReadErrorKind::Line, at));
        }
        if !is_name(name) {
            contents.notes.push(Note::new(NoteKind::NoName, "", at));
            continue;
        }
        if value.is_some_and(is_quoted) {
            contents
                .notes
                .push(Note::new(NoteKind::QuotesKept, name, at));
        }
        let value = value.map_or(Taken::NameOnly, |value| {
            Taken::of(Secret::new(value.as_bytes().to_vec()))
        });
        // The last one counts.
        contents.entries.retain(|entry| entry.name != name);
        contents.entries.push(Entry {
            name: name.to_owned(),
            value,
            line: at,
        });
    }
    Ok(contents)
}

/// Docker takes almost anything for a name: a line within a value of several lines too.
fn is_name(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

fn is_quoted(value: &str) -> bool {
    let closed = |quote| {
        value
            .strip_prefix(quote)
            .is_some_and(|rest: &str| rest.ends_with(quote))
    };
    closed('"') || closed('\'')
}
