//! The records on the disk.

use std::fs::{DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mcp_launch_core::SourceError;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Body, Seal, folder};

/// The form of the records that this version writes.
const VERSION: u32 = 1;

/// The folder of the records, in that of what we remember.
const FOLDER: &str = "changes";

/// What is locked while files are changed.
const LOCK: &str = "lock";

/// The records of changes, one file each.
pub struct Log {
    folder: PathBuf,
}

/// One change of one file, as far as it may be seen by everybody.
#[derive(Clone, Debug)]
pub struct Record {
    /// The file that was changed: absolute, links followed.
    pub path: PathBuf,
    /// Which command changed it: `adopt`.
    pub by: String,
    /// When.
    pub made: SystemTime,
    number: u64,
    file: PathBuf,
}

impl Record {
    /// Its place in the order of all records.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }
}

/// Why a record cannot be written or read. Carries nothing that stood in a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The folder of the records belongs to another user.
    #[error("{folder} belongs to another user", folder = .0.display())]
    Foreign(PathBuf),
    /// No further record has a number.
    #[error("{folder} has a record with the last number there is", folder = .0.display())]
    Full(PathBuf),
    /// The file of a record is none, or says of another file, command or place in the order than what is sealed in it.
    #[error("{file} is no record of this version", file = .0.display())]
    Malformed(PathBuf),
    /// The content before cannot be sealed or opened.
    #[error("the sealed store's key: {0}")]
    Seal(SourceError),
    /// The system's.
    #[error("{file}: {error}", file = .0.display(), error = .1)]
    System(PathBuf, io::Error),
    /// Other users may write into the folder of the records.
    #[error("other users may write into {folder}", folder = .0.display())]
    Writable(PathBuf),
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    path: PathBuf,
    by: String,
    /// Seconds since 1970-01-01T00:00:00Z.
    made: u64,
    /// The body and what it belongs to, sealed, in base64.
    sealed: String,
}

/// A body with what stands beside it in plain text: a record that was put in the place of another is none.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Bound<P, T, B> {
    path: P,
    by: T,
    number: u64,
    body: B,
}

impl Log {
    /// The records below `state`, the folder of what we remember. Touches nothing.
    #[must_use]
    pub fn within(state: &Path) -> Self {
        Self {
            folder: state.join(FOLDER),
        }
    }

    /// Keeps other commands that change files waiting until what it returns is dropped.
    ///
    /// # Errors
    /// The system's, or when others may write into the folder.
    pub fn lock(&self) -> Result<File, LogError> {
        let path = self.folder.join(LOCK);
        self.check()?;
        loop {
            match self.try_lock(&path) {
                Ok(Some(file)) => return Ok(file),
                // Whoever had it has removed it, with all that was left of the records.
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(LogError::System(path, error)),
            }
        }
    }

    /// Waits for the lock; None when its file has been removed meanwhile, and the lock keeps nobody out.
    fn try_lock(&self, path: &Path) -> io::Result<Option<File>> {
        self.make()?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        file.lock()?;
        Ok(is_at(&file, path).then_some(file))
    }

    /// Records a change that is about to be made. Durable when it returns.
    ///
    /// # Errors
    /// When it cannot be sealed or written. Then the file must not be changed.
    pub fn begin(
        &self,
        path: &Path,
        by: &str,
        body: &Body,
        seal: &dyn Seal,
    ) -> Result<Record, LogError> {
        let failed = |error| LogError::System(self.folder.clone(), error);
        self.make().map_err(failed)?;
        let last = self.records()?.first().map_or(0, |last| last.number);
        let number = last
            .checked_add(1)
            .ok_or_else(|| LogError::Full(self.folder.clone()))?;
        let plain = serde_json::to_vec(&Bound {
            path,
            by,
            number,
            body,
        })
        .map(Zeroizing::new);
        let plain = plain.map_err(|error| failed(error.into()))?;
        let made = SystemTime::now();
        let written = Written {
            version: VERSION,
            path: path.to_owned(),
            by: by.to_owned(),
            made: made
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
            sealed: STANDARD.encode(seal.seal(&plain).map_err(LogError::Seal)?),
        };
        let bytes = serde_json::to_vec(&written).map_err(|error| failed(error.into()))?;
        let file = self.folder.join(format!("{number:08}.json"));
        mcp_launch_atomic::write(&file, &bytes, 0o600)
            .map_err(|error| LogError::System(file.clone(), error))?;
        Ok(Record {
            path: path.to_owned(),
            by: by.to_owned(),
            made,
            number,
            file,
        })
    }

    /// All records, the latest first.
    ///
    /// # Errors
    /// When one cannot be read: what is not known cannot be taken back in order. When others may write into the folder.
    pub fn records(&self) -> Result<Vec<Record>, LogError> {
        self.check()?;
        let failed = |error| LogError::System(self.folder.clone(), error);
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut records = Vec::new();
        for entry in entries {
            let file = entry.map_err(failed)?.path();
            let number = file
                .file_name()
                .and_then(|name| name.to_str()?.strip_suffix(".json")?.parse().ok());
            if let Some(number) = number {
                let written = read(&file)?;
                records.push(Record {
                    path: written.path,
                    by: written.by,
                    made: SystemTime::UNIX_EPOCH + Duration::from_secs(written.made),
                    number,
                    file,
                });
            }
        }
        records.sort_by_key(|record| std::cmp::Reverse(record.number));
        Ok(records)
    }

    /// The sealed half of `record`.
    ///
    /// # Errors
    /// When it cannot be read or opened, or is sealed for another file, command or place in the order.
    pub fn open(&self, record: &Record, seal: &dyn Seal) -> Result<Body, LogError> {
        let malformed = || LogError::Malformed(record.file.clone());
        let written = read(&record.file)?;
        let sealed = STANDARD.decode(&written.sealed).map_err(|_| malformed())?;
        let plain = seal.open(&sealed).map_err(LogError::Seal)?;
        let bound: Bound<PathBuf, String, Body> =
            serde_json::from_slice(&plain).map_err(|_| malformed())?;
        let belongs =
            (&bound.path, &bound.by, bound.number) == (&record.path, &record.by, record.number);
        belongs.then_some(bound.body).ok_or_else(malformed)
    }

    /// Forgets a change that was taken back, or never made.
    ///
    /// # Errors
    /// The system's.
    pub fn forget(&self, record: &Record) -> Result<(), LogError> {
        match std::fs::remove_file(&record.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(LogError::System(record.file.clone(), error))
            }
            _ => Ok(()),
        }
    }

    /// Whether there is a folder of records: also when all changes were taken back, until [`Log::leave_no_trace`].
    #[must_use]
    pub fn has_folder(&self) -> bool {
        self.folder.exists()
    }

    /// Whether there is a folder of records, or an empty one above it, which [`Log::leave_no_trace`] has left when it did
    /// not come to its end.
    #[must_use]
    pub fn is_there(&self) -> bool {
        let is_empty = |state: &Path| {
            state
                .read_dir()
                .is_ok_and(|mut entries| entries.next().is_none())
        };
        self.has_folder() || self.folder.parent().is_some_and(is_empty)
    }

    /// Removes the folder of the records, once none is left, and the one above it, `state`, if it is empty.
    pub fn leave_no_trace(&self) {
        if self.records().is_ok_and(|records| records.is_empty()) {
            mcp_launch_atomic::sweep(&self.folder);
            // Whatever else is there keeps the folder; that is no failure.
            let _gone = std::fs::remove_file(self.folder.join(LOCK));
            let _gone = std::fs::remove_dir(&self.folder);
            if let Some(state) = self.folder.parent() {
                let _gone = std::fs::remove_dir(state);
            }
        }
    }

    /// Refuses a folder of others, and one in a folder of others.
    fn check(&self) -> Result<(), LogError> {
        if let Some(state) = self.folder.parent() {
            folder::check(state)?;
        }
        folder::check(&self.folder)
    }

    fn make(&self) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)
    }
}

/// Whether this file still has the name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(file), Ok(there)) => identity(file) == identity(there),
        _ => false,
    }
}

/// Windows removes no file that is open.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

fn read(file: &Path) -> Result<Written, LogError> {
    let bytes = std::fs::read(file).map_err(|error| LogError::System(file.to_owned(), error))?;
    match serde_json::from_slice::<Written>(&bytes) {
        Ok(written) if written.version == VERSION => Ok(written),
        _ => Err(LogError::Malformed(file.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Standing;

    /// Seals nothing; what seals is tested where it is.
    struct Open;

    impl Seal for Open {
        fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, SourceError> {
            Ok(plain.iter().rev().copied().collect())
        }

        fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SourceError> {
            Ok(Zeroizing::new(sealed.iter().rev().copied().collect()))
        }
    }

    fn body(before: Option<&[u8]>, after: &[u8]) -> Body {
        Body::new(before, after, Zeroizing::new("[]".to_owned()), None)
    }

    #[test]
    fn records_come_back_the_latest_first() {
        let state = tempfile::tempdir().unwrap();
        let log = Log::within(state.path());
        assert!(log.records().unwrap().is_empty());
        for path in ["/a", "/b"] {
            let body = body(Some(b"\xffbefore"), path.as_bytes());
            log.begin(Path::new(path), "adopt", &body, &Open).unwrap();
        }
        let records = log.records().unwrap();
        let paths: Vec<_> = records.iter().map(|record| record.path.clone()).collect();
        assert_eq!(paths, [Path::new("/b"), Path::new("/a")]);
        let opened = log.open(&records[1], &Open).unwrap();
        assert_eq!(opened.before().unwrap().as_slice(), b"\xffbefore");
        assert_eq!(opened.edits(), "[]");
        assert_eq!(opened.access(), None);
        for record in &records {
            log.forget(record).unwrap();
        }
        log.leave_no_trace();
        assert!(!state.path().exists());
    }

    #[test]
    fn a_lock_that_was_removed_keeps_nobody_out() {
        let state = tempfile::tempdir().unwrap();
        let log = Log::within(state.path());
        let first = log.lock().unwrap();
        let waiting = std::thread::scope(|scope| {
            let second = scope.spawn(|| log.lock().unwrap());
            std::thread::sleep(Duration::from_millis(50));
            log.leave_no_trace();
            drop(first);
            second.join().unwrap()
        });
        assert!(is_at(&waiting, &log.folder.join(LOCK)));
        drop(waiting);
        assert!(log.is_there());
        log.leave_no_trace();
        assert!(!log.is_there());
    }

    #[test]
    fn tells_how_a_file_stands_to_a_change() {
        let changed = body(Some(b"before"), b"after");
        assert_eq!(changed.standing(Some(b"after")), Standing::After);
        assert_eq!(changed.standing(Some(b"before")), Standing::Before);
        assert_eq!(changed.standing(Some(b"other")), Standing::Changed);
        assert_eq!(changed.standing(None), Standing::Gone);
        let made = body(None, b"after");
        assert_eq!(made.standing(None), Standing::Before);
        assert_eq!(made.standing(Some(b"")), Standing::Changed);
    }

    #[test]
    fn a_record_of_another_version_stops_everything() {
        let state = tempfile::tempdir().unwrap();
        let log = Log::within(state.path());
        log.begin(Path::new("/a"), "adopt", &body(None, b""), &Open)
            .unwrap();
        let file = log.records().unwrap()[0].file.clone();
        let text = std::fs::read_to_string(&file).unwrap();
        let newer = text.replace("\"version\":1", "\"version\":2");
        mcp_launch_atomic::write(&file, newer.as_bytes(), 0o600).unwrap();
        assert!(matches!(log.records(), Err(LogError::Malformed(_))));
    }

    #[test]
    fn a_record_that_says_something_else_than_what_is_sealed_is_none() {
        for (from, to) in [
            ("\"path\":\"/a\"", "\"path\":\"/b\""),
            ("adopt", "add"),
            ("", ""),
        ] {
            let state = tempfile::tempdir().unwrap();
            let log = Log::within(state.path());
            let record = log
                .begin(Path::new("/a"), "adopt", &body(None, b""), &Open)
                .unwrap();
            log.open(&record, &Open).unwrap();
            let text = std::fs::read_to_string(&record.file).unwrap();
            log.forget(&record).unwrap();
            let changed = text.replacen(from, to, 1);
            // The last one has another place in the order.
            let name = if from.is_empty() { "2.json" } else { "1.json" };
            let file = log.folder.join(name);
            mcp_launch_atomic::write(&file, changed.as_bytes(), 0o600).unwrap();
            let record = log.records().unwrap().remove(0);
            let opened = log.open(&record, &Open);
            assert!(matches!(opened, Err(LogError::Malformed(_))), "{from}");
        }
    }

    #[test]
    fn after_the_last_number_there_is_no_other() {
        let state = tempfile::tempdir().unwrap();
        let log = Log::within(state.path());
        let body = body(None, b"");
        let begin = || log.begin(Path::new("/a"), "adopt", &body, &Open);
        let record = begin().unwrap();
        let last = log.folder.join(format!("{}.json", u64::MAX));
        std::fs::rename(&record.file, last).unwrap();
        assert!(matches!(begin(), Err(LogError::Full(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_may_write_into_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let state = tempfile::tempdir().unwrap();
        let log = Log::within(state.path());
        drop(log.lock().unwrap());
        for folder in [state.path(), &log.folder] {
            for mode in [0o720, 0o702] {
                let mode = std::fs::Permissions::from_mode(mode);
                std::fs::set_permissions(folder, mode).unwrap();
                assert!(matches!(log.records(), Err(LogError::Writable(_))));
                assert!(matches!(log.lock(), Err(LogError::Writable(_))));
            }
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        assert!(log.records().unwrap().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn records_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let state = tempfile::tempdir().unwrap();
        let log = Log::within(state.path());
        let record = log.begin(Path::new("/a"), "adopt", &body(None, b""), &Open);
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&record.unwrap().file), 0o600);
        assert_eq!(mode(&log.folder), 0o700);
    }
}
