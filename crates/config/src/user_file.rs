//! The person's own settings: `config.toml` in the configuration folder.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::checked_file::CheckedFile;
use crate::decode::{Table, Value};
use crate::document::{Author, Document, Located, inner};
use crate::entries::{SecretEntry, Secrets, ServerEntry, Servers};
use crate::error::{ConfigError, ConfigErrorKind};
use crate::order;
use crate::rotation::Timing;
use crate::rotators::{Rotator, Rotators};
use crate::spans;
use crate::stores::UserStores;
use crate::vocabulary::LOCAL;

/// The file's name in the configuration folder.
pub const USER_FILE_NAME: &str = "config.toml";

/// Settings of mcp-launch for one person: `config.toml`.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(default, deny_unknown_fields, title = "mcp-launch user settings")
)]
pub(crate) struct UserFile {
    /// How long a launch waits for all its values: `500ms`, `10s`, `1m`.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::SpanText")
    )]
    pub(crate) deadline: Option<Located<Duration>>,
    /// The `.env` file of every launch: absolute, `~/…`, or relative to this file.
    #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
    pub(crate) env_file: Option<Located<PathBuf>>,
    /// Where a bare name is looked up, first to last.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "Vec<crate::schema::StoreName>")
    )]
    pub(crate) order: Option<Located<Vec<String>>>,
    /// What holds for every secret that is rotated, unless its own entry says otherwise.
    #[cfg_attr(feature = "schema", schemars(default, with = "Timing"))]
    pub(crate) rotation: Option<Located<Timing>>,
    /// Who rotates secrets, by name.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::ByName<Rotator>")
    )]
    pub(crate) rotators: Rotators,
    /// The secrets, by name.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::ByName<SecretEntry>")
    )]
    pub(crate) secrets: Secrets,
    /// The servers, by name.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::ByName<ServerEntry>")
    )]
    pub(crate) servers: Servers,
    /// How each store is reached.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub(crate) stores: UserStores,
}

impl UserFile {
    /// Reads the file in `directory`; nothing set, if there is none.
    ///
    /// # Errors
    /// A file that somebody else could have written, or that says what we do not understand.
    pub(crate) fn read(directory: &Path, home: Option<&Path>) -> Result<Option<Self>, ConfigError> {
        let path = directory.join(USER_FILE_NAME);
        let Some(file) = CheckedFile::read(&path)? else {
            return Ok(None);
        };
        file.must_be_ours_alone(&path)?;
        Self::parse(&file.bytes, &path, home).map(Some)
    }

    pub(crate) fn parse(
        bytes: &[u8],
        path: &Path,
        home: Option<&Path>,
    ) -> Result<Self, ConfigError> {
        Document::decode(bytes, path, Author::User, home, Self::decode)
    }

    fn decode(mut table: Table<'_>) -> Result<Self, ConfigError> {
        // First, because everything else may name a store that is described here.
        let stores = inner(table.take("stores", UserStores::decode)?);
        let named = &stores.network;
        let file = Self {
            deadline: table.take("deadline", spans::deadline)?,
            env_file: table.take("env_file", Value::path)?,
            order: table.take("order", |value| order::decode(value, named))?,
            rotation: table.take("rotation", Timing::decode)?,
            rotators: inner(table.take("rotators", |value| Rotator::decode_all(value, named))?),
            secrets: inner(table.take("secrets", |value| SecretEntry::decode_all(value, named))?),
            servers: inner(table.take("servers", |value| ServerEntry::decode_all(value, named))?),
            stores,
        };
        table.finish()?;
        logins_are_local(&file)?;
        one_env_file(file.env_file.as_ref(), file.stores.dotenv.path.as_ref())?;
        Ok(file)
    }
}

/// A bare name in the login of a network store may be bound, but not to such a store.
fn logins_are_local(file: &UserFile) -> Result<(), ConfigError> {
    for name in file.stores.network.login_names() {
        let from = file
            .secrets
            .get(name)
            .and_then(|secret| secret.value.from.as_ref());
        if let Some(from) = from
            && !LOCAL.contains(&from.value.scheme.as_str())
        {
            let key = format!("secrets.{name}.from");
            let kind = ConfigErrorKind::NotLocal { near: None };
            return Err(ConfigError::at(
                &from.origin.file,
                from.origin.line,
                key,
                kind,
            ));
        }
    }
    Ok(())
}

/// `env_file` and `stores.dotenv.path` are two spellings of one setting.
pub(crate) fn one_env_file(
    short: Option<&Located<PathBuf>>,
    long: Option<&Located<PathBuf>>,
) -> Result<(), ConfigError> {
    let (Some(_), Some(long)) = (short, long) else {
        return Ok(());
    };
    let kind = ConfigErrorKind::Twice("env_file");
    let origin = &long.origin;
    Err(ConfigError::at(
        &origin.file,
        origin.line,
        "stores.dotenv.path",
        kind,
    ))
}
