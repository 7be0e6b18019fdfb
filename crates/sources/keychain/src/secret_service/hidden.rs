//! Collections that show nothing while they are locked: not finding an entry says nothing of them.

use mcp_launch_core::{SourceError, SourceErrorKind};
use zbus::OwnedObjectPath;

use crate::secret_service::bus::{Bus, in_between};
use crate::secret_service::calls;

/// What is not found while a collection hides what it holds.
pub(crate) const LOCKED: SourceError =
    SourceError::new(SourceErrorKind::Locked).note("a locked keychain does not show what it holds");

/// The collections that are locked and show no item.
///
/// GNOME Keyring finds the items of a locked collection. KeePassXC finds none and lists none: "there's
/// no database at all when locked" (`Collection::searchItems` in its
/// `src/fdosecrets/objects/Collection.cpp`). A locked collection that lists its items is therefore one
/// whose search can be believed.
///
/// # Errors
/// When the service does not say which collections it has, or how they stand.
pub(crate) async fn collections(bus: &Bus) -> Result<Vec<OwnedObjectPath>, SourceError> {
    let all: Vec<OwnedObjectPath> =
        calls::objects_in(&bus.ask(calls::collections()?).await.map_err(in_between)?)?;
    let mut questions = Vec::with_capacity(2 * all.len());
    for collection in &all {
        questions.push(calls::is_locked(collection, calls::COLLECTION)?);
        questions.push(calls::items(collection)?);
    }
    let mut answers = bus.ask_all(&questions).await?.into_iter();
    let mut hidden = Vec::new();
    for collection in all {
        let (Some(locked), Some(items)) = (answers.next(), answers.next()) else {
            break;
        };
        let locked = match locked {
            Ok(locked) => calls::property_in(&locked)?,
            // Removed since it was listed.
            Err(error) if error.kind() == SourceErrorKind::Missing => continue,
            Err(error) => return Err(in_between(error)),
        };
        // A list that is refused shows as little as an empty one.
        let shows_items = || {
            let items = items.and_then(|items| calls::objects_in(&items));
            items.is_ok_and(|items| !items.is_empty())
        };
        if locked && !shows_items() {
            hidden.push(collection);
        }
    }
    Ok(hidden)
}
