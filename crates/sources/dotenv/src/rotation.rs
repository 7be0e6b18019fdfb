//! Rotation of a credential in a `.env` file: the journal is a comment in the same file, so that one rename brings the new
//! value into force and takes it out of the journal.

mod comment;
mod edit;
mod file_system;
mod fitness;
mod git_index;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use mcp_launch_atomic::{Lock, ReplaceError};
use mcp_launch_core::{Deadline, Secret, SourceError, SourceErrorKind, shown};
use mcp_launch_rotation::{
    Bundle, Entries, Journal, Journalled, Loaded, Revision, Stage, StoreError,
};
use sha2::{Digest as _, Sha256};

use crate::file::{MAX_BYTES, read_regular};
use crate::{Accepted, Dialect, Document, EditError};

/// The mode of the new file, before it takes that of the old one.
const MODE: u32 = 0o600;

/// How often a change is begun anew because somebody else has saved another line of the file meanwhile.
const ATTEMPTS: usize = 20;

/// One credential in a `.env` file, with its rotation.
///
/// A write replaces the file by one rename, and only over the very bytes that were read: what an editor saves in between stays.
/// It compares this credential alone, so that a change of another line is no conflict. All five readers read the new values
/// alike, and none of them the journal.
///
/// Nothing is begun in a file that has more than one name, that others may read, that git tracks, on a file system that other
/// machines write to, or in which an entry stands twice; what is begun is brought to its end there all the same.
pub struct DotenvCredential {
    path: PathBuf,
    entries: Entries,
    locks: PathBuf,
    dialect: Option<Dialect>,
    single_writer: bool,
    /// What a person does about the last error.
    told: Mutex<Option<(StoreError, String)>>,
}

/// The file as one read saw it.
struct Seen {
    /// Links followed.
    path: PathBuf,
    document: Document,
    current: Bundle,
    journal: Option<Secret>,
    revision: Revision,
}

/// An error with what a person does about it.
type Refused = (StoreError, Option<String>);

impl DotenvCredential {
    /// The credential whose fields stand under the names of `entries` in the file at `path`. `state` is mcp-launch's state
    /// folder, where writers lock; nothing is kept there.
    #[must_use]
    pub fn new(path: PathBuf, entries: Entries, state: &Path) -> Self {
        Self {
            path,
            entries,
            locks: state.join("locks"),
            dialect: None,
            single_writer: false,
            told: Mutex::default(),
        }
    }

    /// The same, where only one reader of the present values counts; else all must agree. New values are written for all.
    #[must_use]
    pub fn read_by(mut self, dialect: Option<Dialect>) -> Self {
        self.dialect = dialect;
        self
    }

    /// The same, where a person says that nobody on another machine writes the file.
    #[must_use]
    pub fn single_writer(mut self, single_writer: bool) -> Self {
        self.single_writer = single_writer;
        self
    }

    /// The joint of the state machine.
    #[must_use]
    pub fn rotating(self) -> Journalled<Self> {
        Journalled::new(self)
    }

    fn see(&self) -> Result<Seen, Refused> {
        let path = self.path.canonicalize().map_err(|error| {
            let kind = match error.kind() {
                ErrorKind::NotFound => StoreError::Missing,
                ErrorKind::PermissionDenied => StoreError::Denied,
                _ => StoreError::Unavailable,
            };
            (
                kind,
                Some(format!("{}: {}", shown(&self.path), error.kind())),
            )
        })?;
        let document =
            read_regular(&path, Accepted::Regular).map_err(|error| unread(&path, error))?;
        if let Some(note) = document.foreign() {
            let error = SourceError::new(SourceErrorKind::Malformed).note(note);
            return Err(unread(&path, error));
        }
        let journal = self.journal_in(&path, &document)?;
        if !journal.as_ref().is_some_and(is_under_way)
            && let Some(remedy) =
                fitness::remedy(&path, &document, &self.entries, self.single_writer)
        {
            return Err((StoreError::Unfit, Some(remedy)));
        }
        let values = document.values(self.dialect);
        let current = self.entries.gather(|name| {
            let value = values.settle(name).map_err(|refusal| {
                let (kind, told) = unread(&path, refusal.error);
                let told = refusal.remedy.or(told);
                (kind, told.map(|told| format!("{name}: {told}")))
            })?;
            match fitness::elsewhere(&path, name, &value) {
                Some(remedy) => Err((StoreError::Unfit, Some(remedy))),
                None => Ok(value),
            }
        })?;
        drop(values);
        let revision = Revision::of_contents(&current, journal.as_ref());
        Ok(Seen {
            path,
            document,
            current,
            journal,
            revision,
        })
    }

    fn journal_in(&self, path: &Path, document: &Document) -> Result<Option<Secret>, Refused> {
        match edit::own_lines(document, &self.entries).as_slice() {
            [] => Ok(None),
            [line] => Ok(Some(document.journal(line))),
            _ => Err((
                StoreError::Malformed,
                Some(format!(
                    "{} has more than one line `#:mcp-launch rotation {} …`, or of its other names: leave the one that is \
                     right",
                    shown(path),
                    self.entries.first()
                )),
            )),
        }
    }

    /// Keeps other writers of ours out: those that rotate by the file of the state folder, and those that edit by the file's
    /// folder.
    fn lock(&self, path: &Path, deadline: Deadline) -> Result<[Lock; 2], Refused> {
        let name = Sha256::digest(path.as_os_str().as_encoded_bytes());
        let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
        let file = self.locks.join(format!("dotenv-{name}.lock"));
        let own = mcp_launch_atomic::lock_by(&file, deadline.remaining())
            .map_err(|error| locked(&file, &error))?;
        let folder = mcp_launch_atomic::lock(path, deadline.remaining())
            .map_err(|error| locked(path, &error))?;
        Ok([own, folder])
    }

    fn write(
        &self,
        at: &Revision,
        current: Option<&Bundle>,
        journal: Option<&Secret>,
        deadline: Deadline,
    ) -> Result<(), Refused> {
        let _locks = self.lock(&self.see()?.path, deadline)?;
        for _ in 0..ATTEMPTS {
            let seen = self.see()?;
            if seen.revision != *at {
                return Err((StoreError::Conflict, None));
            }
            let after = self.edited(&seen, current, journal)?;
            let written =
                mcp_launch_atomic::exchange(&seen.path, seen.document.print(), after.print(), MODE);
            match written {
                Ok(()) => return Ok(()),
                Err(ReplaceError::Changed) => {}
                Err(ReplaceError::Io(error)) => return Err(unwritten(&seen.path, &error)),
                Err(ReplaceError::Unsure(_)) => return Err((StoreError::Unknown, None)),
            }
        }
        Err((
            StoreError::Unavailable,
            Some(format!(
                "another program writes {} again and again",
                shown(&self.path)
            )),
        ))
    }

    /// The file with this change. What is staged must be writable too: it is refused now, and not once it is in force.
    fn edited(
        &self,
        seen: &Seen,
        current: Option<&Bundle>,
        journal: Option<&Secret>,
    ) -> Result<Document, Refused> {
        if let Some(journal) = journal
            && let Ok(parsed) = Journal::parse(journal)
            && let Stage::Staged(staged) = parsed.stage()
        {
            let mut tried = Document::parse(seen.document.print());
            self.edit(&mut tried, Some(&staged.bundle), Some(journal))?;
        }
        let mut after = Document::parse(seen.document.print());
        self.edit(&mut after, current, journal)?;
        if after.print().len() as u64 > MAX_BYTES {
            return Err((
                StoreError::Unfit,
                Some("the file would be longer than 4 MiB".to_owned()),
            ));
        }
        Ok(after)
    }

    fn edit(
        &self,
        document: &mut Document,
        current: Option<&Bundle>,
        journal: Option<&Secret>,
    ) -> Result<(), Refused> {
        let values = match current {
            None => Vec::new(),
            Some(bundle) => self.entries.spread(bundle).ok_or_else(|| {
                let names: Vec<&str> = self.entries.names().collect();
                let remedy = format!(
                    "the new value has not the fields that the settings name for {}",
                    names.join(", ")
                );
                (StoreError::Unfit, Some(remedy))
            })?,
        };
        if let Some((name, _)) = values
            .iter()
            .find(|(_, value)| crate::source::reference(value).is_some())
        {
            return Err(self.unwritable(name, "it would be read as a reference to another store"));
        }
        edit::rotate(document, &self.entries, &values, journal).map_err(|error| match error {
            EditError::Missing => (StoreError::Missing, None),
            EditError::Unspellable => self.unwritable(
                self.entries.first(),
                "no spelling of it is read alike by all readers; choose an alphabet without quotes, `$` and backslashes",
            ),
            EditError::Entangled | EditError::Name => {
                self.unwritable(self.entries.first(), &error.to_string())
            }
        })
    }

    fn unwritable(&self, name: &str, why: &str) -> Refused {
        let path = shown(&self.path);
        (
            StoreError::Unfit,
            Some(format!("{name} in {path} cannot be written: {why}")),
        )
    }

    fn tell<T>(&self, outcome: Result<T, Refused>) -> Result<T, StoreError> {
        outcome.map_err(|(error, remedy)| {
            if let Ok(mut told) = self.told.lock() {
                *told = remedy.map(|remedy| (error, remedy));
            }
            error
        })
    }
}

impl mcp_launch_rotation::Document for DotenvCredential {
    fn load(&self, _deadline: Deadline) -> Result<Loaded, StoreError> {
        let seen = self.tell(self.see())?;
        Ok(Loaded {
            revision: seen.revision,
            read_at: Timestamp::now(),
            current: seen.current,
            journal: seen.journal,
        })
    }

    fn save(
        &self,
        at: &Revision,
        current: Option<&Bundle>,
        journal: Option<&Secret>,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        self.tell(self.write(at, current, journal, deadline))
    }

    fn remedy(&self, error: StoreError) -> Option<String> {
        let told = self.told.lock().ok()?;
        let (of, remedy) = told.as_ref()?;
        (*of == error).then(|| remedy.clone())
    }
}

/// Whether a rotation has begun and is not at its end.
fn is_under_way(journal: &Secret) -> bool {
    Journal::parse(journal).is_ok_and(|journal| !matches!(journal.stage(), Stage::Idle))
}

fn unread(path: &Path, error: SourceError) -> Refused {
    let kind = match error.kind() {
        SourceErrorKind::Absent | SourceErrorKind::Missing => StoreError::Missing,
        SourceErrorKind::Denied => StoreError::Denied,
        SourceErrorKind::Locked => StoreError::Locked,
        SourceErrorKind::Ambiguous | SourceErrorKind::Elsewhere | SourceErrorKind::Malformed => {
            StoreError::Malformed
        }
        _ => StoreError::Unavailable,
    };
    (kind, Some(format!("{}: {error}", shown(path))))
}

fn unwritten(path: &Path, error: &std::io::Error) -> Refused {
    let kind = match error.kind() {
        ErrorKind::PermissionDenied => StoreError::Denied,
        _ => StoreError::Unavailable,
    };
    let told = format!("{} was not written: {}", shown(path), error.kind());
    (kind, Some(told))
}

fn locked(path: &Path, error: &std::io::Error) -> Refused {
    let told = match error.kind() {
        ErrorKind::TimedOut => format!("another mcp-launch is at work on {}", shown(path)),
        kind => format!("{} cannot be locked: {kind}", shown(path)),
    };
    (StoreError::Unavailable, Some(told))
}
