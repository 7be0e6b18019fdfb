//! How a run ended, and what a scheduler is told of it.

use crate::{Action, RotatorError, StoreError};

/// What a run did and where it stopped.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Outcome {
    /// What it did.
    pub progress: Progress,
    /// Where it stopped.
    pub end: End,
    /// What a person should know although nothing failed.
    pub notices: Vec<Notice>,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Progress {
    /// A successor became current.
    pub promoted: bool,
    /// The generation before it ended.
    pub retired: bool,
    /// How many values were revoked that were made and never came into force.
    pub swept: u32,
}

/// Where a run stopped. Each is a safe place: a value that the store holds logs in as far as this run could help it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum End {
    /// The store or the vendor refused the tool itself.
    Denied(Reason),
    /// All that could be done now is done.
    Done,
    /// Somebody else is at it.
    Elsewhere,
    /// It failed in a way that trying again may not mend.
    Failed(Reason),
    /// The next run goes on.
    Later(Reason),
    /// A person has to look.
    NeedsPerson(Reason),
}

impl End {
    /// The exit code of `rotate`: 0 done or done elsewhere, 1 failed, 3 needs a person, 75 try later (`EX_TEMPFAIL`),
    /// 77 not permitted (`EX_NOPERM`).
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Done | Self::Elsewhere => 0,
            Self::Failed(_) => 1,
            Self::NeedsPerson(_) => 3,
            Self::Later(_) => 75,
            Self::Denied(_) => 77,
        }
    }

    /// A stable token for JSON and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Denied(_) => "denied",
            Self::Done => "done",
            Self::Elsewhere => "elsewhere",
            Self::Failed(_) => "failed",
            Self::Later(_) => "later",
            Self::NeedsPerson(_) => "needs-person",
        }
    }

    /// Why.
    #[must_use]
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Denied(reason)
            | Self::Failed(reason)
            | Self::Later(reason)
            | Self::NeedsPerson(reason) => Some(reason),
            Self::Done | Self::Elsewhere => None,
        }
    }

    /// How a run ends on this error of a store.
    #[must_use]
    pub const fn of_store(action: Action, error: StoreError) -> Self {
        let reason = Reason::Store(action, error);
        match error {
            StoreError::Conflict => Self::Elsewhere,
            StoreError::Denied => Self::Denied(reason),
            StoreError::Malformed | StoreError::Missing | StoreError::Unfit => {
                Self::NeedsPerson(reason)
            }
            StoreError::Limited
            | StoreError::Locked
            | StoreError::Unavailable
            | StoreError::Unknown => Self::Later(reason),
        }
    }

    /// How a run ends on this error of a vendor.
    #[must_use]
    pub const fn of_vendor(action: Action, error: RotatorError) -> Self {
        let reason = Reason::Vendor(action, error);
        match error {
            RotatorError::Denied => Self::Denied(reason),
            RotatorError::Failed | RotatorError::Rejected => Self::Failed(reason),
            RotatorError::Occupied => Self::NeedsPerson(reason),
            RotatorError::Ambiguous | RotatorError::Limited(_) | RotatorError::Unavailable => {
                Self::Later(reason)
            }
        }
    }
}

/// Why a run stopped.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Earlier attempts failed; the next is not due yet.
    #[error("earlier attempts failed, and the next is not due yet")]
    BackOff,
    /// Too many attempts failed.
    #[error("too many attempts have failed")]
    Breaker,
    /// The value that was brought does not log in.
    #[error("the value that was brought does not log in")]
    Brought,
    /// The clocks of this host and of the store differ.
    #[error("the clocks of this host and of the store differ by more than five minutes")]
    ClockSkew,
    /// The current value does not log in, so nothing may be taken away or built on it.
    #[error("the current value does not log in")]
    CurrentDead,
    /// The generation before is still in its grace.
    #[error("the generation before is still in its grace")]
    Grace,
    /// Neither the current nor the pending value logs in.
    #[error("neither the current nor the pending value logs in")]
    NeitherLogsIn,
    /// A roll was asked for that would lose the credential if its answer were lost.
    #[error("a lost answer would lose the credential, and that was not accepted")]
    LossWindow,
    /// The time given to the run is over.
    #[error("the time given to the run is over")]
    OutOfTime,
    /// Several logins failed; more could lock the account.
    #[error("several logins have failed, and more could lock the account")]
    Probes,
    /// The new value does not log in yet.
    #[error("the new value does not log in yet")]
    Propagating,
    /// Whoever rotates it has not done so yet.
    #[error("whoever rotates it has not done so yet")]
    Rotating,
    /// The retired value still logs in.
    #[error("the retired value still logs in")]
    StillLive,
    /// A store said no.
    #[error("{}: {}", .0.code(), .1)]
    Store(Action, StoreError),
    /// The store says that somebody else rotates it.
    #[error("the store says that somebody else rotates it")]
    Theirs,
    /// No program can make a new value.
    #[error("no program can make a new value")]
    Track,
    /// It cannot be seen whether a value logs in.
    #[error("the vendor could not be asked whether a value logs in")]
    Unseen,
    /// Nothing came to rest in the steps that a run has.
    #[error("it did not come to rest")]
    Unsettled,
    /// A vendor said no.
    #[error("{}: {}", .0.code(), .1)]
    Vendor(Action, RotatorError),
    /// The window is closed.
    #[error("the window is closed")]
    Window,
}

/// What a person should know although nothing failed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// The clocks of this host and of the store differ.
    ClockSkew,
    /// Old versions with old values stay in the store.
    OldVersionsStay,
    /// The generation before is live and has to be revoked by hand.
    PredecessorStays,
}
