//! What both files say together, and where each answer comes from.
//!
//! The project's file goes before the person's own, because it is nearer; what restricts adds up. A
//! project file that is not trusted decides nothing: where it would, or could if it cannot be understood,
//! the question is an error.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mcp_launch_core::{Environment, LineEnd};

use crate::directories::{Directories, expand_home};
use crate::document::{Located, Origin};
use crate::dotenv_file::{DotenvFile, NamedBy};
use crate::error::ConfigError;
use crate::network_stores::NetworkStores;
use crate::project_file::{self, Found, Project, ProjectFile, Skipped};
use crate::scalars::Dialect;
use crate::spans::DEFAULT_DEADLINE;
use crate::stores::ExecRules;
use crate::trust::{Trust, TrustStore};
use crate::user_file::{USER_FILE_NAME, UserFile};

/// The settings of a launch.
#[derive(Clone, Debug)]
pub struct Settings {
    directories: Directories,
    cwd: PathBuf,
    pub(crate) user: Option<UserFile>,
    pub(crate) project: Option<Project>,
    skipped: Option<Skipped>,
}

impl Settings {
    /// Reads the settings of a launch in `cwd`, an absolute path. No store is touched, and nothing is
    /// written.
    ///
    /// # Errors
    /// A file of the person's own, or a trusted one, that cannot be understood, or that somebody else
    /// could have written. A project file that is not trusted is an error only of the questions that
    /// it would answer.
    pub fn load(environment: &Environment, cwd: &Path) -> Result<Self, ConfigError> {
        let directories = Directories::of(environment);
        let user = match directories.config_dir() {
            Ok(folder) => UserFile::read(folder, directories.home())?,
            // A container's user that nobody has given a home has no file of its own either.
            Err(_) if environment.get_non_empty("HOME").is_none() => None,
            Err(error) => return Err(error),
        };
        let trusted = TrustStore::of(&directories).ok();
        let none = NetworkStores::default();
        let named = user.as_ref().map_or(&none, |user| &user.stores.network);
        let (project, skipped) =
            match project_file::find(cwd, directories.home(), trusted.as_ref(), named)? {
                Found::Nothing => (None, None),
                Found::Project(project) => (Some(*project), None),
                Found::Skipped(skipped) => (None, Some(skipped)),
            };
        Ok(Self {
            directories,
            cwd: cwd.to_owned(),
            user,
            project,
            skipped,
        })
    }

    /// What the person's own file says, without the project's.
    #[must_use]
    pub fn own(&self) -> Self {
        Self {
            project: None,
            ..self.clone()
        }
    }

    /// Where our own files are.
    #[must_use]
    pub fn directories(&self) -> &Directories {
        &self.directories
    }

    /// The person's own file, if it is there.
    #[must_use]
    pub fn user_file(&self) -> Option<PathBuf> {
        let directory = self.directories.config_dir().ok()?;
        self.user.is_some().then(|| directory.join(USER_FILE_NAME))
    }

    /// The project that the working directory belongs to.
    #[must_use]
    pub fn project(&self) -> Option<&Project> {
        self.project.as_ref()
    }

    /// A project file that was not read because it is somebody else's.
    #[must_use]
    pub fn skipped(&self) -> Option<&Skipped> {
        self.skipped.as_ref()
    }

    /// How long a launch waits for its values.
    ///
    /// # Errors
    /// When a project file that is not trusted would decide it.
    pub fn deadline(&self) -> Result<Duration, ConfigError> {
        let deadline = self.nearest(
            "deadline",
            |file| file.deadline.as_ref(),
            |file| file.deadline.as_ref(),
        )?;
        Ok(deadline.map_or(DEFAULT_DEADLINE, |deadline| deadline.value))
    }

    /// Whose reading of the `.env` counts, if a file says it.
    ///
    /// # Errors
    /// When a project file that is not trusted would decide it.
    pub fn dotenv_dialect(&self) -> Result<Option<Dialect>, ConfigError> {
        let dialect = self.nearest(
            "stores.dotenv.dialect",
            |file| file.stores.dotenv.dialect.as_ref(),
            |file| file.stores.dotenv.dialect.as_ref(),
        )?;
        Ok(dialect.map(|dialect| dialect.value))
    }

    /// The `.env` of a launch: what `--env-file` names, else the server's entry, else a settings file,
    /// else `.env` beside the project file, else in the working directory.
    ///
    /// # Errors
    /// When a project file that is not trusted would decide it.
    pub fn dotenv_file(
        &self,
        flag: Option<&Path>,
        server: Option<&str>,
    ) -> Result<Option<DotenvFile>, ConfigError> {
        if let Some(flag) = flag {
            // Clients start us without a shell, so `~/` is for us to read.
            let path = expand_home(flag.as_os_str(), self.directories.home());
            return Ok(Some(DotenvFile {
                path: self.cwd.join(path),
                named_by: NamedBy::Flag,
                unfit: None,
            }));
        }
        if let Some(server) = server
            && let Some(entry) = self.server_entry(server)?
            && let Some(file) = &entry.value.env_file
        {
            return Ok(Some(DotenvFile::named_by_settings(file)));
        }
        let named = self
            .nearest("env_file", |file| file.env_file.as_ref(), |_| None)?
            .or(self.nearest(
                "stores.dotenv.path",
                |file| file.stores.dotenv.path.as_ref(),
                |file| file.env_file.as_ref().or(file.stores.dotenv.path.as_ref()),
            )?);
        Ok(match named {
            Some(named) => Some(DotenvFile::named_by_settings(named)),
            None => DotenvFile::unnamed(self.project.as_ref().map(Project::folder), &self.cwd),
        })
    }

    /// Which commands may be run for a value: what the person's own file says, and no other.
    #[must_use]
    pub fn exec_rules(&self) -> ExecRules {
        let exec = self.user.as_ref().map(|user| &user.stores.exec);
        ExecRules {
            allow: exec
                .and_then(|exec| value_of(&exec.allow))
                .unwrap_or_default(),
            line_end: exec
                .and_then(|exec| value_of(&exec.line_end))
                .unwrap_or(LineEnd::Strip),
        }
    }

    /// What becomes of a line end at the end of a file that holds a value.
    #[must_use]
    pub fn file_line_end(&self) -> LineEnd {
        self.user
            .as_ref()
            .and_then(|user| value_of(&user.stores.file.line_end))
            .unwrap_or(LineEnd::Keep)
    }

    /// The folder of the sealed store: what the person's own file says, else the data folder.
    ///
    /// # Errors
    /// When there is no home.
    pub fn sealed_dir(&self) -> Result<&Path, ConfigError> {
        let named = self
            .user
            .as_ref()
            .and_then(|user| user.stores.sealed.path.as_ref());
        match named {
            Some(named) => Ok(&named.value),
            None => self.directories.data_dir(),
        }
    }

    /// The project's setting, else the person's own.
    pub(crate) fn nearest<'a, T>(
        &'a self,
        key: &str,
        of_project: impl FnOnce(&'a ProjectFile) -> Option<&'a Located<T>>,
        of_user: impl FnOnce(&'a UserFile) -> Option<&'a Located<T>>,
    ) -> Result<Option<&'a Located<T>>, ConfigError> {
        self.project_must_be_sound()?;
        if let Some(setting) = self.project.as_ref().and_then(|p| of_project(&p.file)) {
            self.must_be_trusted(&setting.origin, || key.to_owned())?;
            return Ok(Some(setting));
        }
        Ok(self.user.as_ref().and_then(of_user))
    }

    /// Passes if it is known what the project file says; if there is none too.
    ///
    /// # Errors
    /// Why it is not known.
    pub(crate) fn project_must_be_sound(&self) -> Result<(), ConfigError> {
        match self
            .project
            .as_ref()
            .and_then(|project| project.fault.as_ref())
        {
            Some(fault) => Err(fault.clone()),
            None => Ok(()),
        }
    }

    /// Passes if what the project file says counts.
    ///
    /// # Errors
    /// Where it does not: the place and the key that would have decided.
    pub(crate) fn must_be_trusted(
        &self,
        origin: &Origin,
        key: impl FnOnce() -> String,
    ) -> Result<(), ConfigError> {
        let trust = self
            .project
            .as_ref()
            .map_or(Trust::Never, |project| project.trust);
        match trust.refusal() {
            None => Ok(()),
            Some(kind) => Err(ConfigError::at(&origin.file, origin.line, key(), kind)),
        }
    }
}

/// The value of a setting that may not be set.
pub(crate) fn value_of<T: Clone>(setting: &Option<Located<T>>) -> Option<T> {
    setting.as_ref().map(|setting| setting.value.clone())
}
