//! A `.env` file as a source of values.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};

use mcp_launch_core::{
    Deadline, Locator, LocatorError, Scheme, Secret, Source, SourceError, SourceErrorKind, shown,
};
use zeroize::Zeroizing;

use crate::agreement::Refusal;
use crate::{Dialect, Document};

/// `dotenv:NAME`.
pub const SCHEME: Scheme = Scheme {
    name: "dotenv",
    summary: "a .env file",
    example: "$<dotenv:DB_URL>",
    check,
    overlap: Scheme::same_text,
    logins: &[],
};

/// More than any `.env` has; keeps a file that is not one from filling memory.
const MAX_BYTES: u64 = 4 << 20;

/// Which files a source reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Accepted {
    /// A regular file or a pipe: what a person names for this launch.
    Any,
    /// A regular file of ours or root's: what nobody named. The only one that may be absent, so that another store is
    /// asked.
    Own,
    /// A regular file: what settings name.
    Regular,
}

/// One `.env` file. It is read anew, and once, each time values are asked for.
pub struct DotenvSource {
    path: PathBuf,
    accepted: Accepted,
    dialect: Option<Dialect>,
    /// What to do about the names that had no value when they were last asked for.
    remedies: Mutex<HashMap<Locator, String>>,
}

impl DotenvSource {
    /// The file at `path`, whatever it is. With `dialect` only that reader counts; else all must agree.
    #[must_use]
    pub fn new(path: PathBuf, dialect: Option<Dialect>) -> Self {
        Self {
            path,
            accepted: Accepted::Any,
            dialect,
            remedies: Mutex::default(),
        }
    }

    /// The same, if it is such a file. What is opened is looked at, so nothing can be put in its place.
    #[must_use]
    pub fn only(mut self, accepted: Accepted) -> Self {
        self.accepted = accepted;
        self
    }

    fn settle(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<Secret, SourceError>> {
        let document = match read(&self.path, self.accepted, deadline) {
            Ok(document) => document,
            Err(error) => {
                let refused = |locator| Err(self.note(locator, self.unread(error)));
                return locators.iter().map(refused).collect();
            }
        };
        let values = document.values(self.dialect);
        locators
            .iter()
            .map(|locator| {
                values
                    .settle(locator.as_str())
                    .map_err(|refusal| self.note(locator, refusal))
            })
            .collect()
    }

    /// The error of a file that could not be read, for every name.
    fn unread(&self, error: SourceError) -> Refusal {
        if self.accepted == Accepted::Own || error.kind() != SourceErrorKind::Absent {
            return Refusal {
                error,
                remedy: None,
            };
        }
        Refusal {
            error: SourceError::new(SourceErrorKind::Unavailable)
                .note("this file was named, and it is not there"),
            remedy: Some(format!(
                "create {}, or correct the setting that names it",
                shown(&self.path)
            )),
        }
    }

    fn note(&self, locator: &Locator, refusal: Refusal) -> SourceError {
        if let (Some(remedy), Ok(mut remedies)) = (refusal.remedy, self.remedies.lock()) {
            remedies.insert(locator.clone(), remedy);
        }
        refusal.error
    }
}

impl Source for DotenvSource {
    fn place(&self, _locator: &Locator) -> String {
        shown(&self.path).to_string()
    }

    fn fetch(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<Secret, SourceError>> {
        self.settle(locators, deadline)
    }

    fn look(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<(), SourceError>> {
        // Whether there is a value is known only when all readers have been asked for it.
        self.settle(locators, deadline)
            .into_iter()
            .map(|outcome| outcome.map(drop))
            .collect()
    }

    fn remedy(&self, locator: &Locator, _error: SourceError) -> Option<String> {
        self.remedies.lock().ok()?.get(locator).cloned()
    }
}

/// The names in the file at `path`, in the order of their first entries.
///
/// # Errors
/// When the file is absent, is stored as no `.env` is, or cannot be read by `deadline`.
pub fn names_in(path: &Path, deadline: Deadline) -> Result<Vec<String>, SourceError> {
    let document = read(path, Accepted::Any, deadline)?;
    if let Some(note) = document.foreign() {
        return Err(SourceError::new(SourceErrorKind::Malformed).note(note));
    }
    Ok(document.keys().into_iter().map(str::to_owned).collect())
}

/// Reads a file to its end, into memory that is wiped.
fn read(path: &Path, accepted: Accepted, deadline: Deadline) -> Result<Document, SourceError> {
    let bytes = match accepted {
        Accepted::Any => read_any(path, deadline)?,
        Accepted::Own | Accepted::Regular => read_bounded(open_regular(path, accepted)?)?,
    };
    Ok(Document::from(bytes))
}

fn read_any(path: &Path, deadline: Deadline) -> Result<Zeroizing<Vec<u8>>, SourceError> {
    let metadata = std::fs::metadata(path).map_err(|error| not_opened(&error))?;
    if metadata.is_dir() {
        return Err(SourceError::new(SourceErrorKind::Malformed).note("it is a folder"));
    }
    if metadata.is_file() {
        read_bounded(open(path)?)
    } else {
        read_beside(path.to_owned(), deadline)
    }
}

/// Reads a pipe on a thread of its own: nobody may ever write to it.
fn read_beside(path: PathBuf, deadline: Deadline) -> Result<Zeroizing<Vec<u8>>, SourceError> {
    let (sender, receiver) = mpsc::channel();
    let thread =
        std::thread::spawn(move || sender.send(open(&path).and_then(read_bounded)).is_ok());
    match receiver.recv_timeout(deadline.remaining()) {
        Ok(bytes) => {
            // Nothing but this thread runs when the server is started.
            thread.join().ok();
            bytes
        }
        Err(_) => Err(SourceError::new(SourceErrorKind::TimedOut)
            .note("it is a pipe, and nothing has written to its end")),
    }
}

fn open(path: &Path) -> Result<File, SourceError> {
    File::open(path).map_err(|error| not_opened(&error))
}

/// Opens without waiting for a pipe's writer, and looks at what was opened.
fn open_regular(path: &Path, accepted: Accepted) -> Result<File, SourceError> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path).map_err(|error| not_opened(&error))?;
    let metadata = file
        .metadata()
        .map_err(|error| SourceError::from_io(&error))?;
    if !metadata.is_file() {
        return Err(SourceError::new(SourceErrorKind::Malformed)
            .note("it is not a regular file, which only --env-file may name"));
    }
    if accepted == Accepted::Own && is_foreign(&metadata) {
        return Err(SourceError::new(SourceErrorKind::Denied)
            .note("it belongs to another user; --env-file reads it all the same"));
    }
    Ok(file)
}

/// Whether it belongs to somebody who is neither us nor root.
#[cfg(unix)]
fn is_foreign(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let owner = metadata.uid();
    owner != 0 && owner != rustix::process::geteuid().as_raw()
}

/// Windows keeps owners in access lists, which the profile's folders already bound to the person.
#[cfg(not(unix))]
fn is_foreign(_metadata: &Metadata) -> bool {
    false
}

fn read_bounded(file: File) -> Result<Zeroizing<Vec<u8>>, SourceError> {
    let metadata = file
        .metadata()
        .map_err(|error| SourceError::from_io(&error))?;
    let too_long = SourceError::new(SourceErrorKind::Malformed).note("it is longer than 4 MiB");
    if metadata.len() > MAX_BYTES {
        return Err(too_long);
    }
    let length = usize::try_from(metadata.len()).unwrap_or_default();
    let bytes = read_wiped(file.take(MAX_BYTES + 1), length)
        .map_err(|error| SourceError::from_io(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_long);
    }
    Ok(bytes)
}

fn not_opened(error: &io::Error) -> SourceError {
    match error.kind() {
        io::ErrorKind::NotFound => SourceError::new(SourceErrorKind::Absent),
        _ => SourceError::from_io(error),
    }
}

/// Reads to the end without leaving a smaller, unwiped buffer behind when the text turns out longer than `expected`.
fn read_wiped(mut from: impl Read, expected: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; expected + 1]);
    let mut filled = 0;
    loop {
        if filled == bytes.len() {
            let mut longer = Zeroizing::new(vec![0; bytes.len().max(2048) * 2]);
            longer[..filled].copy_from_slice(&bytes);
            bytes = longer;
        }
        match from.read(&mut bytes[filled..]) {
            Ok(0) => {
                bytes.truncate(filled);
                return Ok(bytes);
            }
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn check(locator: &str) -> Result<(), LocatorError> {
    if locator.is_empty() {
        return Err(LocatorError("the name of a variable follows `dotenv:`"));
    }
    let impossible = |character: char| {
        character.is_whitespace() || character.is_control() || "=#'\"`".contains(character)
    };
    if locator.contains(impossible) {
        return Err(LocatorError(
            "no name in a .env file has white space, quotes, `=` or `#`",
        ));
    }
    Ok(())
}
