//! What both files say together, and where each answer comes from.
//!
//! The project's file goes before the person's own, because it is nearer; what restricts adds up. A
//! project file that is not trusted decides nothing: where it would, the question is an error.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mcp_launch_core::{Address, Environment, LineEnd, Name};

use crate::decode::{Located, Origin};
use crate::directories::{Directories, expand_home};
use crate::dotenv_file::{DotenvFile, NamedBy};
use crate::entries::{Binding, Secrets, Server, ServerEntry};
use crate::error::ConfigError;
use crate::project_file::{self, Found, Project, ProjectFile, Skipped};
use crate::scalars::{DEFAULT_DEADLINE, Dialect};
use crate::stores::{DEFAULT_ORDER, ExecRules};
use crate::trust::{Trust, TrustStore};
use crate::user_file::{USER_FILE_NAME, UserFile};

/// The settings of a launch.
#[derive(Clone, Debug)]
pub struct Settings {
    directories: Directories,
    cwd: PathBuf,
    user: Option<UserFile>,
    project: Option<Project>,
    skipped: Option<Skipped>,
}

impl Settings {
    /// Reads the settings of a launch in `cwd`, an absolute path. No store is touched, and nothing is
    /// written.
    ///
    /// # Errors
    /// A file that cannot be understood, or that somebody else could have written.
    pub fn load(environment: &Environment, cwd: &Path) -> Result<Self, ConfigError> {
        let directories = Directories::of(environment);
        let user = UserFile::read(directories.config_dir()?, directories.home())?;
        let trusted = TrustStore::of(&directories).ok();
        let (project, skipped) =
            match project_file::find(cwd, directories.home(), trusted.as_ref())? {
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

    /// Where a bare name is looked up, first to last.
    ///
    /// # Errors
    /// When a project file that is not trusted would decide it.
    pub fn order(&self) -> Result<&[&'static str], ConfigError> {
        let order = self.nearest(
            "order",
            |file| file.order.as_ref(),
            |file| file.order.as_ref(),
        )?;
        Ok(order.map_or(DEFAULT_ORDER, |order| order.value.as_slice()))
    }

    /// Where the order is set, if a file sets it.
    ///
    /// # Errors
    /// As [`Self::order`].
    pub fn order_origin(&self) -> Result<Option<&Origin>, ConfigError> {
        let order = self.nearest(
            "order",
            |file| file.order.as_ref(),
            |file| file.order.as_ref(),
        )?;
        Ok(order.map(|order| &order.origin))
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

    /// The keychain service under which names are kept, if the person's own file says one.
    #[must_use]
    pub fn keychain_service(&self) -> Option<&str> {
        let service = self.user.as_ref()?.stores.keychain.service.as_ref()?;
        Some(&service.value)
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

    /// What the settings say of a secret; `None` if neither file names it.
    ///
    /// # Errors
    /// When a project file that is not trusted would say where it comes from.
    pub fn binding(&self, name: &str) -> Result<Option<Binding>, ConfigError> {
        let Some(name) = Name::new(name) else {
            return Ok(None);
        };
        let from = self
            .project
            .as_ref()
            .and_then(|project| project.file.secrets.get(&name)?.value.from.as_ref());
        if let Some(from) = from {
            self.must_be_trusted(&from.origin, || format!("secrets.{name}.from"))?;
        }
        Ok(self.merged(&name))
    }

    /// What the settings say of the secrets whose value is at `address`: one more way to the same value,
    /// so their grants hold there too. An address that is spelled otherwise is not recognised.
    #[must_use]
    pub fn bindings_at(&self, address: &Address) -> Vec<Binding> {
        self.secret_names()
            .into_iter()
            .filter_map(|name| self.merged(&name))
            .filter(|binding| match &binding.from {
                Some(from) => from.value == *address,
                None => binding.name.as_str() == address.locator.as_str(),
            })
            .collect()
    }

    /// Both files together; where a secret comes from, by the project only if it is trusted.
    fn merged(&self, name: &Name) -> Option<Binding> {
        let project = self.project.as_ref();
        let near = project.and_then(|project| project.file.secrets.get(name));
        let far = self.user.as_ref().and_then(|file| file.secrets.get(name));
        let trusted = project.is_some_and(|project| project.trust == Trust::Trusted);
        let entries = || [near, far].into_iter().flatten().map(|entry| &entry.value);
        Some(Binding {
            name: name.clone(),
            description: entries().find_map(|entry| value_of(&entry.description)),
            from: near
                .filter(|_| trusted)
                .and_then(|near| near.value.from.clone())
                .or_else(|| far.and_then(|far| far.value.from.clone())),
            grant: entries()
                .filter_map(|entry| value_of(&entry.grant))
                .reduce(in_both),
            required: entries().any(|entry| value_of(&entry.required) == Some(true)),
            origin: near.or(far)?.origin.clone(),
        })
    }

    /// The names of the secrets that a file says must be there, sorted.
    #[must_use]
    pub fn required_names(&self) -> Vec<Name> {
        self.names(|secrets| {
            secrets
                .iter()
                .filter(|(_, entry)| value_of(&entry.value.required) == Some(true))
                .map(|(name, _)| name.clone())
                .collect()
        })
    }

    /// The names of all secrets that a file names, sorted.
    #[must_use]
    pub fn secret_names(&self) -> Vec<Name> {
        self.names(|secrets| secrets.keys().cloned().collect())
    }

    /// The names of all servers that a file names, sorted; those of a project that is not trusted too.
    #[must_use]
    pub fn server_names(&self) -> Vec<String> {
        let near = self.project.as_ref().map(|project| &project.file.servers);
        let far = self.user.as_ref().map(|user| &user.servers);
        let mut names: Vec<String> = [near, far]
            .into_iter()
            .flatten()
            .flat_map(|servers| servers.keys().cloned())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// What the settings say of a server; `None` if neither file names it.
    ///
    /// The project's entry takes the place of the person's own as a whole, so that no variable of
    /// theirs reaches a command of the project. Only the stricter `inherit` and `isolate` remain.
    ///
    /// # Errors
    /// When the entry is that of a project file that is not trusted.
    pub fn server(&self, name: &str) -> Result<Option<Server>, ConfigError> {
        let Some(entry) = self.server_entry(name)? else {
            return Ok(None);
        };
        let own = self.user.as_ref().and_then(|user| user.servers.get(name));
        let mut inherit = value_of(&entry.value.inherit).unwrap_or_default();
        let mut isolate = value_of(&entry.value.isolate).unwrap_or_default();
        if let Some(own) = own {
            inherit = inherit.stricter(value_of(&own.value.inherit).unwrap_or(inherit));
            isolate = isolate.stricter(value_of(&own.value.isolate).unwrap_or(isolate));
        }
        Ok(Some(Server {
            name: name.to_owned(),
            command: entry.value.command.clone(),
            env: entry.value.env.clone(),
            inherit,
            isolate,
            origin: entry.origin.clone(),
        }))
    }

    fn server_entry(&self, name: &str) -> Result<Option<&Located<ServerEntry>>, ConfigError> {
        if let Some(entry) = self.project.as_ref().and_then(|p| p.file.servers.get(name)) {
            self.must_be_trusted(&entry.origin, || {
                format!("servers.{}", crate::shown::shown_key(name))
            })?;
            return Ok(Some(entry));
        }
        Ok(self.user.as_ref().and_then(|user| user.servers.get(name)))
    }

    /// The project's setting, else the person's own.
    fn nearest<'a, T>(
        &'a self,
        key: &str,
        of_project: impl FnOnce(&'a ProjectFile) -> Option<&'a Located<T>>,
        of_user: impl FnOnce(&'a UserFile) -> Option<&'a Located<T>>,
    ) -> Result<Option<&'a Located<T>>, ConfigError> {
        if let Some(setting) = self.project.as_ref().and_then(|p| of_project(&p.file)) {
            self.must_be_trusted(&setting.origin, || key.to_owned())?;
            return Ok(Some(setting));
        }
        Ok(self.user.as_ref().and_then(of_user))
    }

    fn must_be_trusted(
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

    fn names(&self, of: impl Fn(&Secrets) -> Vec<Name>) -> Vec<Name> {
        let near = self.project.as_ref().map(|project| &project.file.secrets);
        let far = self.user.as_ref().map(|user| &user.secrets);
        let mut names: Vec<Name> = [near, far].into_iter().flatten().flat_map(of).collect();
        names.sort();
        names.dedup();
        names
    }
}

fn value_of<T: Clone>(setting: &Option<Located<T>>) -> Option<T> {
    setting.as_ref().map(|setting| setting.value.clone())
}

fn in_both(mut one: Vec<String>, other: Vec<String>) -> Vec<String> {
    one.retain(|server| other.contains(server));
    one
}
