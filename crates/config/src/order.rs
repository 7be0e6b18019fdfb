//! `order`: where a bare name is looked up, and what each store calls it.

use std::sync::LazyLock;

use mcp_launch_core::Address;

use crate::decode::Value;
use crate::document::{Located, Origin};
use crate::error::{ConfigError, ConfigErrorKind};
use crate::network_stores::{NAME_PLACE, NetworkStores};
use crate::settings::Settings;
use crate::vocabulary::ORDERABLE;

/// Where a bare name is looked up when no setting says so, first to last.
pub const DEFAULT_ORDER: &[&str] = &["keychain", "sealed", "dotenv"];

/// Stores, each at most once. A network store can be one when it says where bare names stand.
pub(crate) fn decode(value: &Value<'_>, named: &NetworkStores) -> Result<Vec<String>, ConfigError> {
    static EXPECTED: LazyLock<String> = LazyLock::new(|| format!("a list of {}", orderable()));
    static ONE: LazyLock<String> =
        LazyLock::new(|| format!("one of {}, or a network store", orderable()));
    let mut stores: Vec<String> = Vec::new();
    for item in value.list(&EXPECTED)? {
        let store = item.text(&EXPECTED)?;
        if !ORDERABLE.contains(&store) {
            let network = named.get(store).ok_or_else(|| item.expected(&ONE))?;
            if network.names().is_none() {
                return Err(item.error(ConfigErrorKind::NoNames {
                    store: store.to_owned(),
                    example: network.names_example(),
                }));
            }
        }
        if stores.iter().any(|before| before == store) {
            return Err(item.expected("each store once"));
        }
        stores.push(store.to_owned());
    }
    Ok(stores)
}

/// The stores that `order` can always have, as they are written there.
fn orderable() -> String {
    ORDERABLE
        .iter()
        .map(|store| format!("\"{store}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

impl Settings {
    /// The names of the stores in which a bare name is looked up, first to last.
    ///
    /// # Errors
    /// When a project file that is not trusted would decide it.
    pub fn order(&self) -> Result<Vec<&str>, ConfigError> {
        Ok(match self.set_order()? {
            Some(order) => order.value.iter().map(String::as_str).collect(),
            None => DEFAULT_ORDER.to_vec(),
        })
    }

    /// Where the order is set, if a file sets it.
    ///
    /// # Errors
    /// As [`Self::order`].
    pub fn order_origin(&self) -> Result<Option<&Origin>, ConfigError> {
        Ok(self.set_order()?.map(|order| &order.origin))
    }

    fn set_order(&self) -> Result<Option<&Located<Vec<String>>>, ConfigError> {
        self.nearest(
            "order",
            |file| file.order.as_ref(),
            |file| file.order.as_ref(),
        )
    }

    /// Where the value of the bare name `name` is in `store`: where the settings say that its names stand,
    /// else under the name itself.
    #[must_use]
    pub fn address_of(&self, store: &str, name: &str) -> Address {
        let names = self.network_store(store).and_then(|store| store.names());
        match names {
            Some(names) => Address::new(store, names.replacen(NAME_PLACE, name, 1)),
            None => Address::new(store, name),
        }
    }

    /// Every store in which a bare name can be looked up.
    pub(crate) fn orderable(&self) -> impl Iterator<Item = &str> {
        let network = self
            .network_stores()
            .into_iter()
            .filter(|(_, store)| store.names().is_some())
            .map(|(name, _)| name);
        ORDERABLE.iter().copied().chain(network)
    }
}
