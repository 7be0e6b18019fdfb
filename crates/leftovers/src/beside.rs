//! Copies of a file's values in the folder that it stands in.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::kind::{CLIENT_CONFIGS, FileKind, kind};
use crate::leftover::{Leftover, Place, Reason, Search};
use crate::needles::Needles;

/// The most bytes of a file, or of one version in git, that is searched.
pub const LARGEST: usize = 4 << 20;

/// The most files of a folder that are searched.
pub const FILES: usize = 300;

/// The most names of a folder that are looked at.
const ENTRIES: usize = 20_000;

/// Looks for the values in what stands beside `file` under a name that copies have, and in the configs that clients
/// keep in the same folder. `file` itself is not looked at, and need not be there.
///
/// Only regular files are opened, and no link is followed but the one that `file` itself may be: then the folder of
/// what it leads to is searched too.
#[must_use]
pub fn beside(file: &Path, needles: &Needles) -> Search {
    let mut search = Search::default();
    if needles.is_empty() {
        return search;
    }
    // Full size from the start, so that no copy is left behind when it grows.
    let mut buffer = Zeroizing::new(Vec::with_capacity(LARGEST + 1));
    for file in spots(file) {
        for (path, kind) in candidates(&file, &mut search) {
            match read(&path, &mut buffer) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(reason) => {
                    search.skip(path, reason);
                    continue;
                }
            }
            let names = needles.names_in(&buffer);
            if !names.is_empty() {
                let place = Place::File { path, kind };
                search.leftovers.push(Leftover { place, names });
            }
        }
    }
    search
}

/// `file` as it was named, and what it leads to where that is in another folder.
fn spots(file: &Path) -> Vec<PathBuf> {
    let mut spots = vec![file.to_owned()];
    if let Ok(target) = file.canonicalize()
        && target.parent() != folder(file).canonicalize().ok().as_deref()
    {
        spots.push(target);
    }
    spots
}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// What is to be read, by name and in the order of the names.
fn candidates(file: &Path, search: &mut Search) -> Vec<(PathBuf, FileKind)> {
    let folder = folder(file);
    let own = file.file_name().unwrap_or_default().as_encoded_bytes();
    let Ok(entries) = folder.read_dir() else {
        search.skip(folder, Reason::Unreadable);
        return Vec::new();
    };
    let mut found: Vec<(OsString, FileKind)> = Vec::new();
    for (count, entry) in entries.enumerate() {
        if count == ENTRIES {
            search.skip(folder, Reason::TooMany);
            break;
        }
        let Ok(entry) = entry else {
            search.skip(folder, Reason::Unreadable);
            break;
        };
        let name = entry.file_name();
        // A link leads to what has a name of its own; a pipe or socket holds nothing.
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if let Some(kind) = kind(name.as_encoded_bytes(), own).filter(|_| is_file) {
            found.push((name, kind));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    if found.len() > FILES {
        search.skip(folder, Reason::TooMany);
        found.truncate(FILES);
    }
    let mut found: Vec<_> = (found.into_iter())
        .map(|(name, kind)| (folder.join(name), kind))
        .collect();
    let deeper = (CLIENT_CONFIGS.iter()).filter(|config| config.contains('/'));
    found.extend(
        deeper
            .filter(|config| is_without_links(folder, Path::new(config)))
            .map(|config| (folder.join(config), FileKind::ClientConfig))
            .filter(|(path, _)| path != file),
    );
    found
}

/// Whether `below` is a file in `folder` to which no link leads on the way.
fn is_without_links(folder: &Path, below: &Path) -> bool {
    let mut path = folder.to_owned();
    for part in below {
        path.push(part);
        if !path.symlink_metadata().is_ok_and(|is| !is.is_symlink()) {
            return false;
        }
    }
    path.symlink_metadata().is_ok_and(|is| is.is_file())
}

/// Fills `buffer` with the file. `false` when it is gone, or another kind of file by now.
fn read(path: &Path, buffer: &mut Zeroizing<Vec<u8>>) -> Result<bool, Reason> {
    // Wiped whole when it is dropped.
    buffer.clear();
    let file = match open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(_) => return Err(Reason::Unreadable),
    };
    let metadata = file.metadata().map_err(|_| Reason::Unreadable)?;
    if !metadata.is_file() {
        return Ok(false);
    }
    if metadata.len() > LARGEST as u64 {
        return Err(Reason::TooLarge);
    }
    file.take(LARGEST as u64 + 1)
        .read_to_end(buffer)
        .map_err(|_| Reason::Unreadable)?;
    if buffer.len() > LARGEST {
        return Err(Reason::TooLarge);
    }
    Ok(true)
}

/// Opens without waiting for a pipe's other end, and not through a link, whatever took the name since it was listed.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    options.open(path)
}
