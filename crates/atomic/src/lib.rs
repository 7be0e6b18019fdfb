//! Writes a file that belongs to a person: the old content or the new, whatever happens in between.

#![forbid(unsafe_code)]

mod exchange;
mod leftover;
mod lock;
mod replace;

use std::fs::{DirBuilder, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

pub use exchange::exchange;
pub use leftover::sweep;
pub use lock::{Lock, lock, lock_by};
pub use replace::{ReplaceError, create, put_back, remove, replace, try_replace};

/// How many symbolic links are followed to the file itself; as many as Linux follows (path_resolution(7)).
pub const LINKS: usize = 40;

/// Replaces the content of `path` by `bytes`, durably: when it returns, a power cut changes nothing.
///
/// The content goes to a new file in the same folder, which then takes the name. A symbolic link stays,
/// and the file that it leads to is replaced. An existing file keeps its mode and owner; a new one gets
/// `mode`, whatever the umask.
///
/// # Errors
/// The system's, and then the old content is still there, and no new file beside it. Also when the
/// existing file belongs to somebody else and cannot be given back to them.
pub fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let path = target(path)?;
    let existing = match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => Some(metadata),
        Ok(_) => return Err(io::ErrorKind::InvalidInput.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let folder = folder_of(&path);
    let file = written(folder, bytes, existing.as_ref(), mode, ALL)?;
    file.persist(&path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// Every bit of a mode.
const ALL: u32 = 0o7777;

/// A new file in `folder` with this content, durable but for its name, and with no permission that is not in `most`. It is
/// removed when dropped.
fn written(
    folder: &Path,
    bytes: &[u8],
    existing: Option<&Metadata>,
    mode: u32,
    most: u32,
) -> io::Result<NamedTempFile> {
    leftover::sweep(folder);
    let mut file = leftover::fresh(folder)?;
    file.write_all(bytes)?;
    take_after(file.as_file(), existing, mode, most)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Creates `path` and what is missing above it, for nobody else to look into. One that is there stays
/// as it is.
///
/// # Errors
/// The system's.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Opens a file of our own that only its owner can read, empty or made: a lock, a mark. What is in it need not survive a
/// power cut; for what does there is [`write()`].
///
/// # Errors
/// The system's.
pub fn create_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Where the links lead, also if nothing is there yet.
fn target(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match path.read_link() {
            Ok(next) => {
                let folder = path.parent().unwrap_or(Path::new("")).to_owned();
                path = folder.join(next);
            }
            // Not a link, or not there.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

/// Gives `file` the owner and mode of the one it replaces. The owner first: a change of owner clears
/// mode bits.
#[cfg(unix)]
fn take_after(file: &File, existing: Option<&Metadata>, mode: u32, most: u32) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let mut mode = mode;
    if let Some(existing) = existing {
        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (existing.uid(), existing.gid()) {
            std::os::unix::fs::fchown(file, Some(existing.uid()), Some(existing.gid()))?;
        }
        mode = existing.mode() & ALL;
    }
    file.set_permissions(std::fs::Permissions::from_mode(mode & most))
}

/// Windows: a new file inherits the access list of its folder.
#[cfg(not(unix))]
fn take_after(
    _file: &File,
    _existing: Option<&Metadata>,
    _mode: u32,
    _most: u32,
) -> io::Result<()> {
    Ok(())
}

/// The new name is durable once the folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows makes a rename durable by itself, and cannot open a folder this way.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().expect("it was written").mode() & 0o7777
    }

    #[test]
    fn a_new_file_gets_the_mode_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        write(&path, b"one", 0o640).unwrap();
        assert_eq!(
            (fs::read(&path).unwrap(), mode(&path)),
            (b"one".to_vec(), 0o640)
        );
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn an_existing_file_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        write(&path, b"one", 0o600).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
        write(&path, b"two", 0o600).unwrap();
        assert_eq!(
            (fs::read(&path).unwrap(), mode(&path)),
            (b"two".to_vec(), 0o664)
        );
    }

    #[test]
    fn a_link_stays_and_leads_to_the_new_content() {
        let folder = tempfile::tempdir().unwrap();
        let dotfiles = folder.path().join("dotfiles");
        fs::create_dir(&dotfiles).unwrap();
        let link = folder.path().join("link");
        symlink("dotfiles/real", &link).unwrap();
        for content in [&b"not there yet"[..], b"there now"] {
            write(&link, content, 0o600).unwrap();
            assert!(link.symlink_metadata().unwrap().is_symlink());
            assert_eq!(fs::read(dotfiles.join("real")).unwrap(), content);
        }
    }

    #[test]
    fn what_is_not_a_file_is_refused_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d");
        fs::create_dir(&path).unwrap();
        assert!(write(&path, b"x", 0o600).is_err());
        assert!(path.is_dir());
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);

        let circle = folder.path().join("circle");
        symlink("circle", &circle).unwrap();
        assert!(write(&circle, b"x", 0o600).is_err());
    }

    #[test]
    fn a_private_folder_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        create_private_dir(&path).unwrap();
        create_private_dir(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
    }
}
