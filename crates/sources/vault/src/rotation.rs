//! Rotation in a Vault: a secret with versions as a store of it.
//!
//! Engines with versions know no labels: the newest version *is* the value in force. So the journal of a rotation stands in
//! the secret itself, under the key `_mcp_launch`, and each write is made over the version that was read and over no other
//! (`cas`). A launch reads the secret as ever; the journal is no field of it.

mod credential;
mod desk;
mod document;
mod policy;
mod sitting;
mod unmade;

pub use credential::VaultCredential;
pub(crate) use desk::{Desk, lock};
pub(crate) use sitting::Sitting;
pub(crate) use unmade::{Unmade, remedy};
