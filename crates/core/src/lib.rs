//! Placeholders, plans and their resolution: what a launch is, before anything touches the system.
//!
//! The way of the data is one-way, and each stage is a type:
//!
//! ```text
//! LaunchPlan      printable: templates and an absolute program, no value
//!   → ResolvedLaunch   not printable, not clonable: values
//!     → (mcp-launch-exec) HardenedLaunch → execve
//! ```
//!
//! This crate does no I/O of its own; sources do, behind [`Source`].

mod credential;
mod deadline;
mod environment;
mod inquiry;
mod itinerary;
mod launch;
mod line_end;
mod loader_variables;
mod placeholder;
mod plan;
mod resolver;
mod secret;
mod shown;
mod source;
mod span;
mod template;

pub use credential::{Credential, CredentialError};
pub use deadline::Deadline;
pub use environment::Environment;
pub use inquiry::{Attempt, Connect, Found, Inspection, NotFollowed, Outlook, inspect};
pub use launch::{Piece, ResolvedLaunch, ResolvedText};
pub use line_end::LineEnd;
pub use loader_variables::is_loader_variable;
pub use placeholder::{Address, Delivery, Name, Notation, Placeholder, Reference, ReferenceError};
pub use plan::{FoundIn, LaunchPlan, Necessity, PlannedText, Program, Request, Site};
pub use resolver::{Failure, resolve};
pub use secret::Secret;
pub use shown::{Shown, shown};
pub use source::{
    Lender, Locator, LocatorError, Over, Position, Scheme, Source, SourceError, SourceErrorKind,
    StandingError, Store, Write,
};
pub use span::rough;
pub use template::{Part, Syntax, Template, TemplateError, TemplateErrorKind};
