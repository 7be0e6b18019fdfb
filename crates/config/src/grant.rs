//! Which servers may have a secret, and at which addresses its value is.

use mcp_launch_core::{Address, Name};

use crate::document::Origin;
use crate::error::ConfigError;
use crate::settings::{Settings, value_of};

/// That only some servers may have a secret.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The secret.
    pub name: Name,
    /// The servers that may have it. Where both files have a list, the servers that are in both.
    pub servers: Vec<String>,
    /// Every address at which a file says that the value is, each another way to it. Where one file
    /// moves the name to another address, the grant holds at both: moving does not lift it.
    pub addresses: Vec<Address>,
    /// Where the list stands, of two lists the project's.
    pub origin: Origin,
}

impl Grant {
    /// Whether a launch of `server` may have the value.
    #[must_use]
    pub fn allows(&self, server: Option<&str>) -> bool {
        server.is_some_and(|server| self.servers.iter().any(|name| name == server))
    }
}

impl Settings {
    /// The secrets that not every server may have, sorted by name. A grant only restricts, so one of a
    /// project counts without trust.
    ///
    /// # Errors
    /// When there is a project file that cannot be read: it may hold a grant.
    pub fn grants(&self) -> Result<Vec<Grant>, ConfigError> {
        self.project_must_be_sound()?;
        Ok(self
            .secret_names()
            .into_iter()
            .filter_map(|name| self.grant(name))
            .collect())
    }

    fn grant(&self, name: Name) -> Option<Grant> {
        let lists: Vec<_> = self
            .entries(&name)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.value.grant.as_ref())
            .collect();
        let origin = lists.first()?.origin.clone();
        let servers = lists
            .into_iter()
            .map(|list| list.value.clone())
            .reduce(in_both)?;
        Some(Grant {
            addresses: self.places(&name),
            name,
            servers,
            origin,
        })
    }

    /// Where the project's file says that the value is, and where the person's own does. A name that
    /// the latter, or the only one, does not bind is at itself in every store that may be looked in.
    fn places(&self, name: &Name) -> Vec<Address> {
        let [near, far] = self.entries(name);
        let mut addresses: Vec<Address> = [near, far]
            .into_iter()
            .flatten()
            .filter_map(|entry| value_of(&entry.value.from))
            .collect();
        let is_bound = far.or(near).is_some_and(|entry| entry.value.from.is_some());
        if !is_bound {
            addresses.extend(
                self.orderable()
                    .map(|store| self.address_of(store, name.as_str())),
            );
        }
        addresses
    }
}

fn in_both(mut one: Vec<String>, other: Vec<String>) -> Vec<String> {
    one.retain(|server| other.contains(server));
    one
}
