//! Clearing a `.env` whose values have moved.

use std::path::{Path, PathBuf};

use mcp_launch_core::shown;
use mcp_launch_exchange::Origin;
use serde_json::{Value, json};
use source_dotenv::{Document, EditError};
use zeroize::Zeroizing;

use crate::account::{Account, LineEdit, Stored, Used};
use crate::args::{Clearing, ImportArgs};
use crate::changes::{Begun, Changes};
use crate::cmd::secrets::import::reading::Source;
use crate::report::Report;
use crate::shelf::Shelf;
use crate::shell_word::shell_word;
use crate::transfer::Transfer;

/// A file that was cleared.
pub(super) struct Cleared {
    path: PathBuf,
    pub(super) how: Clearing,
}

impl Cleared {
    pub(super) fn line(&self) -> String {
        let path = shown(&self.path);
        let what = match self.how {
            Clearing::Refer => "now has references in their places",
            Clearing::Remove => "does not have them any more",
        };
        format!(
            "{path} {what}; back again: mcp-launch restore {}",
            shell_word(&path.to_string())
        )
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

/// Whether this source can be cleared once its values are on this shelf, before anything is done.
///
/// # Errors
/// When it is no `.env` file, or what is left in it would lead nowhere.
pub(super) fn check(source: &Source, shelf: &Shelf, how: Clearing) -> Result<(), Report> {
    if source.path.is_none() || source.origin != Origin::Env {
        return Err(Report::failure(format!(
            "--delete-source clears a .env file, and {} is none",
            source.in_words()
        ))
        .hint("import it without --delete-source, and remove it yourself when all has arrived"));
    }
    match (shelf.file(), how) {
        (Some(_), Clearing::Refer) => Err(Report::failure(
            "a reference in one .env does not lead to a value in another",
        )
        .hint("--delete-source=remove takes the lines out")),
        _ => Ok(()),
    }
}

/// What a file becomes when its values have moved.
pub(super) struct Clearance {
    after: Document,
    account: Account,
    how: Clearing,
}

impl Clearance {
    /// Edits the file of `source` in memory: for all that moves onto the shelf, in one change.
    ///
    /// # Errors
    /// When an entry cannot be edited alone.
    pub(super) fn plan(
        shelf: &Shelf,
        source: &Source,
        transfer: &Transfer<'_>,
        how: Clearing,
        args: &ImportArgs,
    ) -> Result<Self, Report> {
        let before = Document::parse(&source.bytes);
        let mut after = Document::parse(&source.bytes);
        let prefix = args.to.prefix.as_str();
        let references: Vec<(&str, &str)> = transfer
            .placeholders()
            .into_iter()
            .map(|(name, text)| (name.strip_prefix(prefix).unwrap_or(name), text))
            .collect();
        let edited = match how {
            Clearing::Refer => after.refer_all(&references),
            Clearing::Remove => {
                let keys: Vec<&str> = references.iter().map(|(key, _)| *key).collect();
                after.remove_all(&keys)
            }
        };
        edited.map_err(|error| not_edited(source, &error))?;
        let used: Vec<&str> = transfer
            .placeholders()
            .iter()
            .map(|(name, _)| *name)
            .collect();
        let account = Account {
            lines: line_edits(&before, &after, how),
            stored: transfer
                .new_values()
                .into_iter()
                .map(|(name, value)| Stored::new(shelf.spelling(), name, value))
                .collect(),
            used: Used::all(&shelf.spelling(), &used),
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
