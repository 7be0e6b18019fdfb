//! The stores on the network that hold rotations: each with one login for a whole run.

#[cfg(any(feature = "aws", feature = "vault"))]
use std::collections::BTreeMap;

#[cfg(any(feature = "aws", feature = "vault"))]
use mcp_launch_config::NetworkStore;
use mcp_launch_core::SourceError;
use mcp_launch_rotation::RotatingStore;

use crate::registry::Reach;
#[cfg(any(feature = "aws", feature = "vault"))]
use crate::registry::login::Logins;

/// Network stores by name.
pub(crate) struct Networked {
    #[cfg(feature = "aws")]
    accounts: BTreeMap<String, source_aws::AwsSource>,
    #[cfg(feature = "vault")]
    vaults: BTreeMap<String, source_vault::VaultSource>,
}

/// A store of one credential, or why it cannot be one.
type Opened<'a> = Result<Box<dyn RotatingStore + 'a>, SourceError>;

impl Networked {
    /// Those of these names that are network stores. What launches share is not asked: a rotation needs what is there now.
    pub(crate) fn of<'a>(reach: &Reach, names: impl Iterator<Item = &'a str>) -> Self {
        let mut networked = Self {
            #[cfg(feature = "aws")]
            accounts: BTreeMap::new(),
            #[cfg(feature = "vault")]
            vaults: BTreeMap::new(),
        };
        for name in names {
            networked.add(reach, name);
        }
        networked
    }

    #[cfg(any(feature = "aws", feature = "vault"))]
    fn add(&mut self, reach: &Reach, name: &str) {
        match reach.settings.network_store(name) {
            #[cfg(feature = "aws")]
            Some(NetworkStore::Aws(store)) if !self.accounts.contains_key(name) => {
                let logins = Logins::of(reach, name);
                let source = super::aws::source(reach, store, &logins, true);
                self.accounts.insert(name.to_owned(), source);
            }
            #[cfg(feature = "vault")]
            Some(NetworkStore::Vault(store)) if !self.vaults.contains_key(name) => {
                let logins = Logins::of(reach, name);
                let source = super::vault::source(reach, store, &logins, true);
                self.vaults.insert(name.to_owned(), source);
            }
            _ => {}
        }
    }

    #[cfg(not(any(feature = "aws", feature = "vault")))]
    fn add(&mut self, _: &Reach, _: &str) {}

    /// The credential at `locator` of the network store `name`; `None` if it is none of these. A field is part of its secret,
    /// which is rotated as a whole.
    pub(crate) fn open(&self, name: &str, locator: &str) -> Option<Opened<'_>> {
        let whole = locator.split('#').next().unwrap_or(locator);
        #[cfg(feature = "vault")]
        if let Some(source) = self.vaults.get(name) {
            let opened = source.credential(whole);
            return Some(opened.map(|credential| Box::new(credential.rotating()) as _));
        }
        #[cfg(feature = "aws")]
        if let Some(source) = self.accounts.get(name) {
            let opened = source.credential(&mcp_launch_core::Locator::new(whole));
            return Some(opened.map(|credential| Box::new(credential) as _));
        }
        let _none_is_built = (name, whole);
        None
    }
}
