//! A program that nobody else could have put there or changed.

use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// Links on the way to a program. More are a circle.
const MOST_LINKS: u32 = 40;

/// A program of the user's own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Program {
    path: PathBuf,
    pin: Option<Pin>,
}

/// The SHA-256 digest that a program has to have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pin([u8; 32]);

impl Pin {
    /// Of 64 hexadecimal digits, as `sha256sum` prints them. `None` where they are not.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut digest = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (byte, digits) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digit = |at: usize| char::from(digits[at]).to_digit(16);
            *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
        }
        Some(Self(digest))
    }
}

/// What is executed, and the name that it is told to have.
pub(crate) struct Checked {
    pub(crate) executed: PathBuf,
    pub(crate) name: PathBuf,
    /// Keeps a descriptor open that `executed` goes through.
    _file: Option<File>,
}

impl Program {
    /// The program at `path`, if it has the digest `pin`, where one is given.
    ///
    /// # Errors
    /// [`ProgramError::Relative`] for a path that depends on where somebody stands.
    pub fn new(path: PathBuf, pin: Option<Pin>) -> Result<Self, ProgramError> {
        if path.is_absolute() {
            Ok(Self { path, pin })
        } else {
            Err(ProgramError::Relative)
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks whose it is, and whether it is the one that was pinned. All folders on the way belong to root or to this user
    /// too, and nobody else may write them: whoever could, could put another program there.
    ///
    /// # Errors
    /// See [`ProgramError`].
    pub fn check(&self) -> Result<(), ProgramError> {
        self.checked().map(drop)
    }

    pub(crate) fn checked(&self) -> Result<Checked, ProgramError> {
        let path = resolved(&self.path)?;
        let Some(pin) = self.pin else {
            let metadata = fs::symlink_metadata(&path).map_err(|_| ProgramError::Missing)?;
            must_be_ours(&path, &metadata)?;
            must_be_a_program(&metadata)?;
            return Ok(Checked {
                executed: path,
                name: self.path.clone(),
                _file: None,
            });
        };
        let file = File::open(&path).map_err(|_| ProgramError::Unreadable)?;
        let metadata = file.metadata().map_err(|_| ProgramError::Unreadable)?;
        must_be_ours(&path, &metadata)?;
        must_be_a_program(&metadata)?;
        if digest(&file)? != pin {
            return Err(ProgramError::Changed);
        }
        Ok(Checked {
            executed: through(&file).unwrap_or(path),
            name: self.path.clone(),
            _file: Some(file),
        })
    }
}

/// Why a program is not run.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// Its digest is not the pinned one.
    #[error("its SHA-256 digest is not the one in the settings")]
    Changed,
    /// It, or a folder or link on the way to it, belongs to somebody else.
    #[error("{} belongs neither to you nor to root", .0.display())]
    Foreign(PathBuf),
    /// Links that lead in a circle.
    #[error("its path has too many links")]
    Links,
    /// There is nothing.
    #[error("there is no such program")]
    Missing,
    /// It is no file, or may not be executed.
    #[error("it is no file that may be executed")]
    NotAProgram,
    /// Its path is relative.
    #[error("its path is not absolute")]
    Relative,
    /// It cannot be read, which its digest needs.
    #[error("it cannot be read, so its digest cannot be checked")]
    Unreadable,
    /// It, or a folder on the way to it, may be written by others.
    #[error("{} may be written by others (chmod go-w)", .0.display())]
    WritableByOthers(PathBuf),
}

/// Follows `path` link by link, and looks at each folder in which a name is looked up.
fn resolved(path: &Path) -> Result<PathBuf, ProgramError> {
    let mut ahead: Vec<PathBuf> = parts(path);
    let mut here = PathBuf::new();
    let mut links = 0;
    while let Some(part) = ahead.pop() {
        if part == Path::new("..") {
            here.pop();
            continue;
        }
        if here.as_os_str().is_empty() || part.is_absolute() {
            here = part;
            continue;
        }
        let folder = fs::symlink_metadata(&here).map_err(|_| ProgramError::Missing)?;
        must_be_ours(&here, &folder)?;
        let next = here.join(&part);
        let metadata = fs::symlink_metadata(&next).map_err(|_| ProgramError::Missing)?;
        if !metadata.is_symlink() {
            here = next;
            continue;
        }
        if is_foreign(&metadata) {
            return Err(ProgramError::Foreign(next));
        }
        links += 1;
        if links > MOST_LINKS {
            return Err(ProgramError::Links);
        }
        let target = fs::read_link(&next).map_err(|_| ProgramError::Missing)?;
        ahead.extend(parts(&target));
    }
    Ok(here)
}

/// The parts of a path, the last one first.
fn parts(path: &Path) -> Vec<PathBuf> {
    let parts = path
        .components()
        .filter(|part| !matches!(part, Component::CurDir));
    let mut parts: Vec<PathBuf> = parts.map(|part| PathBuf::from(part.as_os_str())).collect();
    parts.reverse();
    parts
}

fn must_be_ours(path: &Path, metadata: &Metadata) -> Result<(), ProgramError> {
    if is_foreign(metadata) {
        return Err(ProgramError::Foreign(path.to_owned()));
    }
    if is_open_to_others(metadata) {
        return Err(ProgramError::WritableByOthers(path.to_owned()));
    }
    Ok(())
}

#[cfg(unix)]
fn is_foreign(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let owner = metadata.uid();
    owner != 0 && owner != rustix::process::geteuid().as_raw()
}

/// In a folder with the sticky bit, such as /tmp, everybody may put files, but nobody may replace those of others.
#[cfg(unix)]
fn is_open_to_others(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let is_sticky_folder = metadata.is_dir() && metadata.mode() & 0o1000 != 0;
    metadata.mode() & 0o022 != 0 && !is_sticky_folder
}

#[cfg(unix)]
fn must_be_a_program(metadata: &Metadata) -> Result<(), ProgramError> {
    use std::os::unix::fs::MetadataExt;
    if metadata.is_file() && metadata.mode() & 0o111 != 0 {
        Ok(())
    } else {
        Err(ProgramError::NotAProgram)
    }
}

/// Windows keeps owners in access lists, which the profile's folders already bound to the person.
#[cfg(not(unix))]
fn is_foreign(_metadata: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn is_open_to_others(_metadata: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn must_be_a_program(metadata: &Metadata) -> Result<(), ProgramError> {
    if metadata.is_file() {
        Ok(())
    } else {
        Err(ProgramError::NotAProgram)
    }
}

fn digest(mut file: &File) -> Result<Pin, ProgramError> {
    let mut digest = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(Pin(digest.finalize().into())),
            Ok(read) => digest.update(&piece[..read]),
            Err(_) => return Err(ProgramError::Unreadable),
        }
    }
}

/// A path that leads to the file that was read, whatever stands at its name by now. `None` where a system has none: there
/// the name is executed, which only this user and root can give to another file.
#[cfg(target_os = "linux")]
fn through(file: &File) -> Option<PathBuf> {
    use std::os::fd::AsRawFd;
    // The interpreter of a script opens it after exec. Another child that is started at this moment may get to read a
    // program that it could read anyway.
    rustix::io::fcntl_setfd(file, rustix::io::FdFlags::empty()).ok()?;
    Some(PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd())))
}

#[cfg(not(target_os = "linux"))]
fn through(_file: &File) -> Option<PathBuf> {
    None
}
