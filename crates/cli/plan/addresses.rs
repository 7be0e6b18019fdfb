//! Where a placeholder's value may come from, and whether this server may have it.

use mcp_launch_config::{Binding, ConfigError, Grant};
use mcp_launch_core::{Address, Name, Reference};

use crate::plan::Planner;
use crate::registry;

impl Planner<'_> {
    /// Where a value may come from for this server, in the order to ask.
    pub(super) fn candidates(
        &self,
        server: Option<&str>,
        reference: &Reference,
    ) -> Result<Vec<Address>, Problem> {
        let addresses = self.addresses(reference)?;
        self.check_grants(server, reference, &addresses)?;
        Ok(addresses)
    }

    /// Another way to a value is no way around its grant: neither its address, nor another name that is
    /// bound to the same, nor another spelling.
    fn check_grants(
        &self,
        server: Option<&str>,
        reference: &Reference,
        asked: &[Address],
    ) -> Result<(), Problem> {
        let grants = self
            .grants
            .get_or_init(|| self.settings.grants())
            .as_ref()
            .map_err(Problem::settings)?;
        for grant in grants.iter().filter(|grant| !grant.allows(server)) {
            let is_named = matches!(reference, Reference::Name(name) if *name == grant.name);
            let is_asked = || {
                asked.iter().any(|asked| {
                    grant.addresses.iter().any(|granted| {
                        registry::overlap(self.settings, asked, granted, self.environment)
                    })
                })
            };
            if is_named || is_asked() {
                return Err(Problem::not_granted(grant, server));
            }
        }
        Ok(())
    }

    /// Where a value may come from, whoever asks, in the order to ask.
    pub(crate) fn addresses(&self, reference: &Reference) -> Result<Vec<Address>, Problem> {
        let bound = match reference {
            Reference::Address(address) => Some(address.clone()),
            Reference::Name(name) => self
                .binding(name)?
                .and_then(|binding| binding.from)
                .map(|from| from.value),
        };
        if let Some(address) = bound {
            registry::check(self.settings, &address).map_err(Problem::address)?;
            self.check_command(&address)?;
            return Ok(vec![address]);
        }
        let order = self
            .settings
            .order()
            .map_err(|error| Problem::settings(&error))?;
        let first = self.dotenv_first.then_some("dotenv");
        let rest = order.into_iter().filter(|&store| Some(store) != first);
        let name = reference.to_string();
        Ok(first
            .into_iter()
            .chain(rest)
            .map(|store| self.settings.address_of(store, &name))
            .collect())
    }

    fn binding(&self, name: &Name) -> Result<Option<Binding>, Problem> {
        self.settings
            .binding(name.as_str())
            .map_err(|error| Problem::settings(&error))
    }

    /// A command is run only when the user's own settings allow it.
    fn check_command(&self, address: &Address) -> Result<(), Problem> {
        if address.scheme != "exec"
            || registry::command_rules(self.settings).allow(address.locator.as_str())
        {
            return Ok(());
        }
        Err(Problem {
            reason: "denied",
            text: "your settings do not allow this command".to_owned(),
            remedy: Some(source_command::allow_remedy(&address.locator)),
        })
    }
}

/// Why a placeholder cannot be used, before anything is asked.
pub(crate) struct Problem {
    pub(crate) reason: &'static str,
    pub(crate) text: String,
    pub(crate) remedy: Option<String>,
}

impl Problem {
    fn settings(error: &ConfigError) -> Self {
        Self {
            reason: "settings",
            text: error.to_string(),
            remedy: error.hint(),
        }
    }

    fn address(error: registry::AddressError) -> Self {
        Self {
            reason: "address",
            text: error.text,
            remedy: error.remedy,
        }
    }

    fn not_granted(grant: &Grant, server: Option<&str>) -> Self {
        let Grant {
            name,
            origin,
            servers,
            ..
        } = grant;
        let text = match server {
            Some(server) => format!("`{name}` is not granted to the server `{server}` ({origin})"),
            None => format!("`{name}` is granted to named servers only ({origin})"),
        };
        let remedy = if servers.is_empty() {
            "no server may have it; add one to its `grant`".to_owned()
        } else {
            format!(
                "start it with `--server` and one of: {}",
                servers.join(", ")
            )
        };
        Self {
            reason: "not-granted",
            text,
            remedy: Some(remedy),
        }
    }
}
