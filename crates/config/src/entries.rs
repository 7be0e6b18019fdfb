//! `[secrets.NAME]` and `[servers.NAME]`: what both files say of a secret and of a server.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mcp_launch_core::{Address, Name, Syntax, Template};

use crate::decode::Value;
use crate::document::Located;
use crate::error::ConfigError;
use crate::network_stores::NetworkStores;
use crate::rotation::{self, RotateEntry};
use crate::scalars::{self, Inherit, Isolation, OnRotate};

/// What a file says of one secret.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(default, deny_unknown_fields))]
pub(crate) struct SecretEntry {
    /// What it is for, for a person.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub(crate) description: Option<Located<String>>,
    /// When it ends, where a person knows it: a date. `mcp-launch rotate --check` warns before.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::DateText")
    )]
    pub(crate) expires: Option<Located<String>>,
    /// Where it comes from: `store:locator`. Without it, the name is looked up in the `order`.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::AddressText")
    )]
    pub(crate) from: Option<Located<Address>>,
    /// The servers that may have it; a launch that names another server, or none, may not. Without
    /// it, every server may.
    #[cfg_attr(feature = "schema", schemars(default, with = "Vec<String>"))]
    pub(crate) grant: Option<Located<Vec<String>>>,
    /// Whether it must be there: `mcp-launch doctor` reports it when it is missing.
    #[cfg_attr(feature = "schema", schemars(default, with = "bool"))]
    pub(crate) required: Option<Located<bool>>,
    /// How and when `mcp-launch rotate` replaces it. In your own `config.toml` only.
    #[cfg_attr(feature = "schema", schemars(default, with = "RotateEntry"))]
    pub(crate) rotate: Option<Located<RotateEntry>>,
}

impl SecretEntry {
    fn decode(value: &Value<'_>, stores: &NetworkStores) -> Result<Self, ConfigError> {
        let mut table = value.table()?;
        let entry = Self {
            description: table
                .take("description", |value| value.text("text").map(str::to_owned))?,
            expires: table.take("expires", rotation::date)?,
            from: table.take("from", |value| scalars::address(value, stores))?,
            grant: table.take("grant", server_names)?,
            required: table.take("required", Value::flag)?,
            rotate: table.take("rotate", RotateEntry::decode)?,
        };
        table.finish()?;
        Ok(entry)
    }

    /// Every secret of a `[secrets]` table. `stores` are those of the person's own naming.
    pub(crate) fn decode_all(
        value: &Value<'_>,
        stores: &NetworkStores,
    ) -> Result<Secrets, ConfigError> {
        let entries = value.table()?.take_all(|key, value| {
            Ok((scalars::name(key, value)?, Self::decode(value, stores)?))
        })?;
        Ok(entries.into_iter().collect())
    }
}

/// What a file says of one server.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(default, deny_unknown_fields))]
pub(crate) struct ServerEntry {
    /// The program and its arguments, which may hold `$<NAME>`. Used when the launch names none.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::ServerCommandWords")
    )]
    pub(crate) command: Option<Located<ServerCommand>>,
    /// Variables for the server, which may hold `$<NAME>`. They take the place of the client's of the same name.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "BTreeMap<String, String>")
    )]
    pub(crate) env: Vec<(String, Located<Template>)>,
    /// The `.env` of this server: absolute, `~/…`, or relative to this file.
    #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
    pub(crate) env_file: Option<Located<PathBuf>>,
    /// Which of the client's variables the server gets: `all`, unless this says otherwise.
    #[cfg_attr(feature = "schema", schemars(default, with = "Inherit"))]
    pub(crate) inherit: Option<Located<Inherit>>,
    /// Whether it is kept from other programs' memory: `if-possible`, unless this says otherwise.
    #[cfg_attr(feature = "schema", schemars(default, with = "Isolation"))]
    pub(crate) isolate: Option<Located<Isolation>>,
    /// What becomes of it when a secret that it was started with is rotated: `keep`, unless this says `restart`.
    #[cfg_attr(feature = "schema", schemars(default, with = "OnRotate"))]
    pub(crate) on_rotate: Option<Located<OnRotate>>,
}

impl ServerEntry {
    fn decode(value: &Value<'_>, stores: &NetworkStores) -> Result<Self, ConfigError> {
        let mut table = value.table()?;
        let variable = |key: &str, value: &Value<'_>| scalars::variable(key, value, stores);
        let entry = Self {
            command: table.take("command", |value| ServerCommand::decode(value, stores))?,
            env: table
                .take_value("env", |value| value.table()?.take_all(variable))?
                .unwrap_or_default(),
            env_file: table.take("env_file", Value::path)?,
            inherit: table.take("inherit", Inherit::decode)?,
            isolate: table.take("isolate", Isolation::decode)?,
            on_rotate: table.take("on_rotate", OnRotate::decode)?,
        };
        table.finish()?;
        Ok(entry)
    }

    /// Every server of a `[servers]` table. `stores` are those of the person's own naming.
    pub(crate) fn decode_all(
        value: &Value<'_>,
        stores: &NetworkStores,
    ) -> Result<Servers, ConfigError> {
        let entries = value
            .table()?
            .take_all(|key, value| Ok((server_name(key, value)?, Self::decode(value, stores)?)))?;
        Ok(entries.into_iter().collect())
    }
}

/// The secrets of one file.
pub(crate) type Secrets = BTreeMap<Name, Located<SecretEntry>>;

/// The servers of one file.
pub(crate) type Servers = BTreeMap<String, Located<ServerEntry>>;

/// A command of a settings file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServerCommand {
    /// What is to be started: a name for `PATH`, or an absolute path.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<Template>,
}

impl ServerCommand {
    fn decode(value: &Value<'_>, stores: &NetworkStores) -> Result<Self, ConfigError> {
        const EXPECTED: &str = "a list of words such as [\"npx\", \"-y\", \"some-server\"]";
        let words = value.list(EXPECTED)?;
        let (program, arguments) = words
            .split_first()
            .ok_or_else(|| value.expected(EXPECTED))?;
        let text = program.text("a program")?;
        if text.is_empty() || text.contains('\0') || text.contains("$<") {
            return Err(program.expected("a program, without placeholders"));
        }
        // From the file's own folder: the client chooses the working directory.
        let program = if text.contains('/') {
            let path = program.path()?;
            path.to_str()
                .ok_or_else(|| program.expected("a path in UTF-8"))?
                .to_owned()
        } else {
            text.to_owned()
        };
        Ok(Self {
            program,
            arguments: arguments
                .iter()
                .map(|word| scalars::template(word, Syntax::Angle, stores))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn server_names(value: &Value<'_>) -> Result<Vec<String>, ConfigError> {
    value
        .list("a list of server names")?
        .iter()
        .map(|item| {
            let text = item.text("a server name")?;
            server_name(text, item)
        })
        .collect()
}

/// A server's name, as clients write it: anything that can be shown on one line.
fn server_name(text: &str, value: &Value<'_>) -> Result<String, ConfigError> {
    if text.is_empty() || text.len() > 256 || text.chars().any(char::is_control) {
        return Err(value.expected("a server name"));
    }
    Ok(text.to_owned())
}
