//! The stores that can hold a rotation, each set up once for a whole run.

use std::path::PathBuf;

use mcp_launch_core::SourceError;
use mcp_launch_rotation::{Entries, RotatingStore};
use source_dotenv::DotenvCredential;

use crate::registry::{self, Networked, Reach};
use crate::report::Report;
use crate::rotation::Credential;

/// What the credentials of a run are kept in.
pub(crate) struct Stores<'a> {
    reach: &'a Reach,
    /// Where writers of files lock.
    state: PathBuf,
    networked: Networked,
}

impl<'a> Stores<'a> {
    /// Those of these credentials. Asks nobody.
    ///
    /// # Errors
    /// When there is no home, and so no place for locks.
    pub(crate) fn of<'c>(
        reach: &'a Reach,
        credentials: impl Iterator<Item = &'c Credential>,
    ) -> Result<Self, Report> {
        let state = reach
            .settings
            .directories()
            .state_dir()
            .map_err(|error| Report::from(&error))?;
        let names = credentials.map(|credential| credential.address.scheme.as_str());
        Ok(Self {
            reach,
            state: state.to_owned(),
            networked: Networked::of(reach, names),
        })
    }

    /// The store of one credential, and what it is kept as.
    ///
    /// # Errors
    /// When its store cannot hold a rotation.
    pub(crate) fn open(
        &self,
        credential: &Credential,
    ) -> Result<Box<dyn RotatingStore + '_>, Report> {
        let address = &credential.address;
        let store = address.scheme.as_str();
        if let Some(opened) = self.networked.open(store, address.locator.as_str()) {
            return opened.map_err(|error| self.refused(credential, error));
        }
        match store {
            "dotenv" => Ok(Box::new(self.dotenv(credential)?.rotating())),
            _ => Err(Report::failure(format!(
                "{}: what is in `{store}` cannot be rotated",
                credential.rotate.origin
            ))
            .hint("rotation works in vault, aws and dotenv")),
        }
    }

    fn dotenv(&self, credential: &Credential) -> Result<DotenvCredential, Report> {
        let Some(file) = &self.reach.dotenv else {
            return Err(Report::failure(format!(
                "{}: which .env is meant?",
                credential.rotate.origin
            ))
            .hint("set env_file in your config.toml, or give --env-file"));
        };
        let fields = &credential.rotate.fields;
        let entries = if fields.is_empty() {
            Entries::new([(
                String::new(),
                credential.address.locator.as_str().to_owned(),
            )])
        } else {
            Entries::new(fields.clone())
        };
        let entries = entries
            .map_err(|error| Report::failure(format!("{}: {error}", credential.rotate.origin)))?;
        let dialect =
            registry::dialect(self.reach).map_err(|error| self.refused(credential, error))?;
        Ok(DotenvCredential::new(file.path.clone(), entries, &self.state).read_by(dialect))
    }

    fn refused(&self, credential: &Credential, error: SourceError) -> Report {
        Report::failure(format!(
            "{}: {}: {error}",
            credential.rotate.origin, credential.address
        ))
    }
}
