//! `[stores.vault]`, and `[stores.NAME]` of the kind `vault`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use mcp_launch_core::Template;

use crate::decode::{Table, Value};
use crate::error::ConfigError;
#[cfg(feature = "schema")]
use crate::network_stores::schema;
use crate::network_stores::{VaultAuth, texts};
use crate::spans;

/// One Vault or OpenBao.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        default,
        deny_unknown_fields,
        transform = schema::vault_kind
    )
)]
pub struct VaultStore {
    /// Where the Vault is: `https://vault.example:8200`. Needed beside `auth`. Without it, `VAULT_ADDR`.
    #[cfg_attr(feature = "schema", schemars(default, with = "crate::schema::UrlText"))]
    pub address: Option<String>,
    /// Whether the token and values may go to another machine over plain http.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub allow_http: bool,
    /// How to log in. Without it, `VAULT_TOKEN`, the token helper or `~/.vault-token`.
    #[cfg_attr(feature = "schema", schemars(default, with = "VaultAuth"))]
    pub auth: Option<VaultAuth>,
    /// A file or folder of CA certificates to trust in place of the system's.
    #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
    pub ca_cert: Option<PathBuf>,
    /// How long an answer may be used again without asking: `10m`, from `1s` to `24h`. Without it, not at all.
    #[cfg_attr(feature = "schema", schemars(default, with = "crate::schema::AgeText"))]
    pub cache: Option<Duration>,
    /// The certificate that the launcher shows, in PEM.
    #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
    pub client_cert: Option<PathBuf>,
    /// Its private key, in PEM.
    #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
    pub client_key: Option<PathBuf>,
    /// What each mount is, for those that shall not be found out by asking: `"team/kv" = "kv-v2"`.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub mounts: BTreeMap<String, VaultEngine>,
    /// Where bare names stand, so that `order` can have this store: `secret/mcp#{name}`.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::NamesText")
    )]
    pub names: Option<String>,
    /// The namespace, `team/project`.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub namespace: Option<String>,
    /// Paths that give a value only when something is written to them, with what is written.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub requests: BTreeMap<String, BTreeMap<String, String>>,
    /// How old an answer may be that is used when the Vault cannot be reached: `24h`, at most `30d`. Without
    /// it, none is used.
    #[cfg_attr(feature = "schema", schemars(default, with = "crate::schema::AgeText"))]
    pub stale: Option<Duration>,
    /// The name that the server's certificate must have, if it is not the address's.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub tls_server_name: Option<String>,
}

/// What stands at a mount of a Vault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum VaultEngine {
    /// `kv-v1`: key and value, without versions.
    #[cfg_attr(feature = "schema", schemars(rename = "kv-v1"))]
    KvV1,
    /// `kv-v2`: key and value, with versions.
    #[cfg_attr(feature = "schema", schemars(rename = "kv-v2"))]
    KvV2,
    /// `other`: its paths are read as they are.
    #[cfg_attr(feature = "schema", schemars(rename = "other"))]
    Other,
}

impl VaultStore {
    /// The Vault that `table` describes, which is `value` without its `kind`.
    pub(super) fn decode(value: &Value<'_>, mut table: Table<'_>) -> Result<Self, ConfigError> {
        let cache = table.take_value("cache", spans::cache)?;
        let store = Self {
            address: table.take_value("address", address)?,
            allow_http: table
                .take_value("allow_http", Value::flag)?
                .unwrap_or_default(),
            auth: table.take_value("auth", VaultAuth::decode)?,
            ca_cert: table.take_value("ca_cert", Value::path)?,
            cache,
            client_cert: table.take_value("client_cert", Value::path)?,
            client_key: table.take_value("client_key", Value::path)?,
            mounts: table.take_value("mounts", mounts)?.unwrap_or_default(),
            names: table.take_value("names", names)?,
            namespace: table.take_value("namespace", texts::plain)?,
            requests: table.take_value("requests", requests)?.unwrap_or_default(),
            stale: table.take_value("stale", |value| spans::stale(value, cache))?,
            tls_server_name: table.take_value("tls_server_name", texts::plain)?,
        };
        table.finish()?;
        // The client's entry, which a repository may ship, sets the variables: it must not say to whom the
        // login goes that stands here.
        if store.auth.is_some() && store.address.is_none() {
            return Err(value.lacks("`address`: a login belongs to one"));
        }
        match (&store.client_cert, &store.client_key) {
            (Some(_), None) => Err(value.lacks("`client_key`, the key of `client_cert`")),
            (None, Some(_)) => Err(value.lacks("`client_cert`, the certificate of `client_key`")),
            _ => Ok(store),
        }
    }

    /// The texts that its login needs.
    pub(super) fn login(&self) -> Vec<&Template> {
        self.auth
            .as_ref()
            .map(VaultAuth::templates)
            .unwrap_or_default()
    }
}

impl VaultEngine {
    fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        value.choice(&[
            ("kv-v1", Self::KvV1),
            ("kv-v2", Self::KvV2),
            ("other", Self::Other),
        ])
    }
}

fn address(value: &Value<'_>) -> Result<String, ConfigError> {
    texts::url(value, "an address such as \"https://vault.example:8200\"")
}

fn mounts(value: &Value<'_>) -> Result<BTreeMap<String, VaultEngine>, ConfigError> {
    let mounts = value.table()?.take_all(|key, value| {
        let mount = texts::vault_path(
            key,
            value,
            "a mount such as \"team/kv\", without a slash at its ends",
        )?;
        Ok((mount, VaultEngine::decode(value)?))
    })?;
    Ok(mounts
        .into_iter()
        .map(|(mount, engine)| (mount, engine.value))
        .collect())
}

/// A place for a field of a secret: a mount, a path and a field, one of which is the name.
fn names(value: &Value<'_>) -> Result<String, ConfigError> {
    const EXPECTED: &str = "a place with `{name}` once, such as \"secret/mcp#{name}\"";
    let names = texts::names(value, EXPECTED)?;
    let is_field = names.split_once('#').is_some_and(|(path, field)| {
        !field.is_empty()
            && path
                .split_once('/')
                .is_some_and(|(mount, rest)| !mount.is_empty() && !rest.is_empty())
    });
    if !is_field {
        return Err(value.expected(EXPECTED));
    }
    Ok(names)
}

/// What is written to a path to get its value, by path.
fn requests(value: &Value<'_>) -> Result<BTreeMap<String, BTreeMap<String, String>>, ConfigError> {
    let requests = value.table()?.take_all(|key, value| {
        let path = texts::vault_path(
            key,
            value,
            "a path such as \"pki/issue/web\", without a slash at its ends",
        )?;
        Ok((path, parameters(value)?))
    })?;
    Ok(requests
        .into_iter()
        .map(|(path, parameters)| (path, parameters.value))
        .collect())
}

fn parameters(value: &Value<'_>) -> Result<BTreeMap<String, String>, ConfigError> {
    let parameters = value
        .table()?
        .take_all(|key, value| Ok((key.to_owned(), texts::plain(value)?)))?;
    Ok(parameters
        .into_iter()
        .map(|(name, text)| (name, text.value))
        .collect())
}
