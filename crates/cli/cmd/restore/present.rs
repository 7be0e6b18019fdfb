//! A file as it is now, where a record says that it is.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use mcp_launch_core::shown;
use mcp_launch_undo::Access;
use zeroize::Zeroizing;

use crate::report::Report;

/// The largest file that is read, in bytes. No config is near it.
const LARGEST: u64 = 64 << 20;

/// What a file holds, and whose it is.
pub(super) struct Present {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) access: Option<Access>,
}

impl Present {
    /// The file at `path`, which is on record with all links followed; None where there is none.
    ///
    /// # Errors
    /// When somebody has put a link in its place or in that of a folder above it: what stood in the file would go to a
    /// place of theirs. When it is no regular file or too large, or cannot be read.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Report> {
        let unreadable = |error: std::io::Error| {
            Report::failure(format!("cannot read {}: {error}", shown(path)))
        };
        let folder = path.parent().unwrap_or(path);
        match std::fs::canonicalize(folder) {
            Ok(real) if real == folder => {}
            Ok(_) => return Err(moved(path, "a folder above it is a link now")),
            Err(error) if is_absent(error.kind()) => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        }
        let there = match path.symlink_metadata() {
            Ok(there) => there,
            Err(error) if is_absent(error.kind()) => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        };
        if there.is_symlink() {
            return Err(moved(path, "it is a link now"));
        }
        if !there.is_file() {
            return Err(moved(path, "it is no regular file now"));
        }
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.len() > LARGEST {
            return Err(Report::failure(format!(
                "{} has more than {} MiB, so it was not read",
                shown(path),
                LARGEST >> 20
            )));
        }
        // Room for one byte more than it has, so that no copy is left behind when it grows.
        let room = usize::try_from(metadata.len()).unwrap_or_default() + 1;
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        file.take(metadata.len())
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        Ok(Some(Self {
            bytes,
            access: Access::of(&metadata),
        }))
    }
}

fn is_absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn moved(path: &Path, why: &str) -> Report {
    Report::failure(format!(
        "{} is not what it was when it was changed: {why}, so it was not put back",
        shown(path)
    ))
    .hint("put the file itself in its place again; what is on record stays until then")
}
