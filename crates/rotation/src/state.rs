//! What a store shows of a credential. The stages exclude each other, so a pending value beside a previous one cannot be
//! written down.

use jiff::Timestamp;

use crate::{Bundle, Handle, Owner, Revision, RotationId};

/// All that a store knows of a credential, as one read saw it.
pub struct Snapshot {
    /// What the next write compares.
    pub revision: Revision,
    /// When it was read, by the store's clock: the date of its answer. The local time for a store without one.
    pub read_at: Timestamp,
    /// What a launch is given.
    pub current: Current,
    /// How far a rotation is.
    pub stage: Stage,
    /// What earlier runs noted.
    pub record: Record,
    /// Who rotates it.
    pub mastery: Mastery,
}

/// The value in force, as far as the store knows.
pub struct Current {
    /// The rotation that made it, or the store's own name of the version. `None` for a value that a person put there.
    pub id: Option<RotationId>,
    /// The value.
    pub bundle: Bundle,
    /// Its public name at the vendor, if it was recorded.
    pub handle: Option<Handle>,
    /// Since when it is current, by the store's clock. `None` for a value that a person put there.
    pub rotated_at: Option<Timestamp>,
    /// When the vendor lets it end, if that was recorded.
    pub expires_at: Option<Timestamp>,
}

/// How far a rotation is. Whether a staged value is in force stands nowhere: it is found by logging in.
pub enum Stage {
    /// Nothing is pending, nothing is left.
    Idle,
    /// Somebody has, or had, a value made; it is not here yet.
    Claimed(Claim),
    /// The successor is here.
    Staged(Staged),
    /// The successor is current; the one before it may still be in force.
    Overlap(Previous),
}

/// A pending entry without a value: the right to have one made.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Claim {
    /// Its name, given by the store.
    pub id: RotationId,
    /// Who holds it.
    pub owner: Owner,
    /// Since when, by the store's clock.
    pub begun_at: Timestamp,
}

/// A pending entry with its value.
pub struct Staged {
    /// Its name, given by the store.
    pub id: RotationId,
    /// Who staged it.
    pub owner: Owner,
    /// Since when, by the store's clock.
    pub begun_at: Timestamp,
    /// The value and what is known of it.
    pub bundle: Bundle,
    /// Its public name at the vendor, if it has one.
    pub handle: Option<Handle>,
    /// When the vendor lets it end.
    pub expires_at: Option<Timestamp>,
}

/// What the current value took the place of.
pub struct Previous {
    /// The rotation that made it.
    pub id: Option<RotationId>,
    /// Its public name at the vendor. Without one it cannot be retired by a program.
    pub handle: Option<Handle>,
    /// When it is retired, by the store's clock, even if a server still holds it.
    pub retire_after: Timestamp,
    /// The value, where the store still holds it: to see that it is dead.
    pub bundle: Option<Bundle>,
}

/// What runs note for later ones.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Record {
    /// When a credential without a date was first seen.
    pub first_seen: Option<Timestamp>,
    /// Failures since the last success.
    pub failures: u32,
    /// Before this no attempt is made, unless a person asks.
    pub retry_at: Option<Timestamp>,
}

/// Who rotates a credential.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mastery {
    /// We do.
    Ours,
    /// The store or a service behind it; we may only ask for it.
    Theirs,
}
