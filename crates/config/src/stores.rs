//! `[stores.…]`: which stores there are and how each is reached.

use std::path::PathBuf;

use mcp_launch_core::LineEnd;

use crate::decode::Value;
use crate::document::{Located, inner};
use crate::error::ConfigError;
use crate::network_stores::{self, NetworkStores};
use crate::scalars::{self, Dialect};

/// How stores are reached; the whole of it is the person's own business.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(default, deny_unknown_fields))]
pub(crate) struct UserStores {
    /// `.env` files.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub(crate) dotenv: DotenvStore,
    /// Commands that print a value.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub(crate) exec: ExecStore,
    /// Files that hold one value each.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub(crate) file: FileStore,
    /// The stores that are reached over a network, by name.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub(crate) network: NetworkStores,
    /// The launcher's own encrypted file.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub(crate) sealed: SealedStore,
}

impl UserStores {
    pub(crate) fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        let mut table = value.table()?;
        Ok(Self {
            dotenv: inner(table.take("dotenv", DotenvStore::decode)?),
            exec: inner(table.take("exec", ExecStore::decode)?),
            file: inner(table.take("file", FileStore::decode)?),
            sealed: inner(table.take("sealed", SealedStore::decode)?),
            network: NetworkStores::decode(table)?,
        })
    }
}

/// The one thing that a project says of a store: how its own `.env` is written.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(default, deny_unknown_fields))]
pub(crate) struct ProjectStores {
    /// The project's `.env` file.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub(crate) dotenv: DotenvStore,
}

impl ProjectStores {
    pub(crate) fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        let mut table = value.table()?;
        let stores = Self {
            dotenv: inner(table.take("dotenv", DotenvStore::decode)?),
        };
        for elsewhere in ["aws", "exec", "file", "sealed", "vault"] {
            table.take(elsewhere, Value::only_in_user_file)?;
        }
        network_stores::none_here(table)?;
        Ok(stores)
    }
}

/// How a `.env` is found and read.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(default, deny_unknown_fields))]
pub(crate) struct DotenvStore {
    /// Whose reading counts where programs read a `.env` differently. Without it, a value that they
    /// read differently is refused.
    #[cfg_attr(feature = "schema", schemars(default, with = "Dialect"))]
    pub(crate) dialect: Option<Located<Dialect>>,
    /// The `.env` file: absolute, `~/…`, or relative to this file. The same as `env_file`.
    #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
    pub(crate) path: Option<Located<PathBuf>>,
}

impl DotenvStore {
    fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        let mut table = value.table()?;
        let store = Self {
            dialect: table.take("dialect", Dialect::decode)?,
            path: table.take("path", Value::path)?,
        };
        table.finish()?;
        Ok(store)
    }
}

/// Commands that print a value, and only those listed.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(default, deny_unknown_fields))]
pub(crate) struct ExecStore {
    /// How a command must begin to be run: `"op read"`, or word by word `["pass", "show"]`.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "Vec<crate::schema::Command>")
    )]
    pub(crate) allow: Option<Located<Vec<Vec<String>>>>,
    /// What becomes of one line end at the end of the answer: it is stripped, unless this says `keep`.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::LineEndWord")
    )]
    pub(crate) line_end: Option<Located<LineEnd>>,
}

impl ExecStore {
    fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        let mut table = value.table()?;
        let store = Self {
            allow: table.take("allow", commands)?,
            line_end: table.take("line_end", scalars::line_end)?,
        };
        table.finish()?;
        Ok(store)
    }
}

/// Files that hold one value each.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(default, deny_unknown_fields))]
pub(crate) struct FileStore {
    /// What becomes of one line end at the end of a file: it is kept, unless this says `strip`.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::LineEndWord")
    )]
    pub(crate) line_end: Option<Located<LineEnd>>,
}

impl FileStore {
    fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        let mut table = value.table()?;
        let store = Self {
            line_end: table.take("line_end", scalars::line_end)?,
        };
        table.finish()?;
        Ok(store)
    }
}

/// The launcher's own encrypted file.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(default, deny_unknown_fields))]
pub(crate) struct SealedStore {
    /// The folder of the sealed store: absolute, `~/…`, or relative to this file.
    #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
    pub(crate) path: Option<Located<PathBuf>>,
}

impl SealedStore {
    fn decode(value: &Value<'_>) -> Result<Self, ConfigError> {
        let mut table = value.table()?;
        let store = Self {
            path: table.take("path", Value::path)?,
        };
        table.finish()?;
        Ok(store)
    }
}

/// Which commands may be run for a value, and how their answer is read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExecRules {
    /// How a command must begin; no entry is empty.
    pub allow: Vec<Vec<String>>,
    /// What becomes of a line end at the end of the answer.
    pub line_end: LineEnd,
}

fn commands(value: &Value<'_>) -> Result<Vec<Vec<String>>, ConfigError> {
    value
        .list("a list of commands")?
        .iter()
        .map(command_start)
        .collect()
}

fn command_start(value: &Value<'_>) -> Result<Vec<String>, ConfigError> {
    const EXPECTED: &str = "a command such as \"op read\" or [\"pass\", \"show\"]";
    let words: Vec<String> = if value.is_text() {
        value
            .text(EXPECTED)?
            .split_ascii_whitespace()
            .map(str::to_owned)
            .collect()
    } else {
        value
            .list(EXPECTED)?
            .iter()
            .map(|word| word.text("a word").map(str::to_owned))
            .collect::<Result<_, _>>()?
    };
    // An empty start would allow every command.
    if words.first().is_none_or(String::is_empty) {
        return Err(value.expected(EXPECTED));
    }
    Ok(words)
}
