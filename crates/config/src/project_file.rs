//! The project's settings, `mcp-launch.toml`: repository content, and so finding it takes care.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::checked_file::{CheckedFile, is_foreign};
use crate::decode::{Table, Value};
use crate::document::{Author, Document, Located, Origin, inner};
use crate::entries::{SecretEntry, Secrets, ServerEntry, Servers};
use crate::error::ConfigError;
use crate::network_stores::NetworkStores;
use crate::order;
use crate::spans;
use crate::stores::ProjectStores;
use crate::trust::{Digest, Gated, Trust, TrustStore};
use crate::user_file::one_env_file;

/// The file's name.
pub const PROJECT_FILE_NAME: &str = "mcp-launch.toml";

/// Settings of mcp-launch for one project: `mcp-launch.toml`. What it says beyond the names of
/// secrets counts once `mcp-launch trust` has recorded the file.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(default, deny_unknown_fields, title = "mcp-launch project settings")
)]
pub(crate) struct ProjectFile {
    /// How long a launch waits for all its values: `500ms`, `10s`, `1m`.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "crate::schema::SpanText")
    )]
    pub(crate) deadline: Option<Located<Duration>>,
    /// The project's `.env` file: absolute, `~/…`, or relative to this file.
    #[cfg_attr(feature = "schema", schemars(default, with = "PathBuf"))]
    pub(crate) env_file: Option<Located<PathBuf>>,
    /// Where a bare name is looked up, first to last.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "Vec<crate::schema::StoreName>")
    )]
    pub(crate) order: Option<Located<Vec<String>>>,
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
    /// How the project's `.env` is read.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub(crate) stores: ProjectStores,
}

impl ProjectFile {
    /// Reads the file. It may name the stores of the person's own file, which are `named`.
    pub(crate) fn parse(
        bytes: &[u8],
        path: &Path,
        home: Option<&Path>,
        named: &NetworkStores,
    ) -> Result<Self, ConfigError> {
        Document::decode(bytes, path, Author::Project, home, |table| {
            Self::decode(table, named)
        })
    }

    fn decode(mut table: Table<'_>, named: &NetworkStores) -> Result<Self, ConfigError> {
        let file = Self {
            deadline: table.take("deadline", spans::deadline)?,
            env_file: table.take("env_file", Value::path)?,
            order: table.take("order", |value| order::decode(value, named))?,
            secrets: inner(table.take("secrets", |value| SecretEntry::decode_all(value, named))?),
            servers: inner(table.take("servers", |value| ServerEntry::decode_all(value, named))?),
            stores: inner(table.take("stores", ProjectStores::decode)?),
        };
        table.finish()?;
        one_env_file(file.env_file.as_ref(), file.stores.dotenv.path.as_ref())?;
        Ok(file)
    }

    /// What counts only once the file is trusted, in the file's order.
    pub(crate) fn gated(&self) -> Vec<Gated> {
        let mut gated = Vec::new();
        let mut gate = |origin: Option<&Origin>, key: String| {
            gated.extend(origin.map(|origin| Gated {
                origin: origin.clone(),
                key,
            }));
        };
        gate(origin(&self.deadline), "deadline".to_owned());
        gate(origin(&self.env_file), "env_file".to_owned());
        gate(origin(&self.order), "order".to_owned());
        let dotenv = &self.stores.dotenv;
        gate(origin(&dotenv.dialect), "stores.dotenv.dialect".to_owned());
        gate(origin(&dotenv.path), "stores.dotenv.path".to_owned());
        for (name, secret) in &self.secrets {
            gate(origin(&secret.value.from), format!("secrets.{name}.from"));
        }
        for (name, server) in &self.servers {
            gate(Some(&server.origin), format!("servers.{name}"));
        }
        gated.sort_by_key(|gated| gated.origin.line);
        gated
    }
}

/// The project that a launch belongs to.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its settings file.
    pub path: PathBuf,
    /// Whether what the file says counts.
    pub trust: Trust,
    /// Why nothing is known of what the file says. Never so of a file that is trusted: that is an error
    /// of the whole launch.
    pub fault: Option<ConfigError>,
    pub(crate) file: ProjectFile,
}

impl Project {
    /// What the file says that counts only once it is trusted, in the file's order.
    #[must_use]
    pub fn gated(&self) -> Vec<Gated> {
        self.file.gated()
    }

    /// The folder of the project.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }
}

/// A project file that was found and not read, because somebody else could have put it there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
}

/// What the way up from the working directory led to.
#[derive(Debug)]
pub(crate) enum Found {
    Nothing,
    Project(Box<Project>),
    Skipped(Skipped),
}

/// Looks for the project file from `cwd` upward, to the first one or the root.
///
/// A file that belongs, or whose folder belongs, to somebody who is neither us nor root is not read, as
/// git does since CVE-2022-24765: on a shared machine anybody can put one into `/tmp`.
///
/// # Errors
/// A trusted file that cannot be understood. Of another, [`Project::fault`] keeps the error.
pub(crate) fn find(
    cwd: &Path,
    home: Option<&Path>,
    trusted: Option<&TrustStore>,
    named: &NetworkStores,
) -> Result<Found, ConfigError> {
    for folder in cwd.ancestors() {
        let path = folder.join(PROJECT_FILE_NAME);
        // A folder that we may not search cannot be ours.
        if path.symlink_metadata().is_err() {
            continue;
        }
        let skipped = || Found::Skipped(Skipped { path: path.clone() });
        // Before it is opened, so that what somebody else made unreadable stops nothing.
        if is_foreign_at(&path, folder) {
            return Ok(skipped());
        }
        let read = match CheckedFile::read(&path) {
            Ok(None) => continue,
            // Once more on what was opened: it may have been put there since.
            Ok(Some(file)) if file.is_foreign() => return Ok(skipped()),
            Ok(Some(file)) => Ok(file),
            Err(error) => Err(error),
        };
        return project(path, read, home, trusted, named);
    }
    Ok(Found::Nothing)
}

/// Whether the file, the link in its stead or the folder is somebody else's.
fn is_foreign_at(path: &Path, folder: &Path) -> bool {
    [path.symlink_metadata(), path.metadata(), folder.metadata()]
        .iter()
        .flatten()
        .any(is_foreign)
}

fn project(
    path: PathBuf,
    read: Result<CheckedFile, ConfigError>,
    home: Option<&Path>,
    trusted: Option<&TrustStore>,
    named: &NetworkStores,
) -> Result<Found, ConfigError> {
    let mut trust = Trust::Never;
    let parsed = read.and_then(|file| {
        trust = trusted.map_or(Trust::Never, |store| {
            store.trust_of(&path, &Digest::of(&file.bytes))
        });
        ProjectFile::parse(&file.bytes, &path, home, named)
    });
    let (file, fault) = match parsed {
        Ok(file) if file.gated().is_empty() => {
            trust = Trust::Never;
            (file, None)
        }
        Ok(file) => (file, None),
        // A stranger's mistake is told to those who ask the file.
        Err(error) if trust != Trust::Trusted => (ProjectFile::default(), Some(error)),
        Err(error) => return Err(error),
    };
    Ok(Found::Project(Box::new(Project {
        path,
        trust,
        fault,
        file,
    })))
}

fn origin<T>(located: &Option<Located<T>>) -> Option<&Origin> {
    located.as_ref().map(|located| &located.origin)
}
