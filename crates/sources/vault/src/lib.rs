//! `$<vault:…>`: values of HashiCorp Vault and OpenBao.

mod keeper;
mod settings;
mod source;

pub use keeper::keep;
pub use settings::{Auth, Engine, Settings};
pub use source::{SCHEME, VaultSource};
