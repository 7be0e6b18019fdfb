//! `$<vault:…>`: values of HashiCorp Vault and OpenBao.

mod answer;
mod credential;
mod denial;
mod endpoint;
mod exchange;
mod fault;
mod field;
mod found;
mod hint;
mod holdings;
mod identity;
pub mod keeper;
mod layout;
mod lease;
mod login;
mod reach;
mod reference;
mod round;
mod scheme;
mod secret;
mod session;
mod settings;
mod shares;
mod source;
mod token;
mod token_helper;
mod wire;

pub use lease::{Lease, Term};
pub use reach::Reach;
pub use scheme::SCHEME;
pub use settings::{Auth, Engine, Settings};
pub use source::VaultSource;
