//! The network stores of a file, by name: those of the two kinds, and those that the person named.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use mcp_launch_core::{Reference, Template};

use crate::decode::{Table, Value};
use crate::document::Located;
use crate::error::{ConfigError, ConfigErrorKind};
use crate::network_stores::{AwsStore, NetworkStore, VaultStore};
use crate::settings::Settings;
use crate::vocabulary::{SCHEMES, nearest, unknown_store};

/// AWS with no word in the file.
static PLAIN_AWS: LazyLock<AwsStore> = LazyLock::new(AwsStore::default);

/// A Vault with no word in the file.
static PLAIN_VAULT: LazyLock<VaultStore> = LazyLock::new(VaultStore::default);

/// Tables of `[stores]`, for whom one was misspelled.
const TABLES: &[&str] = &["aws", "dotenv", "exec", "file", "sealed", "vault"];

/// The network stores that the person's own file describes, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct NetworkStores(BTreeMap<String, Located<Described>>);

#[derive(Clone, Debug)]
enum Described {
    Aws(AwsStore),
    Vault(VaultStore),
}

#[derive(Clone, Copy)]
enum Kind {
    Aws,
    Vault,
}

impl NetworkStores {
    /// What of `[stores]` has not been asked for yet.
    pub(crate) fn decode(mut table: Table<'_>) -> Result<Self, ConfigError> {
        let mut stores = BTreeMap::new();
        let aws = table.take("aws", |value| described(value, Kind::Aws))?;
        stores.extend(aws.map(|store| ("aws".to_owned(), store)));
        let vault = table.take("vault", |value| described(value, Kind::Vault))?;
        stores.extend(vault.map(|store| ("vault".to_owned(), store)));
        for (name, value) in table.others() {
            let store = value.located(|value| of_own_name(name, value))?;
            stores.insert(name.to_owned(), store);
        }
        Ok(Self(stores))
    }

    /// The store of this name; `aws` and `vault` are there without a word in the file.
    pub(crate) fn get(&self, name: &str) -> Option<NetworkStore<'_>> {
        match (self.0.get(name), name) {
            (Some(store), _) => Some(store.value.shown()),
            (None, "aws") => Some(NetworkStore::Aws(&PLAIN_AWS)),
            (None, "vault") => Some(NetworkStore::Vault(&PLAIN_VAULT)),
            (None, _) => None,
        }
    }

    /// Passes if an address can begin with `store`.
    ///
    /// # Errors
    /// That it cannot, with the nearest that can.
    pub(crate) fn must_know(&self, store: &str) -> Result<(), ConfigErrorKind> {
        if SCHEMES.contains(&store) || self.0.contains_key(store) {
            return Ok(());
        }
        Err(unknown_store(store, self.0.keys().map(String::as_str)))
    }

    /// The bare names that their logins need.
    pub(crate) fn login_names(&self) -> impl Iterator<Item = &mcp_launch_core::Name> {
        self.0
            .values()
            .flat_map(|store| store.value.login())
            .flat_map(Template::placeholders)
            .filter_map(|placeholder| match placeholder.reference() {
                Reference::Name(name) => Some(name),
                Reference::Address(_) => None,
            })
    }
}

impl Described {
    fn shown(&self) -> NetworkStore<'_> {
        match self {
            Self::Aws(store) => NetworkStore::Aws(store),
            Self::Vault(store) => NetworkStore::Vault(store),
        }
    }

    fn login(&self) -> Vec<&Template> {
        match self {
            Self::Aws(store) => store.login(),
            Self::Vault(store) => store.login(),
        }
    }
}

/// `[stores.aws]` or `[stores.vault]`, where the name is the kind already.
fn described(value: &Value<'_>, kind: Kind) -> Result<Described, ConfigError> {
    let mut table = value.table()?;
    let (word, expected) = match kind {
        Kind::Aws => ("aws", "\"aws\", as the store is called"),
        Kind::Vault => ("vault", "\"vault\", as the store is called"),
    };
    table.take("kind", |value| match value.text(expected)? {
        text if text == word => Ok(()),
        _ => Err(value.expected(expected)),
    })?;
    of_kind(kind, value, table)
}

/// `[stores.NAME]`.
fn of_own_name(name: &str, value: &Value<'_>) -> Result<Described, ConfigError> {
    if !value.is_table() {
        return Err(misspelled(name, value));
    }
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if !is_name {
        return Err(value
            .expected("a store name of letters, digits, `_` and `-` that begins with a letter"));
    }
    if has_meaning(name) {
        return Err(value.expected("a store name that has no other meaning"));
    }
    let mut table = value.table()?;
    let kind = table.take_value("kind", |value| {
        value.choice(&[("aws", Kind::Aws), ("vault", Kind::Vault)])
    })?;
    let kind = kind.ok_or_else(|| {
        let near = nearest(name, TABLES);
        value.error(ConfigErrorKind::NoKind { near })
    })?;
    of_kind(kind, value, table)
}

fn of_kind(kind: Kind, value: &Value<'_>, table: Table<'_>) -> Result<Described, ConfigError> {
    Ok(match kind {
        Kind::Aws => Described::Aws(AwsStore::decode(value, table)?),
        Kind::Vault => Described::Vault(VaultStore::decode(value, table)?),
    })
}

/// Whether `$<name:…>` means something already; `fd` is how a value is handed over.
fn has_meaning(name: &str) -> bool {
    name == "fd" || SCHEMES.contains(&name)
}

fn misspelled(name: &str, value: &Value<'_>) -> ConfigError {
    let near = nearest(name, TABLES);
    value.error(ConfigErrorKind::UnknownKey { near })
}

/// Passes if nothing but what was asked for stands in the `[stores]` of a project file.
///
/// # Errors
/// What stands there: a store of the project's own, or a typo.
pub(crate) fn none_here(table: Table<'_>) -> Result<(), ConfigError> {
    let Some((name, value)) = table.others().into_iter().next() else {
        return Ok(());
    };
    let is_store = value.is_table() && !has_meaning(name);
    if is_store && (value.table()?.has("kind") || nearest(name, TABLES).is_none()) {
        return Err(value.error(ConfigErrorKind::OnlyInUserFile));
    }
    Err(misspelled(name, &value))
}

impl Settings {
    /// The network store of this name; `aws` and `vault` are there without a word in the file.
    #[must_use]
    pub fn network_store(&self, name: &str) -> Option<NetworkStore<'_>> {
        static NONE: NetworkStores = NetworkStores(BTreeMap::new());
        self.user
            .as_ref()
            .map_or(&NONE, |user| &user.stores.network)
            .get(name)
    }

    /// The network stores that the person's own file describes, sorted by name.
    #[must_use]
    pub fn network_stores(&self) -> Vec<(&str, NetworkStore<'_>)> {
        self.user
            .iter()
            .flat_map(|user| &user.stores.network.0)
            .map(|(name, store)| (name.as_str(), store.value.shown()))
            .collect()
    }
}
