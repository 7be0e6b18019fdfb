//! The source against the real OpenBao, and against servers that fail as told.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

mod errors;
mod faults;
mod leaks;
mod lending;
mod logins;
mod parts;
mod races;
mod reading;
mod rotating;
mod sharing;
mod stage;
mod standing;
mod storing;
mod writing;
