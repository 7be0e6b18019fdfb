//! Which servers are rewritten, and which of their secrets move.

use mcp_launch_adopt::{Sighting, Site};
use mcp_launch_clients::{Scope, Transport};
use mcp_launch_shapes::Confidence;

use crate::args::AdoptArgs;
use crate::configs::{Config, Server};
use crate::report::Report;
use crate::terminal;
use crate::transfer::length_in_words;

/// A config, and what is to become of each of its servers, in their order.
pub(super) struct Chosen {
    pub(super) config: Config,
    pub(super) fates: Vec<Fate>,
}

/// What is to become of a server.
pub(super) enum Fate {
    /// It stays as it is; why, where a person should know.
    Stays(Option<String>),
    /// It is rewritten, and these of its sightings move.
    Rewritten(Vec<usize>),
}

impl Chosen {
    pub(super) fn has_secrets(&self) -> bool {
        let moves = |fate: &Fate| matches!(fate, Fate::Rewritten(moved) if !moved.is_empty());
        self.fates.iter().any(moves)
    }

    /// The sightings that move, each with its server.
    pub(super) fn moved(&self) -> impl Iterator<Item = (&Server, &Sighting)> {
        self.config
            .servers
            .iter()
            .zip(&self.fates)
            .filter_map(|(server, fate)| match fate {
                Fate::Rewritten(moved) => Some((server, moved)),
                Fate::Stays(_) => None,
            })
            .flat_map(|(server, moved)| {
                moved
                    .iter()
                    .filter_map(move |index| Some((server, server.sightings.get(*index)?)))
            })
    }
}

/// Chooses, and asks about what it is unsure of.
///
/// # Errors
/// When a server that was named is in no config, or nobody is there to ask.
pub(super) fn choose(configs: Vec<Config>, args: &AdoptArgs) -> Result<Vec<Chosen>, Report> {
    let names = || {
        configs
            .iter()
            .flat_map(|config| &config.servers)
            .map(|server| server.entry.name.as_str())
    };
    if let Some(missing) = args
        .server
        .iter()
        .find(|name| !names().any(|known| known == *name))
    {
        let mut known: Vec<&str> = names().collect();
        known.sort_unstable();
        known.dedup();
        return Err(
            Report::failure(format!("no config here has a server `{missing}`"))
                .hint(format!("there are: {}", known.join(", "))),
        );
    }
    configs
        .into_iter()
        .map(|config| {
            let fates = config
                .servers
                .iter()
                .map(|server| fate(&config, server, args))
                .collect::<Result<_, Report>>()?;
            Ok(Chosen { config, fates })
        })
        .collect()
}

fn fate(config: &Config, server: &Server, args: &AdoptArgs) -> Result<Fate, Report> {
    let named = args.server.contains(&server.entry.name);
    if !args.server.is_empty() && !named {
        return Ok(Fate::Stays(None));
    }
    if config.file.scope == Scope::Installed && !named {
        let why = "it came with an extension, whose next update replaces it; --server adopts it all the same";
        return Ok(Fate::Stays(
            server.sightings.first().map(|_| why.to_owned()),
        ));
    }
    match &server.entry.transport {
        Transport::Unknown => {
            let others = others_in_words(server);
            Ok(Fate::Stays(others.or_else(|| {
                named.then(|| "the entry has neither a command nor an address".to_owned())
            })))
        }
        Transport::Remote(_) if !args.remote => Ok(Fate::Stays(
            (named || !server.sightings.is_empty()).then(|| remote_in_words(server)),
        )),
        Transport::Remote(_) | Transport::Stdio(_) => {
            let moved = moved(config, server, args)?;
            let wanted = named || args.every_server;
            if moved.is_empty() && (server.entry.launched || !wanted) {
                let whys = [
                    unsure_in_words(server),
                    others_in_words(server),
                    unread_in_words(server),
                ];
                let whys: Vec<String> = whys.into_iter().flatten().collect();
                return Ok(Fate::Stays((!whys.is_empty()).then(|| whys.join("; "))));
            }
            Ok(Fate::Rewritten(moved))
        }
    }
}

/// The sightings that move: all that are sure, and of the others those that the person says are secrets.
fn moved(config: &Config, server: &Server, args: &AdoptArgs) -> Result<Vec<usize>, Report> {
    let mut moved = Vec::new();
    for (index, sighting) in server.sightings.iter().enumerate() {
        // Nothing but the client itself reads these.
        if matches!(sighting.site, Site::Other(_)) {
            continue;
        }
        let moves = match sighting.confidence {
            Confidence::High | Confidence::Medium => true,
            Confidence::Low if args.unsure => true,
            Confidence::Low if args.consent.yes || args.consent.dry_run || args.consent.json => {
                false
            }
            Confidence::Low => terminal::confirm(&format!(
                "{}, {}: is {} a secret? It has {}",
                config.file.client.name,
                server.name(),
                sighting.in_words(),
                length_in_words(sighting.value.len())
            ))?,
        };
        if moves {
            moved.push(index);
        }
    }
    Ok(moved)
}

fn remote_in_words(server: &Server) -> String {
    let count = server.sightings.len();
    let secrets = match count {
        0 => "no secret of it was found".to_owned(),
        1 => "1 secret stands in its entry".to_owned(),
        count => format!("{count} secrets stand in its entry"),
    };
    format!(
        "a remote server, which no launcher starts: {secrets}; --remote reaches it through mcp-remote"
    )
}

fn unsure_in_words(server: &Server) -> Option<String> {
    let unsure: Vec<String> = server
        .sightings
        .iter()
        .filter(|sighting| sighting.confidence == Confidence::Low)
        .filter(|sighting| !matches!(sighting.site, Site::Other(_)))
        .map(|sighting| sighting.site.to_string())
        .collect();
    (!unsure.is_empty()).then(|| format!("unsure of {}; --unsure moves it", unsure.join(", ")))
}

/// What only the client itself reads, so that no launcher could put it there.
pub(super) fn others_in_words(server: &Server) -> Option<String> {
    let others: Vec<String> = server
        .sightings
        .iter()
        .filter(|sighting| matches!(sighting.site, Site::Other(_)))
        .map(|sighting| sighting.site.to_string())
        .collect();
    (!others.is_empty()).then(|| {
        format!(
            "{} in plain text, which the client itself reads and no launcher gives it",
            others.join(", ")
        )
    })
}

fn unread_in_words(server: &Server) -> Option<String> {
    let Transport::Stdio(stdio) = &server.entry.transport else {
        return None;
    };
    let line = stdio.unread_variables?;
    Some(format!(
        "its variables in line {line} are a list or shared, and were not searched"
    ))
}
