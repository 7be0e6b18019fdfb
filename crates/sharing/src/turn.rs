//! Turns among the processes that want the same.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use mcp_launch_core::Deadline;

use crate::lock::{LockFile, Locks, until};
use crate::name::Name;

/// How many lock files there are. Two names that share one wait for each other without need, which
/// costs time and nothing else; a file for each name would be litter.
const FILES: usize = 64;

/// What this process holds. Two names of one process may share a file, and must not wait for each other.
static HELD: Mutex<BTreeMap<PathBuf, Weak<LockFile>>> = Mutex::new(BTreeMap::new());

/// This process's turn, until it is dropped. A turn is the whole process's: its threads share it.
#[must_use = "the turn ends when it is dropped"]
pub struct Turn {
    _held: Vec<Arc<LockFile>>,
}

impl Turn {
    /// Waits for the turn for all of `names`, a third of the time that is left at most.
    ///
    /// A holder that was stopped, or waits for a store that does not answer, so leaves enough time to
    /// ask the store without it.
    pub(crate) fn take(locks: &Locks, names: &[Name], deadline: Deadline) -> Option<Self> {
        let end = Deadline::after(deadline.remaining() / 3);
        let mut numbers: Vec<usize> = names.iter().map(|name| name.spread(FILES)).collect();
        // All processes take them in the same order, so that no two wait for each other.
        numbers.sort_unstable();
        numbers.dedup();
        let held: Option<Vec<_>> = numbers
            .into_iter()
            .map(|number| hold(locks, number, end))
            .collect();
        Some(Self { _held: held? })
    }
}

/// The lock, taken by this thread; or by another one of this process, also meanwhile.
fn hold(locks: &Locks, number: usize, end: Deadline) -> Option<Arc<LockFile>> {
    let file = Arc::new(locks.open(&format!("turn-{number:02}.lock"))?);
    let look = || {
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ours) = held.get(file.path()).and_then(Weak::upgrade) {
            return Ok(Some(ours));
        }
        if !file.try_take()? {
            return Ok(None);
        }
        held.retain(|_, file| file.strong_count() > 0);
        held.insert(file.path().to_owned(), Arc::downgrade(&file));
        Ok(Some(Arc::clone(&file)))
    };
    until(end, look).ok()?
}
