//! `mcp-launch adopt`: moves the secrets of clients' configs into a store, and puts the launcher in front.

mod choice;
mod names;
mod plan;
pub(crate) mod told;

use serde_json::json;

use crate::account::{Account, Stored, Used};
use crate::args::AdoptArgs;
use crate::changes::{Begun, Changes, must_be_writable};
use crate::cmd::adopt::plan::Adoption;
use crate::cmd::secrets::stores;
use crate::configs::{self, Config};
use crate::context::Context;
use crate::leftovers::{self, Left};
use crate::report::Report;
use crate::shelf::Shelf;
use crate::transfer::{Carried, Transfer};
use crate::{launcher, terminal, ui};

/// `adopt`.
///
/// # Errors
/// When something cannot be read, does not arrive in the store or cannot be written. A file is changed as a whole or not
/// at all, and only after all its secrets have arrived.
pub(crate) fn adopt(context: &Context, args: &AdoptArgs) -> Result<(), Report> {
    let (configs, troubles) = read(context, args)?;
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    let chosen = choice::choose(configs, args)?;
    let shelf = match chosen.iter().any(choice::Chosen::has_secrets) || args.to.is_some() {
        true => stores::shelf(&reach, args.to.as_deref())?,
        // Nothing goes into it, so none need be there.
        false => Shelf::flat("keychain"),
    };
    let launcher = match &args.command {
        Some(command) => command.clone(),
        None => launcher::path(&context.environment)?,
    };
    let names = names::give(&reach, &shelf, &chosen)?;
    let adoptions: Vec<Adoption> = chosen
        .into_iter()
        .zip(names)
        .map(|(chosen, names)| Adoption::plan(chosen, names, &reach, &shelf, &launcher))
        .collect::<Result<_, Report>>()?;

    if !args.consent.json {
        ui::lines(&told::plan(&adoptions, &shelf), &context.environment)?;
    }
    let mut troubles = troubles;
    troubles.extend(plan::obstacles(&adoptions));
    let changed: Vec<&Adoption> = adoptions
        .iter()
        .filter(|adoption| adoption.changes())
        .collect();
    let transfer = Transfer::plan(&reach, &shelf, plan::values(&changed))?;
    // Names were given so that nothing is in the way; somebody may have been quicker.
    transfer.refuse_conflicts(false)?;
    if changed.is_empty() || args.consent.dry_run {
        if args.consent.json {
            print_json(&adoptions, &shelf, None)?;
        } else if args.consent.dry_run && !changed.is_empty() {
            ui::line("a dry run: nothing was changed");
        }
        return all_read(troubles);
    }
    for adoption in &changed {
        must_be_writable(&adoption.config.file.path)?;
    }
    if !args.consent.yes && !terminal::confirm(&told::question(&changed, &transfer, &shelf))? {
        return Err(Report::failure("nothing was done"));
    }
    let changes = Changes::of(context)?;
    let _lock = changes.lock()?;
    let begun = begin(&changes, &shelf, &changed, &transfer)?;
    let carried = match transfer.len() {
        0 => Carried::nothing(),
        _ => transfer.carry()?,
    };
    let mut left = Vec::new();
    for ((index, adoption), begun) in changed.iter().enumerate().zip(begun) {
        if let Err(report) = changes.make(begun) {
            // Of what stays done a person must know, whatever came after it.
            for line in told::done(&changed[..index], &carried, &shelf, &left) {
                ui::line(&line);
            }
            return Err(report);
        }
        left.push(leftovers_of(context, adoption, &carried));
    }
    if args.consent.json {
        print_json(&adoptions, &shelf, Some(&left))?;
    } else {
        for line in told::done(&changed, &carried, &shelf, &left) {
            ui::line(&line);
        }
    }
    all_read(troubles)
}

/// Reads what is meant. With `--all`, a file that cannot be read keeps no other from being adopted.
fn read(context: &Context, args: &AdoptArgs) -> Result<(Vec<Config>, Vec<Report>), Report> {
    if args.target.is_none() && !args.all {
        return Err(Report::failure("say which client or file, or --all")
            .hint("mcp-launch clients shows what was found here"));
    }
    let mut configs = Vec::new();
    let mut troubles = Vec::new();
    for file in configs::files(context, args.target.as_deref())? {
        match configs::read(file) {
            Ok(config) => configs.push(config),
            Err(report) if args.all => troubles.push(report),
            Err(report) => return Err(report),
        }
    }
    Ok((configs, troubles))
}

/// Tells what could not be read, at the end, where it is seen.
fn all_read(troubles: Vec<Report>) -> Result<(), Report> {
    let mut troubles = troubles.into_iter();
    let Some(first) = troubles.next() else {
        return Ok(());
    };
    for trouble in troubles {
        trouble.print();
    }
    Err(first)
}

/// Puts all that is about to be done on record, before the first value goes into the store. What was done stays when a
/// later step fails.
fn begin<'a>(
    changes: &Changes,
    shelf: &Shelf,
    changed: &[&'a Adoption],
    transfer: &Transfer<'_>,
) -> Result<Vec<Begun<'a>>, Report> {
    let begin = |adoption: &&'a Adoption| {
        let names = adoption.names();
        let stored = transfer
            .new_values()
            .into_iter()
            .filter(|(name, _)| names.contains(name))
            .map(|(name, value)| Stored::new(shelf.spelling(), name, value))
            .collect();
        let account = Account {
            entries: adoption.edits(),
            stored,
            used: Used::all(&shelf.spelling(), &names),
            ..Account::default()
        };
        changes.begin(
            "adopt",
            &adoption.config.file.path,
            Some(&adoption.config.bytes),
            adoption.after.bytes(),
            &account,
        )
    };
    changed.iter().map(begin).collect()
}

/// Where the values of a file that was adopted still stand.
fn leftovers_of(context: &Context, adoption: &Adoption, carried: &Carried) -> Left {
    let names = adoption.names();
    let values: Vec<_> = carried
        .values()
        .into_iter()
        .filter(|(name, _)| names.contains(name))
        .collect();
    let path = &adoption.config.file.path;
    leftovers::search(&context.environment, path, &values).with_itself(
        path,
        adoption.after.bytes(),
        &values,
    )
}

fn print_json(adoptions: &[Adoption], shelf: &Shelf, left: Option<&[Left]>) -> Result<(), Report> {
    let told = json!({
        "store": shelf.spelling(),
        "files": adoptions.iter().map(Adoption::to_json).collect::<Vec<_>>(),
        "done": left.is_some(),
        "leftovers": left.map(|left| left.iter().map(Left::to_json).collect::<Vec<_>>()),
    });
    ui::text(&format!("{told:#}\n"))
}
