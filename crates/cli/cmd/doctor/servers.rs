//! The programs that start servers, and the servers of the settings.

use std::sync::Arc;
use std::time::Duration;

use mcp_launch_config::Settings;
use mcp_launch_core::{Deadline, FoundIn, shown};

use crate::args::RunArgs;
use crate::cmd::doctor::findings::Finding;
use crate::cmd::run::cannot_start;
use crate::context::Context;
use crate::plan::{Planner, named};
use crate::preview::prospects;
use crate::report::Report;

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
        let path = shown(&program.path);
        findings.push(match program.found_in {
            FoundIn::UsualPlace(folder) => Finding::noted(
                AREA,
                format!(
                    "{path}: not in PATH; {} is added to the PATH of servers that need it",
                    shown(&folder)
                ),
                None,
            ),
            FoundIn::Named | FoundIn::SearchPath => Finding::good(AREA, path.to_string()),
        });
    }
}

/// Whether each server of the settings would start.
pub(crate) fn examine(context: &Context, settings: &Arc<Settings>, findings: &mut Vec<Finding>) {
    for name in settings.server_names() {
        findings.push(examine_server(context, settings, &name));
    }
}

fn examine_server(context: &Context, settings: &Arc<Settings>, name: &str) -> Finding {
    const AREA: &str = "servers";
    if let Ok(Some(server)) = settings.server(name)
        && server.command.is_none()
    {
        return Finding::noted(
            AREA,
            format!("{name}: the client's config gives the command"),
            None,
        );
    }
    let args = RunArgs {
        server: Some(name.to_owned()),
        ..RunArgs::default()
    };
    match lacking(context, settings, &args) {
        Ok((_, lacking, FoundIn::UsualPlace(folder))) if lacking.is_empty() => Finding::noted(
            AREA,
            format!(
                "{name}: would start; its program is not in PATH, and {} is added to the PATH of the server",
                shown(&folder)
            ),
            None,
        ),
        Ok((_, lacking, _)) if lacking.is_empty() => {
            Finding::good(AREA, format!("{name}: would start"))
        }
        Ok((count, lacking, _)) => {
            let mut placeholders: Vec<_> = lacking.iter().map(|(name, _)| name.as_str()).collect();
            placeholders.sort_unstable();
            placeholders.dedup();
            let text = format!(
                "{name}: {} of {count} placeholders without a value: {}",
                lacking.len(),
                placeholders.join(", ")
            );
            let remedy = match lacking.as_slice() {
                [(_, Some(remedy))] => remedy.clone(),
                _ => format!("mcp-launch --server {name} --dry-run says what to do for each"),
            };
            Finding::broken(AREA, text, Some(remedy))
        }
        Err(report) => {
            let groups = report.groups();
            let details: Vec<_> = groups.iter().map(|group| format!("; {group}")).collect();
            let remedy = groups.iter().find_map(|group| group.detail.remedy.clone());
            let text = format!("{name}: {}{}", report.message, details.concat());
            Finding::broken(AREA, text, report.hint.clone().or(remedy))
        }
    }
}

/// Placeholders, each with what to do.
type Lacking = Vec<(String, Option<String>)>;

/// How many placeholders a launch has, those without a value, and where its program was found.
fn lacking(
    context: &Context,
    settings: &Arc<Settings>,
    args: &RunArgs,
) -> Result<(usize, Lacking, FoundIn), Report> {
    let planned = Planner::new(context, settings, false).plan(args)?;
    if !planned.problems.is_empty() {
        let name = named(args, &planned.plan.program);
        return Err(cannot_start(&name, &planned.plan, planned.problems));
    }
    let plan = planned.plan;
    let dotenv = context.dotenv(settings, None, args.server.as_deref())?;
    let reach = context
        .reach(settings, dotenv)
        .for_server(args.server.as_deref());
    let prospects = prospects(&plan, &reach, Deadline::after(PATIENCE)).prospects;
    let lacking = prospects
        .iter()
        .filter(|prospect| !prospect.is_enough())
        .map(|prospect| (prospect.request.placeholder.to_string(), prospect.remedy()))
        .collect();
    let count = prospects.len();
    drop(prospects);
    Ok((count, lacking, plan.program.found_in))
}
