//! `mcp-launch run`: from the client's config line to the running server.

use std::convert::Infallible;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mcp_launch_config::{DEFAULT_DEADLINE, Settings};
use mcp_launch_core::{Deadline, LaunchPlan, ResolvedLaunch, resolve};
use mcp_launch_exec::{Isolation, Policy, harden};

use crate::args::RunArgs;
use crate::context::Context;
use crate::exit_code;
use crate::plan::{Planned, Planner, named, strip_followed};
use crate::preview;
use crate::registry::Reach;
use crate::report::{Detail, Report, lacking};
use crate::rotation::{self, Holders, Pending};
use crate::ui;

/// Becomes the server, or says why not.
///
/// # Errors
/// Whatever kept the server from being started. Nothing was written to standard output.
pub(crate) fn run(context: &Context, args: &RunArgs) -> Result<Infallible, Report> {
    let settings = context.settings().map_err(as_not_started)?;
    let planned = Planner::new(context, &settings, args.env_file.is_some()).plan(args)?;
    let name = named(args, &planned.plan.program);
    let policy = policy(args, planned.isolation)?;
    let held = rotation::held(&settings, &planned.plan, &context.environment);
    finish_rotations(context, &settings, &held);
    let since = SystemTime::now();
    let (reach, deadline) = resolution(context, args, &settings, &planned.plan)?;
    let resolved = resolved(&name, planned, &reach, deadline, give_back)?;
    keep_what_is_lent(context, &name, &resolved)?;
    if let Err(error) = enter(&settings, args, &held, since) {
        ui::line(&format!(
            "mcp-launch: rotation will not know of this server: {error}"
        ));
    }
    become_server(&name, resolved, &policy)
}

/// As [`run`], as far as this executable has the sources that are asked. It may be done again from the start
/// when it comes back: nothing was told, and nothing that can be read only once was read.
#[cfg(unix)]
pub(crate) fn run_quickly(context: &Context, args: &RunArgs) -> Option<Infallible> {
    let settings = context.settings().ok()?;
    let planned = Planner::new(context, &settings, args.env_file.is_some())
        .plan(args)
        .ok()?;
    // Only what is asked first is certain to be asked. A source that is asked later and is not here answers
    // that it is unavailable, which ends this attempt.
    let may_be_here = planned
        .plan
        .requests()
        .filter_map(|request| request.candidates.first())
        .all(|address| context.has(&address.scheme));
    if !may_be_here {
        return None;
    }
    let name = named(args, &planned.plan.program);
    let policy = policy(args, planned.isolation).ok()?;
    let held = rotation::held(&settings, &planned.plan, &context.environment);
    if !held.is_empty() && Pending::of(&settings).is_some_and(|pending| pending.any(&held)) {
        return None;
    }
    let since = SystemTime::now();
    let (reach, deadline) = resolution(context, args, &settings, &planned.plan).ok()?;
    // What was read from a pipe, or through a descriptor, may be gone for the next.
    let repeatable = args.env_file.is_none()
        || reach.dotenv.as_ref().is_none_or(|file| {
            let is_descriptor = ["/dev", "/proc"]
                .iter()
                .any(|folder| file.path.starts_with(folder));
            file.path.is_file() && !is_descriptor
        });
    // A server that goes without isolation is a thing to tell.
    let silent =
        policy.isolate == Isolation::Off || mcp_launch_exec::isolation_support().domain().is_ok();
    if !repeatable || !silent {
        return None;
    }
    // What is here lends nothing. The code that gives back is not even in the small executable.
    let resolved = resolved(&name, planned, &reach, deadline, |_| {}).ok()?;
    enter(&settings, args, &held, since).ok()?;
    become_server(&name, resolved, &policy).ok()
}

/// How long a launch waits for a rotation that was not finished.
const FINISHING: Duration = Duration::from_secs(5);

/// Finishes the rotations of these credentials that were begun here and cut off: their values may not work until that is
/// done. Where it cannot be, the launch goes on with what the store has.
fn finish_rotations(context: &Context, settings: &Settings, held: &[String]) {
    let may_be_pending =
        !held.is_empty() && Pending::of(settings).is_some_and(|pending| pending.any(held));
    if may_be_pending && let Err(report) = crate::cmd::rotate::resume(context, held, FINISHING) {
        ui::line(&format!(
            "mcp-launch: a rotation is not finished: {}",
            report.message
        ));
    }
}

/// Writes down that this process becomes a server that holds these credentials, so that their old values stay valid for it.
fn enter(
    settings: &Settings,
    args: &RunArgs,
    held: &[String],
    since: SystemTime,
) -> std::io::Result<()> {
    match Holders::of(settings) {
        Some(holders) if !held.is_empty() => holders.enter(args.server.as_deref(), held, since),
        _ => Ok(()),
    }
}

/// The launch with its values, or everything that is wrong with its placeholders: those that cannot be used, and
/// those without a value. What was lent for one that cannot start goes to `give_back`.
fn resolved(
    name: &str,
    planned: Planned,
    reach: &Reach,
    deadline: Deadline,
    give_back: impl FnOnce(&ResolvedLaunch),
) -> Result<ResolvedLaunch, Report> {
    let Planned {
        plan,
        problems: mut details,
        ..
    } = planned;
    let total = plan.requests().count();
    let meant: Vec<OsString> = plan
        .environment
        .iter()
        .filter(|(_, text)| !text.is_literal())
        .map(|(name, _)| name.clone())
        .collect();
    match resolve(plan, reach, deadline) {
        Ok(mut resolved) if details.is_empty() => {
            strip_followed(&mut resolved, &reach.settings, &meant);
            return Ok(resolved);
        }
        Ok(resolved) => give_back(&resolved),
        Err(failures) => {
            // One that cannot be used was not asked for, and is told already.
            let told: Vec<Detail> = failures
                .iter()
                .filter(|failure| {
                    !details
                        .iter()
                        .any(|detail| detail.is_about(&failure.site, &failure.placeholder))
                })
                .map(lacking::detail)
                .collect();
            details.extend(told);
        }
    }
    Err(report(name, details, total))
}

/// Starts what renews the leases of these values, and gives them back when the server ends. Before the launch is hardened:
/// what holds for the server does not hold for it.
#[cfg(feature = "vault")]
fn keep_what_is_lent(
    context: &Context,
    name: &str,
    resolved: &ResolvedLaunch,
) -> Result<(), Report> {
    crate::cmd::keep::hand_over(context, name, &resolved.upkeep)
}

/// No source of this build lends.
#[cfg(not(feature = "vault"))]
fn keep_what_is_lent(_: &Context, _: &str, _: &ResolvedLaunch) -> Result<(), Report> {
    Ok(())
}

/// Gives back what was lent for a launch that comes to nothing.
fn give_back(resolved: &ResolvedLaunch) {
    #[cfg(feature = "vault")]
    if let Err(left) = crate::cmd::keep::give_back(&resolved.upkeep) {
        ui::line(&format!("mcp-launch: {left}"));
    }
    #[cfg(not(feature = "vault"))]
    let _lent_nothing = resolved;
}

fn become_server(
    name: &str,
    resolved: ResolvedLaunch,
    policy: &Policy,
) -> Result<Infallible, Report> {
    for notice in &resolved.notices {
        ui::line(&format!("mcp-launch: {notice}"));
    }
    let hardened = harden(resolved, policy).map_err(|error| {
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
    let planned = Planner::new(context, &settings, args.env_file.is_some()).plan(args)?;
    let policy = policy(args, planned.isolation)?;
    let (reach, deadline) = resolution(context, args, &settings, &planned.plan)?;
    preview::show(&planned, &policy, &reach, deadline, args.json)
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
    let asks = |is_one: &dyn Fn(&str) -> bool| {
        plan.requests()
            .flat_map(|request| &request.candidates)
            .any(|address| is_one(&address.scheme))
    };
    let dotenv = || context.dotenv(settings, args.env_file.as_deref(), args.server.as_deref());
    let dotenv = if args.env_file.is_some() || asks(&|store| store == "dotenv") {
        dotenv().map_err(as_not_started)?
    } else if asks(&|store| settings.network_store(store).is_some()) {
        // Its login may stand there. Where that cannot be said, such a login has no value.
        dotenv().ok().flatten()
    } else {
        None
    };
    let span = match args.deadline {
        Some(span) => span,
        None if plan.requests().next().is_none() => DEFAULT_DEADLINE,
        None => settings
            .deadline()
            .map_err(|error| as_not_started(Report::from(&error)))?,
    };
    let reach = context
        .reach(settings, dotenv)
        .for_server(args.server.as_deref());
    Ok((reach, Deadline::after(span)))
}

/// How the server is isolated. A config that a repository ships can hold `--no-isolate`, so what the
/// settings require stays required.
fn policy(args: &RunArgs, chosen: mcp_launch_config::Isolation) -> Result<Policy, Report> {
    use mcp_launch_config::Isolation as Chosen;
    Ok(Policy::new(match chosen {
        Chosen::Required if args.no_isolate => {
            return Err(Report::not_started(
                "the settings require this server to be isolated, so --no-isolate is refused",
            ));
        }
        Chosen::Required => Isolation::Required,
        Chosen::IfPossible if args.no_isolate => Isolation::Off,
        Chosen::IfPossible => Isolation::IfPossible,
        Chosen::Off => Isolation::Off,
    }))
}

/// What is told of a plan whose placeholders cannot be used.
pub(crate) fn cannot_start(name: &str, plan: &LaunchPlan, problems: Vec<Detail>) -> Report {
    report(name, problems, plan.requests().count())
}

fn report(name: &str, details: Vec<Detail>, total: usize) -> Report {
    // A `$<` that is no placeholder is none of the requests.
    let total = total.max(details.len());
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
