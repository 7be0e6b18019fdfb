//! Why there is no program to start, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::shown::{Quoted, Shown};

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
    /// A path was typed, and there is nothing.
    NoSuchPath {
        /// What was typed, if that can be shown.
        typed: Option<String>,
        /// The working directory, if that is what it was relative to.
        relative_to: Option<PathBuf>,
    },
    /// It is there and may not be executed.
    NotExecutable(PathBuf),
    /// It is nowhere. With its name, if that can be shown.
    NotFound(Option<String>),
    /// It is nowhere, and what was typed is a command line, not a program. With its first word, if that
    /// can be shown.
    WholeCommandLine(Option<String>),
}

impl ProgramError {
    pub(crate) fn new(kind: ProgramErrorKind) -> Self {
        Self { kind }
    }

    /// The name `typed` is nowhere.
    pub(crate) fn not_found(typed: &str) -> Self {
        Self::of_one_word(typed, ProgramErrorKind::NotFound)
    }

    /// There is nothing at the path `typed`, which was relative to `relative_to` if to anything.
    pub(crate) fn no_such_path(typed: &str, relative_to: Option<&Path>) -> Self {
        Self::of_one_word(typed, |typed| ProgramErrorKind::NoSuchPath {
            typed,
            relative_to: relative_to.map(Path::to_owned),
        })
    }

    /// `kind` of what was typed, unless that is a whole command line.
    fn of_one_word(typed: &str, kind: impl FnOnce(Option<String>) -> ProgramErrorKind) -> Self {
        let mut words = typed.split_whitespace();
        let first = words
            .next()
            .filter(|word| is_showable(word))
            .map(str::to_owned);
        Self::new(if words.next().is_some() {
            ProgramErrorKind::WholeCommandLine(first)
        } else {
            kind(first)
        })
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
            ProgramErrorKind::NotFound(_) | ProgramErrorKind::NoSuchPath { .. } => {
                "program.not-found"
            }
            ProgramErrorKind::WholeCommandLine(_) => "program.whole-command-line",
        }
    }

    /// The exit status by which `env`, `nohup` and shells say it.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self.kind {
            ProgramErrorKind::NotExecutable(_) => 126,
            ProgramErrorKind::Empty
            | ProgramErrorKind::NoSuchPath { .. }
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
                Some(format!("run `chmod +x {}`", Quoted(path)))
            }
            ProgramErrorKind::NoSuchPath {
                relative_to: Some(directory),
                ..
            } => Some(format!(
                "it is relative to the working directory, {}; write its absolute path",
                Shown(directory)
            )),
            ProgramErrorKind::NoSuchPath { .. } => Some(
                "correct the path; `command -v` in your shell says where a program is".to_owned(),
            ),
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
            ProgramErrorKind::NoSuchPath {
                typed: Some(typed), ..
            } => write!(f, "there is no {typed}"),
            ProgramErrorKind::NotFound(Some(name)) => write!(
                f,
                "`{name}` is neither in PATH nor in the usual places of a login shell"
            ),
            ProgramErrorKind::NoSuchPath { typed: None, .. } | ProgramErrorKind::NotFound(None) => {
                f.write_str("there is no such program")
            }
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

/// A word that can only be a program: no `NAME=value`, no address, nothing long.
fn is_showable(word: &str) -> bool {
    word.len() <= 64
        && word
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "._-+/~".contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(ProgramError::not_found(typed).to_string(), shown);
            assert_eq!(ProgramError::no_such_path(typed, None).to_string(), shown);
        }
    }
}
