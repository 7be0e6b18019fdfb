//! What a runner asks of the world, and what it is told.

use mcp_launch_rotation::{Liveness, RotatorError, StoreError};

use crate::world::Kept;

/// One outside action.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Op {
    Begin {
        rev: u16,
        value: Option<u8>,
        owner: u8,
    },
    Discard {
        rev: u16,
        id: u16,
    },
    Issue {
        id: u16,
        login: u8,
    },
    List,
    Note {
        rev: u16,
        failures: u32,
        retry_at: i64,
    },
    Probe {
        value: u8,
    },
    Promote {
        rev: u16,
        id: u16,
        previous: Option<u8>,
        after: i64,
    },
    Read,
    Record {
        rev: u16,
        id: u16,
        value: u8,
    },
    Retire {
        handle: u8,
        login: u8,
    },
    Roll,
    Scrub {
        rev: u16,
    },
    Set {
        value: u8,
        login: u8,
    },
    Trigger,
}

/// What came back.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Answer {
    Listed(Result<Vec<(u8, u16)>, RotatorError>),
    Live(Liveness),
    Made(Result<u8, RotatorError>),
    Read(Result<(i64, Kept), StoreError>),
    Vendor(Result<(), RotatorError>),
    Written(Result<(), StoreError>),
}

impl Op {
    /// Whether it changes nothing, so that a lost answer is the same as no request.
    pub(crate) fn only_looks(&self) -> bool {
        matches!(self, Self::List | Self::Probe { .. } | Self::Read)
    }

    /// What a runner is told when its answer is lost, or when it could not be sent at all.
    pub(crate) fn unanswered(&self, sent: bool) -> Answer {
        let store = if sent {
            StoreError::Unknown
        } else {
            StoreError::Unavailable
        };
        let vendor = if sent {
            RotatorError::Ambiguous
        } else {
            RotatorError::Unavailable
        };
        match self {
            Self::List => Answer::Listed(Err(vendor)),
            Self::Probe { .. } => Answer::Live(Liveness::Unknown),
            Self::Issue { .. } | Self::Roll => Answer::Made(Err(vendor)),
            Self::Read => Answer::Read(Err(store)),
            Self::Retire { .. } | Self::Set { .. } | Self::Trigger => Answer::Vendor(Err(vendor)),
            Self::Begin { .. }
            | Self::Discard { .. }
            | Self::Note { .. }
            | Self::Promote { .. }
            | Self::Record { .. }
            | Self::Scrub { .. } => Answer::Written(Err(store)),
        }
    }
}
