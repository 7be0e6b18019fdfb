//! What every command starts from, captured once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mcp_launch_config::{DotenvFile, Settings};
use mcp_launch_core::{Environment, shown};

use crate::registry::{Asker, Reach, Sources};
use crate::report::Report;

/// The client's environment and the working directory, and what this executable can reach.
pub(crate) struct Context {
    sources: Sources,
    pub(crate) environment: Arc<Environment>,
    pub(crate) directory: PathBuf,
}

impl Context {
    /// Captures both, for an executable that has these sources.
    pub(crate) fn capture(sources: Sources) -> Self {
        Self {
            sources,
            environment: Arc::new(Environment::capture()),
            // A client may start servers in a folder that is gone; relative paths then find nothing.
            directory: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
        }
    }

    /// The same, with these variables only.
    pub(crate) fn restricted_to(&self, names: &[&str]) -> Self {
        Self {
            sources: self.sources,
            environment: Arc::new(self.environment.restricted_to(names)),
            directory: self.directory.clone(),
        }
    }

    /// Whether this executable has the source of this scheme, which needs no network.
    #[cfg(unix)]
    pub(crate) fn has(&self, scheme: &str) -> bool {
        self.sources.has_local(scheme)
    }

    /// The settings that hold here.
    pub(crate) fn settings(&self) -> Result<Arc<Settings>, Report> {
        Settings::load(&self.environment, &self.directory)
            .map(Arc::new)
            .map_err(|error| Report::from(&error))
    }

    /// The `.env` of a launch, if there is one.
    pub(crate) fn dotenv(
        &self,
        settings: &Settings,
        flag: Option<&Path>,
        server: Option<&str>,
    ) -> Result<Option<DotenvFile>, Report> {
        let file = settings
            .dotenv_file(flag, server)
            .map_err(|error| Report::from(&error))?;
        match file {
            // Whoever names a file on the command line means that one.
            Some(file) if flag.is_some() && !file.path.exists() => Err(Report::failure(format!(
                "--env-file: there is no {}",
                shown(&file.path)
            ))),
            file => Ok(file),
        }
    }

    /// What sources are set up from, with the `.env` that these settings choose.
    pub(crate) fn reach(&self, settings: &Arc<Settings>, dotenv: Option<DotenvFile>) -> Reach {
        Reach {
            sources: self.sources,
            environment: Arc::clone(&self.environment),
            directory: self.directory.clone(),
            settings: Arc::clone(settings),
            dotenv,
            asker: Asker::Launch(None),
        }
    }
}
