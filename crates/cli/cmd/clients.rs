//! `mcp-launch clients`: the MCP clients of this machine, their configs and the servers in them.

use std::path::Path;

use mcp_launch_adopt::{Sighting, Site};
use mcp_launch_clients::{Stdio, Transport};
use mcp_launch_core::shown;
use mcp_launch_shapes::Confidence;
use serde_json::{Value, json};

use crate::args::ClientsArgs;
use crate::configs::{self, Config, Server};
use crate::context::Context;
use crate::report::Report;
use crate::shell_word::shell_word;
use crate::transfer::{length, length_in_words};
use crate::words::{self, Sight};
use crate::{launcher, ui};

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
        let own = launcher::path(&context.environment).ok();
        let own = own.as_deref().map(Path::new);
        ui::text(&to_text(&shown, args.target.as_deref(), own))?;
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

/// `own` is the launcher that runs now.
fn to_text(configs: &[Config], target: Option<&Path>, own: Option<&Path>) -> String {
    let of_config = |config| of_config(config, own);
    let mut lines: Vec<String> = configs.iter().flat_map(of_config).collect();
    let sightings = || {
        let servers = configs.iter().flat_map(|config| &config.servers);
        servers.flat_map(|server| &server.sightings)
    };
    let unsure = sightings()
        .filter(|sighting| sighting.confidence == Confidence::Low)
        .count();
    let sure = sightings().count() - unsure;
    if configs.is_empty() && target.is_none() {
        lines.push("no config of an MCP client was found".to_owned());
    }
    let remote = configs
        .iter()
        .flat_map(|config| &config.servers)
        .any(|server| {
            matches!(server.entry.transport, Transport::Remote(_)) && !server.sightings.is_empty()
        });
    let adopt = match target {
        Some(target) => format!("mcp-launch adopt {}", shell_word(&target.to_string_lossy())),
        None => "mcp-launch adopt --all".to_owned(),
    };
    match sure {
        0 => {}
        1 => lines.push(format!(
            "1 secret stands in plain text; {adopt} moves it into a store"
        )),
        sure => lines.push(format!(
            "{sure} secrets stand in plain text; {adopt} moves them into a store"
        )),
    }
    if sure > 0 && remote {
        lines.push("those of remote servers it moves with --remote only".to_owned());
    }
    if unsure > 0 {
        lines.push(format!("of {unsure} it is unsure; adopt asks about each"));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn of_config(config: &Config, own: Option<&Path>) -> Vec<String> {
    let file = &config.file;
    let also: Vec<&str> = file.also.iter().map(|client| client.name).collect();
    let also = match also.as_slice() {
        [] => String::new(),
        also => format!(", also read by {}", also.join(", ")),
    };
    let (client, scope) = (file.client.name, file.scope.name());
    let mut lines = vec![format!("{client} ({scope}{also})  {}", shown(&file.path))];
    if config.servers.is_empty() {
        lines.push("  no servers".to_owned());
    }
    let names = config
        .servers
        .iter()
        .map(|server| server.name().chars().count());
    let width = names.max().unwrap_or_default().min(32);
    for server in &config.servers {
        let state = if server.entry.disabled { " (off)" } else { "" };
        lines.push(format!(
            "  {:width$}  {}{state}",
            server.name(),
            start(server, own)
        ));
        for sighting in &server.sightings {
            let length = length_in_words(sighting.value.len());
            let what = match sighting.confidence {
                Confidence::Low => "perhaps a secret",
                _ => "in plain text",
            };
            lines.push(format!(
                "  {:width$}    {what}: {}, {length}",
                "",
                sighting.in_words()
            ));
        }
    }
    lines
}

/// How a server is started. Of its arguments only the one that names a package, an image or a script: any other may hold a
/// secret.
fn start(server: &Server, own: Option<&Path>) -> String {
    match &server.entry.transport {
        Transport::Stdio(stdio) if server.entry.launched => match is_another(stdio, own) {
            true => format!(
                "through {}, which is not the mcp-launch that runs now",
                shown(&stdio.program)
            ),
            false => "through mcp-launch".to_owned(),
        },
        Transport::Stdio(stdio) => {
            let program = match words::of_program(&stdio.program) {
                Sight::Whole => shown(&stdio.program).to_string(),
                Sight::Name(_) | Sight::Hidden => "a program".to_owned(),
            };
            match subject(server, stdio) {
                Some(subject) => format!("{program} … {}", shown(subject)),
                None => program,
            }
        }
        Transport::Remote(remote) => match host(&remote.url.text) {
            Some(host) => format!("remote, at {}", shown(host)),
            None => "remote".to_owned(),
        },
        Transport::Unknown => "neither a command nor an address".to_owned(),
    }
}

/// Whether the launcher of an entry is named by a path where another file stands than the one that runs now, or none.
fn is_another(stdio: &Stdio, own: Option<&Path>) -> bool {
    let named = Path::new(&stdio.program);
    let is_own = |own: &Path| match (named.canonicalize(), own.canonicalize()) {
        (Ok(named), Ok(own)) => named == own,
        _ => false,
    };
    named.is_absolute() && !own.is_some_and(is_own)
}

/// The package, image or script that a program is given.
fn subject<'s>(server: &Server, stdio: &'s Stdio) -> Option<&'s str> {
    let texts = words::texts(stdio);
    let index = words::subject(&stdio.program, &texts)?;
    let site = Site::Argument(index);
    let is_secret = |sighting: &Sighting| sighting.site == site;
    let is_shown = !server.sightings.iter().any(is_secret);
    texts.get(index).copied().filter(|_| is_shown)
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
                        "bytes": length(sighting.value.len()),
                        "confidence": match sighting.confidence {
                            Confidence::High => "high",
                            Confidence::Medium => "medium",
                            Confidence::Low => "low",
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
