//! How one file goes back, through all its records.

use std::path::PathBuf;

use mcp_launch_adopt::take_back;
use mcp_launch_clients::of_path;
use mcp_launch_core::shown;
use mcp_launch_lossless::Document;
use mcp_launch_undo::{Access, Record, Standing};
use zeroize::Zeroizing;

use crate::account::{Account, Stored};
use crate::changes::Changes;
use crate::cmd::restore::holding::Content;
use crate::cmd::restore::lines::lines_reversed;
use crate::cmd::restore::present::Present;
use crate::report::Report;

/// Every permission.
const ALL: u32 = 0o7777;

/// A file, and how it goes back.
pub(super) struct Reversal {
    pub(super) path: PathBuf,
    pub(super) outcome: Outcome,
    /// Places that somebody has written since, which stay.
    pub(super) left: Vec<String>,
    records: Vec<Record>,
    now: Option<Zeroizing<Vec<u8>>>,
    /// None where the file goes.
    after: Option<Zeroizing<Vec<u8>>>,
    /// What the file may permit at most: what it permitted before each of the changes.
    most: u32,
    /// Of each record.
    told: Vec<Told>,
}

/// What a record tells.
struct Told {
    account: Account,
    before: Option<Zeroizing<Vec<u8>>>,
    by: String,
}

/// What becomes of the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// It is as it was before already.
    Already,
    /// Byte for byte as it was before.
    Back,
    /// There is no file any more.
    Gone,
    /// Our edits are reversed, and what others have written since stays.
    Partly,
    /// We had made it, and it goes.
    Removed,
}

impl Reversal {
    /// Goes through the records of a file, the latest first.
    ///
    /// # Errors
    /// When a record cannot be opened, the file has changed so that nothing of ours can be told in it, or it is another one
    /// by now: one of another owner, or a link.
    pub(super) fn plan(
        changes: &Changes,
        path: PathBuf,
        records: Vec<Record>,
        force: bool,
    ) -> Result<Self, Report> {
        let (now, access) = match Present::read(&path)? {
            Some(present) => (Some(present.bytes), present.access),
            None => (None, None),
        };
        let mut recorded = Vec::new();
        let mut after = now.clone();
        let mut outcome = Outcome::Already;
        let mut left = Vec::new();
        let mut told = Vec::new();
        for record in &records {
            let body = changes.open(record)?;
            let account = Account::parse(body.edits())?;
            recorded.extend(body.access());
            let content = after.as_ref().map(|bytes| bytes.as_slice());
            match body.standing(content) {
                Standing::Before => {}
                Standing::After if body.made_file() => {
                    after = None;
                    outcome = Outcome::Removed;
                }
                Standing::Gone if !force => outcome = Outcome::Gone,
                Standing::After => {
                    after = body.before();
                    if outcome != Outcome::Partly {
                        outcome = Outcome::Back;
                    }
                }
                Standing::Gone | Standing::Changed if force => {
                    after = body.before();
                    outcome = Outcome::Back;
                }
                Standing::Gone | Standing::Changed => {
                    let content = content.unwrap_or_default();
                    let (reversed, stayed) = reversed(&path, content, &account)?;
                    after = Some(reversed);
                    left.extend(stayed);
                    outcome = Outcome::Partly;
                }
            }
            told.push(Told {
                account,
                before: body.before(),
                by: record.by.clone(),
            });
        }
        let most = match most(&recorded, access) {
            Some(most) => most,
            // Nothing is written.
            None if now == after => 0,
            None => {
                return Err(Report::failure(format!(
                    "{} belongs to another user by now, so its secrets were not put back",
                    shown(&path)
                ))
                .hint("give it back to the user whose it was, and run this again"));
            }
        };
        Ok(Self {
            path,
            outcome,
            left,
            records,
            now,
            after,
            most,
            told,
        })
    }

    /// Writes the file. Its records stay.
    ///
    /// # Errors
    /// When it could not be written.
    pub(super) fn put_back(&self, changes: &Changes) -> Result<(), Report> {
        if let Some(folder) = self.path.parent() {
            // Also when nothing is left to write: what a killed writer left holds secrets.
            mcp_launch_atomic::sweep(folder);
        }
        match (&self.now, &self.after) {
            (Some(now), Some(after)) if now != after => {
                changes.take_back(&self.path, now, Some(after), self.most)
            }
            (Some(now), None) => {
                changes.take_back(&self.path, now, None, self.most)?;
                let folders = self.told.iter().flat_map(|told| &told.account.folders);
                for folder in folders.rev() {
                    // One that somebody uses meanwhile stays.
                    let _gone = std::fs::remove_dir(folder);
                }
                Ok(())
            }
            (None, Some(after)) => changes.make_again(&self.path, after),
            _ => Ok(()),
        }
    }

    /// Forgets the records, when nothing that they tell of is left to do.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn forget(&self, changes: &Changes) -> Result<(), Report> {
        self.records.iter().try_for_each(|record| {
            changes
                .log
                .forget(record)
                .map_err(|error| changes.told(&error))
        })
    }

    /// The values that were put into a store for the file.
    pub(super) fn stored(&self) -> impl Iterator<Item = &Stored> {
        self.told.iter().flat_map(|told| &told.account.stored)
    }

    /// Whether the file has less than it had before: its record stays, unless a person says otherwise.
    pub(super) fn is_unfinished(&self) -> bool {
        self.outcome == Outcome::Gone || !self.left.is_empty()
    }

    /// Whether what is called `name` in the place `shelf` may be needed by the file, which is to have this `content`.
    pub(super) fn needs(&self, content: Option<&Content<'_>>, shelf: &str, name: &str) -> bool {
        let uses = self.told.iter().any(|told| told.account.uses(shelf, name));
        (self.is_unfinished() && uses) || content.is_some_and(|content| content.refers_to(name))
    }

    /// The values that were moved out of the file into a store, and that it has not again.
    pub(super) fn missing(&self) -> Vec<&Stored> {
        let content = self.content();
        self.told
            .iter()
            // What was typed for a new server never was in the file.
            .filter(|told| told.by != "add" && told.before != self.after)
            .flat_map(|told| &told.account.stored)
            .filter(|stored| {
                !content
                    .as_ref()
                    .is_some_and(|content| content.holds(&stored.value()))
            })
            .collect()
    }

    /// What the file is to be.
    pub(super) fn content(&self) -> Option<Content<'_>> {
        let after = self.after.as_ref()?;
        Some(Content::new(&self.path, after))
    }

    /// The numbers of its records.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        self.records.iter().map(Record::number)
    }

    /// Whether nothing has happened between the two plans.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.path, self.outcome, &self.left, self.most)
            == (&other.path, other.outcome, &other.left, other.most)
            && self.numbers().eq(other.numbers())
            && self.now == other.now
            && self.after == other.after
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let path = shown(&self.path);
        let mut lines = vec![match self.outcome {
            Outcome::Already => format!("{path}: is as it was before already"),
            Outcome::Back => format!("{path}: becomes what it was before, byte for byte"),
            Outcome::Gone => format!(
                "{path}: is gone; --force writes it as it was before, --forget takes it off the record"
            ),
            Outcome::Partly => format!(
                "{path}: somebody has written it since; only the edits of mcp-launch are reversed"
            ),
            Outcome::Removed => format!("{path}: was made by mcp-launch and is removed"),
        }];
        lines.extend(
            self.left
                .iter()
                .map(|place| format!("  stays, because it was written since: {place}")),
        );
        lines
    }

    pub(super) fn done_lines(&self) -> Vec<String> {
        let path = shown(&self.path);
        vec![match self.outcome {
            Outcome::Already | Outcome::Back => format!("{path} is as it was before"),
            Outcome::Gone => format!("{path} is gone, and was forgotten"),
            Outcome::Partly if !self.left.is_empty() => {
                format!(
                    "the edits of mcp-launch in {path} are reversed, but for what stays; it was forgotten"
                )
            }
            Outcome::Partly => format!("the edits of mcp-launch in {path} are reversed"),
            Outcome::Removed => format!("{path} was removed"),
        }]
    }
}

/// What a file may permit at most, whose owner and mode are on record: what it permitted before each of the changes. None when
/// it is another user's by now.
fn most(recorded: &[Access], now: Option<Access>) -> Option<u32> {
    let is_of_another = |recorded: &Access| now.is_some_and(|now| now.owner != recorded.owner);
    if recorded.iter().any(is_of_another) {
        return None;
    }
    Some(recorded.iter().fold(ALL, |most, access| most & access.mode))
}

/// The content without our edits, and the places that stay.
fn reversed(
    path: &std::path::Path,
    content: &[u8],
    account: &Account,
) -> Result<(Zeroizing<Vec<u8>>, Vec<String>), Report> {
    if account.entries.is_empty() {
        return Ok(lines_reversed(content, &account.lines));
    }
    let machine = mcp_launch_clients::Machine::new(
        &mcp_launch_core::Environment::from_pairs::<&str, &str>([]),
        path.parent().unwrap_or(path),
    );
    let file = of_path(path, &machine);
    let mut document = Document::parse(content, file.format).map_err(|flaw| {
        Report::failure(format!("{}: {flaw}", shown(path)))
            .hint("mend the file, or --force puts back what it was before, and loses what was written since")
    })?;
    let mut left = Vec::new();
    for edits in account.entries.iter().rev() {
        let taken_back = take_back(document, edits);
        document = taken_back.document;
        left.extend(taken_back.left.iter().map(ToString::to_string));
    }
    Ok((Zeroizing::new(document.bytes().to_vec()), left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_permits_no_more_than_before_each_change_and_is_nobody_elses() {
        let access = |owner, mode| Access { owner, mode };
        let recorded = [access(1, 0o640), access(1, 0o604)];
        assert_eq!(most(&recorded, Some(access(1, 0o666))), Some(0o600));
        assert_eq!(most(&recorded, Some(access(2, 0o600))), None);
        assert_eq!(most(&recorded, None), Some(0o600));
        assert_eq!(most(&[], Some(access(2, 0o644))), Some(ALL));
    }
}
