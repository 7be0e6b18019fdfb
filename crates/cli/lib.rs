//! The command line of mcp-launch: parse, dispatch, report.

mod args;
mod client_answer;
mod cmd;
mod context;
mod exit_code;
mod plan;
mod preview;
mod reference;
mod registry;
mod report;
mod sealed_store;
mod terminal;
mod ui;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Command, CommandLine, RunArgs, SecretsCommand};
use crate::context::Context;
use crate::report::Report;

/// Does what the command line says, and gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    mcp_launch_exec::protect_self();
    let context = Context::capture();
    if let Some(args) = args::plain_launch(std::env::args_os().skip(1)) {
        return run(&context, &args);
    }
    let command_line = match CommandLine::try_parse() {
        Ok(command_line) => command_line,
        Err(error) => return usage(&error),
    };
    let outcome = match command_line.command {
        None => return run(&context, &command_line.run),
        Some(Command::Run(args)) => return run(&context, &args),
        Some(Command::Doctor(args)) => cmd::doctor::doctor(&context, &args),
        Some(Command::Generate(args)) => cmd::generate::generate(&args),
        Some(Command::Lock(_)) => cmd::lock::lock(&context),
        Some(Command::Secrets(SecretsCommand::Get(args))) => cmd::secrets::get(&context, &args),
        Some(Command::Secrets(SecretsCommand::List(args))) => cmd::secrets::list(&context, &args),
        Some(Command::Secrets(SecretsCommand::Protect(args))) => {
            cmd::secrets::protect(&context, &args)
        }
        Some(Command::Secrets(SecretsCommand::Rm(args))) => cmd::secrets::rm(&context, &args),
        Some(Command::Secrets(SecretsCommand::Set(args))) => cmd::secrets::set(&context, &args),
        Some(Command::Trust(args)) => cmd::trust::trust(&context, &args),
        Some(Command::Unlock(args)) => cmd::unlock::unlock(&context, &args),
    };
    match outcome {
        Ok(()) => exit_code::of(exit_code::SUCCESS),
        Err(report) => {
            report.print();
            report.exit_code()
        }
    }
}

fn run(context: &Context, args: &RunArgs) -> ExitCode {
    let report = if args.dry_run {
        match cmd::run::dry_run(context, args) {
            Ok(()) => return exit_code::of(exit_code::SUCCESS),
            Err(report) => report,
        }
    } else {
        let Err(report) = cmd::run::run(context, args);
        client_answer::tell(&report);
        report
    };
    report.print();
    report.exit_code()
}

/// Help and version go to standard output; a mistake goes to standard error, and to a client that waits.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let text = error.render().to_string();
        return match ui::data(text.as_bytes()) {
            Ok(()) => exit_code::of(exit_code::SUCCESS),
            Err(_) => exit_code::of(exit_code::FAILURE),
        };
    }
    let mut text = error.render().to_string();
    if is_bare_command(error) {
        text.push_str("hint: put `--` before the server's command: mcp-launch -- COMMAND\n");
    }
    ui::line(text.trim_end());
    let first = text.lines().next().unwrap_or_default();
    client_answer::tell(&Report::with_code(
        exit_code::USAGE,
        first.trim_start_matches("error: "),
    ));
    exit_code::of(exit_code::USAGE)
}

/// Whether the server's command was given without `--` before it.
fn is_bare_command(error: &clap::Error) -> bool {
    use clap::error::{ContextKind, ContextValue};
    [ContextKind::InvalidArg, ContextKind::InvalidSubcommand]
        .iter()
        .any(|kind| {
            matches!(error.get(*kind), Some(ContextValue::String(word)) if !word.starts_with('-'))
        })
}
