//! A `.env` file that all its readers read alike.

use mcp_launch_core::Secret;
use source_dotenv::{Document, EditError};
use zeroize::Zeroizing;

use super::buffer::Buffer;
use super::{Obstacle, WriteError, check_shell_variable, pairs, refused, text};

pub(super) fn write(entries: &[(String, &Secret)]) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    for (name, value) in pairs(entries) {
        check_shell_variable(name, value)?;
        text(name, value)?;
    }
    // Line by line: with the whole file so far, each entry would have all readers read all those before it.
    let mut out = Buffer::with_capacity(1024);
    for (name, value) in entries {
        let mut line = Document::parse(b"");
        line.set(name, value).map_err(|error| {
            let obstacle = match error {
                EditError::Name => Obstacle::Name,
                EditError::Entangled | EditError::Missing | EditError::Unspellable => {
                    Obstacle::Unspellable
                }
            };
            refused(name, obstacle)
        })?;
        out.push(line.print());
    }
    let whole = Document::from(out.finish());
    let values = whole.values(None);
    let is_read_back = |name: &str, value| values.value(name).is_ok_and(|own| own.is_same(value));
    match entries
        .iter()
        .find(|(name, value)| !is_read_back(name, value))
    {
        Some((name, _)) => Err(refused(name, Obstacle::Unspellable)),
        None => Ok(Zeroizing::new(whole.print().to_vec())),
    }
}

/// Whether every reader, bash among them, takes `name` for a variable like any other.
pub(super) fn is_name(name: &str) -> bool {
    let sample = Secret::new(b"1".to_vec());
    Document::parse(b"").set(name, &sample) != Err(EditError::Name)
}
