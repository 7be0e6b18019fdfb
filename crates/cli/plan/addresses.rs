//! Where a placeholder's value may come from, and whether this server may have it.

use std::ffi::OsStr;

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
            if matches!(reference, Reference::Name(name) if *name == grant.name) {
                return Err(Problem::not_granted(grant, None, server));
            }
            let granted = grant.addresses.iter().find(|granted| {
                asked
                    .iter()
                    .any(|asked| registry::overlap(self.settings, asked, granted, self.environment))
            });
            if let Some(granted) = granted {
                return Err(Problem::not_granted(grant, Some(granted), server));
            }
        }
        Ok(())
    }

    /// The address of a text that is exactly `${store:…}`. It would reach the server as it is.
    pub(super) fn address_in_braces(&self, text: &OsStr) -> Option<Address> {
        let inside = text.to_str()?.strip_prefix("${")?.strip_suffix('}')?;
        let address = Address::parse(inside)?;
        registry::scheme(self.settings, &address.scheme)?;
        Some(address)
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

    /// `asked_as` is the address by which it was recognised, if it was not asked by its name.
    fn not_granted(grant: &Grant, asked_as: Option<&Address>, server: Option<&str>) -> Self {
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
        let text = match asked_as {
            Some(address) => format!("this may be the value of `{name}` at {address}, and {text}"),
            None => text,
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
