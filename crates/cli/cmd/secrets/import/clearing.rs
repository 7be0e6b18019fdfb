//! Clearing a `.env` whose values have moved.

use std::path::{Path, PathBuf};

use mcp_launch_core::shown;
use mcp_launch_exchange::Origin;
use serde_json::{Value, json};
use source_dotenv::{Document, EditError};
use zeroize::Zeroizing;

use crate::account::{Account, LineEdit};
use crate::args::{Clearing, ImportArgs};
use crate::changes::{Begun, Changes};
use crate::cmd::secrets::import::reading::Source;
use crate::registry::Reach;
use crate::report::Report;
use crate::shelf::Shelf;

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

/// What a file becomes when its values have moved.
pub(super) struct Clearance {
    after: Document,
    account: Account,
    how: Clearing,
}

impl Clearance {
    /// Edits the file of `source`, which has `names` of the shelf, in memory.
    ///
    /// # Errors
    /// When an entry cannot be edited alone.
    pub(super) fn plan(
        reach: &Reach,
        shelf: &Shelf,
        source: &Source,
        names: &[&str],
        how: Clearing,
        args: &ImportArgs,
    ) -> Result<Self, Report> {
        let before = Document::parse(&source.bytes);
        let mut after = Document::parse(&source.bytes);
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
                after.refer_all(&pairs)
            }
            Clearing::Remove => {
                let keys: Vec<&str> = keys.map(|(key, _)| key).collect();
                after.remove_all(&keys)
            }
        };
        edited.map_err(|error| not_edited(source, &error))?;
        let account = Account {
            lines: line_edits(&before, &after, how),
            ..Account::default()
        };
        Ok(Self {
            after,
            account,
            how,
        })
    }

    /// Puts it on record.
    ///
    /// # Errors
    /// As [`Changes::begin`].
    pub(super) fn begin<'a>(
        &'a self,
        changes: &Changes,
        path: &Path,
        source: &'a Source,
    ) -> Result<Begun<'a>, Report> {
        let after = self.after.print();
        changes.begin("import", path, Some(&source.bytes), after, &self.account)
    }

    /// What is told once it is done.
    pub(super) fn done(&self, path: &Path) -> Cleared {
        Cleared {
            path: path.to_owned(),
            how: self.how,
        }
    }
}

/// The lines that differ. Each entry of the one is one of the other, but for those that were removed.
fn line_edits(before: &Document, after: &Document, how: Clearing) -> Vec<LineEdit> {
    let mut left = after.entries().iter().peekable();
    let mut edits = Vec::new();
    for entry in before.entries() {
        let was = &before.print()[entry.whole.clone()];
        let now = match how {
            Clearing::Refer => left.next(),
            Clearing::Remove => left.next_if(|next| after.key(next) == before.key(entry)),
        };
        let now = now.map_or(&b""[..], |now| &after.print()[now.whole.clone()]);
        if now != was {
            edits.push(LineEdit {
                now: Zeroizing::new(now.to_vec()),
                was: Zeroizing::new(was.to_vec()),
            });
        }
    }
    edits
}

fn not_edited(source: &Source, error: &EditError) -> Report {
    Report::failure(format!(
        "{} cannot be cleared, so nothing was done: {error}",
        source.in_words()
    ))
    .hint("import it without --delete-source and clear it by hand, or leave the name out with --except")
}
