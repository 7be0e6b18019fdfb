//! Copies of secret values that stay behind when a file's secrets move into a store: beside the file, and in git.
//!
//! Everything here only reads. What was found is told by names and paths, never by a value; what was not
//! looked at is told too, so that nothing found is not mistaken for nothing there.

#![forbid(unsafe_code)]

mod beside;
mod forms;
mod git;
mod kind;
mod leftover;
mod needles;

pub use beside::{FILES, LARGEST, beside};
pub use git::{COMMITS, GitTrouble, Standing, in_git, is_ignored, standing};
pub use kind::FileKind;
pub use leftover::{Leftover, Place, Reason, Search, Unsearched};
pub use needles::{Needles, SHORTEST};
