//! The programs that start servers, the servers of the settings, and the values that must be there.

use std::sync::Arc;
use std::time::Duration;

use mcp_launch_config::Settings;
use mcp_launch_core::{Deadline, FoundIn, Name, Reference};

use crate::args::RunArgs;
use crate::cmd::doctor::findings::Finding;
use crate::context::Context;
use crate::plan::Planner;
use crate::preview::{Inquiry, prospects};

/// How long the stores have for one server.
const PATIENCE: Duration = Duration::from_secs(10);

/// What MCP servers are usually started by.
const STARTERS: &[&str] = &["node", "npx", "uvx", "python3", "docker", "bun", "deno"];

/// Which of the usual starters are here, and how they are found.
pub(crate) fn examine_programs(context: &Context, findings: &mut Vec<Finding>) {
    const AREA: &str = "programs";
    for starter in STARTERS {
        let found = mcp_launch_config::find_program(
            starter.as_ref(),
            &context.environment,
            &context.directory,
        );
        let Ok(program) = found else {
            continue;
        };
        let path = program.path.display();
        findings.push(match program.found_in {
            FoundIn::UsualPlace(folder) => Finding::noted(
                AREA,
                format!(
                    "{path}: not in PATH; {} is added to the PATH of servers that need it",
                    folder.display()
                ),
                None,
            ),
            FoundIn::Named | FoundIn::SearchPath => Finding::good(AREA, path.to_string()),
        });
    }
}

/// Whether each server of the settings would start, and each required value is there.
pub(crate) fn examine(context: &Context, settings: &Arc<Settings>, findings: &mut Vec<Finding>) {
    for name in settings.server_names() {
        findings.push(examine_server(context, settings, &name));
    }
    for name in settings.required_names() {
        findings.push(examine_required(context, settings, &name));
    }
}

fn examine_server(context: &Context, settings: &Arc<Settings>, name: &str) -> Finding {
    const AREA: &str = "servers";
    let args = RunArgs {
        server: Some(name.to_owned()),
        ..RunArgs::default()
    };
    match lacking(context, settings, &args) {
        Ok((_, lacking)) if lacking.is_empty() => {
            Finding::good(AREA, format!("{name}: would start"))
        }
        Ok((count, lacking)) => Finding::broken(
            AREA,
            format!(
                "{name}: {} of {count} placeholders have no value: {}",
                lacking.len(),
                lacking.join(", ")
            ),
            Some(format!("mcp-launch run --dry-run --server {name}")),
        ),
        Err(report) => Finding::broken(AREA, format!("{name}: {}", report.message), report.hint),
    }
}

/// A name that must be there is looked up as a launch would, without a server around it.
fn examine_required(context: &Context, settings: &Arc<Settings>, name: &Name) -> Finding {
    const AREA: &str = "required values";
    let planner = Planner {
        environment: &context.environment,
        directory: &context.directory,
        settings,
        dotenv_first: false,
    };
    let outcome = planner
        .addresses(&Reference::Name(name.clone()))
        .map_err(|problem| (problem.text, problem.remedy))
        .and_then(|addresses| {
            let dotenv = context
                .dotenv(settings, None, None)
                .map_err(|report| (report.message, report.hint))?;
            let reach = context.reach(settings, dotenv);
            Ok(Inquiry::new(&reach, Deadline::after(PATIENCE)).places(&addresses))
        });
    match outcome.as_deref() {
        Ok([.., (place, Ok(()))]) => Finding::good(AREA, format!("{name}: {place}")),
        Ok([.., (place, Err(error))]) if !error.lets_next_answer() => {
            Finding::broken(AREA, format!("{name}: {place}: {error}"), None)
        }
        Ok(_) => Finding::broken(
            AREA,
            format!("{name}: in no store"),
            Some(format!("mcp-launch secrets set {name}")),
        ),
        Err((text, remedy)) => Finding::broken(AREA, format!("{name}: {text}"), remedy.clone()),
    }
}

/// How many placeholders a launch has, and those without a value.
fn lacking(
    context: &Context,
    settings: &Arc<Settings>,
    args: &RunArgs,
) -> Result<(usize, Vec<String>), crate::report::Report> {
    let planner = Planner {
        environment: &context.environment,
        directory: &context.directory,
        settings,
        dotenv_first: false,
    };
    let plan = planner.plan(args)?;
    let dotenv = context.dotenv(settings, None, args.server.as_deref())?;
    let reach = context.reach(settings, dotenv);
    let prospects = prospects(&plan, &reach, Deadline::after(PATIENCE));
    let lacking = prospects
        .iter()
        .filter(|prospect| !prospect.is_enough())
        .map(|prospect| prospect.request.placeholder.to_string())
        .collect();
    Ok((prospects.len(), lacking))
}
