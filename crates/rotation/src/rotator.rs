//! The joint for vendors: whoever accepts the credential.

use std::time::Duration;

use mcp_launch_core::Deadline;

use crate::{Bundle, Handle, RotationId, Successor};

/// How one credential is rotated at its vendor.
///
/// `login` is a stored value that was seen to log in; a rotator with an administrator's credential of its own does not
/// use it. No value may reach an error, a log or an argument list.
pub trait Rotator {
    /// The class, with what only this class can do.
    fn method(&self) -> Method<'_>;

    /// What becomes of the old value when a new one is in force.
    fn predecessor(&self) -> Predecessor<'_>;

    /// Who logs in to make a change.
    fn login(&self) -> Login;

    /// How long a new value may take to be accepted everywhere. Zero: at once.
    fn propagation(&self) -> Duration {
        Duration::ZERO
    }

    /// Tries one login, and changes nothing.
    fn probe(&self, value: &Bundle, deadline: Deadline) -> Liveness;

    /// The public name of a value that was not recorded, where the value or the vendor tells it.
    ///
    /// # Errors
    /// When the vendor could not be asked.
    fn identify(
        &self,
        _value: &Bundle,
        _deadline: Deadline,
    ) -> Result<Option<Handle>, RotatorError> {
        Ok(None)
    }

    /// What a person does about `error`, the last one given, where the rotator knows better than the kind alone says: the
    /// privilege that is missing, the quota that is full. Never a value.
    fn remedy(&self, _error: RotatorError) -> Option<String> {
        None
    }
}

/// The five classes. They differ by who chooses the new value, and so by what can be lost.
pub enum Method<'a> {
    /// We choose: passwords of databases.
    Set(&'a dyn Set),
    /// The vendor chooses and several may live at once: access keys, most tokens.
    Issue(&'a dyn Issue),
    /// The vendor chooses and the old value dies at once. The one class that cannot keep R1.
    Roll(&'a dyn Roll),
    /// The store or a service behind it rotates when told to.
    Delegate(&'a dyn Delegate),
    /// Nobody can make one by program. Its end is watched, and a person brings the next.
    Track,
}

/// A vendor that takes the value that we choose.
pub trait Set {
    /// A successor of `current`, made here: other roles or fields stay as they have to. Random anew at each call.
    ///
    /// # Errors
    /// When `current` is not what this rotator expects; no request is made.
    fn create(&self, current: &Bundle) -> Result<Successor, RotatorError>;

    /// Puts `value` in force. Doing it again changes nothing.
    ///
    /// # Errors
    /// [`RotatorError::Rejected`] when the vendor will never take this value.
    fn set(
        &self,
        value: &Bundle,
        id: &RotationId,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<(), RotatorError>;
}

/// A vendor that makes values, several of which may live at once.
pub trait Issue: Retire {
    /// Has a value made, named after the credential and `id`, so that [`Issue::list`] finds it. A vendor that knows
    /// idempotency keys gives the same one again for the same `id`.
    ///
    /// # Errors
    /// [`RotatorError::Occupied`] when there is no room for one more.
    fn issue(
        &self,
        id: &RotationId,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<Successor, RotatorError>;

    /// What was ever made for this credential by [`Issue::issue`] and still lives. Nothing that others made.
    ///
    /// # Errors
    /// When the vendor could not be asked.
    fn list(&self, login: &Bundle, deadline: Deadline) -> Result<Vec<Generation>, RotatorError>;
}

/// A vendor that replaces the current value by one that it makes.
pub trait Roll {
    /// Replaces the current value.
    ///
    /// # Errors
    /// [`RotatorError::Ambiguous`] means that the old value may be dead and the new one lost.
    fn roll(
        &self,
        id: &RotationId,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<Successor, RotatorError>;

    /// Whether the owner of the credential accepts that a lost answer loses it. Asked only where no administrator could
    /// roll once more.
    fn accepts_loss(&self) -> bool {
        false
    }
}

/// Whoever rotates by itself when told to.
pub trait Delegate {
    /// Tells it to. Once is enough, and a rotation that is under way counts.
    ///
    /// # Errors
    /// When it was not told, or may not have been.
    fn trigger(&self, login: &Bundle, deadline: Deadline) -> Result<(), RotatorError>;
}

/// What becomes of the old value.
pub enum Predecessor<'a> {
    /// It dies when the new one is in force: a password with one slot.
    Dies,
    /// It stays until it is retired: the overlap in which running servers keep working.
    Lives(&'a dyn Retire),
    /// It stays until a person revokes it.
    Stays,
}

/// A vendor that can end one generation.
pub trait Retire {
    /// Revokes a generation. Doing it again changes nothing, and what is not there counts as revoked.
    ///
    /// # Errors
    /// When it may still live.
    fn retire(
        &self,
        handle: &Handle,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<(), RotatorError>;
}

/// Who logs in to make a change.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Login {
    /// An administrator, whose credential the rotator holds.
    Administrator,
    /// The credential itself: once no stored value logs in, nothing can be changed.
    Itself,
}

/// Whether a value logs in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Liveness {
    /// The vendor refuses it.
    Dead,
    /// The vendor knows it, even if it may not do much.
    Live,
    /// The vendor could not be asked, or its answer says neither.
    Unknown,
}

/// A value at the vendor, by its public names.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Generation {
    /// Its public name.
    pub handle: Handle,
    /// What it was made for.
    pub id: RotationId,
}

/// Why a vendor did not do what was asked. All but [`RotatorError::Ambiguous`] mean that it surely was not done.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RotatorError {
    /// No answer, or one that cannot be read, to a request that was sent: it may have been done.
    #[error("no answer; it may have been done")]
    Ambiguous,
    /// Not permitted.
    #[error("not permitted")]
    Denied,
    /// It failed.
    #[error("failed")]
    Failed,
    /// Too many requests; how long to wait, if the vendor said.
    #[error("too many requests")]
    Limited(Option<Duration>),
    /// There is no room for one more, and what takes the room is not ours to remove.
    #[error("no room for one more value, and those there are not ours")]
    Occupied,
    /// The vendor will never take this value.
    #[error("the value was rejected")]
    Rejected,
    /// The vendor could not be reached, so nothing was done.
    #[error("unavailable")]
    Unavailable,
}

impl RotatorError {
    /// A stable token for JSON and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ambiguous => "ambiguous",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Limited(_) => "limited",
            Self::Occupied => "occupied",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
        }
    }

    /// Whether what was asked may have been done all the same.
    #[must_use]
    pub const fn may_have_happened(self) -> bool {
        matches!(self, Self::Ambiguous)
    }
}
