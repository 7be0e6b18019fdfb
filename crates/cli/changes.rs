//! Changing files of a person so that it can be taken back.

use std::fs::File;
use std::path::{Path, PathBuf};

use mcp_launch_atomic::ReplaceError;
use mcp_launch_core::{SourceError, shown};
use mcp_launch_undo::{Access, Body, Log, LogError, Record, Seal};
use zeroize::Zeroizing;

use crate::account::Account;
use crate::context::Context;
use crate::report::Report;
use crate::sealed_store::SealedStore;

/// The mode of a file that is made anew.
const PRIVATE: u32 = 0o600;

/// The records of what was changed, and the key that they are sealed with.
pub(crate) struct Changes {
    pub(crate) log: Log,
    sealed: SealedStore,
}

/// A change that is on record, and not made yet.
pub(crate) struct Begun<'a> {
    path: PathBuf,
    before: Option<&'a [u8]>,
    after: &'a [u8],
    record: Record,
    /// Whether values go into a store for it.
    stores: bool,
}

impl Seal for SealedStore {
    fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, SourceError> {
        self.source.seal_apart(plain)
    }

    fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SourceError> {
        self.source.open_apart(sealed)
    }
}

impl Changes {
    /// The records of this person. Touches nothing.
    ///
    /// # Errors
    /// When there is no home.
    pub(crate) fn of(context: &Context) -> Result<Self, Report> {
        let settings = context.settings()?;
        let state = settings
            .directories()
            .state_dir()
            .map_err(|error| Report::from(&error))?;
        Ok(Self {
            log: Log::within(state),
            sealed: SealedStore::open(context)?,
        })
    }

    /// All records, the latest first.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(crate) fn records(&self) -> Result<Vec<Record>, Report> {
        self.log.records().map_err(|error| self.told(&error))
    }

    /// Keeps other commands that change files waiting until what it returns is dropped.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn lock(&self) -> Result<File, Report> {
        self.log.lock().map_err(|error| self.told(&error))
    }

    /// Puts on record that `after` is to take the place of `before`, None where there is no file yet, and which values go
    /// into a store for it. What is done after that and does not come to its end is known, and can be taken back.
    ///
    /// # Errors
    /// When it is not on record. Then nothing must be done.
    pub(crate) fn begin<'a>(
        &self,
        by: &str,
        path: &Path,
        before: Option<&'a [u8]>,
        after: &'a [u8],
        account: &Account,
    ) -> Result<Begun<'a>, Report> {
        let path = real(path);
        let metadata = before.and_then(|_| path.metadata().ok());
        let access = metadata.as_ref().and_then(Access::of);
        let body = Body::new(before, after, account.print()?, access);
        let record = self
            .log
            .begin(&path, by, &body, &self.sealed)
            .map_err(|error| self.told(&error))?;
        Ok(Begun {
            path,
            before,
            after,
            record,
            stores: !account.stored.is_empty(),
        })
    }

    /// Makes a change that is on record; not when somebody else has written the file meanwhile.
    ///
    /// # Errors
    /// When it was not made, and the file is as it was; or when it was, and is not certain to last.
    pub(crate) fn make(&self, begun: Begun<'_>) -> Result<(), Report> {
        let written = match begun.before {
            Some(before) => mcp_launch_atomic::replace(&begun.path, before, begun.after, PRIVATE),
            None => mcp_launch_atomic::create(&begun.path, begun.after, PRIVATE),
        };
        match written {
            // Another run of ours was quicker.
            Err(ReplaceError::Changed) if is_content(&begun.path, begun.after) => Ok(()),
            written => written,
        }
        .map_err(|error| {
            // The record stays for what was done, and for what the store has by now.
            if !begun.stores && !matches!(error, ReplaceError::Unsure(_)) {
                // One of what was not done is told from one of what was; it only need not stay.
                let _still_told = self.log.forget(&begun.record);
            }
            not_written(&begun.path, &error)
        })
    }

    /// Puts what was before back in the place of `now`, with no permission beyond the bits of `most`; removes the file where
    /// there was none.
    ///
    /// # Errors
    /// When it was not done; the file is then as it was.
    pub(crate) fn take_back(
        &self,
        path: &Path,
        now: &[u8],
        before: Option<&[u8]>,
        most: u32,
    ) -> Result<(), Report> {
        match before {
            Some(before) => mcp_launch_atomic::put_back(path, now, before, most)
                .map_err(|error| not_written(path, &error)),
            None => mcp_launch_atomic::remove(path, now).map_err(|error| not_written(path, &error)),
        }
    }

    /// Writes a file that is gone as it was before.
    ///
    /// # Errors
    /// When it could not be written.
    pub(crate) fn make_again(&self, path: &Path, content: &[u8]) -> Result<(), Report> {
        mcp_launch_atomic::create(path, content, PRIVATE).map_err(|error| not_written(path, &error))
    }

    /// Removes the key that the records were sealed with, if the sealed store never held a value.
    ///
    /// # Errors
    /// When it cannot be told whether it does, or removed.
    pub(crate) fn remove_unused_key(&self) -> Result<(), Report> {
        let left = self.records()?;
        if left.is_empty() {
            self.sealed.told(self.sealed.source.remove_unused_key())?;
        }
        Ok(())
    }

    /// The sealed half of a record.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn open(&self, record: &Record) -> Result<Body, Report> {
        self.log
            .open(record, &self.sealed)
            .map_err(|error| self.told(&error))
    }

    /// What a person is told of an error of the records.
    pub(crate) fn told(&self, error: &LogError) -> Report {
        let report = Report::failure(format!("the record of changes: {error}"));
        match error {
            LogError::Seal(cause) => match self.sealed.source.remedy_for(*cause) {
                Some(remedy) => report.hint(remedy),
                None => report,
            },
            LogError::Malformed(file) => report.hint(format!(
                "if nobody can mend it, remove {}: what it tells of is then not taken back",
                shown(file)
            )),
            LogError::Writable(folder) => report.hint(format!("chmod go-w {}", shown(folder))),
            LogError::Foreign(folder) => report.hint(format!(
                "the records of this user need a folder of this user: move {} away",
                shown(folder)
            )),
            _ => report,
        }
    }
}

/// Looks whether a file that is there can be written, before anything is done that would be for nothing.
///
/// # Errors
/// When it cannot.
pub(crate) fn must_be_writable(path: &Path) -> Result<(), Report> {
    mcp_launch_atomic::try_replace(path).map_err(|error| {
        Report::failure(format!(
            "cannot write {}: {error}; nothing was done",
            shown(path)
        ))
    })
}

/// The file itself, links followed, also where there is no file yet; the path as it is, where there is no folder.
pub(crate) fn real(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..mcp_launch_atomic::LINKS {
        if let Ok(real) = std::fs::canonicalize(&path) {
            return real;
        }
        match (path.read_link(), path.parent()) {
            (Ok(next), Some(folder)) => path = folder.join(next),
            _ => break,
        }
    }
    match (path.parent().map(std::fs::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path,
    }
}

/// Whether the file at `path` has this content.
fn is_content(path: &Path, content: &[u8]) -> bool {
    std::fs::read(path).is_ok_and(|there| *Zeroizing::new(there) == content)
}

fn not_written(path: &Path, error: &ReplaceError) -> Report {
    match error {
        ReplaceError::Changed => Report::failure(format!(
            "{} was written by another program meanwhile, so it was left as it is",
            shown(path)
        ))
        .hint("close the program that uses it, and run this again"),
        ReplaceError::Io(error) => {
            Report::failure(format!("cannot write {}: {error}", shown(path)))
        }
        ReplaceError::Unsure(error) => Report::failure(format!(
            "{} is written, but the system does not promise that it lasts: {error}",
            shown(path)
        )),
    }
}
