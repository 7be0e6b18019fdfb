//! The settings files, whom they are trusted to, and how a program is found.
//!
//! [`Settings::load`] reads the person's own file and the project's, and touches no store. What an
//! untrusted project file may not decide is an error at the moment it would be used, so every
//! question that such a file could answer returns a `Result`.

mod binding;
mod checked_file;
mod decode;
mod directories;
mod document;
mod dotenv_file;
mod entries;
mod error;
mod grant;
mod network_stores;
#[cfg(not(windows))]
mod node_versions;
mod order;
mod program;
mod program_error;
mod project_file;
mod rotation;
mod rotators;
mod scalars;
#[cfg(feature = "schema")]
mod schema;
mod server;
mod settings;
mod shown;
mod spans;
mod stores;
mod trust;
mod user_file;
mod usual_places;
mod vocabulary;

pub use binding::Binding;
pub use checked_file::{is_foreign, open as open_at_once};
pub use directories::Directories;
pub use document::{Located, Origin};
pub use dotenv_file::{DotenvFile, NamedBy, Unfit};
pub use entries::ServerCommand;
pub use error::{ConfigError, ConfigErrorKind};
pub use grant::Grant;
pub use network_stores::{
    AwsAccessKey, AwsStore, NetworkStore, VaultAuth, VaultEngine, VaultStore,
};
pub use order::DEFAULT_ORDER;
pub use program::find_program;
pub use program_error::{ProgramError, ProgramErrorKind};
pub use project_file::{PROJECT_FILE_NAME, Project, Skipped};
pub use rotation::{Rotate, Timing};
pub use rotators::{
    Administrator, DatabaseServer, PostgresRotator, RandomRotator, Rotator, TlsMode, TrackRotator,
};
pub use scalars::{Dialect, Inherit, Isolation, OnRotate};
#[cfg(feature = "schema")]
pub use schema::{project_schema, user_schema};
pub use server::Server;
pub use settings::Settings;
pub use spans::{DEADLINES, DEFAULT_DEADLINE};
pub use stores::ExecRules;
pub use trust::{Gated, Trust, TrustRecord, TrustStore};
pub use user_file::USER_FILE_NAME;
pub use vocabulary::SCHEMES;

/// The example of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
