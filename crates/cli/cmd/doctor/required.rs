//! The values that must be there, whatever a server asks.

use std::sync::Arc;
use std::time::Duration;

use mcp_launch_config::Settings;
use mcp_launch_core::{Deadline, Name, Reference, inspect};

use crate::cmd::doctor::findings::Finding;
use crate::context::Context;
use crate::plan::Planner;
use crate::preview::found;
use crate::report::lacking;

const AREA: &str = "required values";

/// How long the stores have for one value.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether each required value is there.
pub(crate) fn examine(context: &Context, settings: &Arc<Settings>, findings: &mut Vec<Finding>) {
    for name in settings.required_names() {
        findings.push(examine_name(context, settings, &name));
    }
}

/// A name is looked up as the servers that may have it would, each with its own `.env`.
fn examine_name(context: &Context, settings: &Arc<Settings>, name: &Name) -> Finding {
    let servers = match settings.grants() {
        Ok(grants) => grants
            .into_iter()
            .find(|grant| grant.name == *name)
            .map_or_else(Vec::new, |grant| grant.servers),
        Err(error) => return Finding::broken(AREA, format!("{name}: {error}"), error.hint()),
    };
    let shown = match settings.binding(name.as_str()) {
        Ok(Some(binding)) => match binding.description {
            Some(description) => format!("{name} ({description})"),
            None => name.to_string(),
        },
        _ => name.to_string(),
    };
    if servers.is_empty() {
        return match look_up(context, settings, name, None) {
            Ok(place) => Finding::good(AREA, format!("{shown}: {place}")),
            Err((text, remedy)) => Finding::broken(AREA, format!("{shown}: {text}"), remedy),
        };
    }
    let mut places = Vec::new();
    for server in &servers {
        match look_up(context, settings, name, Some(server)) {
            Ok(place) => places.push(place),
            Err((text, remedy)) => {
                let text = format!("{shown}, for the server {server}: {text}");
                return Finding::broken(AREA, text, remedy);
            }
        }
    }
    places.dedup();
    Finding::good(AREA, format!("{shown}: {}", places.join(", ")))
}

/// Where the value is, or why it is not there and what to do.
fn look_up(
    context: &Context,
    settings: &Arc<Settings>,
    name: &Name,
    server: Option<&str>,
) -> Result<String, (String, Option<String>)> {
    let planner = Planner::new(context, settings, false);
    let reference = Reference::Name(name.clone());
    let addresses = planner
        .addresses(&reference)
        .map_err(|problem| (problem.text, problem.remedy))?;
    let dotenv = context
        .dotenv(settings, None, server)
        .map_err(|report| (report.message, report.hint))?;
    let reach = context.reach(settings, dotenv).for_server(server);
    let outlook = inspect([addresses.as_slice()], &reach, Deadline::after(PATIENCE))
        .outlooks
        .pop()
        .expect("one outlook for each list of addresses");
    found(&outlook).ok_or_else(|| {
        (
            lacking::text(&outlook.attempts),
            lacking::remedy(&reference, &outlook.attempts),
        )
    })
}
