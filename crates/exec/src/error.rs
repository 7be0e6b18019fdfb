//! Why a launch did not become the server: closed kinds, with names and numbers only.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use mcp_launch_core::{Site, shown};

use crate::exit_code;
use crate::isolation::Obstacle;

/// Why a launch could not be made ready. Nothing has started.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HardenError {
    /// A value could not be put behind a descriptor.
    #[error("{site}: no descriptor for the value ({})", io::Error::from_raw_os_error(*errno))]
    Descriptor {
        /// Where the placeholder stands.
        site: Site,
        /// The system's error number.
        errno: i32,
    },
    /// The policy requires isolation, and this system has none.
    #[error("the server cannot be isolated: {0}; --no-isolate starts it without")]
    IsolationImpossible(Obstacle),
    /// A text has a NUL byte, at which it would arrive cut short.
    #[error("{site}: has a NUL byte, which no argument or variable can hold")]
    Nul {
        /// Where the text stands.
        site: Site,
    },
    /// The program takes other privileges when it starts, which isolation would silently withhold.
    #[error(
        "{} is {privilege}, and an isolated server cannot gain privileges; start it with --no-isolate",
        shown(&program)
    )]
    PrivilegedProgram {
        /// The program's file.
        program: PathBuf,
        /// How it would gain privileges.
        privilege: Privilege,
    },
    /// The program's name or path has a NUL byte.
    #[error("the program's name has a NUL byte")]
    ProgramName,
    /// This platform has no descriptors that a path names.
    #[error("{site}: $<fd:...> is not available on this platform")]
    NoDescriptors {
        /// Where the placeholder stands.
        site: Site,
    },
    /// A text is not Unicode, which this platform's arguments and variables are.
    #[error("{site}: not UTF-8, which arguments and variables are on this platform")]
    NotUnicode {
        /// Where the text stands.
        site: Site,
    },
    /// A variable's name is empty or has `=` or NUL. The name is not shown: it may be half a value.
    #[error("variable {position} of the environment has a name that is empty or has `=` or NUL")]
    VariableName {
        /// Which variable, from 1, in the launch's order.
        position: usize,
    },
}

impl HardenError {
    /// The launcher's exit code: always [`exit_code::LAUNCHER_FAILED`].
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        exit_code::LAUNCHER_FAILED
    }
}

/// How a program's file gives privileges to whoever starts it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Privilege {
    /// The extended attribute `security.capability`.
    FileCapabilities,
    /// The set-group-id bit, with a group other than ours.
    SetGroupId,
    /// The set-user-id bit, with an owner other than us.
    SetUserId,
}

impl fmt::Display for Privilege {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FileCapabilities => "a program with file capabilities",
            Self::SetGroupId => "a setgid program",
            Self::SetUserId => "a setuid program",
        })
    }
}

/// Why the program did not start. The values are wiped by the time this exists.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExecError {
    program: PathBuf,
    kind: ExecErrorKind,
}

impl ExecError {
    pub(crate) fn new(program: PathBuf, kind: ExecErrorKind) -> Self {
        Self { program, kind }
    }

    /// The file that should have been executed.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> &ExecErrorKind {
        &self.kind
    }

    /// The launcher's exit code.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self.kind {
            ExecErrorKind::InterpreterMissing { .. } | ExecErrorKind::NotFound => {
                exit_code::NOT_FOUND
            }
            ExecErrorKind::Busy
            | ExecErrorKind::Denied
            | ExecErrorKind::Directory
            | ExecErrorKind::ForeignFormat
            | ExecErrorKind::NoInterpreterLine
            | ExecErrorKind::NotExecutable => exit_code::NOT_EXECUTABLE,
            ExecErrorKind::Descriptors { .. }
            | ExecErrorKind::Other { .. }
            | ExecErrorKind::TooLarge { .. }
            | ExecErrorKind::UnsafeArguments
            | ExecErrorKind::VariableTooLarge { .. } => exit_code::LAUNCHER_FAILED,
        }
    }
}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot start {}: {}", shown(&self.program), self.kind)
    }
}

impl std::error::Error for ExecError {}

/// The kinds of failure, told apart because a person does something else about each.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ExecErrorKind {
    /// Somebody is writing to the file.
    #[error("the file is being written")]
    Busy,
    /// The system refused.
    #[error(
        "permission denied: a folder above it, its interpreter, or a file system mounted noexec"
    )]
    Denied,
    /// What the launcher holds open could not be kept from the program.
    #[error("open descriptors could not be closed ({})", io::Error::from_raw_os_error(*errno))]
    Descriptors {
        /// The system's error number.
        errno: i32,
    },
    /// It is a folder.
    #[error("it is a folder")]
    Directory,
    /// A format that this system does not run, such as another machine's.
    #[error("not a program that this machine runs")]
    ForeignFormat,
    /// The file is there; what it asks for to run it is not.
    #[error("{}", missing_interpreter(interpreter.as_deref()))]
    InterpreterMissing {
        /// What stands on the file's `#!` line; none for a binary, whose loader is missing.
        interpreter: Option<PathBuf>,
    },
    /// A text without a `#!` line. A shell would guess and run it itself.
    #[error("a script without a #! line; give it one, or start it as `sh FILE`")]
    NoInterpreterLine,
    /// No execute permission.
    #[error("the file is not executable (chmod +x)")]
    NotExecutable,
    /// There is no such file.
    #[error("no such file")]
    NotFound,
    /// Another error of the system.
    #[error("{}", io::Error::from_raw_os_error(*errno))]
    Other {
        /// The system's error number.
        errno: i32,
    },
    /// All arguments and variables together are more than the system takes.
    #[error(
        "arguments and environment are {bytes} bytes, more than the system takes (a quarter of `ulimit -s`)"
    )]
    TooLarge {
        /// How many bytes they are.
        bytes: usize,
    },
    /// A batch file would read an argument as something else (Windows).
    #[error("it is a batch file, to which one of the arguments cannot be passed safely")]
    UnsafeArguments,
    /// One argument or variable is longer than the system takes.
    #[error(
        "{site} is {bytes} bytes, and one argument or variable may have {limit}; $<fd:...> has no such limit"
    )]
    VariableTooLarge {
        /// Where it stands.
        site: Site,
        /// How long it is, with its name.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
}

fn missing_interpreter(interpreter: Option<&Path>) -> String {
    match interpreter {
        // Quoted by Debug, so that the carriage return of a Windows line end is seen.
        Some(path) => format!("the interpreter on its #! line is missing: {path:?}"),
        None => "the loader it was built for is missing (another C library, or another machine's)"
            .to_owned(),
    }
}
