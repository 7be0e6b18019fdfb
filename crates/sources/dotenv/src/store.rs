//! A `.env` file as a store: written by us now and then, and by a person's editor at any time.

use mcp_launch_atomic::ReplaceError;
use mcp_launch_core::{Deadline, Over, Secret, SourceError, SourceErrorKind, Store, Write};

use crate::file::{MAX_BYTES, read_regular};
use crate::source::reference;
use crate::{Document, DotenvSource, EditError};

/// The mode of a file that is not there yet. One that is there keeps its own.
const MODE: u32 = 0o600;

/// How often a change is begun anew because somebody else has saved the file meanwhile.
const ATTEMPTS: usize = 5;

impl Store for DotenvSource {
    fn names(&self, _within: &str, _deadline: Deadline) -> Result<Vec<String>, SourceError> {
        let document = self.document()?;
        let mut names: Vec<String> = document.keys().into_iter().map(str::to_owned).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// All of them in one change of the file. Only the bytes of the values change; a new name gets a line at the end.
    fn write(&self, writes: &[Write<'_>], deadline: Deadline) -> Vec<Result<(), SourceError>> {
        let mut outcomes = Vec::new();
        let changed = self.change(deadline, |document| {
            outcomes = writes
                .iter()
                .map(|write| self.set(document, write))
                .collect();
            Ok(())
        });
        match changed {
            Ok(()) => outcomes,
            // One that could not be made on its own account says so.
            Err(error) => (0..writes.len())
                .map(|index| {
                    outcomes
                        .get(index)
                        .copied()
                        .unwrap_or(Ok(()))
                        .and(Err(error))
                })
                .collect(),
        }
    }

    fn remove(&self, name: &str, deadline: Deadline) -> Result<(), SourceError> {
        if let Err(error) = self.document()
            && error.kind() == SourceErrorKind::Absent
        {
            return Err(SourceError::new(SourceErrorKind::Missing));
        }
        self.change(deadline, |document| document.remove(name).map_err(unedited))
    }
}

impl DotenvSource {
    /// Gives one name its value in `document`, if what is there may be replaced.
    fn set(&self, document: &mut Document, write: &Write<'_>) -> Result<(), SourceError> {
        let there = document.values(self.dialect).value(write.name);
        match (there, write.over) {
            (_, Over::Anything) => {}
            (Ok(there), over) => over.check(Some(&there))?,
            (Err(error), over) if error.kind() == SourceErrorKind::Missing => over.check(None)?,
            // The name is there, with a value that nobody can be sure of.
            (Err(error), _) => return Err(error),
        }
        if reference(write.value).is_some() {
            return Err(SourceError::new(SourceErrorKind::Malformed).note(
                "a .env cannot hold it: `$<…>` alone is a reference to another store there",
            ));
        }
        let before = Document::parse(document.print());
        document.set(write.name, write.value).map_err(unedited)?;
        if is_given(document, self, write) {
            return Ok(());
        }
        *document = before;
        Err(SourceError::new(SourceErrorKind::Malformed)
            .note("the reader whose reading of this file counts would read another value"))
    }

    /// Reads, edits and writes the file, until nobody else has saved it in between. A file that is not there is an empty
    /// one; it is not made for nothing.
    fn change(
        &self,
        deadline: Deadline,
        mut edit: impl FnMut(&mut Document) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let _lock = mcp_launch_atomic::lock(&self.path, deadline.remaining()).map_err(|error| {
            let told = SourceError::from_io(&error);
            match told.kind() {
                SourceErrorKind::Missing => {
                    SourceError::new(SourceErrorKind::Unavailable).note("there is no such folder")
                }
                SourceErrorKind::TimedOut => {
                    told.note("another mcp-launch is writing in its folder")
                }
                _ => told,
            }
        })?;
        for _ in 0..ATTEMPTS {
            let old = match self.document() {
                Ok(document) => Some(document),
                Err(error) if error.kind() == SourceErrorKind::Absent => None,
                Err(error) => return Err(error),
            };
            let expected = old.as_ref().map(Document::print);
            let mut document = Document::parse(expected.unwrap_or_default());
            edit(&mut document)?;
            let bytes = document.print();
            if bytes == expected.unwrap_or_default() {
                return Ok(());
            }
            if bytes.len() as u64 > MAX_BYTES {
                return Err(SourceError::new(SourceErrorKind::Malformed)
                    .note("the file would be longer than 4 MiB"));
            }
            let written = match expected {
                Some(expected) => mcp_launch_atomic::replace(&self.path, expected, bytes, MODE),
                None => mcp_launch_atomic::create(&self.path, bytes, MODE),
            };
            match written {
                Ok(()) => return Ok(()),
                Err(ReplaceError::Changed) => {}
                Err(ReplaceError::Io(error) | ReplaceError::Unsure(error)) => {
                    return Err(SourceError::from_io(&error));
                }
            }
        }
        Err(SourceError::new(SourceErrorKind::Conflict)
            .note("another program writes this file again and again"))
    }

    /// The file as it is now.
    fn document(&self) -> Result<Document, SourceError> {
        let document = read_regular(&self.path, self.accepted)?;
        match document.foreign() {
            Some(note) => Err(SourceError::new(SourceErrorKind::Malformed).note(note)),
            None => Ok(document),
        }
    }
}

/// Whether the value that was written is the one that a launch gets.
fn is_given(document: &Document, source: &DotenvSource, write: &Write<'_>) -> bool {
    let given: Result<Secret, _> = document.values(source.dialect).value(write.name);
    given.is_ok_and(|value| value.is_same(write.value))
}

fn unedited(error: EditError) -> SourceError {
    match error {
        EditError::Missing => SourceError::new(SourceErrorKind::Missing),
        EditError::Entangled => SourceError::new(SourceErrorKind::Ambiguous).note(
            "some reader of .env files would then read another entry otherwise: a quote that is not closed, or code",
        ),
        EditError::Name => SourceError::new(SourceErrorKind::Malformed).note(
            "not every reader of .env files takes this name: letters, digits and `_`, no digit first",
        ),
        EditError::Unspellable => SourceError::new(SourceErrorKind::Malformed)
            .note("no spelling of this value is read alike by all readers of .env files"),
    }
}
