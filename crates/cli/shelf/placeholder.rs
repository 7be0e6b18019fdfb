//! Which placeholder finds a value of a shelf.

use std::collections::HashSet;
use std::time::Duration;

use mcp_launch_config::Settings;
use mcp_launch_core::{Address, Connect as _, Deadline, Locator, Name};

use crate::registry::Reach;
use crate::shelf::Shelf;

/// How long a store may take to say what it has. A launch would wait for it, too.
const PATIENCE: Duration = Duration::from_secs(10);

impl Shelf {
    /// The text of a placeholder that finds the value called `name` here.
    pub(crate) fn placeholder(&self, settings: &Settings, name: &str) -> String {
        let address = self.address(settings, name);
        if Name::new(name).is_some() && finds(settings, name, &address) {
            format!("$<{name}>")
        } else {
            format!("$<{address}>")
        }
    }

    /// The same for many. A store that is asked earlier and has a value of a name would answer in place of this one, so
    /// the name alone does not do then.
    pub(crate) fn placeholders(&self, reach: &Reach, names: &[&str]) -> Vec<String> {
        let hidden = self.hidden(reach, names);
        names
            .iter()
            .map(|name| {
                if hidden.contains(name) {
                    format!("$<{}>", self.address(&reach.settings, name))
                } else {
                    self.placeholder(&reach.settings, name)
                }
            })
            .collect()
    }

    /// Whether the value called `name` here is one that a bare `key` may be looked up as: what a `.env` that nobody
    /// named may refer to under that key.
    pub(crate) fn is_own(&self, settings: &Settings, key: &str, name: &str) -> bool {
        finds(settings, key, &self.address(settings, name))
    }

    /// Those of `names` that a store which is asked earlier has. One that gives no answer hides nothing.
    fn hidden<'n>(&self, reach: &Reach, names: &[&'n str]) -> HashSet<&'n str> {
        let unbound: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| {
                let binding = reach.settings.binding(name).ok().flatten();
                binding.is_none_or(|binding| binding.from.is_none())
            })
            .collect();
        let order = reach.settings.order().unwrap_or_default();
        let Some(own) = order.iter().position(|store| *store == self.store()) else {
            return HashSet::new();
        };
        let mut hidden = HashSet::new();
        // The `.env` holds what is moved, and then the reference, which goes on to the next store.
        for store in order[..own].iter().filter(|store| **store != "dotenv") {
            let Ok(source) = reach.connect(store) else {
                continue;
            };
            let locators: Vec<Locator> = unbound
                .iter()
                .map(|name| reach.settings.address_of(store, name).locator)
                .collect();
            let answers = source.look(&locators, Deadline::after(PATIENCE));
            hidden.extend(
                unbound
                    .iter()
                    .zip(answers)
                    .filter(|(_, answer)| answer.is_ok())
                    .map(|(name, _)| *name),
            );
        }
        hidden
    }
}

/// Whether the bare name finds the value at `address`.
fn finds(settings: &Settings, name: &str, address: &Address) -> bool {
    let from = match settings.binding(name) {
        Ok(binding) => binding.and_then(|binding| binding.from),
        Err(_) => return false,
    };
    match from {
        Some(from) => from.value == *address,
        None => settings.order().is_ok_and(|order| {
            order.contains(&address.scheme.as_str())
                && settings.address_of(&address.scheme, name) == *address
        }),
    }
}
