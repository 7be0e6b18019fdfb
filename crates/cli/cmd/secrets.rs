//! `mcp-launch secrets`: one way of naming and handling values, whichever the store.

use std::time::Duration;

use mcp_launch_core::{
    Connect as _, Deadline, LineEnd, Locator, Name, Secret, Source, SourceError, SourceErrorKind,
    Store,
};
use serde_json::{Value, json};

use crate::args::{GetArgs, ListArgs, ProtectArgs, RmArgs, SetArgs, StoreArgs, StoreName};
use crate::context::Context;
use crate::registry::Reach;
use crate::report::Report;
use crate::sealed_store::SealedStore;
use crate::{terminal, ui};

/// How long a store may take when a person waits: long enough to answer an unlock prompt.
const PATIENCE: Duration = Duration::from_secs(60);

/// A store that was chosen, and what it is called.
struct Chosen {
    name: &'static str,
    source: Box<dyn Source>,
}

/// `secrets set`.
///
/// # Errors
/// When the value could not be read or written; an older value is then still there.
pub(crate) fn set(context: &Context, args: &SetArgs) -> Result<(), Report> {
    check_name(&args.name)?;
    let chosen = choose(context, &args.store)?;
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
    chosen
        .store()?
        .put(&args.name, &value, Deadline::after(PATIENCE))
        .map_err(|error| chosen.report("write", &args.name, error))?;
    ui::line(&format!(
        "{} is in the {}; use it as $<{}>",
        args.name, chosen.name, args.name
    ));
    Ok(())
}

/// `secrets get`.
///
/// # Errors
/// When there is no such value, or the store cannot be read.
#[expect(clippy::disallowed_methods, reason = "the person asked for the value")]
pub(crate) fn get(context: &Context, args: &GetArgs) -> Result<(), Report> {
    check_name(&args.name)?;
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
            Some(Err(error)) if error.lets_next_answer() => asked.push(chosen.name),
            Some(Err(error)) => return Err(chosen.report("read", &args.name, error)),
            None => {}
        }
    }
    Err(Report::failure(format!(
        "{} is not in the {}",
        args.name,
        asked.join(" or the ")
    ))
    .hint(format!(
        "put it there: mcp-launch secrets set {}",
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
        match chosen.store()?.names(deadline) {
            Ok(names) => stores.push((chosen.name, names)),
            Err(error) if error.lets_next_answer() && args.store.store.is_none() => {}
            Err(error) => return Err(chosen.report("list", "its names", error)),
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
        lines
    };
    ui::text(&text)
}

/// `secrets rm`.
///
/// # Errors
/// When there was no such value, or it could not be removed.
pub(crate) fn rm(context: &Context, args: &RmArgs) -> Result<(), Report> {
    check_name(&args.name)?;
    let deadline = Deadline::after(PATIENCE);
    let mut asked = Vec::new();
    for chosen in readable(context, &args.store)? {
        match chosen.store()?.remove(&args.name, deadline) {
            Ok(()) => {
                ui::line(&format!(
                    "{} was removed from the {}",
                    args.name, chosen.name
                ));
                return Ok(());
            }
            Err(error) if error.lets_next_answer() => asked.push(chosen.name),
            Err(error) => return Err(chosen.report("remove", &args.name, error)),
        }
    }
    Err(Report::failure(format!(
        "{} is not in the {}",
        args.name,
        asked.join(" or the ")
    )))
}

/// `secrets protect`.
///
/// # Errors
/// When the key could not be changed; it is then as it was.
pub(crate) fn protect(context: &Context, args: &ProtectArgs) -> Result<(), Report> {
    let sealed = SealedStore::open(context)?;
    if args.remove {
        let passphrase = terminal::ask_hidden("Passphrase: ")?;
        sealed.told(sealed.source.unprotect(&passphrase))?;
        ui::line("the sealed store opens with its key file again");
    } else {
        let passphrase = terminal::ask_new_passphrase()?;
        sealed.told(sealed.source.protect(&passphrase))?;
        ui::line("the sealed store opens with the passphrase now: mcp-launch unlock");
    }
    Ok(())
}

impl Chosen {
    fn open(reach: &Reach, store: StoreName) -> Result<Self, Report> {
        let (scheme, name) = match store {
            StoreName::Keychain => ("keychain", "keychain"),
            StoreName::Sealed => ("sealed", "sealed store"),
        };
        let source = reach
            .connect(scheme)
            .map_err(|error| Report::failure(format!("{name}: {error}")))?;
        Ok(Self { name, source })
    }

    fn store(&self) -> Result<&dyn Store, Report> {
        self.source
            .store()
            .ok_or_else(|| Report::failure(format!("the {} cannot be written", self.name)))
    }

    fn report(&self, verb: &str, name: &str, error: SourceError) -> Report {
        let report = Report::failure(format!("cannot {verb} {name}: {}: {error}", self.name));
        match self.source.remedy(&Locator::new(name), error) {
            Some(remedy) => report.hint(remedy),
            None => report,
        }
    }
}

/// The store to write to: the one that was named, else the keychain, else the sealed store.
fn choose(context: &Context, args: &StoreArgs) -> Result<Chosen, Report> {
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    if let Some(store) = args.store {
        return Chosen::open(&reach, store);
    }
    let keychain = Chosen::open(&reach, StoreName::Keychain)?;
    match keychain.store()?.names(Deadline::after(PATIENCE)) {
        Err(error) if error.kind() == SourceErrorKind::Absent => {
            ui::line("there is no keychain here, so this is about the sealed store");
            Chosen::open(&reach, StoreName::Sealed)
        }
        // Whatever else is wrong with it, writing will say.
        _ => Ok(keychain),
    }
}

/// The stores to read: the one that was named, else both.
fn readable(context: &Context, args: &StoreArgs) -> Result<Vec<Chosen>, Report> {
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    let stores = match args.store {
        Some(store) => vec![store],
        None => vec![StoreName::Keychain, StoreName::Sealed],
    };
    stores
        .into_iter()
        .map(|store| Chosen::open(&reach, store))
        .collect()
}

fn check_name(name: &str) -> Result<(), Report> {
    if Name::new(name).is_some() {
        return Ok(());
    }
    Err(Report::failure(
        "a name has letters, digits, `_`, `.` and `-`, and starts with a letter or `_`",
    )
    .hint("the name is not the value: the value is asked for next"))
}
