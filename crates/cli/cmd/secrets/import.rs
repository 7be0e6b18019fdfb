//! `mcp-launch secrets import`: moves a `.env`, or another tool's export, into a store.

mod clearing;
mod reading;

use std::path::Path;

use mcp_launch_core::{Name, Secret, shown};
use mcp_launch_exchange::Origin;
use serde_json::{Value, json};

use crate::args::{Clearing, ImportArgs};
use crate::changes::Changes;
use crate::cmd::secrets::import::clearing::{Clearance, Cleared};
use crate::cmd::secrets::import::reading::Source;
use crate::cmd::secrets::stores;
use crate::context::Context;
use crate::leftovers;
use crate::registry::Reach;
use crate::report::Report;
use crate::shelf::Shelf;
use crate::transfer::{Carried, Transfer};
use crate::{terminal, ui};

/// `secrets import`.
///
/// # Errors
/// When something cannot be read, is in the way or did not arrive. What is in the source is then still there.
pub(crate) fn import(context: &Context, args: &ImportArgs) -> Result<(), Report> {
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    let source = reading::read(context, &settings, args)?;
    if args.delete_source.is_some() {
        clearing::check(&source)?;
    }
    let shelf = stores::shelf(&reach, args.to.to.as_deref())?;
    let values = named(source.values(), &args.to.prefix)?;
    if values.is_empty() {
        return nothing(&source, args);
    }
    let transfer = Transfer::plan(&reach, &shelf, values)?;
    if !args.consent.json {
        tell_plan(&source, &shelf, &transfer, args)?;
    }
    transfer.refuse_conflicts(args.to.overwrite)?;
    let clearance = match args.delete_source {
        Some(how) => Some(Clearance::plan(
            &reach,
            &shelf,
            &source,
            &transfer.names(),
            how,
            args,
        )?),
        None => None,
    };
    if args.consent.dry_run {
        return match args.consent.json {
            true => ui::text(&format!(
                "{:#}\n",
                outcome(&source, &shelf, &transfer.to_json(), None)
            )),
            false => Ok(()),
        };
    }
    if !args.consent.yes
        && needs_consent(&transfer, args)
        && !terminal::confirm(&question(&transfer, &shelf, args))?
    {
        return Err(Report::failure("nothing was done"));
    }
    let entries = transfer.to_json();
    let (carried, cleared) = match (&clearance, &source.path) {
        (Some(clearance), Some(path)) => {
            let changes = Changes::of(context)?;
            let _lock = changes.lock()?;
            let begun = clearance.begin(&changes, path, &source)?;
            let carried = transfer.carry()?;
            changes.make(begun)?;
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
            "leftovers": left.as_ref().map(leftovers::Left::to_json),
        });
        return ui::text(&format!(
            "{:#}\n",
            outcome(&source, &shelf, &entries, Some(done))
        ));
    }
    tell_done(&reach, &source, &shelf, &carried, cleared.as_ref(), args);
    for line in left.iter().flat_map(leftovers::Left::lines) {
        ui::line(&line);
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

fn nothing(source: &Source, args: &ImportArgs) -> Result<(), Report> {
    if args.consent.json {
        return ui::text(&format!(
            "{:#}\n",
            json!({ "source": source.json_name(), "values": [], "skipped": source.skipped_json() })
        ));
    }
    for line in source.skipped_lines() {
        ui::line(&line);
    }
    ui::line(&format!("{} has no value to move", source.in_words()));
    Ok(())
}

fn needs_consent(transfer: &Transfer<'_>, args: &ImportArgs) -> bool {
    transfer.due() > 0 || args.delete_source.is_some()
}

fn question(transfer: &Transfer<'_>, shelf: &Shelf, args: &ImportArgs) -> String {
    let clearing = match args.delete_source {
        Some(Clearing::Refer) => ", and put references in their places",
        Some(Clearing::Remove) => ", and remove their lines",
        None => "",
    };
    match transfer.due() {
        0 => format!(
            "All of them are in {} already. Clear the file?",
            shelf.in_words()
        ),
        1 => format!("Write 1 value into {}{clearing}?", shelf.in_words()),
        due => format!("Write {due} values into {}{clearing}?", shelf.in_words()),
    }
}

fn tell_plan(
    source: &Source,
    shelf: &Shelf,
    transfer: &Transfer<'_>,
    args: &ImportArgs,
) -> Result<(), Report> {
    let mut lines = vec![format!(
        "from {} to {}:",
        source.in_words(),
        shelf.in_words()
    )];
    lines.extend(transfer.lines());
    lines.extend(source.skipped_lines());
    if args.consent.dry_run {
        lines.push("a dry run: nothing was written".to_owned());
    }
    ui::text(&format!("{}\n", lines.join("\n")))
}

fn tell_done(
    reach: &Reach,
    source: &Source,
    shelf: &Shelf,
    carried: &Carried,
    cleared: Option<&Cleared>,
    args: &ImportArgs,
) {
    let names = carried.names();
    let count = names.len();
    ui::line(&format!(
        "{} in {}, each read back and compared{}",
        if count == 1 {
            "1 value is".to_owned()
        } else {
            format!("{count} values are")
        },
        shelf.in_words(),
        match count - carried.written {
            0 => String::new(),
            there => format!(" ({there} had been there already)"),
        }
    ));
    if let Some(name) = names.first() {
        ui::line(&format!(
            "use them as {}",
            shelf.placeholder(&reach.settings, name)
        ));
    }
    match (cleared, &source.path) {
        (Some(cleared), _) => ui::line(&cleared.line()),
        (None, Some(path)) if source.origin == Origin::Env => ui::line(&format!(
            "{} still has the values; to clear it: mcp-launch secrets import {}{} --delete-source",
            shown(path),
            shown(&args.source),
            args.to
                .to
                .as_ref()
                .map_or_else(String::new, |to| format!(" --to {to}")),
        )),
        (None, Some(path)) => ui::line(&format!(
            "{} still has the values; remove it when you need it no more",
            shown(path)
        )),
        (None, None) => {}
    }
}

fn outcome(source: &Source, shelf: &Shelf, values: &[Value], done: Option<Value>) -> Value {
    json!({
        "source": source.json_name(),
        "store": shelf.store(),
        "values": values,
        "skipped": source.skipped_json(),
        "done": done,
    })
}

/// Where a file stands, absolute.
fn absolute(context: &Context, path: &Path) -> std::path::PathBuf {
    context.directory.join(path)
}
