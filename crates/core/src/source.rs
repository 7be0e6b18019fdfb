//! What a store is to the launcher: a place that answers locators with values.

use std::ffi::OsStr;
use std::fmt;

use crate::{Deadline, Environment, Placeholder, Secret};

/// What follows `scheme:` in a placeholder: a store's own way of naming a value.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Locator(String);

impl Locator {
    /// A locator of this text. Whether a store takes it, its [`Scheme::check`] says.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a store cannot take a locator, found while planning.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct LocatorError(pub &'static str);

/// A kind of store, as data: planning and `--help` never connect to one.
pub struct Scheme {
    /// What stands before the colon: `keychain`.
    pub name: &'static str,
    /// One line of what it reads.
    pub summary: &'static str,
    /// A placeholder that a person can copy.
    pub example: &'static str,
    /// Whether a locator is well formed. Touches nothing.
    pub check: fn(&str) -> Result<(), LocatorError>,
    /// Whether two locators may lead to the same value in this environment, or one to a part of the other's. What
    /// holds for a value is recognised by this under every name. Touches nothing, so what only the store
    /// could tell, such as a link, stays unseen.
    pub overlap: fn(&str, &str, &Environment) -> bool,
    /// Variables that log in to this store: a server whose values it gives does not inherit them. A final
    /// `*` stands for any rest.
    pub logins: &'static [&'static str],
}

impl Scheme {
    /// For a store in which a value has one spelling only.
    #[must_use]
    pub fn same_text(one: &str, other: &str, _: &Environment) -> bool {
        one == other
    }

    /// Whether the variable `name` logs in to this store.
    #[must_use]
    pub fn is_login(&self, name: &OsStr) -> bool {
        self.logins
            .iter()
            .any(|login| match login.strip_suffix('*') {
                Some(start) => name.as_encoded_bytes().starts_with(start.as_bytes()),
                None => name == *login,
            })
    }
}

/// Fetches values. The joint on which every store hangs.
pub trait Source: Send + Sync {
    /// Where this locator is looked up, for a person: a path, a service and account. Never a value.
    fn place(&self, locator: &Locator) -> String;

    /// One outcome per locator, in their order. May ask for all at once; must be back by `deadline`.
    ///
    /// # Errors
    /// Per locator: see [`SourceErrorKind`]. A store that cannot be reached answers every locator
    /// with the same error.
    fn fetch(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<Secret, SourceError>>;

    /// Whether each locator has a value, without handing one out.
    ///
    /// # Errors
    /// As [`Source::fetch`].
    fn look(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<(), SourceError>>;

    /// Why [`Source::look`] does not show whether this value is there, where it does not: running a command, or having a
    /// credential made, is for a launch only. Asked after a look.
    fn unseen(&self, _locator: &Locator) -> Option<&'static str> {
        None
    }

    /// What a person does about `error`, where the source knows better than the kind alone says.
    fn remedy(&self, _locator: &Locator, _error: SourceError) -> Option<String> {
        None
    }

    /// Where the value stands that this source has a reference to: asked where the last answer for the locator was
    /// [`SourceErrorKind::Elsewhere`].
    fn referral(&self, _locator: &Locator) -> Option<Placeholder> {
        None
    }

    /// Whether the store can be reached and logged in to, for `doctor`: where it is and as whom, in a few words. `None`
    /// for a source that is simply there.
    fn standing(&self, _deadline: Deadline) -> Option<Result<String, StandingError>> {
        None
    }

    /// What a person should know of answers that were given all the same, such as one from a cache because the store
    /// cannot be reached. One line each.
    fn notices(&self) -> Vec<String> {
        Vec::new()
    }

    /// The lending half, if what this store gives may have to be given back.
    fn lender(&self) -> Option<&dyn Lender> {
        None
    }

    /// The writing half, if this store has one.
    fn store(&self) -> Option<&dyn Store> {
        None
    }
}

/// Why a store cannot be used, and what to do about it where the store knows.
#[derive(Clone, Debug)]
pub struct StandingError {
    /// What is wrong.
    pub error: SourceError,
    /// What to do.
    pub remedy: Option<String>,
}

/// A source that lends: credentials made for one launch, to be renewed while the server lives and given back at its end.
pub trait Lender {
    /// What was lent so far, as a letter to the keeper that the launch starts. `None` if nothing was.
    ///
    /// # Errors
    /// When it cannot be told, and so not be kept: then nothing may start.
    fn letter(&self) -> Result<Option<Secret>, SourceError>;

    /// Gives back what was lent so far, because nothing will start.
    fn give_back(&self);
}

/// A source that can also be written.
pub trait Store {
    /// The names in a part of it, sorted. `within` is a locator without its last piece, as the store writes them: empty
    /// for a store that has no parts, a secret for the fields of it, a path that ends in `/` for the secrets below it.
    ///
    /// # Errors
    /// When the store cannot be reached or read. [`SourceErrorKind::Missing`] when there is no such part yet.
    fn names(&self, within: &str, deadline: Deadline) -> Result<Vec<String>, SourceError>;

    /// Writes values: one outcome per write, in their order. A write that succeeded is durable. May write all at once, so
    /// an error of the store can stand for every write; then none of these was made, or it is not known
    /// whether it was.
    ///
    /// # Errors
    /// Per write. [`SourceErrorKind::Conflict`] when what is there is not what [`Write::over`] allows; it is then still
    /// there.
    fn write(&self, writes: &[Write<'_>], deadline: Deadline) -> Vec<Result<(), SourceError>>;

    /// Writes `value` under `name`, over an older one. Durable when it returns.
    ///
    /// # Errors
    /// When it could not be written; the older value is then still there.
    fn put(&self, name: &str, value: &Secret, deadline: Deadline) -> Result<(), SourceError> {
        let write = Write {
            name,
            value,
            over: Over::Anything,
        };
        self.write(&[write], deadline)
            .pop()
            .unwrap_or(Err(SourceError::new(SourceErrorKind::Unavailable)))
    }

    /// Removes `name`.
    ///
    /// # Errors
    /// [`SourceErrorKind::Missing`] when there was none.
    fn remove(&self, name: &str, deadline: Deadline) -> Result<(), SourceError>;
}

/// One value to be written.
pub struct Write<'a> {
    /// Where to: the text of a locator.
    pub name: &'a str,
    /// What.
    pub value: &'a Secret,
    /// What may be there before.
    pub over: Over<'a>,
}

/// What a write may replace. A value that came there since somebody looked is not lost.
#[derive(Clone, Copy)]
pub enum Over<'a> {
    /// Whatever is there.
    Anything,
    /// Nothing is there.
    Nothing,
    /// This value is there.
    Value(&'a Secret),
}

impl Over<'_> {
    /// Whether it may replace what is there.
    ///
    /// # Errors
    /// [`SourceErrorKind::Conflict`].
    pub fn check(self, there: Option<&Secret>) -> Result<(), SourceError> {
        let allowed = match (self, there) {
            (Self::Anything, _) | (Self::Nothing, None) => true,
            (Self::Value(expected), Some(there)) => there.is_same(expected),
            (Self::Nothing, Some(_)) | (Self::Value(_), None) => false,
        };
        allowed.then_some(()).ok_or_else(|| {
            SourceError::new(SourceErrorKind::Conflict)
                .note("it was written by somebody else in the meantime")
        })
    }
}

/// Why a value could not be had. Carries nothing that a store could have written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SourceError {
    kind: SourceErrorKind,
    at: Position,
    note: Option<&'static str>,
}

impl SourceError {
    /// An error of this kind, with no more known of it.
    #[must_use]
    pub const fn new(kind: SourceErrorKind) -> Self {
        Self {
            kind,
            at: Position::Whole,
            note: None,
        }
    }

    /// Adds where it is.
    #[must_use]
    pub const fn at(mut self, at: Position) -> Self {
        self.at = at;
        self
    }

    /// Adds an explanation. Static text, so that it cannot hold a value.
    #[must_use]
    pub const fn note(mut self, note: &'static str) -> Self {
        self.note = Some(note);
        self
    }

    /// An I/O error of a file that should hold values.
    #[must_use]
    pub fn from_io(error: &std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::NotFound => SourceErrorKind::Missing,
            std::io::ErrorKind::PermissionDenied => SourceErrorKind::Denied,
            std::io::ErrorKind::TimedOut => SourceErrorKind::TimedOut,
            _ => SourceErrorKind::Unavailable,
        };
        let position = error
            .raw_os_error()
            .map_or(Position::Whole, Position::Errno);
        Self::new(kind).at(position)
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> SourceErrorKind {
        self.kind
    }

    /// Where it is.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.at
    }

    /// The explanation, if there is one.
    #[must_use]
    pub const fn explanation(&self) -> Option<&'static str> {
        self.note
    }

    /// Whether the next source in the order may be asked: only when this one surely has no value.
    #[must_use]
    pub const fn lets_next_answer(&self) -> bool {
        matches!(
            self.kind,
            SourceErrorKind::Absent | SourceErrorKind::Missing
        )
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.text())?;
        match self.at {
            Position::Whole => {}
            Position::Byte(byte) => write!(f, " (byte {byte})")?,
            Position::Errno(code) => {
                write!(f, " ({})", std::io::Error::from_raw_os_error(code))?;
            }
            Position::ExitStatus(code) => write!(f, " (exit status {code})")?,
            Position::Line(line) => write!(f, " (line {line})")?,
            Position::Signal(signal) => write!(f, " (signal {signal})")?,
            Position::Status(status) => write!(f, " (HTTP status {status})")?,
        }
        if let Some(note) = self.note {
            write!(f, ": {note}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SourceError {}

/// The kinds of failure, told apart because a person does something else about each.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SourceErrorKind {
    /// The store does not exist on this machine: no keychain daemon, no such file.
    Absent,
    /// The readers of the format disagree on the value, so none is picked.
    Ambiguous,
    /// A write found another value than it may replace.
    Conflict,
    /// The store refused.
    Denied,
    /// The store has a reference to the value, which stands in another store.
    Elsewhere,
    /// The store is there and locked.
    Locked,
    /// What the store holds cannot be read: a damaged file, a value that is not what was asked for.
    Malformed,
    /// The store answered: it has no such value.
    Missing,
    /// No answer by the deadline.
    TimedOut,
    /// The store could not be reached or used.
    Unavailable,
}

impl SourceErrorKind {
    /// A stable token for JSON and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Ambiguous => "ambiguous",
            Self::Conflict => "conflict",
            Self::Denied => "denied",
            Self::Elsewhere => "elsewhere",
            Self::Locked => "locked",
            Self::Malformed => "malformed",
            Self::Missing => "missing",
            Self::TimedOut => "timed-out",
            Self::Unavailable => "unavailable",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Absent => "no such store here",
            Self::Ambiguous => "ambiguous",
            Self::Conflict => "another value is there",
            Self::Denied => "access denied",
            Self::Elsewhere => "it stands in another store",
            Self::Locked => "locked",
            Self::Malformed => "cannot be read",
            Self::Missing => "not found",
            Self::TimedOut => "no answer in time",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Where an error is, as numbers only.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Position {
    /// A byte offset, from 0.
    Byte(usize),
    /// A system error number.
    Errno(i32),
    /// The exit status of a command.
    ExitStatus(i32),
    /// A line, from 1.
    Line(usize),
    /// The signal that ended a command.
    Signal(i32),
    /// The status of an HTTP answer.
    Status(u16),
    /// No place in particular.
    Whole,
}
