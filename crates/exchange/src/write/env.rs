//! A `.env` file that all its readers read alike.

use mcp_launch_core::Secret;
use source_dotenv::{Document, EditError};
use zeroize::Zeroizing;

use super::{Obstacle, WriteError, check_variable, pairs, refused, text};

pub(super) fn write(entries: &[(String, &Secret)]) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    for (name, value) in pairs(entries) {
        check_variable(name, value)?;
        text(name, value)?;
    }
    let mut document = Document::parse(b"");
    for (name, value) in entries {
        document.set(name, value).map_err(|error| {
            let obstacle = match error {
                EditError::Name => Obstacle::Name,
                EditError::Entangled | EditError::Missing | EditError::Unspellable => {
                    Obstacle::Unspellable
                }
            };
            refused(name, obstacle)
        })?;
    }
    Ok(Zeroizing::new(document.print().to_vec()))
}

/// Whether every reader, bash among them, takes `name` for a variable like any other.
pub(super) fn is_name(name: &str) -> bool {
    let sample = Secret::new(b"1".to_vec());
    Document::parse(b"").set(name, &sample) != Err(EditError::Name)
}
