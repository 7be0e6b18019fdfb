#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod bootstrap;
mod channel_binding;
mod fault;
mod login;
mod preflight;
mod remedy;
mod role;
mod rotator;
mod server;
mod session;
mod settings;
mod sql;
mod stream;
mod url;

pub use bootstrap::{Access, Bootstrap};
pub use preflight::Finding;
pub use rotator::Postgres;
pub use server::{Server, TlsMode};
pub use settings::{Place, Settings, SettingsError, Way};
