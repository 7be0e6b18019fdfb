//! `mcp-launch restore`: takes back what `adopt`, `add` and `secrets import` changed in files.

mod holding;
mod lines;
mod present;
mod reversal;
mod stored;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mcp_launch_core::shown;
use mcp_launch_undo::Record;
use serde_json::{Value, json};

use crate::args::RestoreArgs;
use crate::changes::Changes;
use crate::cmd::restore::reversal::{Outcome, Reversal};
use crate::configs;
use crate::context::Context;
use crate::report::Report;
use crate::{terminal, ui};

/// `restore`.
///
/// # Errors
/// When a file cannot be put back, or not all of it; it then stays on record.
pub(crate) fn restore(context: &Context, args: &RestoreArgs) -> Result<(), Report> {
    let changes = Changes::of(context)?;
    let records = changes.records()?;
    // With --all, the stores too become what they were.
    let whole = args.all && !args.keep_secrets;
    if records.is_empty() && args.all {
        return finish(context, args, &changes);
    }
    if args.target.is_none() && !args.all {
        return on_record(&records, args);
    }
    let reversals = plan(context, args, &changes, records)?;
    if !args.consent.json {
        let mut lines: Vec<String> = reversals.iter().flat_map(Reversal::lines).collect();
        lines.extend(whole.then(|| removed_line(&reversals)).flatten());
        ui::text(&format!("{}\n", lines.join("\n")))?;
    }
    if args.consent.dry_run {
        if args.consent.json {
            print_json(&reversals, whole, false)?;
        } else {
            ui::line("a dry run: nothing was changed");
        }
        return Ok(());
    }
    if !args.consent.yes && !terminal::confirm("Put them back?")? {
        return Err(Report::failure("nothing was done"));
    }
    let _lock = changes.lock()?;
    // Another command may have put something on record since, which the file, or what is in the store, is needed for.
    let planned = reversals;
    let reversals = plan(context, args, &changes, changes.records()?)?;
    let is_same = planned.len() == reversals.len()
        && planned
            .iter()
            .zip(&reversals)
            .all(|(planned, now)| planned.is_same(now));
    if !is_same {
        return Err(Report::failure(
            "something was changed meanwhile by another program, so nothing was done",
        )
        .hint("run it again"));
    }
    let mut done = Vec::new();
    let mut refused = Vec::new();
    for reversal in &reversals {
        // Its placeholders may stand wherever it was moved to, so what they stand for is kept.
        if reversal.outcome == Outcome::Gone && !args.forget {
            refused.push(gone(reversal));
            continue;
        }
        match reversal.put_back(&changes) {
            Ok(()) if reversal.is_unfinished() && !args.forget => refused.push(partly(reversal)),
            Ok(()) => done.push(reversal),
            Err(report) => refused.push(report),
        }
    }
    // The records know what is left to do, and so go last.
    let whole = whole && refused.is_empty();
    if whole {
        stored::remove(context, &changes, &done)?;
    }
    if whole || !args.all || args.keep_secrets {
        done.iter()
            .try_for_each(|reversal| reversal.forget(&changes))?;
    }
    if whole {
        leave_no_trace(context, &changes)?;
    }
    if args.consent.json {
        print_json(&reversals, whole, refused.is_empty())?;
    } else {
        for line in done.iter().flat_map(|reversal| reversal.done_lines()) {
            ui::line(&line);
        }
        let names = names(done.iter().copied());
        if !args.all && !names.is_empty() {
            ui::line(&format!("the store keeps {}", names.join(", ")));
        }
    }
    let mut refused = refused.into_iter();
    match refused.next() {
        None => Ok(()),
        Some(first) => {
            refused.for_each(|report| report.print());
            Err(first)
        }
    }
}

/// How each file that is meant goes back.
fn plan(
    context: &Context,
    args: &RestoreArgs,
    changes: &Changes,
    records: Vec<Record>,
) -> Result<Vec<Reversal>, Report> {
    meant(context, args, records)?
        .into_iter()
        .map(|(path, records)| Reversal::plan(changes, path, records, args.force))
        .collect()
}

fn partly(reversal: &Reversal) -> Report {
    Report::failure(format!(
        "{} was put back in part: what was written since stays ({}), and the file stays on record",
        shown(&reversal.path),
        reversal.left.join(", ")
    ))
    .hint("--force writes it as it was before, and what was written since is lost; --forget takes it off the record; the secrets stay in the store")
}

fn gone(reversal: &Reversal) -> Report {
    Report::failure(format!(
        "{} is gone, so it was not put back, and stays on record",
        shown(&reversal.path)
    ))
    .hint("--force writes it as it was before, --forget takes it off the record; the secrets stay in the store")
}

/// The records of each file that is meant, the latest first.
fn meant(
    context: &Context,
    args: &RestoreArgs,
    records: Vec<Record>,
) -> Result<BTreeMap<PathBuf, Vec<Record>>, Report> {
    let wanted: Option<Vec<PathBuf>> = match (&args.target, args.all) {
        (None, true) => None,
        (None, false) => return Ok(BTreeMap::new()),
        (Some(target), _) => Some(targets(context, target)),
    };
    let mut meant: BTreeMap<PathBuf, Vec<Record>> = BTreeMap::new();
    for record in records {
        let is_meant = wanted
            .as_ref()
            .is_none_or(|wanted| wanted.contains(&record.path));
        if is_meant {
            meant.entry(record.path.clone()).or_default().push(record);
        }
    }
    if meant.is_empty() {
        return Err(Report::failure(match &args.target {
            Some(target) => format!(
                "nothing that mcp-launch changed in {} is on record",
                shown(target)
            ),
            None => "nothing that mcp-launch changed is on record".to_owned(),
        }));
    }
    Ok(meant)
}

/// The files of a client by its id, or the file of this name.
fn targets(context: &Context, target: &Path) -> Vec<PathBuf> {
    let named = target.to_str().and_then(configs::client);
    match named {
        Some(_) => configs::files(context, Some(target))
            .into_iter()
            .flatten()
            .map(|file| crate::changes::real(&file.path))
            .collect(),
        None => vec![crate::changes::real(&context.directory.join(target))],
    }
}

/// Shows what could be restored.
fn on_record(records: &[Record], args: &RestoreArgs) -> Result<(), Report> {
    if args.consent.json {
        let files: Vec<Value> = records
            .iter()
            .map(|record| json!({ "path": record.path.to_string_lossy(), "by": record.by }))
            .collect();
        return ui::text(&format!("{:#}\n", json!({ "on_record": files })));
    }
    let mut paths: Vec<String> = records
        .iter()
        .map(|record| format!("{} ({})\n", shown(&record.path), record.by))
        .collect();
    paths.sort();
    paths.dedup();
    ui::text(&paths.concat())?;
    ui::line(match paths.is_empty() {
        true => "nothing that mcp-launch changed is on record",
        false => "restore takes one of these files, a client, or --all",
    });
    Ok(())
}

/// Does what an earlier `restore --all` has left to do, which put back all files and did not come to its end.
fn finish(context: &Context, args: &RestoreArgs, changes: &Changes) -> Result<(), Report> {
    let whole = !args.keep_secrets;
    let told = match changes.log.is_there() {
        true => "all files are as they were before already",
        false => "nothing that mcp-launch changed is on record",
    };
    // What a key was made for is only known where there were records.
    if !args.consent.dry_run && changes.log.has_folder() {
        let question = "Remove the folder of the records, and the keys that nothing is kept with?";
        if !args.consent.yes && !terminal::confirm(question)? {
            return Err(Report::failure("nothing was done"));
        }
        let _lock = changes.lock()?;
        // Another command may have put something on record since.
        if changes.records()?.is_empty() {
            leave_no_trace(context, changes)?;
        }
    } else if !args.consent.dry_run && changes.log.is_there() {
        leave_no_folders(context, changes)?;
    }
    if args.consent.json {
        return print_json(&[], whole, !args.consent.dry_run);
    }
    ui::line(told);
    Ok(())
}

/// Removes what only the records needed.
fn leave_no_trace(context: &Context, changes: &Changes) -> Result<(), Report> {
    let settings = context.settings()?;
    let directories = settings.directories();
    if let Ok(state) = directories.state_dir() {
        mcp_launch_transfer::FingerprintKey::remove_from(state);
    }
    changes.remove_unused_key()?;
    leave_no_folders(context, changes)
}

/// Removes the folders that nothing is in any more.
fn leave_no_folders(context: &Context, changes: &Changes) -> Result<(), Report> {
    let settings = context.settings()?;
    let directories = settings.directories();
    changes.log.leave_no_trace();
    let own = [directories.data_dir(), directories.state_dir()];
    for folder in own.into_iter().flatten().filter(|own| !own.exists()) {
        remove_empty(folder.parent(), directories.home());
    }
    Ok(())
}

/// Removes `folder` and those above it, below the home, as far as they are empty: `~/.local/state` was made for the
/// records where nothing else had needed it.
fn remove_empty(folder: Option<&Path>, home: Option<&Path>) {
    let (Some(folder), Some(home)) = (folder, home) else {
        return;
    };
    for folder in folder.ancestors() {
        let is_below = folder != home && folder.starts_with(home);
        if !is_below || std::fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

/// What goes from the stores of this machine with the files.
fn removed_line(reversals: &[Reversal]) -> Option<String> {
    let names = names(reversals.iter());
    (!names.is_empty()).then(|| {
        format!(
            "removed from the store of this machine, if it is still what was put there, and no file needs it: {}; --keep-secrets leaves it",
            names.join(", ")
        )
    })
}

/// The names of what was put into a store for these files.
fn names<'r>(reversals: impl Iterator<Item = &'r Reversal>) -> Vec<&'r str> {
    let mut names: Vec<&str> = reversals
        .flat_map(Reversal::stored)
        .map(|stored| stored.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn print_json(reversals: &[Reversal], whole: bool, done: bool) -> Result<(), Report> {
    let files: Vec<Value> = reversals
        .iter()
        .map(|reversal| {
            json!({
                "path": reversal.path.to_string_lossy(),
                "outcome": match reversal.outcome {
                    Outcome::Back => "as-before",
                    Outcome::Partly => "edits-reversed",
                    Outcome::Removed => "removed",
                    Outcome::Already => "as-before-already",
                    Outcome::Gone => "gone",
                },
                "left": reversal.left,
                "stored": names(std::iter::once(reversal)),
            })
        })
        .collect();
    ui::text(&format!(
        "{:#}\n",
        json!({ "files": files, "removes_stored": whole, "done": done })
    ))
}
