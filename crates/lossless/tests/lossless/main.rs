//! Files of every format: read, changed, and changed back.

#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

mod corpus;
mod json;
mod laws;
mod robust;
mod toml;
mod yaml;
