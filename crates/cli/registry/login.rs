//! The logins of stores, which may stand in another store: one that needs no network, and so no login itself.

use std::sync::Arc;

use mcp_launch_config::Settings;
use mcp_launch_core::{Address, Credential, PlannedText, Reference, Site, Template};

use crate::registry::{Asker, LOCAL, Reach};

/// The logins of one store of the settings.
pub(super) struct Logins {
    /// What can give them.
    local: Arc<Reach>,
    /// The store's own name.
    store: String,
}

impl Logins {
    /// Those of the store `name`.
    pub(super) fn of(reach: &Reach, name: &str) -> Self {
        let mut local = reach.clone();
        local.sources = LOCAL;
        local.asker = Asker::Login;
        // A project must not say where the person's login comes from, trusted or not.
        local.settings = Arc::new(reach.settings.own());
        Self {
            local: Arc::new(local),
            store: name.to_owned(),
        }
    }

    /// The credential that stands at `key` of the store's settings.
    pub(super) fn credential(&self, key: &str, text: Template) -> Credential {
        let site = Site::Setting(format!("stores.{}.{key}", self.store));
        let text = PlannedText::new(&site, text, |placeholder| {
            self.candidates(placeholder.reference())
        });
        Credential::new(text, Arc::clone(&self.local) as _)
    }

    /// As for a launch, without the stores that would need a login themselves.
    fn candidates(&self, reference: &Reference) -> Vec<Address> {
        let settings = &self.local.settings;
        let bound = match reference {
            Reference::Address(address) => Some(address.clone()),
            Reference::Name(name) => settings
                .binding(name.as_str())
                .ok()
                .flatten()
                .and_then(|binding| binding.from)
                .map(|from| from.value),
        };
        let addresses = match bound {
            Some(address) => vec![address],
            None => settings
                .order()
                .unwrap_or_default()
                .into_iter()
                .map(|store| settings.address_of(store, &reference.to_string()))
                .collect(),
        };
        keep_local(settings, addresses)
    }
}

/// Leaves out the stores that would need a login themselves.
pub(super) fn keep_local(settings: &Settings, mut addresses: Vec<Address>) -> Vec<Address> {
    // By the settings, not by what connects: the quick executable would otherwise have the code of every store in it.
    addresses.retain(|address| settings.network_store(&address.scheme).is_none());
    addresses
}
