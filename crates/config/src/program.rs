//! Finds the program of a launch, before anything is resolved.
//!
//! A client that a desktop started has a `PATH` without the places that a login shell adds, so a program
//! that is not in it is looked for there too. The lookup is done here and not by exec, because an exec
//! with another environment would look elsewhere.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use mcp_launch_core::{Environment, FoundIn, Program};

use crate::directories::{Directories, expand_home};
use crate::shown::Shown;
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
        return Err(ProgramError::of(ProgramErrorKind::Empty));
    }
    if is_path(typed) {
        let path = cwd.join(expand_home(typed, directories.home()));
        return lookup.named(&path);
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
        Some(path) => ProgramError::of(ProgramErrorKind::NotExecutable(path)),
        None => lookup.not_found(),
    })
}

/// Why there is no program to start.
///
/// What was typed may hold more than a program's name, so only its first word is shown, and that only
/// if it looks like one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProgramError {
    kind: ProgramErrorKind,
}

/// The kinds of it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ProgramErrorKind {
    /// Nothing was typed.
    Empty,
    /// It is there and may not be executed.
    NotExecutable(PathBuf),
    /// It is nowhere. With its name, if that can be shown.
    NotFound(Option<String>),
    /// It is nowhere, and what was typed is a command line, not a program. With its first word, if that
    /// can be shown.
    WholeCommandLine(Option<String>),
}

impl ProgramError {
    fn of(kind: ProgramErrorKind) -> Self {
        Self { kind }
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> &ProgramErrorKind {
        &self.kind
    }

    /// A stable token for JSON and logs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.kind {
            ProgramErrorKind::Empty => "program.empty",
            ProgramErrorKind::NotExecutable(_) => "program.not-executable",
            ProgramErrorKind::NotFound(_) => "program.not-found",
            ProgramErrorKind::WholeCommandLine(_) => "program.whole-command-line",
        }
    }

    /// The exit status by which `env`, `nohup` and shells say it.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self.kind {
            ProgramErrorKind::NotExecutable(_) => 126,
            ProgramErrorKind::Empty
            | ProgramErrorKind::NotFound(_)
            | ProgramErrorKind::WholeCommandLine(_) => 127,
        }
    }

    /// What a person does about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match &self.kind {
            ProgramErrorKind::Empty => Some("write the program after `--`".to_owned()),
            ProgramErrorKind::NotExecutable(path) if path.is_dir() => {
                Some("it is a folder; name the program in it".to_owned())
            }
            ProgramErrorKind::NotExecutable(path) => {
                Some(format!("run `chmod +x {}`", crate::shown::Quoted(path)))
            }
            ProgramErrorKind::NotFound(_) => Some(
                "install it, or write its absolute path; `command -v` in your shell says where it is"
                    .to_owned(),
            ),
            ProgramErrorKind::WholeCommandLine(word) => {
                let word = word.as_deref().unwrap_or("npx");
                Some(format!(
                    "give each word its own element: \"args\": [\"--\", \"{word}\", …]; \
                     variables belong in \"env\""
                ))
            }
        }
    }
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ProgramErrorKind::Empty => f.write_str("no program to start"),
            ProgramErrorKind::NotExecutable(path) => {
                write!(f, "{} cannot be executed", Shown(path))
            }
            ProgramErrorKind::NotFound(Some(name)) => write!(
                f,
                "`{name}` is neither in PATH nor in the usual places of a login shell"
            ),
            ProgramErrorKind::NotFound(None) => f.write_str("there is no such program"),
            ProgramErrorKind::WholeCommandLine(Some(word)) => {
                write!(f, "`{word} …` is a command line in one word, not a program")
            }
            ProgramErrorKind::WholeCommandLine(None) => {
                f.write_str("the program is a command line in one word")
            }
        }
    }
}

impl std::error::Error for ProgramError {}

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
    fn named(&self, path: &Path) -> Result<Program, ProgramError> {
        match self.at(path) {
            Candidate::Executable(path) => Ok(self.found(path, FoundIn::Named)),
            Candidate::Refused(path) => {
                Err(ProgramError::of(ProgramErrorKind::NotExecutable(path)))
            }
            Candidate::Nothing => Err(self.not_found()),
        }
    }

    fn in_folder(&self, folder: &Path) -> Candidate {
        match self.at(&folder.join(self.typed)) {
            // A folder of that name in a folder of programs is not what is meant.
            Candidate::Refused(path) if path.is_dir() => Candidate::Nothing,
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

    fn not_found(&self) -> ProgramError {
        let text = self.typed.to_string_lossy();
        let mut words = text.split_whitespace();
        let first = words.next().filter(|word| is_showable(word));
        let first = first.map(str::to_owned);
        ProgramError::of(if words.next().is_some() {
            ProgramErrorKind::WholeCommandLine(first)
        } else {
            ProgramErrorKind::NotFound(first)
        })
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

/// A word that can only be a program: no `NAME=value`, no address, nothing long.
fn is_showable(word: &str) -> bool {
    word.len() <= 64
        && word
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "._-+/~".contains(character))
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
            crate::atomic::write(&folder.path().join(name), b"", 0o755).unwrap();
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

    #[test]
    fn only_what_can_be_a_program_is_shown() {
        for (typed, shown) in [
            (
                "npx -y server",
                "`npx …` is a command line in one word, not a program",
            ),
            (
                "TOKEN=hunter2 npx",
                "the program is a command line in one word",
            ),
            ("https://me:hunter2@host", "there is no such program"),
        ] {
            let lookup = Lookup {
                typed: OsStr::new(typed),
                extensions: Vec::new(),
            };
            assert_eq!(lookup.not_found().to_string(), shown);
        }
    }
}
