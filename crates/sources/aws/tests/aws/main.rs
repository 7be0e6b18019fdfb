//! The source against Moto, an emulation of AWS, and against a server that fails as told; as processes of their own,
//! since the SDK reads the variables and files of its process.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

mod accounts;
mod calls;
mod conformance;
mod faults;
mod keys;
mod logins;
mod races;
mod rights;
mod rotation;
mod sharing;
mod stage;
mod standing;
mod start;
mod values;
mod writing;
