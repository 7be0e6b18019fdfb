//! `mcp-launch secrets`: one way of naming and handling values, whichever the store.

mod copy;
mod export;
mod held;
mod import;
mod name;
mod placeholder;
mod protect;
pub(crate) mod stores;

use mcp_launch_core::{Deadline, LineEnd, Locator, Secret, SourceErrorKind};
use serde_json::{Value, json};

use crate::args::{GetArgs, ListArgs, RmArgs, SetArgs, StoreName};
use crate::cmd::secrets::name::{Action, check_name};
use crate::cmd::secrets::placeholder::{Way, effect, usage, way};
use crate::cmd::secrets::stores::{Chosen, PATIENCE, choose, other_with, readable};
use crate::context::Context;
use crate::report::Report;
use crate::{terminal, ui};

pub(crate) use copy::copy;
pub(crate) use export::export;
pub(crate) use import::import;
pub(crate) use protect::protect;

/// `secrets set`.
///
/// # Errors
/// When the value could not be read or written; an older value is then still there.
pub(crate) fn set(context: &Context, args: &SetArgs) -> Result<(), Report> {
    check_name(&args.name, Action::Set, &args.store)?;
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    let chosen = choose(&reach, args.store.store, &args.name)?;
    let value = if terminal::stdin_is_terminal() {
        terminal::ask_hidden(&format!("Value of {}: ", args.name))?
    } else {
        let mut bytes = terminal::read_stdin()?;
        if !args.raw && bytes.iter().filter(|&&byte| byte == b'\n').count() == 1 {
            LineEnd::Strip.apply(&mut bytes);
        }
        Secret::from(bytes)
    };
    if value.is_empty() {
        return Err(Report::failure(
            "the value is empty, so nothing was written",
        ));
    }
    let verb = if chosen.has(&args.name) {
        "was replaced"
    } else {
        "is"
    };
    let SetArgs { name, .. } = args;
    chosen
        .store()?
        .put(name, &value, Deadline::after(PATIENCE))
        .map_err(|error| chosen.report(&format!("write {name}"), name, error))?;
    ui::line(&format!(
        "{name} {verb} in the {}; {}",
        chosen.which.in_words(),
        usage(&settings, name, chosen.which)
    ));
    if let Some(other) = other_with(&reach, chosen.which, name) {
        ui::line(&format!(
            "the {} has {name} too{}; to be rid of it: mcp-launch secrets rm {name} --store {}",
            other.in_words(),
            effect(&settings, name, chosen.which, other),
            other.scheme()
        ));
    }
    Ok(())
}

/// `secrets get`.
///
/// # Errors
/// When there is no such value, or the store cannot be read.
#[expect(clippy::disallowed_methods, reason = "the person asked for the value")]
pub(crate) fn get(context: &Context, args: &GetArgs) -> Result<(), Report> {
    check_name(&args.name, Action::Get, &args.store)?;
    let deadline = Deadline::after(PATIENCE);
    let locator = Locator::new(&args.name);
    let mut asked = Vec::new();
    for chosen in readable(context, &args.store)? {
        let answer = chosen
            .source
            .fetch(std::slice::from_ref(&locator), deadline)
            .pop();
        match answer {
            Some(Ok(value)) => {
                let mut outcome = ui::data(value.expose());
                if ui::is_read_by_person() {
                    outcome = outcome.and_then(|()| ui::data(b"\n"));
                }
                return outcome.map_err(|error| {
                    Report::failure(format!("cannot write to standard output: {error}"))
                });
            }
            Some(Err(error)) if goes_on(&chosen, error.kind(), args.store.store) => {
                asked.push((chosen.which, error.kind()));
            }
            Some(Err(error)) => {
                return Err(chosen.report(&format!("read {}", args.name), &args.name, error));
            }
            None => {}
        }
    }
    let store = args.store.store.map_or(String::new(), |store| {
        format!(" --store {}", store.scheme())
    });
    Err(nowhere(&args.name, &asked).hint(format!(
        "put it there: mcp-launch secrets set {}{store}",
        args.name
    )))
}

/// `secrets list`.
///
/// # Errors
/// When a store that was named, or one that is there, cannot be read.
pub(crate) fn list(context: &Context, args: &ListArgs) -> Result<(), Report> {
    let deadline = Deadline::after(PATIENCE);
    let mut stores: Vec<(&str, Vec<String>)> = Vec::new();
    for chosen in readable(context, &args.store)? {
        match chosen.store()?.names("", deadline) {
            Ok(names) => stores.push((chosen.which.in_words(), names)),
            Err(error) if error.lets_next_answer() && args.store.store.is_none() => {}
            Err(error) => return Err(chosen.report("list the names", "NAME", error)),
        }
    }
    let text = if args.json {
        let stores: Vec<Value> = stores
            .iter()
            .map(|(store, names)| json!({ "store": store, "names": names }))
            .collect();
        format!("{:#}\n", Value::Array(stores))
    } else {
        let mut lines = String::new();
        for (store, names) in &stores {
            for name in names {
                lines.push_str(&format!("{name}\t{store}\n"));
            }
        }
        if lines.is_empty() {
            ui::line("no store has a value yet");
        }
        lines
    };
    ui::text(&text)
}

/// `secrets rm`.
///
/// # Errors
/// When there was no such value, or it could not be removed.
pub(crate) fn rm(context: &Context, args: &RmArgs) -> Result<(), Report> {
    check_name(&args.name, Action::Rm, &args.store)?;
    let RmArgs { name, store } = args;
    let mut asked = Vec::new();
    for chosen in readable(context, store)? {
        match chosen.store()?.remove(name, Deadline::after(PATIENCE)) {
            Ok(()) => return told_removed(context, name, chosen.which),
            Err(error) if goes_on(&chosen, error.kind(), store.store) => {
                asked.push((chosen.which, error.kind()));
            }
            Err(error) => return Err(chosen.report(&format!("remove {name}"), name, error)),
        }
    }
    Err(nowhere(name, &asked))
}

/// Says that it was removed, and where an older value of that name comes to light by it.
fn told_removed(context: &Context, name: &str, from: StoreName) -> Result<(), Report> {
    ui::line(&format!("{name} was removed from the {}", from.in_words()));
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    if let Some(other) = other_with(&reach, from, name) {
        let effect = match way(&settings, name, other) {
            Way::Name => ", which would be used now",
            Way::Address(_) => "",
        };
        ui::line(&format!(
            "the {} still has {name}{effect}: mcp-launch secrets rm {name} --store {}",
            other.in_words(),
            other.scheme()
        ));
    }
    Ok(())
}

/// Whether the next store is asked. A keychain that was named has to be there.
fn goes_on(chosen: &Chosen, kind: SourceErrorKind, named: Option<StoreName>) -> bool {
    match kind {
        SourceErrorKind::Absent => named.is_none() || chosen.which == StoreName::Sealed,
        kind => kind == SourceErrorKind::Missing,
    }
}

fn nowhere(name: &str, asked: &[(StoreName, SourceErrorKind)]) -> Report {
    let has_no_keychain = asked.contains(&(StoreName::Keychain, SourceErrorKind::Absent));
    let stores: Vec<_> = asked
        .iter()
        .map(|(which, _)| *which)
        .filter(|which| !(has_no_keychain && *which == StoreName::Keychain))
        .map(StoreName::in_words)
        .collect();
    let stores = stores.join(" or the ");
    Report::failure(if has_no_keychain {
        format!("{name} is not in the {stores}, and there is no keychain here")
    } else {
        format!("{name} is not in the {stores}")
    })
}
