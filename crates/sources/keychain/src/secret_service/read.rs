//! Reading: every value of a launch in two round trips.

use std::collections::HashMap;

use mcp_launch_core::{Secret, SourceError, SourceErrorKind};
use zbus::{Message, ObjectPath, OwnedObjectPath};

use crate::locator::Entry;
use crate::secret_service::bus::Bus;
use crate::secret_service::calls::{self, Found};
use crate::secret_service::unlock::Unlocking;

/// The values of `entries`, in their order.
///
/// One search per entry, all in flight together, then one `GetSecrets` for everything. Where several
/// items match an entry, the unlocked ones answer; if their values differ, none is picked. Locked
/// items are opened only for an entry that has no unlocked one.
pub(crate) async fn fetch(
    bus: &Bus,
    entries: &[Entry<'_>],
    unlocking: &Unlocking<'_>,
) -> Result<Vec<Result<Secret, SourceError>>, SourceError> {
    let mut questions = vec![calls::open_session()?];
    for entry in entries {
        questions.push(calls::search(*entry)?);
    }
    let mut answers = bus.ask_all(&questions).await?.into_iter();
    let session = answers.next().map_or(Err(MISSING), |answer| answer)?;
    let session = calls::session_of(&session)?;
    let mut matches: Vec<Result<Matches, SourceError>> = answers
        .map(|answer| answer.and_then(|answer| Matches::of(&answer)))
        .collect();

    open_locked(bus, &mut matches, unlocking).await;

    let items: Vec<OwnedObjectPath> = matches
        .iter()
        .flatten()
        .flat_map(|found| found.items.iter().cloned())
        .collect();
    if items.is_empty() {
        return Ok(matches.into_iter().map(|found| Err(none(found))).collect());
    }
    let answer = secrets_of(bus, &items, &session, unlocking).await?;
    let body = answer.body();
    let values = calls::values_in(&body)?;
    Ok(matches
        .into_iter()
        .map(|found| one_value(&found?, &values))
        .collect())
}

/// Whether each entry has an item, without a session and without a prompt.
pub(crate) async fn look(
    bus: &Bus,
    entries: &[Entry<'_>],
) -> Result<Vec<Result<(), SourceError>>, SourceError> {
    let questions: Vec<Message> = entries
        .iter()
        .map(|entry| calls::search(*entry))
        .collect::<Result<_, _>>()?;
    let answers = bus.ask_all(&questions).await?;
    Ok(answers
        .into_iter()
        .map(|answer| {
            let found = Matches::of(&answer?)?;
            match (found.items.is_empty(), found.locked) {
                (true, _) => Err(MISSING),
                (false, true) => Err(LOCKED),
                (false, false) => Ok(()),
            }
        })
        .collect())
}

/// The accounts of all entries of ours.
pub(crate) async fn accounts(
    bus: &Bus,
    unlocking: &Unlocking<'_>,
) -> Result<Vec<String>, SourceError> {
    let Found { unlocked, locked } = calls::found_in(&bus.ask(calls::search_own()?).await?)?;
    // A locked item keeps its attributes to itself.
    if !locked.is_empty() {
        unlocking.open(bus, &locked).await?;
    }
    let questions: Vec<Message> = unlocked
        .iter()
        .chain(&locked)
        .map(calls::attributes)
        .collect::<Result<_, _>>()?;
    let mut accounts = Vec::new();
    for answer in bus.ask_all(&questions).await? {
        let answer = match answer {
            Ok(answer) => answer,
            // Removed since the search.
            Err(error) if error.kind() == SourceErrorKind::Missing => continue,
            Err(error) => return Err(error),
        };
        let mut attributes: HashMap<String, String> = calls::property_in(&answer)?;
        accounts.extend(attributes.remove("username"));
    }
    Ok(accounts)
}

const MISSING: SourceError = SourceError::new(SourceErrorKind::Missing);
const LOCKED: SourceError = SourceError::new(SourceErrorKind::Locked);

/// The items that answer one entry.
struct Matches {
    items: Vec<OwnedObjectPath>,
    locked: bool,
}

impl Matches {
    fn of(answer: &Message) -> Result<Self, SourceError> {
        let Found { unlocked, locked } = calls::found_in(answer)?;
        Ok(if unlocked.is_empty() {
            Self {
                locked: !locked.is_empty(),
                items: locked,
            }
        } else {
            Self {
                items: unlocked,
                locked: false,
            }
        })
    }
}

fn none(found: Result<Matches, SourceError>) -> SourceError {
    found.err().unwrap_or(MISSING)
}

/// Has what is locked unlocked, all of it at once; where that fails, its entries fail.
async fn open_locked(
    bus: &Bus,
    matches: &mut [Result<Matches, SourceError>],
    unlocking: &Unlocking<'_>,
) {
    let locked: Vec<OwnedObjectPath> = matches
        .iter()
        .flatten()
        .filter(|found| found.locked)
        .flat_map(|found| found.items.iter().cloned())
        .collect();
    if locked.is_empty() {
        return;
    }
    if let Err(error) = unlocking.open(bus, &locked).await {
        for found in matches {
            if found.as_ref().is_ok_and(|found| found.locked) {
                *found = Err(error);
            }
        }
    }
}

/// Some services call an item unlocked, and then say otherwise: they are asked to open it, once.
async fn secrets_of(
    bus: &Bus,
    items: &[OwnedObjectPath],
    session: &OwnedObjectPath,
    unlocking: &Unlocking<'_>,
) -> Result<Message, SourceError> {
    match bus.ask(calls::secrets(items, session)?).await {
        Err(error) if error.kind() == SourceErrorKind::Locked => {
            unlocking.open(bus, items).await?;
            bus.ask(calls::secrets(items, session)?).await
        }
        answer => answer,
    }
}

fn one_value(
    found: &Matches,
    values: &HashMap<ObjectPath<'_>, &[u8]>,
) -> Result<Secret, SourceError> {
    let mut candidates = found
        .items
        .iter()
        .filter_map(|item| values.get(&item.as_ref()));
    // A service leaves out what it cannot give: an item that is gone since, or is still locked.
    let first = candidates
        .next()
        .ok_or(if found.locked { LOCKED } else { MISSING })?;
    if candidates.any(|other| other != first) {
        return Err(SourceError::new(SourceErrorKind::Ambiguous)
            .note("several entries match, with different values"));
    }
    Ok(Secret::new(first.to_vec()))
}
