//! The sealed store: secrets in one encrypted file of mcp-launch's own, for machines without a keychain.
//!
//! The file is an [age](https://age-encryption.org/v1) file, so `age`, `rage` and others open it. Its key
//! is either a file that only its owner can read, or is itself sealed with a passphrase; then
//! [`SealedSource::unlock`] lends it to the kernel keyring for a while, and no process has to stay.

mod apart;
mod disk;
mod fault;
mod key;
mod keyring;
mod layout;
mod lock;
mod payload;
mod protect;
mod scheme;
mod seal;
mod source;
mod status;
mod unescape;

pub use scheme::SCHEME;
pub use source::SealedSource;
pub use status::{KeyState, Problem, Status};
