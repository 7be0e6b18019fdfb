//! `mcp-launch keep`: what goes on beside a server whose values are lent, and how a launch starts it.

mod log;

use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use mcp_launch_config::Directories;
use mcp_launch_core::{Environment, Secret};
use mcp_launch_exec::{Companion, CompanionError, Detached, start_companion};
use source_vault::keeper::{self, Keeper, Letter};

use crate::context::Context;
use crate::exit_code;
use crate::report::Report;
use crate::ui;

use log::Log;

/// How long a keeper may take to get ready. It asks nobody, so this is for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long giving back may take when nothing will start: the client waits.
const GIVING_BACK: Duration = Duration::from_secs(2);

/// The variables that a keeper gets: where its log is, and what Windows needs for the network.
const VARIABLES: [&str; 6] = [
    "APPDATA",
    "HOME",
    "LOCALAPPDATA",
    "SystemRoot",
    "USERPROFILE",
    "XDG_STATE_HOME",
];

/// Starts a keeper for each of `letters`, which watches this process and the server that it becomes.
///
/// # Errors
/// When one cannot be started. What its letter tells of is given back then; another's keeper sees that nothing started.
pub(crate) fn hand_over(context: &Context, name: &str, letters: &[Secret]) -> Result<(), Report> {
    for (index, letter) in letters.iter().enumerate() {
        if let Err(error) = start(&context.environment, letter) {
            let report = Report::not_started(format!(
                "cannot start {name}: what a store lent it cannot be kept: {error}"
            ));
            return Err(match give_back(&letters[index..]) {
                Ok(()) => report,
                Err(left) => report.hint(left),
            });
        }
    }
    Ok(())
}

/// Gives back what `letters` tell of, because nothing will start.
///
/// # Errors
/// What is left, for a person.
pub(crate) fn give_back(letters: &[Secret]) -> Result<(), String> {
    let left: Vec<String> = letters
        .iter()
        .filter_map(|letter| {
            let letter = Letter::open(letter).map_err(|error| error.to_string());
            letter
                .and_then(|letter| keeper::give_back(&letter, GIVING_BACK))
                .err()
        })
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    Err(left.join("; "))
}

fn start(environment: &Environment, letter: &Secret) -> Result<(), CompanionError> {
    let own = std::env::current_exe().map_err(|error| {
        CompanionError::Said(format!("mcp-launch cannot find its own file: {error}"))
    })?;
    let variables = VARIABLES.iter().filter_map(|name| {
        let value = environment.get(name)?;
        Some((OsStr::new(name), value))
    });
    start_companion(&own, "keep", variables, letter, PATIENCE)
}

/// The keeper itself. Its launch reads what it says on standard output.
pub(crate) fn keep(context: &Context) -> ExitCode {
    if std::io::stdin().is_terminal() {
        ui::line(
            "error: `mcp-launch keep` is not for people: a launch starts it when a store lends a value",
        );
        return exit_code::of(exit_code::USAGE);
    }
    let companion = match Companion::begin() {
        Ok(companion) => companion,
        Err(error) => {
            // Nobody is there to read it when the launch is gone.
            let _nobody_reads = ui::data(error.to_string().as_bytes());
            return exit_code::of(exit_code::FAILURE);
        }
    };
    let letter = companion
        .letter(keeper::LONGEST_LETTER)
        .map_err(|error| error.to_string())
        .and_then(|letter| Letter::open(&letter).map_err(|error| error.to_string()));
    let letter = match letter {
        Ok(letter) => letter,
        Err(reason) => {
            companion.refuse(&reason);
            return exit_code::of(exit_code::FAILURE);
        }
    };
    match companion.detach() {
        Ok(detached) => {
            keep_detached(context, detached, letter);
            exit_code::of(exit_code::SUCCESS)
        }
        Err((companion, error)) => {
            companion.refuse(&error.to_string());
            exit_code::of(exit_code::FAILURE)
        }
    }
}

fn keep_detached(context: &Context, detached: Detached, letter: Letter) {
    let keeper = match Keeper::new(letter) {
        Ok(keeper) => keeper,
        Err(reason) => return detached.refuse(&reason),
    };
    let directories = Directories::of(&context.environment);
    let folder = directories.state_dir().ok().map(Path::to_owned);
    let log = Log::within(folder, detached.launcher(), keeper.store());
    let ready = || detached.ready().map(Into::into);
    keeper.keep(ready, &mut |event| log.write(&event.to_string()));
}
