//! `mcp-launch run`: from the client's config line to the running server.

use std::convert::Infallible;
use std::sync::Arc;

use mcp_launch_config::{DEFAULT_DEADLINE, Settings};
use mcp_launch_core::{Deadline, Failure, LaunchPlan, resolve};
use mcp_launch_exec::{Isolation, Policy, harden};

use crate::args::RunArgs;
use crate::context::Context;
use crate::exit_code;
use crate::plan::{Planner, named};
use crate::preview;
use crate::registry::Reach;
use crate::report::{Detail, Report, lacking};
use crate::ui;

/// Becomes the server, or says why not.
///
/// # Errors
/// Whatever kept the server from being started. Nothing was written to standard output.
pub(crate) fn run(context: &Context, args: &RunArgs) -> Result<Infallible, Report> {
    let settings = context.settings().map_err(as_not_started)?;
    let planner = Planner {
        environment: &context.environment,
        directory: &context.directory,
        settings: &settings,
        dotenv_first: args.env_file.is_some(),
    };
    let plan = planner.plan(args)?;
    become_server(context, args, &settings, plan)
}

/// As [`run`], as far as this executable has the sources that are asked. It may be done again from the start
/// when it comes back: nothing that can be read only once was read.
#[cfg(unix)]
pub(crate) fn run_quickly(context: &Context, args: &RunArgs) -> Option<Infallible> {
    let settings = context.settings().ok()?;
    let planner = Planner {
        environment: &context.environment,
        directory: &context.directory,
        settings: &settings,
        dotenv_first: args.env_file.is_some(),
    };
    let plan = planner.plan(args).ok()?;
    // Only what is asked first is certain to be asked. A source that is asked later and is not here answers
    // that it is unavailable, which ends this attempt.
    let may_be_here = plan
        .requests
        .iter()
        .filter_map(|request| request.candidates.first())
        .all(|address| context.has(&address.scheme));
    // A pipe that was emptied here would be empty for the next.
    let repeatable = args.env_file.as_ref().is_none_or(|file| file.is_file());
    if !may_be_here || !repeatable {
        return None;
    }
    become_server(context, args, &settings, plan).ok()
}

fn become_server(
    context: &Context,
    args: &RunArgs,
    settings: &Arc<Settings>,
    plan: LaunchPlan,
) -> Result<Infallible, Report> {
    let name = named(args, &plan.program);
    let policy = policy(args, settings)?;
    let (reach, deadline) = resolution(context, args, settings, &plan)?;
    let total = plan.requests.len();
    let resolved =
        resolve(plan, &reach, deadline).map_err(|failures| unresolved(&name, &failures, total))?;
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
    let planner = Planner {
        environment: &context.environment,
        directory: &context.directory,
        settings: &settings,
        dotenv_first: args.env_file.is_some(),
    };
    let plan = planner.plan(args)?;
    let policy = policy(args, &settings)?;
    let (reach, deadline) = resolution(context, args, &settings, &plan)?;
    preview::show(&plan, &policy, &reach, deadline, args.json)
}

fn as_not_started(mut report: Report) -> Report {
    report.code = exit_code::NOT_STARTED;
    report
}

/// What the values of `plan` are fetched with, and until when. The settings are asked only what this plan
/// needs to know: a project file that is not trusted stops no launch that it has nothing to do with.
fn resolution(
    context: &Context,
    args: &RunArgs,
    settings: &Arc<Settings>,
    plan: &LaunchPlan,
) -> Result<(Reach, Deadline), Report> {
    let mut candidates = plan.requests.iter().flat_map(|request| &request.candidates);
    let dotenv = if args.env_file.is_some() || candidates.any(|address| address.scheme == "dotenv")
    {
        context
            .dotenv(settings, args.env_file.as_deref(), args.server.as_deref())
            .map_err(as_not_started)?
    } else {
        None
    };
    let span = match args.deadline {
        Some(span) => span,
        None if plan.requests.is_empty() => DEFAULT_DEADLINE,
        None => settings
            .deadline()
            .map_err(|error| as_not_started(Report::from(&error)))?,
    };
    Ok((context.reach(settings, dotenv), Deadline::after(span)))
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
    let details: Vec<Detail> = failures.iter().map(lacking::detail).collect();
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
