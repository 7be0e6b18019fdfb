//! What the tests of every crate share: values whose escape is noticed, an environment of their own,
//! and the behaviour that all sources have in common.

mod canary;
mod conformance;
mod scratch;
mod spelling;

pub use canary::{Canary, Sighting};
pub use conformance::conformance;
pub use scratch::{CLIENT_VARIABLES, ORDINARY_UID, Scratch};
