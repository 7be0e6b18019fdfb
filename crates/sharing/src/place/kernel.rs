//! Linux: a fixed number of slots in the kernel keyring.
//!
//! The slots have numbers for names, so they can all be cleared, and never take more than their part
//! of the user's quota. They work as a processor's cache does: a name belongs to one set, and may
//! stand in each of the set's slots.

use std::time::{Duration, SystemTime};

use mcp_launch_core::{Position, SourceError, SourceErrorKind};

use crate::keyring::{self, KeyringError, Slot};
use crate::keys::Keys;
use crate::name::Name;
use crate::record::{self, Record};

/// The kernel's memory costs nothing and ends by itself, so values are lent without being asked to.
pub(crate) const LENDS_UNASKED: bool = true;

const SETS: usize = 16;
const SLOTS_IN_SET: usize = 8;

fn slot(set: usize, number: usize) -> Slot {
    Slot::new(format!("mcp-launch:shared:{set:02}:{number}"))
}

fn set_of(name: &Name) -> impl Iterator<Item = Slot> {
    let set = name.spread(SETS);
    (0..SLOTS_IN_SET).map(move |number| slot(set, number))
}

fn all() -> impl Iterator<Item = Slot> {
    (0..SETS).flat_map(|set| (0..SLOTS_IN_SET).map(move |number| slot(set, number)))
}

/// Whether the keyring lets itself be asked: in many containers it does not.
pub(crate) fn is_usable() -> bool {
    keyring::find(&slot(0, 0)).is_ok()
}

/// The newest record of `name` that opens with `keys`.
pub(crate) fn find(keys: &Keys, name: &Name) -> Option<Record> {
    set_of(name)
        .map_while(|slot| keyring::find(&slot).ok())
        .flatten()
        .filter_map(|bytes| Record::open(keys, name, &bytes))
        .max_by_key(|record| record.lent)
}

/// Keeps `bytes` in the slot that holds the name already, else in an empty one, else in that of the oldest record.
pub(crate) fn put(name: &Name, bytes: &[u8], lifetime: Duration) {
    let standing = |slot: &Slot| match keyring::find(slot) {
        Ok(Some(held)) if record::is_of(name, &held) => Ok(Standing::Same),
        Ok(Some(held)) => Ok(record::lent(&held).map_or(Standing::Empty, Standing::Other)),
        Ok(None) => Ok(Standing::Empty),
        Err(error) => Err(error),
    };
    let ranked: Result<Vec<_>, _> = set_of(name)
        .map(|slot| standing(&slot).map(|standing| (standing, slot)))
        .collect();
    let Ok(Some((_, slot))) = ranked.map(|ranked| ranked.into_iter().min_by_key(|one| one.0))
    else {
        return;
    };
    let held = match keyring::hold(&slot, bytes, lifetime) {
        Err(KeyringError::Full) => {
            keyring::forget_expired(all()).and_then(|()| keyring::hold(&slot, bytes, lifetime))
        }
        other => other,
    };
    if held.is_err() {
        // This launch has its value, and the others get theirs; but none an older one than this.
        remove(name);
    }
}

pub(crate) fn remove(name: &Name) {
    for slot in set_of(name) {
        let Ok(held) = keyring::find(&slot) else {
            return;
        };
        if held.is_some_and(|held| record::is_of(name, &held)) {
            // A keyring that refuses has nothing to remove.
            let _ = keyring::forget(&slot);
        }
    }
}

pub(crate) fn clear() -> Result<usize, SourceError> {
    match keyring::forget_all(all()) {
        Ok(removed) => Ok(removed),
        Err(KeyringError::Absent) => Ok(0),
        Err(KeyringError::Full) => Err(SourceError::new(SourceErrorKind::Unavailable)
            .note("the kernel keyring of this user is full")),
        Err(KeyringError::Refused(errno)) => {
            let error = SourceError::new(SourceErrorKind::Denied)
                .note("the kernel keyring cannot be used here");
            Err(match errno {
                Some(errno) => error.at(Position::Errno(errno)),
                None => error,
            })
        }
    }
}

/// What stands in a slot, the best to write over first.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Standing {
    Same,
    Empty,
    Other(SystemTime),
}
