//! A rotation in a store that has documents and no labels: the journal stands beside the value in force, and both are
//! written in one.

use jiff::Timestamp;
use mcp_launch_core::{Deadline, Secret};

use crate::recipe::random_name;
use crate::{
    Bundle, Journal, Mastery, Opening, Owner, Promotion, Record, Revision, RotatingStore,
    RotationId, Scrubbed, Snapshot, StoreError, Successor,
};

/// One credential in a store, with room for a journal beside it: a document of a Vault, a `.env`, an item of a keychain.
pub trait Document {
    /// Both, as one read saw them. Completes first what a save that was cut short has left.
    ///
    /// # Errors
    /// When it cannot be read.
    fn load(&self, deadline: Deadline) -> Result<Loaded, StoreError>;

    /// Replaces the journal and, where a value is given, the value in force with it: for all readers at once, and only if
    /// nothing was written since `at`. `None` as a journal removes it. Durable when it returns.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when something was written since `at`.
    fn save(
        &self,
        at: &Revision,
        current: Option<&Bundle>,
        journal: Option<&Secret>,
        deadline: Deadline,
    ) -> Result<(), StoreError>;

    /// Removes what the store itself keeps of earlier values: old versions. Doing it again changes nothing.
    ///
    /// # Errors
    /// When it may have been left undone.
    fn forget_earlier(&self, _at: &Revision, _deadline: Deadline) -> Result<Scrubbed, StoreError> {
        Ok(Scrubbed::Everything)
    }

    /// See [`RotatingStore::remedy`].
    fn remedy(&self, _error: StoreError) -> Option<String> {
        None
    }
}

/// What [`Document::load`] saw.
pub struct Loaded {
    /// What the next save compares.
    pub revision: Revision,
    /// When, by the store's clock; the local time for a store without one.
    pub read_at: Timestamp,
    /// The value in force.
    pub current: Bundle,
    /// The journal, if there is one.
    pub journal: Option<Secret>,
}

/// A [`Document`] as a [`RotatingStore`].
pub struct Journalled<D>(D);

impl<D: Document> Journalled<D> {
    /// The rotation of this document.
    pub fn new(document: D) -> Self {
        Self(document)
    }

    /// Reads, lets `change` change the journal, and saves it over what was read, if that is still `at`.
    fn change(
        &self,
        at: &Revision,
        deadline: Deadline,
        change: impl FnOnce(&mut Journal, Timestamp) -> Result<Option<Bundle>, StoreError>,
    ) -> Result<(), StoreError> {
        let loaded = self.0.load(deadline).map_err(unsent)?;
        if loaded.revision != *at {
            return Err(StoreError::Conflict);
        }
        let mut journal = parsed(loaded.journal.as_ref())?;
        let current = change(&mut journal, loaded.read_at)?;
        let json = match journal.is_empty() {
            true => None,
            false => Some(journal.to_json().map_err(|_| StoreError::Malformed)?),
        };
        self.0.save(at, current.as_ref(), json.as_ref(), deadline)
    }
}

/// A read that was not answered has written nothing.
fn unsent(error: StoreError) -> StoreError {
    match error {
        StoreError::Unknown => StoreError::Unavailable,
        error => error,
    }
}

fn parsed(journal: Option<&Secret>) -> Result<Journal, StoreError> {
    journal
        .map_or(Ok(Journal::default()), Journal::parse)
        .map_err(|_| StoreError::Malformed)
}

impl<D: Document> RotatingStore for Journalled<D> {
    fn read(&self, deadline: Deadline) -> Result<Snapshot, StoreError> {
        let loaded = self.0.load(deadline)?;
        let journal = parsed(loaded.journal.as_ref())?;
        let (current, stage, record) = journal.shown(loaded.current);
        Ok(Snapshot {
            revision: loaded.revision,
            read_at: loaded.read_at,
            current,
            stage,
            record,
            mastery: Mastery::Ours,
        })
    }

    fn begin(
        &self,
        at: &Revision,
        opening: Opening<'_>,
        owner: &Owner,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let id = random_name()
            .and_then(|name| RotationId::new(name).ok())
            .ok_or(StoreError::Unavailable)?;
        self.change(at, deadline, |journal, now| {
            journal.begin(id, opening, owner, now).map(|()| None)
        })
    }

    fn record(
        &self,
        at: &Revision,
        id: &RotationId,
        successor: &Successor,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        self.change(at, deadline, |journal, _| {
            journal.record(id, successor).map(|()| None)
        })
    }

    fn promote(
        &self,
        at: &Revision,
        id: &RotationId,
        promotion: &Promotion,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        self.change(at, deadline, |journal, now| {
            journal.promote(id, promotion, now).map(Some)
        })
    }

    fn discard(
        &self,
        at: &Revision,
        id: &RotationId,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        self.change(at, deadline, |journal, _| {
            journal.discard(id).map(|()| None)
        })
    }

    fn scrub(&self, at: &Revision, deadline: Deadline) -> Result<Scrubbed, StoreError> {
        // First: once the overlap is over, nobody would come back for it.
        let scrubbed = self.0.forget_earlier(at, deadline).map_err(unsent)?;
        self.change(at, deadline, |journal, _| {
            journal.scrub();
            Ok(None)
        })?;
        Ok(scrubbed)
    }

    fn note(&self, at: &Revision, record: &Record, deadline: Deadline) -> Result<(), StoreError> {
        self.change(at, deadline, |journal, _| {
            journal.note(record);
            Ok(None)
        })
    }

    fn remedy(&self, error: StoreError) -> Option<String> {
        self.0.remedy(error)
    }
}
