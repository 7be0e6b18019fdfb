//! Reading the file: what is opened, how long it may be, and how long it may take.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use mcp_launch_core::{Deadline, SourceError, SourceErrorKind};
use zeroize::Zeroizing;

use crate::{Accepted, Document};

/// More than any `.env` has; keeps a file that is not one from filling memory.
pub(crate) const MAX_BYTES: u64 = 4 << 20;

/// Reads a file to its end, into memory that is wiped.
pub(crate) fn read(
    path: &Path,
    accepted: Accepted,
    deadline: Deadline,
) -> Result<Document, SourceError> {
    let bytes = match accepted {
        Accepted::Any => read_any(path, deadline)?,
        Accepted::Own | Accepted::Regular => read_bounded(open_regular(path, accepted)?)?,
    };
    Ok(Document::from(bytes))
}

/// Reads a regular file, whoever named it: what is written back takes the place of one.
pub(crate) fn read_regular(path: &Path, accepted: Accepted) -> Result<Document, SourceError> {
    let bytes = read_bounded(open_regular(path, accepted)?)?;
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
