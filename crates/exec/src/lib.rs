//! The last stage of a launch: from resolved values to the running server.
//!
//! ```text
//! protect_self()                    first thing in main, before any value exists
//! ResolvedLaunch
//!   → harden(launch, &policy)       builds the image, makes this process fit for it: cannot be undone
//!     → HardenedLaunch::exec        the server, in this process
//! ```
//!
//! The server gets the process as the client made it: process id, parent, group, session, working
//! directory, umask, limits, signal mask and dispositions. Only descriptors, core files, privileges and
//! the view of other processes are taken away. `docs/design/launch.md` has each point and its proof.
//!
//! This is the only crate of the project with `unsafe` code.
#![allow(
    unsafe_code,
    reason = "system calls that no safe library has: each block says why it is sound"
)]
#![deny(unsafe_op_in_unsafe_fn)]

mod companion;
mod error;
pub mod exit_code;
mod isolation;
mod policy;
mod protect;

#[cfg(target_os = "linux")]
mod landlock_domain;
#[cfg(target_os = "linux")]
mod privilege;

#[cfg(unix)]
mod continuation;
#[cfg(unix)]
mod diagnosis;
#[cfg(unix)]
mod handoff;
#[cfg(unix)]
mod hardened;
#[cfg(unix)]
mod image;
#[cfg(unix)]
mod inherited;
#[cfg(unix)]
mod sigpipe;

#[cfg(windows)]
mod windows;

pub use companion::{Companion, CompanionError, Detached, Watch, start_companion};
pub use error::{ExecError, ExecErrorKind, HardenError, Privilege};
pub use isolation::{IsolationSupport, Landlock, Obstacle, isolation_support};
pub use policy::{Isolation, Notice, Policy};
pub use protect::protect_self;

#[cfg(unix)]
pub use continuation::continue_as;
#[cfg(unix)]
pub use hardened::{HardenedLaunch, harden};
#[cfg(unix)]
pub use inherited::withhold_descriptors;
#[cfg(windows)]
pub use windows::{HardenedLaunch, harden, withhold_descriptors};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
