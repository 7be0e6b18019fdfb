//! A `.env` file: values on which its readers agree.

use mcp_launch_core::{Position, SourceErrorKind};
use source_dotenv::{Dialect, Document, Quote};

use crate::contents::{Contents, Entry, Note, NoteKind, Taken, Unreadable, has_placeholder};
use crate::error::{ReadError, ReadErrorKind};
use crate::name::is_variable;

pub(super) fn read(bytes: &[u8], dialect: Option<Dialect>) -> Result<Contents, ReadError> {
    let document = Document::parse(bytes);
    let values = document.values(dialect);
    // A file that is no text answers so for every name, and may show none.
    if let Err(error) = values.value("")
        && error.kind() == SourceErrorKind::Malformed
        && error.position() == Position::Whole
    {
        return Err(ReadError::new(ReadErrorKind::NotText, 1));
    }

    let mut contents = Contents::default();
    for key in document.keys() {
        let line = document.last(key).map_or(1, |entry| entry.line);
        let value = match values.value(key) {
            Ok(value) => Taken::of(value),
            Err(_) if is_bare_placeholder(&document, key) => Taken::Reference,
            // A line within a key that stands there without quotes may look like an assignment.
            Err(_) if !is_variable(key) => {
                contents.notes.push(Note::new(NoteKind::NoName, "", line));
                continue;
            }
            Err(error) => Taken::Unreadable(Unreadable {
                error,
                remedy: values.remedy(key),
            }),
        };
        contents.entries.push(Entry {
            name: key.to_owned(),
            value,
            line,
        });
    }
    Ok(contents)
}

/// Whether it is `NAME=$<NAME>`, which a shell would take for a redirection.
fn is_bare_placeholder(document: &Document, key: &str) -> bool {
    document.last(key).is_some_and(|entry| {
        let written = &document.print()[entry.value.clone()];
        entry.quote == Quote::None && has_placeholder(written)
    })
}
