//! What a launch asks of the system beyond starting the program.

use std::fmt;

use crate::isolation::Obstacle;

/// What a launch asks of the system beyond starting the program.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Policy {
    /// Whether the server is kept out of other processes' memory.
    pub isolate: Isolation,
}

impl Policy {
    /// A policy with this isolation.
    #[must_use]
    pub const fn new(isolate: Isolation) -> Self {
        Self { isolate }
    }
}

/// Whether a server is kept out of other processes' memory, environment and descriptors.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Isolation {
    /// Where the system can. Where it cannot, the launch goes on and carries a [`Notice`].
    #[default]
    IfPossible,
    /// Not at all: `--no-isolate`. Setuid programs work then.
    Off,
    /// Or nothing starts.
    Required,
}

/// Something the launch does without, for the person to read: one line, no value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// The server runs without isolation.
    NotIsolated(Obstacle),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotIsolated(obstacle) => write!(
                f,
                "the server can read the memory of your other programs: {obstacle}"
            ),
        }
    }
}
