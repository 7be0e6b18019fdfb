//! Reading: every value of a launch in two round trips.

use std::collections::HashMap;

use mcp_launch_core::{Secret, SourceError, SourceErrorKind};
use zbus::{Message, ObjectPath, OwnedObjectPath};

use crate::locator::Entry;
use crate::secret_service::bus::{Bus, in_between};
use crate::secret_service::calls::{self, Found};
use crate::secret_service::hidden;
use crate::secret_service::unlock::Unlocking;

/// The values of `entries`, in their order.
///
/// One search per entry, all in flight together, then one `GetSecrets` for everything. Where several
/// items match an entry, the unlocked ones answer; if their values differ, none is picked. Locked
/// items are opened only for an entry that has no unlocked one, and collections that hide theirs only
/// for one that was not found.
///
/// What a further entry costs is the daemon's search. One search for all of ours and a call for each
/// item's attributes takes as long with twenty items, and longer with more.
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
    let session = answers.next().unwrap_or(Err(MISSING)).map_err(in_between)?;
    let session = calls::session_of(&session)?;
    let mut matches: Vec<_> = answers.map(Matches::of).collect();

    let opened = open_locked(bus, &mut matches, unlocking).await;
    search_hidden(bus, entries, &mut matches, opened, unlocking).await;

    let items: Vec<OwnedObjectPath> = matches
        .iter()
        .flatten()
        .flat_map(|found| found.items.iter().cloned())
        .collect();
    if items.is_empty() {
        let none = |found: Result<Matches, _>| Err(found.err().unwrap_or(MISSING));
        return Ok(matches.into_iter().map(none).collect());
    }
    let answer = secrets_of(bus, &items, &session, unlocking)
        .await
        .map_err(in_between)?;
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
    let mut found = search(bus, entries).await?;
    if found.iter().any(is_missing) {
        let hidden = hidden::collections(bus).await;
        for found in found.iter_mut().filter(|found| is_missing(found)) {
            *found = Err(match &hidden {
                Ok(hidden) if hidden.is_empty() => MISSING,
                Ok(_) => hidden::LOCKED,
                Err(error) => *error,
            });
        }
    }
    let standing = |found: Matches| if found.locked { Err(LOCKED) } else { Ok(()) };
    Ok(found
        .into_iter()
        .map(|found| found.and_then(standing))
        .collect())
}

/// The accounts of all entries of ours.
pub(crate) async fn accounts(
    bus: &Bus,
    unlocking: &Unlocking<'_>,
) -> Result<Vec<String>, SourceError> {
    let hidden = hidden::collections(bus).await?;
    if !hidden.is_empty() {
        unlocking.open(bus, &hidden).await?;
    }
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
const NOT_GIVEN: SourceError = SourceError::new(SourceErrorKind::Unavailable)
    .note("the keychain found the entry and did not give its value");

/// The items that answer one entry.
struct Matches {
    items: Vec<OwnedObjectPath>,
    locked: bool,
}

impl Matches {
    fn of(answer: Result<Message, SourceError>) -> Result<Self, SourceError> {
        let Found { unlocked, locked } = calls::found_in(&answer.map_err(in_between)?)?;
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

fn is_missing(found: &Result<Matches, SourceError>) -> bool {
    found.as_ref().is_ok_and(|found| found.items.is_empty())
}

async fn search(
    bus: &Bus,
    entries: &[Entry<'_>],
) -> Result<Vec<Result<Matches, SourceError>>, SourceError> {
    let questions: Vec<Message> = entries
        .iter()
        .map(|entry| calls::search(*entry))
        .collect::<Result<_, _>>()?;
    let answers = bus.ask_all(&questions).await?;
    Ok(answers.into_iter().map(Matches::of).collect())
}

/// Has what is locked unlocked, all of it at once; where that fails, its entries fail.
async fn open_locked(
    bus: &Bus,
    matches: &mut [Result<Matches, SourceError>],
    unlocking: &Unlocking<'_>,
) -> Result<(), SourceError> {
    let locked: Vec<OwnedObjectPath> = matches
        .iter()
        .flatten()
        .filter(|found| found.locked)
        .flat_map(|found| found.items.iter().cloned())
        .collect();
    if locked.is_empty() {
        return Ok(());
    }
    let opened = unlocking.open(bus, &locked).await;
    if let Err(error) = opened {
        for found in matches {
            if found.as_ref().is_ok_and(|found| found.locked) {
                *found = Err(error);
            }
        }
    }
    opened
}

/// Looks once more for the entries that were not found, in the collections that hid what they hold.
async fn search_hidden(
    bus: &Bus,
    entries: &[Entry<'_>],
    matches: &mut [Result<Matches, SourceError>],
    opened: Result<(), SourceError>,
    unlocking: &Unlocking<'_>,
) {
    let (mut missing, wanted): (Vec<_>, Vec<_>) = matches
        .iter_mut()
        .zip(entries)
        .filter(|(found, _)| is_missing(found))
        .unzip();
    if missing.is_empty() {
        return;
    }
    let wanted: Vec<Entry<'_>> = wanted.into_iter().copied().collect();
    match opened_and_searched(bus, &wanted, opened, unlocking).await {
        Ok(again) => {
            for (found, again) in missing.iter_mut().zip(again) {
                **found = again;
            }
        }
        Err(error) => {
            for found in missing {
                *found = Err(error);
            }
        }
    }
}

/// `opened` is how the person answered before: who said no is not asked again.
async fn opened_and_searched(
    bus: &Bus,
    wanted: &[Entry<'_>],
    opened: Result<(), SourceError>,
    unlocking: &Unlocking<'_>,
) -> Result<Vec<Result<Matches, SourceError>>, SourceError> {
    let hidden = hidden::collections(bus).await?;
    if hidden.is_empty() {
        return Ok(wanted.iter().map(|_| Err(MISSING)).collect());
    }
    opened?;
    unlocking.open(bus, &hidden).await?;
    let mut again = search(bus, wanted).await?;
    // Of several collections the person may have opened some.
    if again.iter().any(is_missing) {
        let none = if hidden::collections(bus).await?.is_empty() {
            MISSING
        } else {
            hidden::LOCKED
        };
        for found in again.iter_mut().filter(|found| is_missing(found)) {
            *found = Err(none);
        }
    }
    Ok(again)
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
    // A service leaves out what it cannot give: an item that is locked, or is gone since. It was there,
    // so that no other store may answer in its place.
    let first = candidates
        .next()
        .ok_or(if found.locked { LOCKED } else { NOT_GIVEN })?;
    if candidates.any(|other| other != first) {
        return Err(SourceError::new(SourceErrorKind::Ambiguous)
            .note("several entries match, with different values"));
    }
    Ok(Secret::new(first.to_vec()))
}
