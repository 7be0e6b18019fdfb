//! `mcp-launch secrets import`: moves a `.env`, or another tool's export, into a store.

mod clearing;
mod reading;
mod told;

use std::path::Path;

use mcp_launch_core::{Name, Secret, shown};
use serde_json::json;

use crate::args::ImportArgs;
use crate::changes::{Changes, real};
use crate::cmd::secrets::import::clearing::{Clearance, Cleared};
use crate::cmd::secrets::import::reading::Source;
use crate::cmd::secrets::stores;
use crate::context::Context;
use crate::leftovers::{self, Left};
use crate::report::Report;
use crate::shelf::Shelf;
use crate::transfer::Transfer;
use crate::{terminal, ui};

/// `secrets import`.
///
/// # Errors
/// When something cannot be read, is in the way or did not arrive. What is in the source is then still there.
pub(crate) fn import(context: &Context, args: &ImportArgs) -> Result<(), Report> {
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    let source = reading::read(context, &settings, args)?;
    let shelf = stores::shelf(&reach, args.to.to.as_deref())?;
    if let Some(how) = args.delete_source {
        clearing::check(&source, &shelf, how)?;
    }
    must_be_apart(context, &source, &shelf)?;
    let transfer = Transfer::plan(&reach, &shelf, named(source.values(), &args.to.prefix)?)?;
    if transfer.len() == 0 {
        return told::nothing(&source, &shelf, args);
    }
    if !args.consent.json {
        told::plan(&source, &shelf, &transfer, args)?;
    }
    transfer.refuse_conflicts(args.to.overwrite)?;
    let clearance = match args.delete_source {
        Some(how) => Some(Clearance::plan(&shelf, &source, &transfer, how, args)?),
        None => None,
    };
    let entries = transfer.to_json();
    if args.consent.dry_run {
        return match args.consent.json {
            true => told::outcome(&source, &shelf, &entries, None),
            false => Ok(()),
        };
    }
    if !args.consent.yes
        && needs_consent(&transfer, args)
        && !terminal::confirm(&told::question(&transfer, &shelf, args))?
    {
        return Err(Report::failure("nothing was done"));
    }
    let (carried, cleared) = match (&clearance, &source.path) {
        (Some(clearance), Some(path)) => {
            let changes = Changes::of(context)?;
            let _lock = changes.lock()?;
            let begun = clearance.begin(&changes, path, &source)?;
            let carried = transfer.carry()?;
            let made = changes.make(begun);
            made.map_err(|report| told::uncleared(report, &shelf))?;
            (carried, Some(clearance.done(path)))
        }
        _ => (transfer.carry()?, None),
    };
    let left = source
        .path
        .as_deref()
        .map(|path| leftovers::search(&context.environment, path, &carried.values()));
    if args.consent.json {
        let done = json!({
            "written": carried.written,
            "cleared": cleared.as_ref().map(Cleared::to_json),
            "leftovers": left.as_ref().map(Left::to_json),
        });
        return told::outcome(&source, &shelf, &entries, Some(done));
    }
    told::done(&reach, &source, &shelf, &carried, cleared.as_ref(), args);
    for line in left.iter().flat_map(Left::lines) {
        ui::line(&line);
    }
    if let (None, Some(path)) = (&cleared, &source.path)
        && leftovers::is_open_to_git(&context.environment, path)
    {
        ui::line(&format!(
            "git does not ignore {0}, so the next `git add` may take it: write {0} into .gitignore",
            path.file_name().unwrap_or_default().display()
        ));
    }
    Ok(())
}

/// The values under the names that they get.
fn named(values: Vec<(String, Secret)>, prefix: &str) -> Result<Vec<(String, Secret)>, Report> {
    let values: Vec<(String, Secret)> = values
        .into_iter()
        .map(|(name, value)| (format!("{prefix}{name}"), value))
        .collect();
    let unfit: Vec<&str> = values
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| Name::new(name).is_none())
        .collect();
    if unfit.is_empty() {
        return Ok(values);
    }
    Err(Report::failure(format!(
        "no placeholder can have {}: a name has letters, digits, `_`, `.` and `-`, and starts with a letter or `_`",
        if unfit.len() == 1 { "this name".to_owned() } else { format!("{} of the names", unfit.len()) }
    ))
    .hint(format!(
        "leave {} out with --except, or rename: {}",
        if unfit.len() == 1 { "it" } else { "them" },
        unfit.join(", ")
    )))
}

fn needs_consent(transfer: &Transfer<'_>, args: &ImportArgs) -> bool {
    transfer.due() > 0 || args.delete_source.is_some()
}

/// Refuses a file that is the source and the target.
fn must_be_apart(context: &Context, source: &Source, shelf: &Shelf) -> Result<(), Report> {
    match (&source.path, shelf.file()) {
        (Some(path), Some(to)) if real(&absolute(context, to)) == real(path) => Err(
            Report::failure(format!("{} is the source and the target", shown(path))),
        ),
        _ => Ok(()),
    }
}

/// Where a file stands, absolute.
fn absolute(context: &Context, path: &Path) -> std::path::PathBuf {
    context.directory.join(path)
}
