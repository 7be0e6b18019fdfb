//! What was changed in a person's files, and how it is taken back.
//!
//! A record is durable before the file is touched, so a change that was made is always known, and one that is recorded may
//! not have been made: [`Body::standing`] tells.

#![forbid(unsafe_code)]

mod body;
mod folder;
mod log;

pub use body::{Access, Body, Standing};
pub use log::{Log, LogError, Record};

use mcp_launch_core::SourceError;
use zeroize::Zeroizing;

/// Keeps what stood in a file from whoever reads the records.
pub trait Seal {
    /// Seals `plain`.
    ///
    /// # Errors
    /// When there is no key, or it is locked.
    fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, SourceError>;

    /// Opens what [`Seal::seal`] made.
    ///
    /// # Errors
    /// When the key is another one or locked, or `sealed` is damaged.
    fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SourceError>;
}
