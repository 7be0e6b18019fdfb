//! Clearing a `.env` whose values have moved.

use std::path::{Path, PathBuf};

use mcp_launch_core::shown;
use mcp_launch_exchange::Origin;
use serde_json::{Value, json};
use source_dotenv::{Document, EditError};
use zeroize::Zeroizing;

use crate::args::{Clearing, ImportArgs};
use crate::changes::Changes;
use crate::cmd::secrets::import::reading::Source;
use crate::context::Context;
use crate::registry::Reach;
use crate::report::Report;
use crate::shelf::Shelf;
use crate::transfer::Carried;

/// A file that was cleared.
pub(super) struct Cleared {
    path: PathBuf,
    how: Clearing,
}

impl Cleared {
    pub(super) fn line(&self) -> String {
        let path = shown(&self.path);
        let what = match self.how {
            Clearing::Refer => "now has references in their places",
            Clearing::Remove => "does not have them any more",
        };
        format!("{path} {what}; back again: mcp-launch restore {path}")
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "path": self.path.to_string_lossy(),
            "how": match self.how {
                Clearing::Refer => "refer",
                Clearing::Remove => "remove",
            },
        })
    }
}

/// Whether this source can be cleared, before anything is done.
///
/// # Errors
/// When it is no `.env` file.
pub(super) fn check(source: &Source) -> Result<(), Report> {
    if source.path.is_some() && source.origin == Origin::Env {
        return Ok(());
    }
    Err(Report::failure(format!(
        "--delete-source clears a .env file, and {} is none",
        source.in_words()
    ))
    .hint("import it without --delete-source, and remove it yourself when all has arrived"))
}

/// Clears what has arrived, all of it in one change of the file.
///
/// # Errors
/// When the file was not changed.
#[expect(
    clippy::too_many_arguments,
    reason = "what an import has in hand at its end"
)]
pub(super) fn clear(
    context: &Context,
    reach: &Reach,
    shelf: &Shelf,
    path: &Path,
    source: &Source,
    carried: &Carried,
    how: Clearing,
    args: &ImportArgs,
) -> Result<Cleared, Report> {
    let mut document = Document::parse(&source.bytes);
    let names = carried.names();
    let keys = names.iter().map(|name| {
        let key = name.strip_prefix(args.to.prefix.as_str()).unwrap_or(name);
        (key, shelf.placeholder(&reach.settings, name))
    });
    let edited = match how {
        Clearing::Refer => {
            let keys: Vec<(&str, String)> = keys.collect();
            let pairs: Vec<(&str, &str)> = keys
                .iter()
                .map(|(key, text)| (*key, text.as_str()))
                .collect();
            document.refer_all(&pairs)
        }
        Clearing::Remove => {
            let keys: Vec<&str> = keys.map(|(key, _)| key).collect();
            document.remove_all(&keys)
        }
    };
    edited.map_err(|error| not_edited(path, &error, shelf))?;
    let changes = Changes::of(context)?;
    let _lock = changes.lock()?;
    changes.make(
        "import",
        path,
        Some(&source.bytes),
        document.print(),
        Zeroizing::new("[]".to_owned()),
    )?;
    Ok(Cleared {
        path: path.to_owned(),
        how,
    })
}

fn not_edited(path: &Path, error: &EditError, shelf: &Shelf) -> Report {
    Report::failure(format!(
        "the values are in {}, and {} was left as it is: {error}",
        shelf.in_words(),
        shown(path)
    ))
    .hint("clear it by hand, or leave the name out with --except and run it again")
}
