//! Why a settings file cannot be used: a file, a line, a key and a closed kind, never a value's text.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use mcp_launch_core::TemplateError;

use crate::shown::{Quoted, Shown};

/// Why the settings cannot be used.
///
/// The parser's own messages quote what they stumbled over, so none of them is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigError {
    kind: ConfigErrorKind,
    path: PathBuf,
    line: Option<usize>,
    key: String,
}

impl ConfigError {
    /// An error of the whole file.
    pub(crate) fn of_file(path: &Path, kind: ConfigErrorKind) -> Self {
        Self {
            kind,
            path: path.to_owned(),
            line: None,
            key: String::new(),
        }
    }

    /// An error at a line, counted from 1, and a key path, which may be empty.
    pub(crate) fn at(
        path: &Path,
        line: usize,
        key: impl Into<String>,
        kind: ConfigErrorKind,
    ) -> Self {
        Self {
            kind,
            path: path.to_owned(),
            line: Some(line),
            key: key.into(),
        }
    }

    /// A failed operation on `path`.
    pub(crate) fn system(path: &Path, operation: &'static str, error: &io::Error) -> Self {
        let kind = ConfigErrorKind::System {
            operation,
            kind: error.kind(),
            errno: error.raw_os_error(),
        };
        Self::of_file(path, kind)
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> &ConfigErrorKind {
        &self.kind
    }

    /// The file it is about.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line, from 1, if the error is at one.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The key path, `stores.exec.allow`; empty if the error is at none.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What a person does about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let path = Quoted(&self.path);
        match &self.kind {
            ConfigErrorKind::ChangedSinceTrusted => Some(format!(
                "look at what changed, then run `mcp-launch trust {path}`"
            )),
            ConfigErrorKind::ForeignOwner => Some(format!("run `sudo chown \"$(id -u)\" {path}`")),
            ConfigErrorKind::NoHome => {
                Some("set HOME to the absolute path of your home directory".to_owned())
            }
            ConfigErrorKind::NotTrusted => {
                Some(format!("read the file, then run `mcp-launch trust {path}`"))
            }
            ConfigErrorKind::OnlyInUserFile => {
                Some("set it in your own config.toml; `mcp-launch doctor` says where".to_owned())
            }
            ConfigErrorKind::NoNames { store, .. } => Some(format!(
                "add it to `[stores.{store}]` in your own config.toml"
            )),
            ConfigErrorKind::NotLocal { near: Some(near) }
            | ConfigErrorKind::NoKind { near: Some(near) }
            | ConfigErrorKind::UnknownKey { near: Some(near) } => {
                Some(format!("did you mean `{near}`?"))
            }
            ConfigErrorKind::UnknownRotator { near: None } => {
                Some("describe it in `[rotators.NAME]`".to_owned())
            }
            ConfigErrorKind::UnknownRotator { near: Some(near) }
            | ConfigErrorKind::UnknownStore { near: Some(near) } => {
                Some(format!("did you mean `{near}`?"))
            }
            ConfigErrorKind::WritableByOthers => Some(format!("run `chmod go-w {path}`")),
            _ => None,
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.as_os_str().is_empty() {
            write!(f, "{}:", Shown(&self.path))?;
            if let Some(line) = self.line {
                write!(f, "{line}:")?;
            }
            f.write_str(" ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        self.kind.fmt(f)
    }
}

impl std::error::Error for ConfigError {}

/// The kinds of settings error.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigErrorKind {
    /// A project file was trusted, and is another now.
    #[error("changed since it was trusted")]
    ChangedSinceTrusted,
    /// The value has another form than this.
    #[error("expected {0}")]
    Expected(&'static str),
    /// The value is none of these words.
    #[error("expected {}", choice(.0))]
    ExpectedOneOf(Vec<&'static str>),
    /// A key that has its meaning elsewhere, and none beside this `method`.
    #[error("does not go with `method = {0:?}`")]
    Foreign(&'static str),
    /// The file belongs to somebody else.
    #[error("belongs to another user, who could change what is started")]
    ForeignOwner,
    /// A table without a key that it needs.
    #[error("lacks {0}")]
    Lacks(&'static str),
    /// A project file sets a variable that makes a program run other code.
    #[error("a project file cannot set a variable that loads code into programs")]
    LoaderVariable,
    /// A store of the person's own naming that does not say what it is.
    #[error("is no store; one that you name yourself needs `kind = \"vault\"` or `kind = \"aws\"`")]
    NoKind {
        /// A known store that is spelled nearly so.
        near: Option<&'static str>,
    },
    /// A network store in the `order` that does not say what it calls a bare name.
    #[error("say where bare names stand: names = {example:?}")]
    NoNames {
        /// The store.
        store: String,
        /// What `names` can be for a store of its kind.
        example: &'static str,
    },
    /// Neither HOME nor the password file says where home is.
    #[error("HOME is not an absolute path, and the password file has no home for this user")]
    NoHome,
    /// A folder, a pipe or a device.
    #[error("is not a regular file")]
    NotAFile,
    /// A login whose secret is to come from a store that needs a login itself.
    #[error("a login must come from dotenv, env, exec, file, keychain or sealed")]
    NotLocal {
        /// One of them that is spelled nearly so.
        near: Option<&'static str>,
    },
    /// The launcher knows what is meant, and does not do it yet.
    #[error("not supported by this version")]
    NotSupported,
    /// A project file decides something that only a trusted one may.
    #[error("not trusted")]
    NotTrusted,
    /// The file is not UTF-8.
    #[error("is not UTF-8 text")]
    NotUtf8,
    /// A project file sets what only the person's own file may, trusted or not.
    #[error("allowed in your own settings file only")]
    OnlyInUserFile,
    /// TOML that cannot be read.
    #[error("not valid TOML: {0}")]
    Syntax(&'static str),
    /// The system refused an operation.
    #[error("cannot {operation}: {}", system_text(*kind, *errno))]
    System {
        /// What was tried.
        operation: &'static str,
        /// What the standard library calls the refusal.
        kind: io::ErrorKind,
        /// The system's number for it.
        errno: Option<i32>,
    },
    /// A text with a broken placeholder.
    #[error("{0}")]
    Template(TemplateError),
    /// More bytes than a settings file may have.
    #[error("is larger than a settings file may be (1 MiB)")]
    TooLarge,
    /// Two keys that say the same.
    #[error("says the same as `{0}`; keep one of the two")]
    Twice(&'static str),
    /// A name that no rotator has.
    #[error("no such rotator")]
    UnknownRotator {
        /// A rotator that is spelled nearly so.
        near: Option<String>,
    },
    /// A key that no version knows.
    #[error("unknown key")]
    UnknownKey {
        /// A known key that is spelled nearly so.
        near: Option<&'static str>,
    },
    /// An address whose store is neither known nor named in the person's own file.
    #[error("no such store")]
    UnknownStore {
        /// A known store that is spelled nearly so.
        near: Option<String>,
    },
    /// The group or everybody may write the file.
    #[error("can be written by other users")]
    WritableByOthers,
}

impl ConfigErrorKind {
    /// A stable token for JSON and logs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ChangedSinceTrusted => "settings.changed-since-trusted",
            Self::Expected(_) | Self::ExpectedOneOf(_) => "settings.expected",
            Self::Foreign(_) => "settings.foreign",
            Self::ForeignOwner => "settings.foreign-owner",
            Self::Lacks(_) => "settings.lacks",
            Self::LoaderVariable => "settings.loader-variable",
            Self::NoHome => "settings.no-home",
            Self::NoKind { .. } => "settings.no-kind",
            Self::NoNames { .. } => "settings.no-names",
            Self::NotAFile => "settings.not-a-file",
            Self::NotLocal { .. } => "settings.not-local",
            Self::NotSupported => "settings.not-supported",
            Self::NotTrusted => "settings.not-trusted",
            Self::NotUtf8 => "settings.not-utf8",
            Self::OnlyInUserFile => "settings.only-in-user-file",
            Self::Syntax(_) => "settings.syntax",
            Self::System { .. } => "settings.system",
            Self::Template(_) => "settings.template",
            Self::TooLarge => "settings.too-large",
            Self::Twice(_) => "settings.twice",
            Self::UnknownKey { .. } => "settings.unknown-key",
            Self::UnknownRotator { .. } => "settings.unknown-rotator",
            Self::UnknownStore { .. } => "settings.unknown-store",
            Self::WritableByOthers => "settings.writable-by-others",
        }
    }
}

/// `"all" or "minimal"`, `one of "bash", "compose", "node"`.
fn choice(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    match &quoted[..] {
        [one, other] => format!("{one} or {other}"),
        all => format!("one of {}", all.join(", ")),
    }
}

fn system_text(kind: io::ErrorKind, errno: Option<i32>) -> String {
    match errno {
        Some(errno) => io::Error::from_raw_os_error(errno).to_string(),
        None => kind.to_string(),
    }
}
