//! The joint for stores that can hold a rotation.

use jiff::Timestamp;
use mcp_launch_core::Deadline;

use crate::{Bundle, Handle, Owner, Record, Revision, RotationId, Snapshot};

/// A store that holds a credential together with its rotation, bound to that one credential.
///
/// Each write names the [`Revision`] that it was decided on and succeeds only if nothing was written since: the
/// comparing and the setting are one, whoever else writes. A write that succeeded is durable and is what the next
/// [`RotatingStore::read`] shows. A write that a process did not live to see answered either happened whole or not at all,
/// or is completed by the next `read`.
///
/// No value may reach an error, a log or an argument list.
pub trait RotatingStore {
    /// All that the store knows.
    ///
    /// # Errors
    /// When it cannot be read; [`StoreError::Unknown`] means the same as [`StoreError::Unavailable`] here.
    fn read(&self, deadline: Deadline) -> Result<Snapshot, StoreError>;

    /// Makes an entry pending, under a [`RotationId`] that was never used before. From `Idle`, or over a pending entry,
    /// which is forgotten: its owner's later writes then fail.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when something was written since `at`.
    fn begin(
        &self,
        at: &Revision,
        opening: Opening<'_>,
        owner: &Owner,
        deadline: Deadline,
    ) -> Result<(), StoreError>;

    /// Gives the claim `id` its value. Its id stays.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when something was written since `at`, or `id` is not what is pending.
    fn record(
        &self,
        at: &Revision,
        id: &RotationId,
        successor: &Successor,
        deadline: Deadline,
    ) -> Result<(), StoreError>;

    /// Makes the staged entry `id` current and the current one previous, for all readers at once. Its `rotated_at` is the
    /// time of this write; the failures noted are forgotten.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when something was written since `at`, or `id` is not what is pending.
    fn promote(
        &self,
        at: &Revision,
        id: &RotationId,
        promotion: &Promotion,
        deadline: Deadline,
    ) -> Result<(), StoreError>;

    /// Drops the pending entry `id`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when something was written since `at`, or `id` is not what is pending.
    fn discard(&self, at: &Revision, id: &RotationId, deadline: Deadline)
    -> Result<(), StoreError>;

    /// Ends an overlap and removes what is left of earlier values, such as old versions, as far as the store can.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when something was written since `at`.
    fn scrub(&self, at: &Revision, deadline: Deadline) -> Result<Scrubbed, StoreError>;

    /// Notes failures for later runs. Values and stage stay.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when something was written since `at`.
    fn note(&self, at: &Revision, record: &Record, deadline: Deadline) -> Result<(), StoreError>;

    /// What a person does about `error`, the last one given, where the store knows better than the kind alone says. Never
    /// a value.
    fn remedy(&self, _error: StoreError) -> Option<String> {
        None
    }
}

/// What becomes pending.
#[derive(Clone, Copy)]
pub enum Opening<'a> {
    /// The right to have a value made.
    Claim,
    /// A value.
    Value(&'a Successor),
}

/// A value that shall become current.
pub struct Successor {
    /// The value.
    pub bundle: Bundle,
    /// Its public name at the vendor, if it has one.
    pub handle: Option<Handle>,
    /// When the vendor lets it end.
    pub expires_at: Option<Timestamp>,
}

/// What is kept of the value that a promotion displaces.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Promotion {
    /// The public name of the displaced value, if it is known.
    pub previous: Option<Handle>,
    /// When the displaced value is retired at the latest, by the store's clock.
    pub retire_after: Timestamp,
}

/// How much is gone after [`RotatingStore::scrub`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Scrubbed {
    /// Nothing is left of earlier values.
    Everything,
    /// The overlap is over, but old versions stay: no permission, or no such call.
    OldVersionsStay,
}

/// Why a store did not do what was asked. All but [`StoreError::Unknown`] mean that it surely was not done.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else has written since.
    #[error("it was written by somebody else in the meantime")]
    Conflict,
    /// The store refused.
    #[error("access denied")]
    Denied,
    /// Too many requests.
    #[error("too many requests")]
    Limited,
    /// The store is there and locked.
    #[error("locked")]
    Locked,
    /// What is there cannot be read.
    #[error("cannot be read")]
    Malformed,
    /// There is no such credential.
    #[error("not found")]
    Missing,
    /// The store cannot hold a rotation: no compare-and-set, or a value too long.
    #[error("the store cannot hold a rotation")]
    Unfit,
    /// The store could not be reached, so nothing was done.
    #[error("unavailable")]
    Unavailable,
    /// No answer, or one that cannot be read, to a request that was sent: it may have been done.
    #[error("no answer; it may have been done")]
    Unknown,
}

impl StoreError {
    /// A stable token for JSON and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Denied => "denied",
            Self::Limited => "limited",
            Self::Locked => "locked",
            Self::Malformed => "malformed",
            Self::Missing => "missing",
            Self::Unfit => "unfit",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown",
        }
    }

    /// Whether what was asked may have been done all the same.
    #[must_use]
    pub const fn may_have_happened(self) -> bool {
        matches!(self, Self::Unknown)
    }
}
