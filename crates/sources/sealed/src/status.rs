//! How a sealed store stands, for `mcp-launch doctor`: no value, and nothing that could hold one.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use mcp_launch_core::SourceError;

use crate::disk;
use crate::fault::Fault;
use crate::key::{self, Form};
use crate::keyring;
use crate::source::SealedSource;

/// How a store stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Status {
    /// The sealed file, as it is named; it may be a link.
    pub store: PathBuf,
    /// How many secrets it holds; the error of a fetch where it cannot be opened now.
    pub secrets: Result<usize, SourceError>,
    /// How the key is kept.
    pub key: KeyState,
    /// What a person should mend, most urgent first.
    pub problems: Vec<Problem>,
}

/// How the key is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyState {
    /// In this file, without a passphrase.
    File(PathBuf),
    /// In this file, which a passphrase opens; not unlocked.
    Locked(PathBuf),
    /// There is none; the first write makes one.
    Missing,
    /// In this file, which a passphrase opens, and unlocked.
    Unlocked {
        /// The file.
        path: PathBuf,
        /// How long it stays unlocked, where that is known.
        remaining: Option<Duration>,
    },
}

/// Something that should be mended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// What it is.
    pub error: SourceError,
    /// The command or step that mends it.
    pub remedy: Option<String>,
}

impl SealedSource {
    /// How the store stands now. Opens it if that needs nobody's help.
    #[must_use]
    pub fn status(&self) -> Status {
        let key = self.key_state();
        let opened = self.open();
        let mut errors: Vec<SourceError> = [
            self.directory_error(),
            key::read_key_file(&self.layout).err(),
            key.as_ref().err().copied(),
            opened.as_ref().err().copied().filter(needs_mending),
            self.leftover_error(),
            self.store_error(),
        ]
        .into_iter()
        .flatten()
        .collect();
        errors.dedup();

        Status {
            store: self.layout.store(),
            secrets: opened.map(|payload| payload.secrets.len()),
            key: key.unwrap_or(KeyState::Missing),
            problems: errors
                .into_iter()
                .map(|error| Problem {
                    error,
                    remedy: self.remedy_for(error),
                })
                .collect(),
        }
    }

    fn directory_error(&self) -> Option<SourceError> {
        let exists = self.layout.directory().exists();
        exists.then(|| self.layout.check_directory().err())?
    }

    fn leftover_error(&self) -> Option<SourceError> {
        let both = self.layout.key().exists() && self.layout.protected_key().exists();
        both.then(|| Fault::BothKeys.error())
    }

    fn store_error(&self) -> Option<SourceError> {
        let metadata = std::fs::metadata(self.layout.store()).ok()?;
        disk::permits(&metadata, 0o022).then(|| Fault::StoreWritable.error())
    }

    fn key_state(&self) -> Result<KeyState, SourceError> {
        let path = self.layout.protected_key();
        Ok(match key::form(&self.layout)? {
            Form::File => KeyState::File(self.layout.key()),
            Form::Missing => KeyState::Missing,
            Form::Passphrase => match keyring::find(&self.slot()) {
                Ok(Some(held)) => KeyState::Unlocked {
                    path,
                    remaining: held.until.map(|until| {
                        until
                            .duration_since(SystemTime::now())
                            .unwrap_or(Duration::ZERO)
                    }),
                },
                Ok(None) | Err(_) => KeyState::Locked(path),
            },
        })
    }
}

/// A store that is not there, or waits for its passphrase, is as it should be.
fn needs_mending(error: &SourceError) -> bool {
    !error.lets_next_answer() && Fault::of(*error) != Some(Fault::Locked)
}
