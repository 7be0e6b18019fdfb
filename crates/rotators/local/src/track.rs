//! A value that no program can make.

use mcp_launch_core::Deadline;
use mcp_launch_rotation::{Bundle, Liveness, Login, Method, Predecessor, Rotator};

/// Watches the end of a value, and takes the next from a person.
#[derive(Clone, Copy, Debug, Default)]
pub struct Track;

impl Rotator for Track {
    fn method(&self) -> Method<'_> {
        Method::Track
    }

    /// Whoever brings a new value revokes the old one where both are made.
    fn predecessor(&self) -> Predecessor<'_> {
        Predecessor::Stays
    }

    fn login(&self) -> Login {
        Login::Itself
    }

    /// The person who brought it has said so.
    fn probe(&self, _value: &Bundle, _deadline: Deadline) -> Liveness {
        Liveness::Live
    }
}
