//! `[stores.aws]`, and `[stores.NAME]` of the kind `aws`.

use mcp_launch_core::Template;

use crate::decode::{Table, Value};
use crate::error::ConfigError;
use crate::network_stores::login::{self, placeholder_such_as};
use crate::network_stores::{AwsAccessKey, AwsStore, texts};
use crate::spans;

impl AwsStore {
    /// The account that `table` describes, which is `value` without its `kind`.
    pub(super) fn decode(value: &Value<'_>, mut table: Table<'_>) -> Result<Self, ConfigError> {
        let cache = table.take_value("cache", spans::cache)?;
        let store = Self {
            access_key: access_key(value, &mut table)?,
            allow_http: table
                .take_value("allow_http", Value::flag)?
                .unwrap_or_default(),
            cache,
            endpoint_url: table.take_value("endpoint_url", endpoint_url)?,
            names: table.take_value("names", names)?,
            profile: table.take_value("profile", texts::plain)?,
            region: table.take_value("region", region)?,
            stale: table.take_value("stale", |value| spans::stale(value, cache))?,
        };
        table.finish()?;
        Ok(store)
    }

    /// The texts that its login needs.
    pub(super) fn login(&self) -> Vec<&Template> {
        self.access_key
            .iter()
            .flat_map(|key| [Some(&key.id), Some(&key.secret), key.session_token.as_ref()])
            .flatten()
            .collect()
    }
}

/// The parts of a key, all or none.
fn access_key(
    value: &Value<'_>,
    table: &mut Table<'_>,
) -> Result<Option<AwsAccessKey>, ConfigError> {
    let id = table.take_value("access_key_id", login::text)?;
    let secret = table.take_value("secret_access_key", |value| {
        login::secret(value, placeholder_such_as!("aws-secret-key"))
    })?;
    let session_token = table.take_value("session_token", |value| {
        login::secret(value, placeholder_such_as!("aws-session-token"))
    })?;
    match (id, secret, session_token) {
        (None, None, None) => Ok(None),
        (Some(id), Some(secret), session_token) => Ok(Some(AwsAccessKey {
            id,
            secret,
            session_token,
        })),
        (None, _, _) => Err(value.lacks("`access_key_id`, the other part of the key")),
        (Some(_), None, _) => Err(value.lacks("`secret_access_key`, the other part of the key")),
    }
}

fn endpoint_url(value: &Value<'_>) -> Result<String, ConfigError> {
    texts::url(
        value,
        "an address such as \"https://secretsmanager.eu-central-1.amazonaws.com\"",
    )
}

fn names(value: &Value<'_>) -> Result<String, ConfigError> {
    texts::names(
        value,
        "a secret's name with `{name}` once, such as \"mcp/{name}\" or \"mcp#{name}\"",
    )
}

/// The region becomes part of a host's name.
fn region(value: &Value<'_>) -> Result<String, ConfigError> {
    const EXPECTED: &str = "a region such as \"eu-central-1\"";
    let text = value.text(EXPECTED)?;
    let is_region = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !is_region {
        return Err(value.expected(EXPECTED));
    }
    Ok(text.to_owned())
}
