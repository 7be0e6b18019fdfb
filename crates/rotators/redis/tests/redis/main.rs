//! The rotation of an account of Redis, against the real server.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod crashes;
mod faults;
mod leaks;
mod refusals;
mod rotating;
mod stage;
mod tls;
