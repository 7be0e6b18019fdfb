//! Finds the program of a launch, before anything is resolved.
//!
//! A client that a desktop started has a `PATH` without the places that a login shell adds, so a program
//! that is not in it is looked for there too. The lookup is done here and not by exec, because an exec
//! with another environment would look elsewhere.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use mcp_launch_core::{Environment, FoundIn, Program};

use crate::directories::{Directories, expand_home};
use crate::program_error::{ProgramError, ProgramErrorKind};
use crate::usual_places;

/// Finds what `typed` means for a launch in `cwd`, an absolute path.
///
/// A path is taken as it is, `~/` being home; a bare name is looked up in the client's `PATH`, then in
/// the usual places. Entries of `PATH` that are relative or empty are passed over: in a repository they
/// would be the repository's own.
///
/// # Errors
/// When there is no such program, or it may not be executed.
pub fn find_program(
    typed: &OsStr,
    environment: &Environment,
    cwd: &Path,
) -> Result<Program, ProgramError> {
    let directories = Directories::of(environment);
    let lookup = Lookup {
        typed,
        extensions: extensions(environment),
    };
    if typed.is_empty() {
        return Err(ProgramError::new(ProgramErrorKind::Empty));
    }
    if is_path(typed) {
        return lookup.named(&expand_home(typed, directories.home()), cwd);
    }
    let mut refused = None;
    for folder in search_path(environment) {
        match lookup.in_folder(&folder) {
            Candidate::Executable(path) => return Ok(lookup.found(path, FoundIn::SearchPath)),
            Candidate::Refused(path) => refused = refused.or(Some(path)),
            Candidate::Nothing => {}
        }
    }
    for folder in usual_places::folders(directories.home(), environment) {
        if let Candidate::Executable(path) = lookup.in_folder(&folder) {
            return Ok(lookup.found(path, FoundIn::UsualPlace(folder)));
        }
    }
    Err(match refused {
        Some(path) => ProgramError::new(ProgramErrorKind::NotExecutable(path)),
        None => ProgramError::not_found(&typed.to_string_lossy()),
    })
}

/// What is looked for, and with which endings.
struct Lookup<'a> {
    typed: &'a OsStr,
    /// Windows: `.COM`, `.EXE` …; elsewhere none.
    extensions: Vec<OsString>,
}

/// What is at one place.
enum Candidate {
    Executable(PathBuf),
    Nothing,
    Refused(PathBuf),
}

impl Lookup<'_> {
    fn named(&self, path: &Path, cwd: &Path) -> Result<Program, ProgramError> {
        match self.at(&cwd.join(path)) {
            Candidate::Executable(path) => Ok(self.found(path, FoundIn::Named)),
            Candidate::Refused(path) => {
                Err(ProgramError::new(ProgramErrorKind::NotExecutable(path)))
            }
            Candidate::Nothing => Err(ProgramError::no_such_path(
                &self.typed.to_string_lossy(),
                path.is_relative().then_some(cwd),
            )),
        }
    }

    fn in_folder(&self, folder: &Path) -> Candidate {
        match self.at(&folder.join(self.typed)) {
            // A folder of that name in a folder of programs is not what is meant; and in a folder that we may
            // not enter there is, as far as anybody can tell, nothing.
            Candidate::Refused(path) if !path.is_file() => Candidate::Nothing,
            candidate => candidate,
        }
    }

    fn at(&self, path: &Path) -> Candidate {
        if self.extensions.is_empty() || has_extension(path, &self.extensions) {
            return candidate(path.to_owned());
        }
        self.extensions
            .iter()
            .map(|extension| {
                let mut name = path.as_os_str().to_owned();
                name.push(extension);
                candidate(PathBuf::from(name))
            })
            .find(|candidate| !matches!(candidate, Candidate::Nothing))
            .unwrap_or(Candidate::Nothing)
    }

    fn found(&self, path: PathBuf, found_in: FoundIn) -> Program {
        Program {
            typed: self.typed.to_owned(),
            path,
            found_in,
        }
    }
}

fn candidate(path: PathBuf) -> Candidate {
    match path.metadata() {
        Ok(metadata) if metadata.is_file() && may_execute(&path) => Candidate::Executable(path),
        Ok(_) => Candidate::Refused(path),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Candidate::Refused(path)
        }
        Err(_) => Candidate::Nothing,
    }
}

/// What the kernel would say, access lists and all.
#[cfg(unix)]
fn may_execute(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn may_execute(_path: &Path) -> bool {
    true
}

fn is_path(typed: &OsStr) -> bool {
    typed
        .as_encoded_bytes()
        .iter()
        .any(|&byte| byte == b'/' || (cfg!(windows) && byte == b'\\'))
}

fn search_path(environment: &Environment) -> Vec<PathBuf> {
    let Some(path) = environment.get("PATH") else {
        return Vec::new();
    };
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .collect()
}

/// The endings that make a file a program on Windows: `PATHEXT`, else what cmd.exe has by default.
fn extensions(environment: &Environment) -> Vec<OsString> {
    if !cfg!(windows) {
        return Vec::new();
    }
    split_extensions(environment.get_non_empty("PATHEXT"))
}

fn split_extensions(pathext: Option<&OsStr>) -> Vec<OsString> {
    pathext
        .and_then(OsStr::to_str)
        .unwrap_or(".COM;.EXE;.BAT;.CMD")
        .split(';')
        .filter(|extension| extension.len() > 1 && extension.starts_with('.'))
        .map(OsString::from)
        .collect()
}

fn has_extension(path: &Path, extensions: &[OsString]) -> bool {
    let Some(own) = path.extension() else {
        return false;
    };
    extensions.iter().any(|extension| {
        own.as_encoded_bytes()
            .eq_ignore_ascii_case(&extension.as_encoded_bytes()[1..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_endings_are_tried_in_order_and_not_twice() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["npx", "npx.cmd", "npx.ps1", "uv.exe"] {
            mcp_launch_atomic::write(&folder.path().join(name), b"", 0o755).unwrap();
        }
        let found = |typed: &str| {
            let lookup = Lookup {
                typed: OsStr::new(typed),
                extensions: split_extensions(Some(OsStr::new(".exe;.cmd;;x"))),
            };
            match lookup.in_folder(folder.path()) {
                Candidate::Executable(path) => Some(path.file_name().unwrap().to_owned()),
                _ => None,
            }
        };
        assert_eq!(found("npx"), Some("npx.cmd".into()));
        assert_eq!(found("uv.exe"), Some("uv.exe".into()));
        assert_eq!(found("npx.ps1"), None);
        assert_eq!(split_extensions(None).len(), 4);
    }
}
