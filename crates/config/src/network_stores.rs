//! `[stores.vault]`, `[stores.aws]` and `[stores.NAME]`: the stores that are reached over a network.

mod aws;
mod login;
mod named;
#[cfg(feature = "schema")]
mod schema;
mod texts;
mod vault;
mod vault_auth;

pub use aws::{AwsAccessKey, AwsStore};
pub use vault::{VaultEngine, VaultStore};
pub use vault_auth::VaultAuth;

pub(crate) use named::{NetworkStores, none_here};
#[cfg(feature = "schema")]
pub(crate) use schema::without_null as without_nulls;
pub(crate) use texts::{NAME_PLACE, plain};

/// A store that is reached over a network, as the person's own file describes it. What a file does not say
/// is not set here: the store's own variables and files may say it.
#[derive(Clone, Copy, Debug)]
pub enum NetworkStore<'a> {
    /// AWS Secrets Manager.
    Aws(&'a AwsStore),
    /// HashiCorp Vault or OpenBao.
    Vault(&'a VaultStore),
}

impl<'a> NetworkStore<'a> {
    /// Where its bare names stand: a locator in which `{name}` stands for the name.
    #[must_use]
    pub fn names(self) -> Option<&'a str> {
        match self {
            Self::Aws(store) => store.names.as_deref(),
            Self::Vault(store) => store.names.as_deref(),
        }
    }

    /// What `names` can be.
    pub(crate) fn names_example(self) -> &'static str {
        match self {
            Self::Aws(_) => "mcp/{name}",
            Self::Vault(_) => "secret/mcp#{name}",
        }
    }
}
