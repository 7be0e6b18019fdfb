//! `mcp-launch clients`: the MCP clients of this machine, their configs and the servers in them.

use mcp_launch_clients::Transport;
use mcp_launch_core::shown;
use serde_json::{Value, json};

use crate::args::ClientsArgs;
use crate::configs::{self, Config, Server};
use crate::context::Context;
use crate::report::Report;
use crate::ui;

/// `clients`.
///
/// # Errors
/// When a config cannot be read; the others are shown all the same.
pub(crate) fn clients(context: &Context, args: &ClientsArgs) -> Result<(), Report> {
    let files = configs::files(context, args.target.as_deref())?;
    let mut shown = Vec::new();
    let mut troubles = Vec::new();
    for file in files {
        match configs::read(file) {
            Ok(config) => shown.push(config),
            Err(report) => troubles.push(report),
        }
    }
    if args.json {
        let told: Vec<Value> = shown.iter().map(to_json).collect();
        ui::text(&format!("{:#}\n", Value::Array(told)))?;
    } else {
        ui::text(&to_text(&shown))?;
    }
    let mut troubles = troubles.into_iter();
    match troubles.next() {
        None => Ok(()),
        Some(first) => {
            troubles.for_each(|report| report.print());
            Err(first)
        }
    }
}

fn to_text(configs: &[Config]) -> String {
    let mut lines = Vec::new();
    let mut plain = 0;
    for config in configs {
        let file = &config.file;
        let also: Vec<&str> = file.also.iter().map(|client| client.name).collect();
        let also = match also.as_slice() {
            [] => String::new(),
            also => format!(", also read by {}", also.join(", ")),
        };
        lines.push(format!(
            "{} ({}{also})  {}",
            file.client.name,
            file.scope.name(),
            shown(&file.path)
        ));
        if config.servers.is_empty() {
            lines.push("  no servers".to_owned());
        }
        let width = config
            .servers
            .iter()
            .map(|server| server.name().chars().count());
        let width = width.max().unwrap_or_default().min(32);
        for server in &config.servers {
            plain += server.sightings.len();
            let state = if server.entry.disabled { " (off)" } else { "" };
            lines.push(format!(
                "  {:width$}  {}{state}",
                server.name(),
                start(server)
            ));
            for sighting in &server.sightings {
                lines.push(format!(
                    "  {:width$}    in plain text: {}, {} bytes{}",
                    "",
                    sighting.site,
                    sighting.value.len(),
                    match sighting.confidence {
                        mcp_launch_shapes::Confidence::Low => ", perhaps no secret",
                        _ => "",
                    }
                ));
            }
        }
    }
    if configs.is_empty() {
        lines.push("no config of an MCP client was found".to_owned());
    } else if plain > 0 {
        lines.push(format!(
            "{plain} {} in plain text; mcp-launch adopt --all moves what it is sure of into a store",
            if plain == 1 { "value stands" } else { "values stand" }
        ));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// How a server is started. Of its arguments only those that name a package or a script: any other may hold a secret.
fn start(server: &Server) -> String {
    match &server.entry.transport {
        Transport::Stdio(_) if server.entry.launched => "through mcp-launch".to_owned(),
        Transport::Stdio(stdio) => {
            let secret = |index: usize| {
                let site = mcp_launch_adopt::Site::Argument(index);
                server
                    .sightings
                    .iter()
                    .any(|sighting| sighting.site == site)
            };
            let first = stdio
                .arguments
                .iter()
                .enumerate()
                .find(|(index, argument)| !argument.text.starts_with('-') && !secret(*index));
            match first {
                Some((_, argument)) => format!(
                    "{} … {}",
                    shown(&stdio.program),
                    shown(argument.text.as_str())
                ),
                None => shown(&stdio.program).to_string(),
            }
        }
        Transport::Remote(remote) => match host(&remote.url.text) {
            Some(host) => format!("remote, at {}", shown(host)),
            None => "remote".to_owned(),
        },
        Transport::Unknown => "neither a command nor an address".to_owned(),
    }
}

/// The host of an address: what stands around it may be a secret.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    (!host.is_empty() && !host.contains(['$', '{', '<'])).then_some(host)
}

fn to_json(config: &Config) -> Value {
    let file = &config.file;
    let servers: Vec<Value> = config
        .servers
        .iter()
        .map(|server| {
            let secrets: Vec<Value> = server
                .sightings
                .iter()
                .map(|sighting| {
                    json!({
                        "site": sighting.site.to_string(),
                        "bytes": sighting.value.len(),
                        "confidence": match sighting.confidence {
                            mcp_launch_shapes::Confidence::High => "high",
                            mcp_launch_shapes::Confidence::Medium => "medium",
                            mcp_launch_shapes::Confidence::Low => "low",
                        },
                    })
                })
                .collect();
            json!({
                "name": server.entry.name,
                "project": server.entry.project,
                "line": server.entry.line,
                "transport": match server.entry.transport {
                    Transport::Stdio(_) => "stdio",
                    Transport::Remote(_) => "remote",
                    Transport::Unknown => "unknown",
                },
                "launched": server.entry.launched,
                "disabled": server.entry.disabled,
                "plaintext": secrets,
            })
        })
        .collect();
    json!({
        "client": file.client.id,
        "also": file.also.iter().map(|client| client.id).collect::<Vec<_>>(),
        "scope": file.scope.name(),
        "path": file.path.to_string_lossy(),
        "servers": servers,
    })
}
