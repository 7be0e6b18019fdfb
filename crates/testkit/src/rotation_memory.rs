//! A store of rotations in memory, for the tests of rotators.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use mcp_launch_core::{Deadline, Secret};
use mcp_launch_rotation::{Bundle, Document, Journalled, Loaded, Revision, StoreError};

/// One credential in memory. Clones are the same one, so that it outlives whoever crashes.
#[derive(Clone)]
pub struct MemoryStore(Arc<Mutex<Kept>>);

struct Kept {
    version: u64,
    current: Bundle,
    journal: Option<Secret>,
}

impl MemoryStore {
    /// A credential that was never rotated.
    #[must_use]
    pub fn new(current: &Bundle) -> Self {
        Self(Arc::new(Mutex::new(Kept {
            version: 0,
            current: current.again(),
            journal: None,
        })))
    }

    /// The joint of the state machine.
    #[must_use]
    pub fn rotating(&self) -> Journalled<Self> {
        Journalled::new(self.clone())
    }

    /// The value in force, as a launch gets it.
    #[must_use]
    pub fn current(&self) -> Bundle {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.current.again()
    }

    /// Puts a value there as a person does: the journal stays.
    pub fn put(&self, current: &Bundle) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.version += 1;
        kept.current = current.again();
    }
}

impl Document for MemoryStore {
    fn load(&self, _: Deadline) -> Result<Loaded, StoreError> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Loaded {
            revision: Revision::new(kept.version.to_string()).expect("a number"),
            read_at: Timestamp::now(),
            current: kept.current.again(),
            journal: kept.journal.as_ref().map(Secret::again),
        })
    }

    fn save(
        &self,
        at: &Revision,
        current: Option<&Bundle>,
        journal: Option<&Secret>,
        _: Deadline,
    ) -> Result<(), StoreError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version.to_string() != at.as_str() {
            return Err(StoreError::Conflict);
        }
        kept.version += 1;
        if let Some(current) = current {
            kept.current = current.again();
        }
        kept.journal = journal.map(Secret::again);
        Ok(())
    }
}
