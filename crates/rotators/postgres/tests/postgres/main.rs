//! The rotator on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod alternate;
mod bootstrap;
mod crashes;
mod faults;
mod logins;
mod single;
mod world;
