//! A `.env` file as a source of values.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use mcp_launch_core::{
    Deadline, Locator, LocatorError, Placeholder, Position, ReferenceError, Scheme, Secret, Source,
    SourceError, SourceErrorKind, Store, shown,
};

use crate::agreement::Refusal;
use crate::file::read;
use crate::{Dialect, Document};

/// `dotenv:NAME`.
pub const SCHEME: Scheme = Scheme {
    name: "dotenv",
    summary: "a .env file",
    example: "$<dotenv:DB_URL>",
    check,
    overlap: Scheme::same_text,
    logins: &[],
};

/// Which files a source reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Accepted {
    /// A regular file or a pipe: what a person names for this launch.
    Any,
    /// A regular file of ours or root's: what nobody named. The only one that may be absent, so that another store is
    /// asked.
    Own,
    /// A regular file: what settings name.
    Regular,
}

/// One `.env` file. It is read anew, and once, each time values are asked for.
pub struct DotenvSource {
    pub(crate) path: PathBuf,
    pub(crate) accepted: Accepted,
    pub(crate) dialect: Option<Dialect>,
    /// What to do about the names that had no value when they were last asked for.
    remedies: Mutex<HashMap<Locator, String>>,
    /// The references of the names that had one when they were last asked for.
    referrals: Mutex<HashMap<Locator, Placeholder>>,
}

impl DotenvSource {
    /// The file at `path`, whatever it is. With `dialect` only that reader counts; else all must agree.
    #[must_use]
    pub fn new(path: PathBuf, dialect: Option<Dialect>) -> Self {
        Self {
            path,
            accepted: Accepted::Any,
            dialect,
            remedies: Mutex::default(),
            referrals: Mutex::default(),
        }
    }

    /// The same, if it is such a file. What is opened is looked at, so nothing can be put in its place.
    #[must_use]
    pub fn only(mut self, accepted: Accepted) -> Self {
        self.accepted = accepted;
        self
    }

    fn settle(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<Secret, SourceError>> {
        let document = match read(&self.path, self.accepted, deadline) {
            Ok(document) => document,
            Err(error) => {
                let refused = |locator| Err(self.note(locator, self.unread(error)));
                return locators.iter().map(refused).collect();
            }
        };
        let values = document.values(self.dialect);
        locators
            .iter()
            .map(|locator| {
                let value = values
                    .settle(locator.as_str())
                    .map_err(|refusal| self.note(locator, refusal))?;
                match reference(&value) {
                    None => Ok(value),
                    Some(reference) => Err(self.elsewhere(locator, &document, reference)),
                }
            })
            .collect()
    }

    /// The error of a name that has a reference in place of a value. It is never handed out as one.
    fn elsewhere(
        &self,
        locator: &Locator,
        document: &Document,
        reference: Result<Placeholder, ReferenceError>,
    ) -> SourceError {
        let at = document
            .last(locator.as_str())
            .map_or(Position::Whole, |entry| Position::Line(entry.line));
        match reference {
            Ok(placeholder) => {
                if let Ok(mut referrals) = self.referrals.lock() {
                    referrals.insert(locator.clone(), placeholder);
                }
                SourceError::new(SourceErrorKind::Elsewhere).at(at)
            }
            Err(error) => {
                let (note, remedy) = match error {
                    ReferenceError::Descriptor => (
                        "a reference to a value cannot ask for a descriptor",
                        format!("write $<{locator}> without `fd:` here; `$<fd:{locator}>` stands in the client's config"),
                    ),
                    ReferenceError::Form => (
                        "it begins as a reference, `$<`, and is none",
                        "write $<NAME> or $<source:locator>, or keep a value that looks like this in a store".to_owned(),
                    ),
                };
                let remedy = Some(remedy);
                let error = SourceError::new(SourceErrorKind::Malformed)
                    .at(at)
                    .note(note);
                self.note(locator, Refusal { error, remedy })
            }
        }
    }

    /// The error of a file that could not be read, for every name.
    fn unread(&self, error: SourceError) -> Refusal {
        if self.accepted == Accepted::Own || error.kind() != SourceErrorKind::Absent {
            return Refusal {
                error,
                remedy: None,
            };
        }
        Refusal {
            error: SourceError::new(SourceErrorKind::Unavailable)
                .note("this file was named, and it is not there"),
            remedy: Some(format!(
                "create {}, or correct the setting that names it",
                shown(&self.path)
            )),
        }
    }

    fn note(&self, locator: &Locator, refusal: Refusal) -> SourceError {
        if let (Some(remedy), Ok(mut remedies)) = (refusal.remedy, self.remedies.lock()) {
            remedies.insert(locator.clone(), remedy);
        }
        refusal.error
    }
}

impl Source for DotenvSource {
    fn place(&self, _locator: &Locator) -> String {
        shown(&self.path).to_string()
    }

    fn fetch(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<Secret, SourceError>> {
        self.settle(locators, deadline)
    }

    fn look(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<(), SourceError>> {
        // Whether there is a value is known only when all readers have been asked for it.
        self.settle(locators, deadline)
            .into_iter()
            .map(|outcome| outcome.map(drop))
            .collect()
    }

    fn remedy(&self, locator: &Locator, _error: SourceError) -> Option<String> {
        self.remedies.lock().ok()?.get(locator).cloned()
    }

    fn referral(&self, locator: &Locator) -> Option<Placeholder> {
        self.referrals.lock().ok()?.get(locator).cloned()
    }

    fn store(&self) -> Option<&dyn Store> {
        Some(self)
    }
}

/// What stands in place of a value, if that is a reference.
#[expect(
    clippy::disallowed_methods,
    reason = "looks whether it is a value at all"
)]
pub(crate) fn reference(value: &Secret) -> Option<Result<Placeholder, ReferenceError>> {
    Placeholder::standing_alone(value.expose())
}

/// The names in the file at `path`, in the order of their first entries.
///
/// # Errors
/// When the file is absent, is stored as no `.env` is, or cannot be read by `deadline`.
pub fn names_in(path: &Path, deadline: Deadline) -> Result<Vec<String>, SourceError> {
    let document = read(path, Accepted::Any, deadline)?;
    if let Some(note) = document.foreign() {
        return Err(SourceError::new(SourceErrorKind::Malformed).note(note));
    }
    Ok(document.keys().into_iter().map(str::to_owned).collect())
}

fn check(locator: &str) -> Result<(), LocatorError> {
    if locator.is_empty() {
        return Err(LocatorError("the name of a variable follows `dotenv:`"));
    }
    let impossible = |character: char| {
        character.is_whitespace() || character.is_control() || "=#'\"`".contains(character)
    };
    if locator.contains(impossible) {
        return Err(LocatorError(
            "no name in a .env file has white space, quotes, `=` or `#`",
        ));
    }
    Ok(())
}
