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
    /// Why it is not read; only of one that nobody named.
    pub unfit: Option<Unfit>,
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

/// Why a `.env` that nobody named is not read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unfit {
    /// It, a link on the way to it, or the folder of one of them belongs to somebody who is neither us
    /// nor root.
    Foreign,
    /// It is a folder, a pipe or a device.
    NotAFile,
}

impl Unfit {
    /// The reason, to follow the name of the file.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Foreign => "not read: it, its folder or a link to it belongs to another user",
            Self::NotAFile => "not read: it is not a regular file, which only --env-file may name",
        }
    }
}

impl DotenvFile {
    pub(crate) fn named_by_settings(setting: &Located<PathBuf>) -> Self {
        Self {
            path: setting.value.clone(),
            named_by: NamedBy::Settings(setting.origin.clone()),
            unfit: None,
        }
    }

    /// The `.env` that nobody named: beside the project file, else in the working directory, never in
    /// a parent of it. It is data, so the project need not be trusted. Where none is fit to be read, the
    /// first that is there.
    pub(crate) fn unnamed(project: Option<&Path>, cwd: &Path) -> Option<Self> {
        let mut found: Vec<Self> = [
            project.map(|folder| (folder, NamedBy::Project)),
            Some((cwd, NamedBy::WorkingDirectory)),
        ]
        .into_iter()
        .flatten()
        .map(|(folder, named_by)| (folder.join(NAME), named_by))
        .filter(|(path, _)| path.symlink_metadata().is_ok())
        .map(|(path, named_by)| Self {
            unfit: unfitness(&path),
            path,
            named_by,
        })
        .collect();
        // Stable, so the nearer one stays before the other.
        found.sort_by_key(|file| file.unfit.is_some());
        found.into_iter().next()
    }
}

/// Why the file at `path` is not to be read unasked: on a shared machine anybody can leave a `.env`, or a
/// link of that name, in `/tmp`. One that cannot be looked at is fit, so that reading it says why.
fn unfitness(path: &Path) -> Option<Unfit> {
    let mut step = path.to_owned();
    for _ in 0..mcp_launch_atomic::LINKS {
        let folder = step.parent().unwrap_or(Path::new("")).to_owned();
        let is_foreign_step = [step.symlink_metadata(), folder.metadata()]
            .iter()
            .flatten()
            .any(is_foreign);
        if is_foreign_step {
            return Some(Unfit::Foreign);
        }
        match step.read_link() {
            Ok(next) => step = folder.join(next),
            // Not a link, or not there.
            Err(_) => break,
        }
    }
    // The system's own answer, because what `/proc/self/fd/0` reads as leads nowhere.
    match path.metadata() {
        Ok(metadata) if is_foreign(&metadata) => Some(Unfit::Foreign),
        Ok(metadata) if !metadata.is_file() => Some(Unfit::NotAFile),
        Ok(_) | Err(_) => None,
    }
}
