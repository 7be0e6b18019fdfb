//! Rotates a credential by a program of the user's own: what no rotator here knows, a script can do.
//!
//! The program is started once for each operation, without a shell, and is asked in JSON on its standard input; it answers in
//! JSON on its standard output. A value is never in its arguments or its environment. The protocol is in `README.md`.
//!
//! [`HookRotator::connect`] asks what the program can do.

#![forbid(unsafe_code)]

mod describe;
mod process;
mod program;
mod protocol;
mod redact;
mod rotator;
mod settings;

pub use describe::{Class, Description, Fate};
pub use program::{Pin, Program, ProgramError};
pub use rotator::{HookError, HookRotator};
pub use settings::{Chosen, HookSettings};
