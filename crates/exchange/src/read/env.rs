//! A `.env` file: values on which its readers agree.

use mcp_launch_core::{Position, SourceErrorKind};
use source_dotenv::{Dialect, Document, Quote};

use crate::contents::{Contents, Entry, Taken, Unreadable, has_placeholder};
use crate::error::{ReadError, ReadErrorKind};

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

    let entry = |key: &str| Entry {
        name: key.to_owned(),
        line: document.last(key).map_or(1, |entry| entry.line),
        value: values.value(key).map_or_else(
            |error| {
                if is_bare_placeholder(&document, key) {
                    return Taken::Reference;
                }
                let remedy = values.remedy(key);
                Taken::Unreadable(Unreadable { error, remedy })
            },
            Taken::of,
        ),
    };
    Ok(Contents {
        entries: document.keys().into_iter().map(entry).collect(),
        notes: Vec::new(),
    })
}

/// Whether it is `NAME=$<NAME>`, which a shell would take for a redirection.
fn is_bare_placeholder(document: &Document, key: &str) -> bool {
    document.last(key).is_some_and(|entry| {
        let written = &document.print()[entry.value.clone()];
        entry.quote == Quote::None && has_placeholder(written)
    })
}
