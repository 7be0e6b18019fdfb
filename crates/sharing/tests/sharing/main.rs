//! What processes share, with real processes and the real kernel keyring. What the keyring holds is the user's, so
//! tests that fill or clear it run as users that nobody else is.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

mod filtered;
mod forged;
mod loan;
mod quota;
mod stage;
mod turns;
