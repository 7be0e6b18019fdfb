//! Writing and removing entries of ours.

use mcp_launch_core::{Secret, SourceError, SourceErrorKind};
use zbus::OwnedObjectPath;

use crate::locator::Entry;
use crate::secret_service::bus::Bus;
use crate::secret_service::calls::{self, Found};
use crate::secret_service::hidden;
use crate::secret_service::prompt;
use crate::secret_service::unlock::Unlocking;

/// A session to send values in.
pub(crate) async fn session(bus: &Bus) -> Result<OwnedObjectPath, SourceError> {
    calls::session_of(&bus.ask(calls::open_session()?).await?)
}

/// Writes `value` into the one item of `entry`, or creates it. The service answers once it has
/// written its file.
pub(crate) async fn put(
    bus: &Bus,
    entry: Entry<'_>,
    value: &Secret,
    session: &OwnedObjectPath,
    unlocking: &Unlocking<'_>,
) -> Result<(), SourceError> {
    if let Some(item) = the_item(bus, entry, unlocking).await? {
        bus.ask(calls::set_secret(&item, value, session)?).await?;
        return Ok(());
    }
    let collection = default_collection(bus, unlocking).await?;
    let answer = bus
        .ask(calls::create_item(&collection, entry, value, session)?)
        .await?;
    if let (None, Some(wanted)) = calls::object_or_prompt(&answer)? {
        prompt::complete(bus, &wanted, unlocking.deadline).await?;
    }
    Ok(())
}

/// Removes the one item of `entry`.
pub(crate) async fn remove(
    bus: &Bus,
    entry: Entry<'_>,
    unlocking: &Unlocking<'_>,
) -> Result<(), SourceError> {
    let item = the_item(bus, entry, unlocking)
        .await?
        .ok_or(SourceError::new(SourceErrorKind::Missing))?;
    let answer = bus.ask(calls::delete_item(&item)?).await?;
    if let Some(wanted) = calls::prompt_in(&answer)? {
        prompt::complete(bus, &wanted, unlocking.deadline).await?;
    }
    Ok(())
}

/// The one item of `entry`, unlocked. Of several, none is picked: what a write or a removal would
/// leave behind could later be taken for the value.
async fn the_item(
    bus: &Bus,
    entry: Entry<'_>,
    unlocking: &Unlocking<'_>,
) -> Result<Option<OwnedObjectPath>, SourceError> {
    let mut found = calls::found_in(&bus.ask(calls::search(entry)?).await?)?;
    let hidden = if found.is_empty() {
        hidden::collections(bus).await?
    } else {
        Vec::new()
    };
    if !hidden.is_empty() {
        unlocking.open(bus, &hidden).await?;
        found = calls::found_in(&bus.ask(calls::search(entry)?).await?)?;
        if found.is_empty() && !hidden::collections(bus).await?.is_empty() {
            return Err(hidden::LOCKED);
        }
    }
    let Found {
        mut unlocked,
        mut locked,
    } = found;
    if unlocked.len() + locked.len() > 1 {
        return Err(SourceError::new(SourceErrorKind::Ambiguous).note("several entries match"));
    }
    if !locked.is_empty() {
        unlocking.open(bus, &locked).await?;
    }
    Ok(unlocked.pop().or_else(|| locked.pop()))
}

/// The collection that new items go to, unlocked; created where the person has none yet.
async fn default_collection(
    bus: &Bus,
    unlocking: &Unlocking<'_>,
) -> Result<OwnedObjectPath, SourceError> {
    let Some(collection) = read_default(bus).await? else {
        return create_default(bus, unlocking).await;
    };
    let answer = bus
        .ask(calls::is_locked(&collection, calls::COLLECTION)?)
        .await?;
    if calls::property_in(&answer)? {
        let only = [collection];
        unlocking.open(bus, &only).await?;
        let [collection] = only;
        return Ok(collection);
    }
    Ok(collection)
}

async fn read_default(bus: &Bus) -> Result<Option<OwnedObjectPath>, SourceError> {
    calls::object_in(&bus.ask(calls::default_collection()?).await?)
}

/// A new collection always asks for its password.
async fn create_default(
    bus: &Bus,
    unlocking: &Unlocking<'_>,
) -> Result<OwnedObjectPath, SourceError> {
    let answer = bus.ask(calls::create_default_collection()?).await?;
    match calls::object_or_prompt(&answer)? {
        (Some(collection), _) => return Ok(collection),
        (None, Some(wanted)) => prompt::complete(bus, &wanted, unlocking.deadline).await?,
        (None, None) => {}
    }
    read_default(bus)
        .await?
        .ok_or(SourceError::new(SourceErrorKind::Locked).note("the keychain has no collection yet"))
}
