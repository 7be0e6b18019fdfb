//! `[stores.aws]`, and `[stores.NAME]` of the kind `aws`.

use std::time::Duration;

use mcp_launch_core::Template;

use crate::decode::{Table, Value};
use crate::error::ConfigError;
use crate::network_stores::login::{self, placeholder_such_as};
#[cfg(feature = "schema")]
use crate::network_stores::schema;
use crate::network_stores::texts;
use crate::spans;

/// One account and region of AWS Secrets Manager.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(
        default,
        deny_unknown_fields,
        transform = schema::aws_kind
    )
)]
pub struct AwsStore {
    /// A fixed key in place of the credential chain.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub access_key: Option<AwsAccessKey>,
    /// Whether an endpoint on another machine may be reached over plain http.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub allow_http: bool,
    /// How long an answer may be used again without asking: `10m`, from `1s` to `24h`. Without it, not at all.
    #[cfg_attr(feature = "schema", schemars(default, with = "crate::schema::AgeText"))]
    pub cache: Option<Duration>,
    /// Where Secrets Manager is, if not where AWS has it.
    #[cfg_attr(feature = "schema", schemars(default, with = "crate::schema::UrlText"))]
    pub endpoint_url: Option<String>,
    /// Where bare names stand, so that `order` can have this store: `mcp/{name}` or `mcp#{name}`.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::NamesText")
    )]
    pub names: Option<String>,
    /// A profile of `~/.aws/config`. Without it, what the variables say.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub profile: Option<String>,
    /// The region. Without it, what the variables, the profile or the machine say.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub region: Option<String>,
    /// How old an answer may be that is used when AWS cannot be reached: `24h`, at most `30d`. Without it,
    /// none is used.
    #[cfg_attr(feature = "schema", schemars(default, with = "crate::schema::AgeText"))]
    pub stale: Option<Duration>,
}

/// An access key, each part a text with placeholders of local stores.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AwsAccessKey {
    /// The key's identifier, `AKIA…`; it may be a placeholder of a local store.
    #[cfg_attr(
        feature = "schema",
        schemars(rename = "access_key_id", with = "String")
    )]
    pub id: Template,
    /// The secret half of the key, as a placeholder of a local store.
    #[cfg_attr(
        feature = "schema",
        schemars(rename = "secret_access_key", with = "crate::schema::PlaceholderText")
    )]
    pub secret: Template,
    /// The session token of a temporary key, as a placeholder of a local store.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::PlaceholderText")
    )]
    pub session_token: Option<Template>,
}

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
