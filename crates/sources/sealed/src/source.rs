//! Reading and writing the secrets of a sealed store.

use std::path::PathBuf;

use mcp_launch_core::{
    Deadline, Locator, LocatorError, Name, Secret, Source, SourceError, SourceErrorKind, Store,
    Write, shown,
};

use crate::disk;
use crate::fault::Fault;
use crate::key::{self, Form, Key};
use crate::layout::Layout;
use crate::lock::WriteLock;
use crate::payload::Payload;
use crate::scheme::check_name;
use crate::seal;

/// The sealed store in one directory. Nothing is touched until it is asked.
#[derive(Debug)]
pub struct SealedSource {
    pub(crate) layout: Layout,
}

impl SealedSource {
    /// The store in `directory`, which the first write makes.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self {
            layout: Layout::new(directory),
        }
    }

    /// What a person does about an error of any of this type's functions.
    #[must_use]
    pub fn remedy_for(&self, error: SourceError) -> Option<String> {
        Fault::of(error)?.remedy(&self.layout)
    }

    /// Opens the whole store.
    pub(crate) fn open(&self) -> Result<Payload, SourceError> {
        let sealed = self.layout.read_store()?;
        let key = Key::find(&self.layout)?;
        Payload::parse(&key.open(&sealed)?)
    }

    /// Reads, changes and writes the store as the only writer.
    fn change(
        &self,
        deadline: Deadline,
        edit: impl FnOnce(&mut Payload) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let _lock = WriteLock::take(&self.layout, deadline)?;
        let (key, mut payload) = match self.layout.read_store() {
            Ok(sealed) if seal::count_recipients(&sealed) > 1 => {
                return Err(Fault::OtherRecipients.error());
            }
            Ok(sealed) => {
                let key = Key::find(&self.layout)?;
                let payload = Payload::parse(&key.open(&sealed)?)?;
                (key, payload)
            }
            Err(error) if error.kind() == SourceErrorKind::Absent => {
                let key = match key::form(&self.layout)? {
                    Form::File | Form::Passphrase => Key::find(&self.layout)?,
                    Form::Missing => Key::create(&self.layout)?,
                };
                (key, Payload::default())
            }
            Err(error) => return Err(error),
        };
        edit(&mut payload)?;
        let sealed = key.seal(&payload.print())?;
        if sealed.len() as u64 > disk::LARGEST_STORE {
            return Err(Fault::TooLarge.error());
        }
        disk::replace(&self.layout.real_store()?, &sealed)
    }
}

impl Source for SealedSource {
    fn place(&self, locator: &Locator) -> String {
        format!("{}, {locator}", shown(&self.layout.store()))
    }

    fn fetch(&self, locators: &[Locator], _deadline: Deadline) -> Vec<Result<Secret, SourceError>> {
        self.each(locators, |value| value.map(Secret::again))
    }

    fn look(&self, locators: &[Locator], _deadline: Deadline) -> Vec<Result<(), SourceError>> {
        self.each(locators, |value| value.map(|_| ()))
    }

    fn remedy(&self, locator: &Locator, error: SourceError) -> Option<String> {
        match error.kind() {
            SourceErrorKind::Absent | SourceErrorKind::Missing => {
                Some(match Name::new(locator.as_str()) {
                    Some(name) => format!("mcp-launch secrets set {name} --store sealed"),
                    // `secrets set` would refuse it.
                    None => "choose a name of letters, digits, `_`, `.` and `-`: \
                             mcp-launch secrets set NAME --store sealed"
                        .to_owned(),
                })
            }
            _ => self.remedy_for(error),
        }
    }

    fn store(&self) -> Option<&dyn Store> {
        Some(self)
    }
}

impl SealedSource {
    /// Opens the store once and answers every locator from it, with one error for all where it cannot be
    /// opened.
    fn each<T>(
        &self,
        locators: &[Locator],
        answer: impl Fn(Option<&Secret>) -> Option<T>,
    ) -> Vec<Result<T, SourceError>> {
        if locators.is_empty() {
            return Vec::new();
        }
        let opened = self.open();
        locators
            .iter()
            .map(|locator| {
                let payload = opened.as_ref().map_err(|error| *error)?;
                answer(payload.secrets.get(locator.as_str()))
                    .ok_or(SourceError::new(SourceErrorKind::Missing))
            })
            .collect()
    }
}

impl Store for SealedSource {
    fn names(&self, _within: &str, _deadline: Deadline) -> Result<Vec<String>, SourceError> {
        Ok(self.open()?.secrets.into_keys().collect())
    }

    /// All of them in one change of the file.
    fn write(&self, writes: &[Write<'_>], deadline: Deadline) -> Vec<Result<(), SourceError>> {
        let mut outcomes: Vec<Result<(), SourceError>> = writes
            .iter()
            .map(|write| check_name(write.name).map_err(malformed))
            .collect();
        if !outcomes.iter().any(Result::is_ok) {
            return outcomes;
        }
        let changed = self.layout.make_directory().and_then(|()| {
            self.change(deadline, |payload| {
                for (write, outcome) in writes.iter().zip(&mut outcomes) {
                    let there = payload.secrets.get(write.name);
                    *outcome = outcome.and_then(|()| write.over.check(there));
                    if outcome.is_ok() {
                        let value = write.value.again();
                        payload.secrets.insert(write.name.to_owned(), value);
                    }
                }
                Ok(())
            })
        });
        match changed {
            Ok(()) => outcomes,
            Err(error) => outcomes
                .into_iter()
                .map(|outcome| outcome.and(Err(error)))
                .collect(),
        }
    }

    fn remove(&self, name: &str, deadline: Deadline) -> Result<(), SourceError> {
        let missing = SourceError::new(SourceErrorKind::Missing);
        match self.layout.read_store() {
            Err(error) if error.kind() == SourceErrorKind::Absent => return Err(missing),
            other => drop(other?),
        }
        self.change(deadline, |payload| {
            payload.secrets.remove(name).map(drop).ok_or(missing)
        })
    }
}

fn malformed(error: LocatorError) -> SourceError {
    SourceError::new(SourceErrorKind::Malformed).note(error.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_set_is_not_advised() {
        let source = SealedSource::new(PathBuf::from("/nowhere"));
        let told = |name: &str| {
            let missing = SourceError::new(SourceErrorKind::Missing);
            source.remedy(&Locator::new(name), missing).unwrap()
        };
        assert_eq!(told("TOKEN"), "mcp-launch secrets set TOKEN --store sealed");
        for other in ["two words", "a/b"] {
            assert!(told(other).contains("secrets set NAME"), "{other}");
        }
    }
}
