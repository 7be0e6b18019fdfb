//! Which `.env` a launch reads.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::checked_file::is_foreign;
use crate::document::{Located, Origin};

/// The name of a `.env` that nobody named.
const NAME: &str = ".env";

/// The `.env` of a launch, and why it is this one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DotenvFile {
    /// The file. One that was named need not be there; one that was not named is.
    pub path: PathBuf,
    /// Who named it.
    pub named_by: NamedBy,
}

/// Who named a `.env`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NamedBy {
    /// `--env-file`.
    Flag,
    /// Nobody: it stands beside the project file.
    Project,
    /// A settings file.
    Settings(Origin),
    /// Nobody: it stands in the working directory.
    WorkingDirectory,
}

impl fmt::Display for NamedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("--env-file"),
            Self::Project => f.write_str("beside mcp-launch.toml"),
            Self::Settings(origin) => origin.fmt(f),
            Self::WorkingDirectory => f.write_str("in the working directory"),
        }
    }
}

impl DotenvFile {
    pub(crate) fn named_by_settings(setting: &Located<PathBuf>) -> Self {
        Self {
            path: setting.value.clone(),
            named_by: NamedBy::Settings(setting.origin.clone()),
        }
    }

    /// The `.env` that nobody named: beside the project file, else in the working directory, never in
    /// a parent of it. It is data, so the project need not be trusted.
    pub(crate) fn unnamed(project: Option<&Path>, cwd: &Path) -> Option<Self> {
        [
            project.map(|folder| (folder, NamedBy::Project)),
            Some((cwd, NamedBy::WorkingDirectory)),
        ]
        .into_iter()
        .flatten()
        .map(|(folder, named_by)| Self {
            path: folder.join(NAME),
            named_by,
        })
        .find(|file| is_there(&file.path))
    }
}

/// Whether a `.env` is there that is ours or root's: what somebody else left in `/tmp` is not. A file
/// that is there and cannot be looked at counts, so that reading it says why.
fn is_there(path: &Path) -> bool {
    match path.metadata() {
        Ok(metadata) => !metadata.is_dir() && !is_foreign(&metadata),
        Err(_) => path.symlink_metadata().is_ok(),
    }
}
