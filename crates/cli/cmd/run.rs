//! `mcp-launch run`: from the client's config line to the running server.

use std::convert::Infallible;
use std::time::Duration;

use mcp_launch_config::Settings;
use mcp_launch_core::{Deadline, Failure, Reference, SourceErrorKind, resolve};
use mcp_launch_exec::{Isolation, Policy, harden};

use crate::args::RunArgs;
use crate::context::Context;
use crate::exit_code;
use crate::plan::{Planner, named};
use crate::preview;
use crate::report::{Detail, Report};
use crate::ui;

/// Becomes the server, or says why not.
///
/// # Errors
/// Whatever kept the server from being started. Nothing was written to standard output.
pub(crate) fn run(context: &Context, args: &RunArgs) -> Result<Infallible, Report> {
    let settings = context.settings().map_err(as_not_started)?;
    let deadline = deadline(args, &settings)?;
    let dotenv = context
        .dotenv(&settings, args.env_file.as_deref(), args.server.as_deref())
        .map_err(as_not_started)?;
    let planner = Planner {
        environment: &context.environment,
        directory: &context.directory,
        settings: &settings,
        dotenv_first: args.env_file.is_some(),
    };
    let plan = planner.plan(args)?;
    let name = named(args, &plan.program);
    let policy = policy(args, &settings)?;

    let reach = context.reach(&settings, dotenv);
    let total = plan.requests.len();
    let resolved = resolve(plan, &reach, Deadline::after(deadline))
        .map_err(|failures| unresolved(&name, &failures, total))?;
    let hardened = harden(resolved, &policy).map_err(|error| {
        Report::with_code(error.exit_code(), format!("cannot start {name}: {error}"))
    })?;
    if let Some(notice) = hardened.notice() {
        ui::line(&format!("mcp-launch: {notice}"));
    }
    let error = hardened.exec();
    Err(Report::with_code(error.exit_code(), error.to_string()))
}

/// Shows what [`run`] would do.
///
/// # Errors
/// What `run` would fail with, as far as that shows without fetching a value.
pub(crate) fn dry_run(context: &Context, args: &RunArgs) -> Result<(), Report> {
    let settings = context.settings().map_err(as_not_started)?;
    let deadline = deadline(args, &settings)?;
    let dotenv = context
        .dotenv(&settings, args.env_file.as_deref(), args.server.as_deref())
        .map_err(as_not_started)?;
    let planner = Planner {
        environment: &context.environment,
        directory: &context.directory,
        settings: &settings,
        dotenv_first: args.env_file.is_some(),
    };
    let plan = planner.plan(args)?;
    let reach = context.reach(&settings, dotenv);
    preview::show(
        &plan,
        &policy(args, &settings)?,
        &reach,
        Deadline::after(deadline),
        args.json,
    )
}

fn as_not_started(mut report: Report) -> Report {
    report.code = exit_code::NOT_STARTED;
    report
}

fn deadline(args: &RunArgs, settings: &Settings) -> Result<Duration, Report> {
    match args.deadline {
        Some(deadline) => Ok(deadline),
        None => settings
            .deadline()
            .map_err(|error| as_not_started(Report::from(&error))),
    }
}

/// How the server is isolated. A config that a repository ships can hold `--no-isolate`, so what the
/// settings require stays required.
fn policy(args: &RunArgs, settings: &Settings) -> Result<Policy, Report> {
    let server = match args.server.as_deref() {
        Some(name) => settings
            .server(name)
            .map_err(|error| as_not_started(Report::from(&error)))?,
        None => None,
    };
    let isolation = match server.map(|server| server.isolate) {
        Some(mcp_launch_config::Isolation::Required) if args.no_isolate => {
            return Err(Report::not_started(
                "the settings require this server to be isolated, so --no-isolate is refused",
            ));
        }
        Some(mcp_launch_config::Isolation::Required) => Isolation::Required,
        _ if args.no_isolate => Isolation::Off,
        Some(mcp_launch_config::Isolation::Off) => Isolation::Off,
        Some(mcp_launch_config::Isolation::IfPossible) | None => Isolation::IfPossible,
    };
    Ok(Policy::new(isolation))
}

fn unresolved(name: &str, failures: &[Failure], total: usize) -> Report {
    let details: Vec<Detail> = failures.iter().map(detail).collect();
    let placeholders = if total == 1 {
        "placeholder"
    } else {
        "placeholders"
    };
    let have = if details.len() == 1 { "has" } else { "have" };
    Report::not_started(format!(
        "cannot start {name}: {} of {total} {placeholders} {have} no value",
        details.len()
    ))
    .details(details)
}

/// What is told of one failure: every place that was asked, and the remedy of the one that matters.
fn detail(failure: &Failure) -> Detail {
    let texts: Vec<String> = failure
        .attempts
        .iter()
        .map(|attempt| {
            if attempt.place.is_empty() {
                format!("{}: {}", attempt.address.scheme, attempt.error)
            } else {
                format!(
                    "{} ({}): {}",
                    attempt.address.scheme, attempt.place, attempt.error
                )
            }
        })
        .collect();
    // A store in trouble comes last, because nothing is asked after it. Where all had nothing, the first
    // store that exists is the one to put the value into.
    let telling = match failure.attempts.last() {
        Some(last) if !last.error.lets_next_answer() => Some(last),
        _ => failure
            .attempts
            .iter()
            .find(|attempt| {
                attempt.error.kind() == SourceErrorKind::Missing && attempt.remedy.is_some()
            })
            .or_else(|| failure.attempts.last()),
    };
    Detail {
        site: failure.site.to_string(),
        placeholder: failure.placeholder.to_string(),
        reason: telling.map_or("missing", |attempt| attempt.error.kind().code()),
        text: texts.join("; "),
        remedy: telling
            .and_then(|attempt| attempt.remedy.clone())
            .or_else(|| remedy_of_name(failure)),
    }
}

/// A bare name that is nowhere, on a machine whose stores had no better advice.
fn remedy_of_name(failure: &Failure) -> Option<String> {
    let nowhere = failure
        .attempts
        .iter()
        .all(|attempt| attempt.error.lets_next_answer());
    match failure.placeholder.reference() {
        Reference::Name(name) if nowhere => Some(format!("mcp-launch secrets set {name}")),
        Reference::Name(_) | Reference::Address(_) => None,
    }
}
