//! The command line of mcp-launch: parse, dispatch, report.

mod account;
mod args;
mod changes;
mod client_answer;
mod cmd;
mod configs;
mod context;
mod difference;
mod exit_code;
mod launcher;
mod leftovers;
mod plan;
mod preview;
mod quick;
mod reference;
mod registry;
mod report;
mod rotation;
mod sealed_store;
mod selection;
mod shelf;
mod shell_word;
mod terminal;
mod transfer;
mod ui;
mod usage;
mod words;

use std::alloc::System;
use std::process::ExitCode;

use clap::Parser as _;
use zeroizing_alloc::ZeroAlloc;

use crate::args::{CacheCommand, Command, CommandLine, RunArgs, SecretsCommand};
use crate::context::Context;

pub use quick::main;

/// Wipes all memory that is given back, also by libraries that know nothing of secrets.
#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

/// `mcp-launch-full`: does what the command line says, and gives the exit code.
#[must_use]
pub fn full_main() -> ExitCode {
    mcp_launch_exec::protect_self();
    let context = Context::capture(registry::ALL);
    // No command of the definition: a launch runs it, never a person, so no help and no completion offers it.
    #[cfg(feature = "vault")]
    if std::env::args_os().skip(1).eq(["keep"]) {
        return cmd::keep::keep(&context);
    }
    if let Some(args) = args::plain_launch(std::env::args_os().skip(1)) {
        return run(&context, &args);
    }
    let command_line = match CommandLine::try_parse() {
        Ok(command_line) => command_line,
        Err(error) => return not_parsed(&error),
    };
    let outcome = match command_line.command {
        None => return run(&context, &command_line.run),
        Some(Command::Run(args)) => return run(&context, &args),
        Some(Command::Add(args)) => cmd::add::add(&context, &args),
        Some(Command::Adopt(args)) => cmd::adopt::adopt(&context, &args),
        Some(Command::Cache(CacheCommand::Clear(args))) => cmd::cache::clear(&args),
        Some(Command::Clients(args)) => cmd::clients::clients(&context, &args),
        Some(Command::Doctor(args)) => cmd::doctor::doctor(&context, &args),
        Some(Command::Generate(args)) => cmd::generate::generate(&args),
        Some(Command::Lock(_)) => cmd::lock::lock(&context),
        Some(Command::Restore(args)) => cmd::restore::restore(&context, &args),
        Some(Command::Rotate(args)) => cmd::rotate::rotate(&context, &args),
        Some(Command::Secrets(SecretsCommand::Copy(args))) => cmd::secrets::copy(&context, &args),
        Some(Command::Secrets(SecretsCommand::Export(args))) => {
            cmd::secrets::export(&context, &args)
        }
        Some(Command::Secrets(SecretsCommand::Import(args))) => {
            cmd::secrets::import(&context, &args)
        }
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
        report
    };
    report.print();
    let code = report.exit_code();
    if !args.dry_run {
        client_answer::tell(report);
    }
    code
}

/// Help and version go to standard output; a mistake goes to standard error, and to a client that waits.
fn not_parsed(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let text = error.render().to_string();
        return exit_code::of(match ui::data(text.as_bytes()) {
            Ok(()) => exit_code::SUCCESS,
            Err(_) => exit_code::FAILURE,
        });
    }
    let report = usage::report(error);
    report.print();
    let code = report.exit_code();
    client_answer::tell(report);
    code
}
