//! The names under which secrets go into the store.

use std::collections::HashMap;

use mcp_launch_adopt::{Naming, candidates};
use mcp_launch_core::{Deadline, Locator, Secret};

use crate::cmd::adopt::choice::Chosen;
use crate::registry::Reach;
use crate::report::Report;
use crate::shelf::Shelf;
use crate::transfer::patience;

/// How many of a secret's candidates the store is asked about.
const ASKED: usize = 6;

/// A name for each secret that moves, file by file, in their order.
///
/// # Errors
/// When the store cannot be asked, or has other values under all the names.
pub(super) fn give(
    reach: &Reach,
    shelf: &Shelf,
    chosen: &[Chosen],
) -> Result<Vec<Vec<String>>, Report> {
    let there = there(reach, shelf, chosen)?;
    let mut naming = Naming::default();
    chosen
        .iter()
        .map(|chosen| {
            chosen
                .moved()
                .map(|(server, sighting)| {
                    let known =
                        |name: &str| there.get(name).and_then(Option::as_ref).map(Secret::again);
                    naming
                        .give(&server.entry.name, sighting, &known)
                        .ok_or_else(|| {
                            Report::failure(format!(
                                "{} has other values under every name for {} of {}",
                                shelf.in_words(),
                                sighting.site,
                                server.name()
                            ))
                            .hint("remove what is not needed: mcp-launch secrets list")
                        })
                })
                .collect()
        })
        .collect()
}

/// What the store has under the names that may be given.
fn there(
    reach: &Reach,
    shelf: &Shelf,
    chosen: &[Chosen],
) -> Result<HashMap<String, Option<Secret>>, Report> {
    let mut names: Vec<String> = chosen
        .iter()
        .flat_map(Chosen::moved)
        .flat_map(|(server, sighting)| {
            candidates(&server.entry.name, sighting)
                .into_iter()
                .take(ASKED)
        })
        .collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let locators: Vec<Locator> = names
        .iter()
        .map(|name| shelf.address(&reach.settings, name).locator)
        .collect();
    let source = shelf.connect(reach)?;
    let answers = source.fetch(&locators, Deadline::after(patience(names.len())));
    names
        .into_iter()
        .zip(&locators)
        .zip(answers)
        .map(|((name, locator), answer)| match answer {
            Ok(value) => Ok((name, Some(value))),
            Err(error) if error.lets_next_answer() => Ok((name, None)),
            Err(error) => {
                let report = Report::failure(format!("{}: {error}", shelf.in_words()));
                Err(match source.remedy(locator, error) {
                    Some(remedy) => report.hint(remedy),
                    None => report,
                })
            }
        })
        .collect()
}
