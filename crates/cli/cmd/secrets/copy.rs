//! `mcp-launch secrets copy`: from one store to another.

use std::collections::HashSet;

use mcp_launch_core::{Deadline, Secret};
use serde_json::json;

use crate::args::CopyArgs;
use crate::cmd::secrets::held::held;
use crate::cmd::secrets::stores;
use crate::context::Context;
use crate::report::Report;
use crate::shelf::Shelf;
use crate::transfer::Transfer;
use crate::{terminal, ui};

/// `secrets copy`.
///
/// # Errors
/// When a value cannot be read, is in the way or did not arrive.
pub(crate) fn copy(context: &Context, args: &CopyArgs) -> Result<(), Report> {
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    let from = stores::shelf(&reach, Some(&args.from))?;
    let to = stores::shelf(&reach, Some(&args.to))?;
    if from == to && args.prefix.is_empty() {
        return Err(Report::failure("both are the same place"));
    }
    let values: Vec<(String, Secret)> = held(&reach, &from, &args.selection, Deadline::after)?
        .into_iter()
        .map(|(name, value)| (format!("{}{name}", args.prefix), value))
        .collect();
    if values.is_empty() {
        ui::line(&format!("{} has no value to copy", from.in_words()));
        return Ok(());
    }
    must_fit(&to, &values)?;
    let transfer = Transfer::plan(&reach, &to, values)?;
    let entries = transfer.to_json();
    if !args.consent.json {
        let lines = transfer.lines().join("\n");
        ui::text(&format!(
            "from {} to {}:\n{lines}\n",
            from.in_words(),
            to.in_words()
        ))?;
    }
    transfer.refuse_conflicts(args.overwrite)?;
    let due = transfer.due();
    let mut written = None;
    if args.consent.dry_run {
        if !args.consent.json {
            ui::line("a dry run: nothing was written");
        }
    } else {
        let question = format!("Write {due} of them into {}?", to.in_words());
        if due > 0 && !args.consent.yes && !terminal::confirm(&question)? {
            return Err(Report::failure("nothing was done"));
        }
        let carried = transfer.carry()?;
        written = Some(carried.written);
        if !args.consent.json {
            ui::line(&format!(
                "all {} are in {}, each read back and compared; {} keeps them too",
                carried.names().len(),
                to.in_words(),
                from.in_words()
            ));
        }
    }
    if args.consent.json {
        let told = json!({ "from": from.store(), "to": to.store(), "values": entries, "written": written });
        ui::text(&format!("{told:#}\n"))?;
    }
    Ok(())
}

/// Refuses names that the shelf cannot have, and two values of one name: of a secret's field and of another secret.
fn must_fit(to: &Shelf, values: &[(String, Secret)]) -> Result<(), Report> {
    let mut seen = HashSet::new();
    let names = values.iter().map(|(name, _)| name.as_str());
    let unfit: Vec<&str> = names
        .filter(|name| !seen.insert(*name) || !to.takes(name))
        .collect();
    if unfit.is_empty() {
        return Ok(());
    }
    Err(Report::failure(format!(
        "{} cannot have {}, or has one already: {}",
        to.in_words(),
        if unfit.len() == 1 {
            "a value of this name"
        } else {
            "values of these names"
        },
        unfit.join(", ")
    ))
    .hint("--except NAME leaves one out"))
}
