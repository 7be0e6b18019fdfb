//! Values in git, found in repositories that the real git made. Root is needed: one of them belongs to another user.

#![cfg(unix)]

mod history;
mod hostile;
mod stage;
mod standing;
