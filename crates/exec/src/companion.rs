//! A process of ours beside the server, for what must go on while the server lives.
//!
//! The launcher becomes the server, so nobody of ours would be left to see its end. A companion is started before that:
//!
//! ```text
//! launcher                                companion
//! start_companion ── letter, by a pipe ─→ Companion::begin, letter
//!                 ←─ ready, or why not ── detach, Detached::ready
//! becomes the server                      Watch: tells of the server's end
//! ```
//!
//! What it does is in the letter, so nothing of it is in arguments, variables or files. It has a session of its own, no
//! descriptor of the client's, and is no child of the server's: that one never meets a process that it does not know.

use std::fmt;
use std::io;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{Companion, Detached, Watch, start_companion};
#[cfg(windows)]
pub use windows::{Companion, Detached, Watch, start_companion};

/// What the companion says once it watches. Anything else is why it does not.
const READY: &[u8] = b"ready";

/// The longest reason that is read.
const LONGEST_REASON: usize = 1024;

/// Why there is no companion.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CompanionError {
    /// It ended without a word.
    Died,
    /// The launcher was gone before it could be watched.
    LauncherGone,
    /// A call of the system failed.
    Os {
        /// What was done.
        step: &'static str,
        /// The system's error number.
        errno: i32,
    },
    /// It said why. The text is its own.
    Said(String),
    /// It did not get ready in time.
    Silent,
}

impl CompanionError {
    fn os(step: &'static str, error: &io::Error) -> Self {
        Self::Os {
            step,
            errno: error.raw_os_error().unwrap_or_default(),
        }
    }

    fn answered(answer: &[u8]) -> Result<(), Self> {
        match answer {
            READY => Ok(()),
            [] => Err(Self::Died),
            reason => Err(Self::Said(String::from_utf8_lossy(reason).into_owned())),
        }
    }
}

impl fmt::Display for CompanionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Died => f.write_str("it ended without a word"),
            Self::LauncherGone => f.write_str("the launcher was gone before it could be watched"),
            Self::Os { step, errno } => {
                write!(f, "{step}: {}", io::Error::from_raw_os_error(*errno))
            }
            Self::Said(reason) => f.write_str(reason),
            Self::Silent => f.write_str("it did not get ready in time"),
        }
    }
}

impl std::error::Error for CompanionError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_answer_means_that_it_watches() {
        assert_eq!(CompanionError::answered(b"ready"), Ok(()));
        assert_eq!(CompanionError::answered(b""), Err(CompanionError::Died));
        let said = CompanionError::answered(b"ready?").unwrap_err();
        assert_eq!(said.to_string(), "ready?");
    }
}
