//! The rotators of databases.

use std::path::PathBuf;

use mcp_launch_core::Template;

use super::texts::{self, plain};
use crate::decode::{Table, Value};
use crate::error::ConfigError;
use crate::network_stores::NetworkStores;

/// How much of TLS is asked for, by the names of `libpq`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "kebab-case"))]
pub enum TlsMode {
    /// None. For servers of this machine.
    Disable,
    /// TLS to whoever answers.
    Require,
    /// TLS, and a certificate of a known authority.
    VerifyCa,
    /// TLS, and a certificate of a known authority for this host. What holds for other machines if nothing is said.
    VerifyFull,
}

impl TlsMode {
    fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        value.choice(&[
            ("disable", Self::Disable),
            ("require", Self::Require),
            ("verify-ca", Self::VerifyCa),
            ("verify-full", Self::VerifyFull),
        ])
    }
}

/// Who may change the accounts of others.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct Administrator {
    /// The password, as a placeholder.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::PlaceholderText"))]
    pub password: Template,
    /// The name.
    pub username: String,
}

impl Administrator {
    pub(super) fn decode(value: &Value<'_>, stores: &NetworkStores) -> Result<Self, ConfigError> {
        let mut table = value.table()?;
        let administrator = Self {
            password: texts::needed(value, &mut table, "password", "`password`", |value| {
                texts::secret(value, stores)
            })?,
            username: texts::needed(value, &mut table, "username", "`username`", plain)?,
        };
        table.finish()?;
        Ok(administrator)
    }
}

/// Roles of a PostgreSQL server.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct PostgresRotator {
    /// Who changes the roles; the role itself, if not said. Two roles need it.
    #[cfg_attr(feature = "schema", schemars(default, with = "Administrator"))]
    pub admin: Option<Administrator>,
    /// The role that has the grants, whose members the two are.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub group: Option<String>,
    /// The two roles that take turns.
    #[cfg_attr(feature = "schema", schemars(default, with = "[String; 2]"))]
    pub roles: Option<[String; 2]>,
    /// Where to log in. What is not said comes from the URL that the secret is.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub server: DatabaseServer,
}

/// Where a database is, and as whom.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatabaseServer {
    /// A file with the authorities whose certificates are taken, PEM; those of the system, if not said.
    #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
    pub ca_file: Option<PathBuf>,
    /// The database to log in to.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub database: Option<String>,
    /// The host, or the folder of its socket.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub host: Option<String>,
    /// The port; the usual one, if not said.
    #[cfg_attr(feature = "schema", schemars(default, with = "u16"))]
    pub port: Option<u16>,
    /// How much of TLS is asked for: `verify-full` for other machines.
    #[cfg_attr(feature = "schema", schemars(default, with = "TlsMode"))]
    pub tls: Option<TlsMode>,
    /// The account whose password the secret is, where the secret does not hold its name too.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub username: Option<String>,
}

impl DatabaseServer {
    fn take(table: &mut Table<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            ca_file: table.take_value("ca_file", Value::path)?,
            database: table.take_value("database", plain)?,
            host: table.take_value("host", plain)?,
            port: table.take_value("port", port)?,
            tls: table.take_value("tls", TlsMode::decode)?,
            username: table.take_value("username", plain)?,
        })
    }
}

fn port(value: &Value<'_>) -> Result<u16, ConfigError> {
    const EXPECTED: &str = "a port from 1 to 65535";
    let port = value.number(EXPECTED)?;
    u16::try_from(port)
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| value.expected(EXPECTED))
}

impl PostgresRotator {
    pub(super) fn decode(
        value: &Value<'_>,
        mut table: Table<'_>,
        stores: &NetworkStores,
    ) -> Result<Self, ConfigError> {
        const ROLES: &str = "two roles, such as [\"mcp_ro_a\", \"mcp_ro_b\"]";
        let rotator = Self {
            admin: table.take_value("admin", |value| Administrator::decode(value, stores))?,
            group: table.take_value("group", plain)?,
            roles: table.take_value("roles", |value| {
                let roles = texts::list(value, ROLES)?;
                <[String; 2]>::try_from(roles)
                    .ok()
                    .filter(|[one, other]| one != other)
                    .ok_or_else(|| value.expected(ROLES))
            })?,
            server: DatabaseServer::take(&mut table)?,
        };
        table.finish()?;
        if rotator.roles.is_some() && rotator.admin.is_none() {
            return Err(value.lacks("`admin`: the role in use cannot change the other"));
        }
        Ok(rotator)
    }
}
