//! `$<vault:…>`: values of HashiCorp Vault and OpenBao.

pub mod keeper;
mod settings;
mod source;

pub use settings::{Auth, Engine, Settings};
pub use source::{SCHEME, VaultSource};
