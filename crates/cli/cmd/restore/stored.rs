//! What was put into the stores of this machine, and goes with the records.

use std::collections::HashSet;
use std::time::Duration;

use mcp_launch_core::{Deadline, Locator, SourceErrorKind, shown};

use crate::account::{Account, Stored};
use crate::changes::Changes;
use crate::cmd::restore::reversal::Reversal;
use crate::context::Context;
use crate::report::Report;
use crate::shelf::Shelf;
use crate::ui;

/// How long a store may take to remove one value.
const PATIENCE: Duration = Duration::from_secs(60);

/// Removes from the stores of this machine what was put there for the files, if it is still that, if the files have it
/// again, and if nothing refers to it: not one of these files, and no change that stays on record.
///
/// # Errors
/// When a record that stays cannot be opened, or a store fails.
pub(super) fn remove(
    context: &Context,
    changes: &Changes,
    reversals: &[&Reversal],
) -> Result<(), Report> {
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    let remaining = remaining(changes, reversals)?;
    let missing: Vec<&Stored> = reversals
        .iter()
        .flat_map(|reversal| reversal.missing())
        .collect();
    let contents: Vec<_> = reversals
        .iter()
        .map(|reversal| reversal.content())
        .collect();
    let mut kept = HashSet::new();
    for stored in reversals.iter().flat_map(|reversal| reversal.stored()) {
        let Stored { shelf, name, .. } = stored;
        let is_it = |other: &&Stored| (&other.shelf, &other.name) == (shelf, name);
        let needing = reversals
            .iter()
            .zip(&contents)
            .find(|(reversal, content)| reversal.needs(content.as_ref(), shelf, name))
            .map(|(reversal, _)| &reversal.path);
        let shelf = Shelf::parse(shelf, &settings)?;
        let why = if !shelf.is_local() {
            Some("others may use it".to_owned())
        } else if missing.iter().any(is_it) {
            Some("no file has it again".to_owned())
        } else if let Some(path) = needing {
            Some(format!("{} may need it", shown(path)))
        } else if remaining
            .iter()
            .any(|account| account.uses(&stored.shelf, name))
        {
            Some("another change that is on record needs it".to_owned())
        } else {
            None
        };
        if let Some(why) = why {
            if kept.insert((&stored.shelf, name)) {
                ui::line(&format!("{} keeps {name}: {why}", shelf.in_words()));
            }
            continue;
        }
        let source = shelf.connect(&reach)?;
        let locator = Locator::new(name.as_str());
        let there = source
            .fetch(std::slice::from_ref(&locator), Deadline::after(PATIENCE))
            .pop();
        let is_ours = matches!(there, Some(Ok(there)) if there.is_same(&stored.value()));
        let Some(store) = source.store().filter(|_| is_ours) else {
            continue;
        };
        match store.remove(name, Deadline::after(PATIENCE)) {
            Err(error) if error.kind() != SourceErrorKind::Missing => {
                return Err(Report::failure(format!(
                    "the files are back, and {name} could not be removed from {}: {error}",
                    shelf.in_words()
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

/// What the records tell that stay.
fn remaining(changes: &Changes, reversals: &[&Reversal]) -> Result<Vec<Account>, Report> {
    let done: HashSet<u64> = reversals
        .iter()
        .flat_map(|reversal| reversal.numbers())
        .collect();
    changes
        .records()?
        .iter()
        .filter(|record| !done.contains(&record.number()))
        .map(|record| Account::parse(changes.open(record)?.edits()))
        .collect()
}
