//! What adopting makes of one file.

use mcp_launch_adopt::{Edits, Moved, Rewritten, Sighting, rewrite};
use mcp_launch_clients::{Transport, servers};
use mcp_launch_core::Secret;
use mcp_launch_lossless::Document;
use serde_json::{Value, json};

use crate::cmd::adopt::choice::{Chosen, Fate};
use crate::configs::{Config, Server};
use crate::registry::Reach;
use crate::report::Report;
use crate::shelf::Shelf;

/// A file, and what it becomes.
pub(super) struct Adoption {
    pub(super) config: Config,
    pub(super) after: Document,
    /// In the order of the servers.
    pub(super) outcomes: Vec<Outcome>,
    edits: Vec<Edits>,
}

/// What becomes of a server.
pub(super) enum Outcome {
    /// It stays as it is; why, where a person should know.
    Stays(Option<String>),
    /// It cannot be rewritten, for this reason.
    Cannot(String),
    /// It is rewritten, and these of its secrets move.
    Rewritten(Vec<MovedSecret>),
}

/// A secret that moves.
pub(super) struct MovedSecret {
    pub(super) site: String,
    /// The same with what it is, for a person.
    pub(super) in_words: String,
    pub(super) name: String,
    pub(super) placeholder: String,
    /// Its number among the sightings of its server.
    index: usize,
}

impl MovedSecret {
    /// Where it stands in the entry of its server.
    pub(super) fn sighting<'s>(&self, server: &'s Server) -> Option<&'s Sighting> {
        server.sightings.get(self.index)
    }
}

impl Adoption {
    /// Rewrites the servers that were chosen; `names` are those of the secrets that move, in their order.
    ///
    /// # Errors
    /// When the outcome would not be what was meant.
    pub(super) fn plan(
        chosen: Chosen,
        names: Vec<String>,
        reach: &Reach,
        shelf: &Shelf,
        launcher: &str,
    ) -> Result<Self, Report> {
        let Chosen { config, fates } = chosen;
        let spelled: Vec<&str> = names.iter().map(String::as_str).collect();
        let placeholders = shelf.placeholders(reach, &spelled);
        let mut names = names.into_iter().zip(placeholders);
        let mut after: Option<Document> = None;
        let mut outcomes = Vec::new();
        let mut edits = Vec::new();
        for (number, (server, fate)) in config.servers.iter().zip(fates).enumerate() {
            let chosen = match fate {
                Fate::Stays(why) => {
                    outcomes.push(Outcome::Stays(why));
                    continue;
                }
                Fate::Rewritten(chosen) => chosen,
            };
            let moved: Vec<MovedSecret> = chosen
                .into_iter()
                .zip(names.by_ref())
                .filter_map(|(index, (name, placeholder))| {
                    Some(MovedSecret {
                        site: server.sightings.get(index)?.site.to_string(),
                        in_words: server.sightings.get(index)?.in_words(),
                        placeholder,
                        name,
                        index,
                    })
                })
                .collect();
            let document = after.as_ref().unwrap_or(&config.document);
            let rewritten =
                rewritten(document, &config, server, &moved, launcher).and_then(|done| {
                    let as_meant = is_as_meant(&done.document, &config, number, &moved);
                    as_meant.then_some(done).ok_or(NOT_AS_MEANT.to_owned())
                });
            match rewritten {
                Ok(rewritten) => {
                    after = Some(rewritten.document);
                    edits.push(rewritten.edits);
                    outcomes.push(Outcome::Rewritten(moved));
                }
                Err(why) => outcomes.push(Outcome::Cannot(why)),
            }
        }
        let after = match after {
            Some(after) => after,
            None => Document::parse(&config.bytes, config.file.format)
                .map_err(|flaw| Report::failure(flaw.to_string()))?,
        };
        Ok(Self {
            config,
            after,
            outcomes,
            edits,
        })
    }

    /// Whether the file changes.
    pub(super) fn changes(&self) -> bool {
        !self.edits.is_empty()
    }

    /// The names of the secrets that move.
    pub(super) fn names(&self) -> Vec<&str> {
        self.moved().map(|(moved, _)| moved.name.as_str()).collect()
    }

    /// The secrets that move, with their values.
    fn moved(&self) -> impl Iterator<Item = (&MovedSecret, &Secret)> {
        self.config
            .servers
            .iter()
            .zip(&self.outcomes)
            .filter_map(|(server, outcome)| match outcome {
                Outcome::Rewritten(moved) => Some((server, moved)),
                Outcome::Stays(_) | Outcome::Cannot(_) => None,
            })
            .flat_map(|(server, moved)| {
                moved.iter().filter_map(move |moved| {
                    Some((moved, &server.sightings.get(moved.index)?.value))
                })
            })
    }

    /// The edits, for the record.
    pub(super) fn edits(&self) -> Vec<Edits> {
        self.edits.clone()
    }

    pub(super) fn to_json(&self) -> Value {
        let servers: Vec<Value> = self
            .config
            .servers
            .iter()
            .zip(&self.outcomes)
            .map(|(server, outcome)| {
                let (action, why, secrets) = match outcome {
                    Outcome::Stays(why) => ("stays", why.clone(), Vec::new()),
                    Outcome::Cannot(why) => ("cannot", Some(why.clone()), Vec::new()),
                    Outcome::Rewritten(moved) => ("adopted", None, moved.iter().collect()),
                };
                let secrets: Vec<Value> = secrets
                    .into_iter()
                    .map(|moved: &MovedSecret| {
                        json!({ "site": moved.site, "name": moved.name, "placeholder": moved.placeholder })
                    })
                    .collect();
                json!({
                    "name": server.entry.name,
                    "project": server.entry.project,
                    "action": action,
                    "why": why,
                    "secrets": secrets,
                })
            })
            .collect();
        json!({
            "client": self.config.file.client.id,
            "path": self.config.file.path.to_string_lossy(),
            "servers": servers,
        })
    }
}

/// What is told at the end of servers that cannot be rewritten.
pub(super) fn obstacles(adoptions: &[Adoption]) -> Option<Report> {
    let count = adoptions
        .iter()
        .flat_map(|adoption| &adoption.outcomes)
        .filter(|outcome| matches!(outcome, Outcome::Cannot(_)))
        .count();
    match count {
        0 => None,
        1 => Some(Report::failure(
            "1 server could not be adopted, as said above",
        )),
        count => Some(Report::failure(format!(
            "{count} servers could not be adopted, as said above"
        ))),
    }
}

/// What is told where the outcome is not what was meant.
const NOT_AS_MEANT: &str = "the outcome would not be what it is meant to be; this is a mistake in mcp-launch: please report the shape of the entry, without its values";

/// Reads the outcome as its client would: no server is gone, and the one with this number starts the launcher with a placeholder
/// for every secret.
fn is_as_meant(document: &Document, config: &Config, number: usize, moved: &[MovedSecret]) -> bool {
    let after = servers(document, config.file.client);
    let names_stay = after
        .iter()
        .map(|entry| &entry.name)
        .eq(config.servers.iter().map(|server| &server.entry.name));
    let Some(Transport::Stdio(stdio)) = after
        .get(number)
        .filter(|entry| entry.launched)
        .map(|entry| &entry.transport)
    else {
        return false;
    };
    let arguments = stdio.arguments.iter().map(|argument| &argument.text);
    let variables = stdio.variables.iter().map(|variable| &variable.text);
    let texts: Vec<_> = arguments.chain(variables).collect();
    let has = |moved: &MovedSecret| {
        let mut texts = texts.iter();
        texts.any(|text| text.contains(&moved.placeholder))
    };
    names_stay && moved.iter().all(has)
}

fn rewritten(
    document: &Document,
    config: &Config,
    server: &Server,
    moved: &[MovedSecret],
    launcher: &str,
) -> Result<Rewritten, String> {
    let moved: Vec<Moved<'_>> = moved
        .iter()
        .filter_map(|moved| {
            Some(Moved {
                sighting: server.sightings.get(moved.index)?,
                placeholder: moved.placeholder.clone(),
            })
        })
        .collect();
    rewrite(
        document,
        config.file.client,
        &server.entry,
        &moved,
        launcher,
    )
    .map_err(|obstacle| obstacle.to_string())
}

/// The values that move, each name once.
pub(super) fn values(adoptions: &[&Adoption]) -> Vec<(String, Secret)> {
    let mut values: Vec<(String, Secret)> = Vec::new();
    for (moved, value) in adoptions.iter().flat_map(|adoption| adoption.moved()) {
        if !values.iter().any(|(name, _)| *name == moved.name) {
            values.push((moved.name.clone(), value.again()));
        }
    }
    values
}
