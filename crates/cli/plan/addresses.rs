//! Where a placeholder's value may come from, and whether this server may have it.

use mcp_launch_config::{Binding, ConfigError};
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
        let bindings = match reference {
            Reference::Name(name) => self.binding(name)?.into_iter().collect(),
            // Another way to a value is no way around its grant.
            Reference::Address(address) => self.settings.bindings_at(address),
        };
        for binding in bindings {
            if !binding.grants(server) {
                let granted = binding.grant.unwrap_or_default();
                return Err(Problem::not_granted(&binding.name, server, &granted));
            }
        }
        self.addresses(reference)
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
            registry::check(&address).map_err(Problem::address)?;
            self.check_command(&address)?;
            return Ok(vec![address]);
        }
        let order = self
            .settings
            .order()
            .map_err(|error| Problem::settings(&error))?;
        let first = self.dotenv_first.then_some("dotenv");
        let rest = order
            .iter()
            .copied()
            .filter(|&scheme| Some(scheme) != first);
        Ok(first
            .into_iter()
            .chain(rest)
            .map(|scheme| Address::new(scheme, reference.to_string()))
            .collect())
    }

    fn binding(&self, name: &Name) -> Result<Option<Binding>, Problem> {
        self.settings
            .binding(name.as_str())
            .map_err(|error| Problem::settings(&error))
    }

    /// A command is run only when the user's own settings allow it.
    fn check_command(&self, address: &Address) -> Result<(), Problem> {
        let rules = registry::command_rules(self.settings);
        if address.scheme != "exec" || rules.allow(address.locator.as_str()) {
            return Ok(());
        }
        let suggestion = source_command::Rules::suggestion(address.locator.as_str());
        Err(Problem {
            reason: "denied",
            text: "your settings do not allow this command".to_owned(),
            remedy: Some(format!(
                "if you trust it, add to your own config.toml: [stores.exec] allow = [\"{suggestion}\"]"
            )),
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

    fn not_granted(name: &Name, server: Option<&str>, granted: &[String]) -> Self {
        let text = match server {
            Some(server) => format!("`{name}` is not granted to the server `{server}`"),
            None => format!("`{name}` is granted to named servers only"),
        };
        Self {
            reason: "not-granted",
            text,
            remedy: Some(format!(
                "start it with `--server` and one of: {}",
                granted.join(", ")
            )),
        }
    }
}
