//! `$<vault:…>`: values of HashiCorp Vault and OpenBao.

mod answer;
mod denial;
mod endpoint;
mod exchange;
mod fault;
mod field;
mod helper;
pub mod keeper;
mod login;
mod reach;
mod reference;
mod round;
mod scheme;
mod secret;
mod settings;
mod source;
mod token;
mod wire;

pub use scheme::SCHEME;
pub use settings::{Auth, Engine, Settings};
pub use source::VaultSource;
