//! Which project files a person has read and trusts, by the digest of their bytes.
//!
//! One record per file, named by the digest of the file's canonical path, as direnv does it: recording
//! one never rewrites another, so two terminals cannot lose each other's answer.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::checked_file::{CheckedFile, is_absent};
use crate::directories::Directories;
use crate::document::Origin;
use crate::error::{ConfigError, ConfigErrorKind};
use crate::network_stores::NetworkStores;
use crate::project_file::ProjectFile;
use crate::user_file::UserFile;

/// Whether what a project file says counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trust {
    /// Another content of the file was trusted.
    Changed,
    /// Nobody has trusted it, or it says nothing that needs trust.
    Never,
    /// These very bytes were trusted.
    Trusted,
}

impl Trust {
    /// What is to be said where it is not trusted.
    pub(crate) fn refusal(self) -> Option<ConfigErrorKind> {
        match self {
            Self::Changed => Some(ConfigErrorKind::ChangedSinceTrusted),
            Self::Never => Some(ConfigErrorKind::NotTrusted),
            Self::Trusted => None,
        }
    }
}

/// A setting of a project file that counts only once the file is trusted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Gated {
    /// Where it stands.
    pub origin: Origin,
    /// Its key path.
    pub key: String,
}

/// One trusted file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrustRecord {
    /// Its canonical path.
    pub path: PathBuf,
    /// The SHA-256 of the bytes that were trusted, in hexadecimal digits.
    pub sha256: String,
    /// Whether the file still has those bytes.
    pub trust: Trust,
}

/// The records of which files are trusted.
#[derive(Clone, Debug)]
pub struct TrustStore {
    directories: Directories,
    directory: PathBuf,
}

impl TrustStore {
    /// The records below the state folder.
    ///
    /// # Errors
    /// When there is no home.
    pub fn of(directories: &Directories) -> Result<Self, ConfigError> {
        Ok(Self {
            directories: directories.clone(),
            directory: directories.state_dir()?.join("trust"),
        })
    }

    /// Trusts the bytes that `file` has now, and returns what they may decide from now on.
    ///
    /// # Errors
    /// When it cannot be read or understood, belongs to somebody else, or cannot be recorded.
    pub fn trust(&self, file: &Path) -> Result<(TrustRecord, Vec<Gated>), ConfigError> {
        let path = canonical(file)?;
        let checked = CheckedFile::read(&path)?.ok_or_else(|| {
            ConfigError::system(&path, "open it", &io::ErrorKind::NotFound.into())
        })?;
        // Who else may write it does not matter: it is these bytes that are trusted.
        if checked.is_foreign() {
            return Err(ConfigError::of_file(&path, ConfigErrorKind::ForeignOwner));
        }
        // Home is only where `~/` leads, and nothing of the paths is kept here.
        let home = Some(Path::new("/"));
        let gated = ProjectFile::parse(&checked.bytes, &path, home, &self.named()?)?.gated();
        let digest = Digest::of(&checked.bytes);

        mcp_launch_atomic::create_private_dir(&self.directory)
            .map_err(|error| ConfigError::system(&self.directory, "create it", &error))?;
        let mut record = format!("{digest}\n").into_bytes();
        record.extend_from_slice(path.as_os_str().as_encoded_bytes());
        let place = self.place(&path);
        mcp_launch_atomic::write(&place, &record, 0o600)
            .map_err(|error| ConfigError::system(&place, "write it", &error))?;
        let record = TrustRecord {
            path,
            sha256: digest.to_string(),
            trust: Trust::Trusted,
        };
        Ok((record, gated))
    }

    /// Trusts `file` no more. `false` if it was not trusted.
    ///
    /// # Errors
    /// When the record cannot be removed.
    pub fn untrust(&self, file: &Path) -> Result<bool, ConfigError> {
        let place = self.place(&canonical(file)?);
        match std::fs::remove_file(&place) {
            Ok(()) => Ok(true),
            Err(error) if is_absent(&error) => Ok(false),
            Err(error) => Err(ConfigError::system(&place, "remove it", &error)),
        }
    }

    /// Every trusted file, sorted by path.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn list(&self) -> Result<Vec<TrustRecord>, ConfigError> {
        let failed = |error: &io::Error| ConfigError::system(&self.directory, "read it", error);
        let entries = match self.directory.read_dir() {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(Vec::new()),
            Err(error) => return Err(failed(&error)),
        };
        let mut records = Vec::new();
        for entry in entries {
            let place = entry.map_err(|error| failed(&error))?.path();
            let Some((recorded, path)) = read_record(&place) else {
                continue;
            };
            // What is left of a write that was cut off is under another name.
            if self.place(&path) != place {
                continue;
            }
            let trust = match CheckedFile::read(&path) {
                Ok(Some(file)) if Digest::of(&file.bytes).to_string() == recorded => Trust::Trusted,
                _ => Trust::Changed,
            };
            records.push(TrustRecord {
                path,
                sha256: recorded,
                trust,
            });
        }
        records.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(records)
    }

    /// Whether the file at `path` may decide, having these bytes. A record that cannot be read is none.
    pub(crate) fn trust_of(&self, path: &Path, digest: &Digest) -> Trust {
        let Ok(path) = canonical(path) else {
            return Trust::Never;
        };
        match read_record(&self.place(&path)) {
            Some((recorded, of)) if of == path => {
                if recorded == digest.to_string() {
                    Trust::Trusted
                } else {
                    Trust::Changed
                }
            }
            _ => Trust::Never,
        }
    }

    /// The stores of the person's own file, which a project may name.
    fn named(&self) -> Result<NetworkStores, ConfigError> {
        let own = UserFile::read(self.directories.config_dir()?, self.directories.home())?;
        Ok(own.map(|own| own.stores.network).unwrap_or_default())
    }

    fn place(&self, canonical: &Path) -> PathBuf {
        let name = Digest::of(canonical.as_os_str().as_encoded_bytes());
        self.directory.join(name.to_string())
    }
}

/// A SHA-256.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The digest and the path of a record. One that somebody else could have written is none.
fn read_record(place: &Path) -> Option<(String, PathBuf)> {
    let file = CheckedFile::read(place).ok()??;
    file.must_be_ours_alone(place).ok()?;
    let newline = file.bytes.iter().position(|&byte| byte == b'\n')?;
    let (digest, path) = file.bytes.split_at(newline);
    let path = path_of(&path[1..])?;
    Some((String::from_utf8(digest.to_vec()).ok()?, path))
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

/// The file's own place: its folder without links, and its name. A link in the file's stead is not
/// followed, or one repository could borrow the trust, and the settings, of another.
fn canonical(path: &Path) -> Result<PathBuf, ConfigError> {
    let failed = |error: &io::Error| ConfigError::system(path, "find it", error);
    let absolute = std::path::absolute(path).map_err(|error| failed(&error))?;
    let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(failed(&io::ErrorKind::InvalidInput.into()));
    };
    match folder.canonicalize() {
        Ok(folder) => Ok(folder.join(name)),
        // A folder that is gone is named by the path it had.
        Err(error) if is_absent(&error) => Ok(absolute),
        Err(error) => Err(failed(&error)),
    }
}
