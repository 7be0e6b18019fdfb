//! What the processes of one user share: turns, and values that are lent for a limited time.
//!
//! A client starts its servers together. The first launch asks the store; the others wait for their
//! turn, and find what it got. Without settings a value is lent for [`WINDOW`]; with them it is kept
//! as a cache, for as long as they say.
//!
//! | system | where lent values stand |
//! | --- | --- |
//! | Linux | the user keyring of the kernel: memory that is never swapped out, and no file |
//! | macOS, Windows | the system's keychain, and only those that the settings let be cached |
//! | others | nowhere: nothing is shared, and nothing fails |
//!
//! Every program of the user can read and write these places. So what is lent is sealed, and named, with
//! keys that are derived from what the launch logs in with: see [`Proof`].
//!
//! Everything here is a best effort: where nothing can be shared, each launch goes alone.

#[cfg(any(target_os = "macos", windows))]
pub mod entries;
pub mod keyring;
mod keys;
pub mod lock;
mod name;
mod place;
mod proof;
mod record;
mod sharing;
mod turn;

pub use place::clear;
pub use proof::Proof;
pub use sharing::{Sharing, WINDOW};
pub use turn::Turn;
