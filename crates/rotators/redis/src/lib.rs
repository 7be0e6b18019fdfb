//! Rotates the password of an account of Redis or Valkey.
//!
//! An account of an access control list has any number of passwords, each kept as its SHA-256. The successor's digest is
//! added, so both passwords are in force until the digest of the one before is removed. No password is ever sent for a
//! change, only digests; a login sends it, over TLS where the server is another machine.
//!
//! What is changed is written to the server's own file in the same transaction: a server that forgot it when it restarts
//! would refuse a value that the store holds as current.

#![forbid(unsafe_code)]

mod check;
mod connection;
mod digest;
mod fault;
mod preflight;
mod rotator;
mod settings;

pub use preflight::{Finding, Preflight};
pub use rotator::RedisRotator;
pub use settings::{Address, Encryption, Mode, Persistence, Settings, SettingsError, Topology};
