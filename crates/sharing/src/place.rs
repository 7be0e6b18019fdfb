//! Where lent values stand on this system.

#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
use kernel as system;

#[cfg(any(target_os = "macos", windows))]
mod keychain;
#[cfg(any(target_os = "macos", windows))]
use keychain as system;

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
mod nowhere;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
use nowhere as system;

use mcp_launch_core::SourceError;

pub(crate) use system::{LENDS_UNASKED, find, is_usable, put, remove};

/// Removes every shared and cached value of this user; how many there were.
///
/// # Errors
/// When the place where they stand cannot be used. Some may be removed already.
pub fn clear() -> Result<usize, SourceError> {
    system::clear()
}
