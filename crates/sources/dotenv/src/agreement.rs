//! The value on which all readers agree.

use std::cell::OnceCell;

use mcp_launch_core::{Position, Secret, SourceError, SourceErrorKind};

use crate::dialect::{Dialect, LineEnds, Text};
use crate::document::{Document, Entry};
use crate::plain::{self, PlainEntry};
use crate::reading::{End, Outcome, Reading};
use crate::spill::{self, Spill, SpillKind};
use crate::subject::{self, Subject};

/// The values of a document: those on which all readers agree, or those of one reader.
///
/// The readers are asked once, and not at all for a file whose every line is plain.
pub struct Values<'d> {
    document: &'d Document,
    dialect: Option<Dialect>,
    plain: Option<Vec<PlainEntry>>,
    full: OnceCell<Full<'d>>,
    first_spill: OnceCell<Option<Spill<'d>>>,
}

/// Why a name has no value, and what a person does about it. No text of the file.
pub(crate) struct Refusal {
    pub(crate) error: SourceError,
    pub(crate) remedy: Option<String>,
}

impl Document {
    /// The values of this file: where `dialect` names a reader, its values, else those on which all agree.
    #[must_use]
    pub fn values(&self, dialect: Option<Dialect>) -> Values<'_> {
        let plain = match dialect {
            None => plain::entries(self.print()),
            Some(_) => None,
        };
        Values {
            document: self,
            dialect,
            plain,
            full: OnceCell::new(),
            first_spill: OnceCell::new(),
        }
    }

    /// The value of `key` on which all readers agree.
    ///
    /// # Errors
    /// As [`Values::value`].
    pub fn value(&self, key: &str) -> Result<Secret, SourceError> {
        self.values(None).value(key)
    }
}

impl<'d> Values<'d> {
    /// The value of `key`: that of its last assignment.
    ///
    /// # Errors
    /// [`SourceErrorKind::Missing`] when the file has no such name. [`SourceErrorKind::Ambiguous`], with the line, when
    /// the readers make different things of it. [`SourceErrorKind::Malformed`], with the line, when the one reader
    /// that was asked has no value for it; without a line, whatever the name, when the file is no text in UTF-8.
    pub fn value(&self, key: &str) -> Result<Secret, SourceError> {
        self.settle(key).map_err(|refusal| refusal.error)
    }

    /// What a person does about a name without a value, if there is more to say than that it is not there.
    #[must_use]
    pub fn remedy(&self, key: &str) -> Option<String> {
        self.settle(key).err()?.remedy
    }

    pub(crate) fn settle(&self, key: &str) -> Result<Secret, Refusal> {
        let bytes = self.document.print();
        if let Some(plain) = &self.plain {
            return plain
                .iter()
                .rev()
                .find(|entry| &bytes[entry.key.clone()] == key.as_bytes())
                .map(|entry| Secret::new(bytes[entry.value.clone()].to_vec()))
                .ok_or_else(Refusal::missing);
        }

        if let Some(note) = self.document.foreign() {
            return Err(Refusal {
                error: SourceError::new(SourceErrorKind::Malformed).note(note),
                remedy: Some("save the file as UTF-8".to_owned()),
            });
        }
        let full = self.full();
        if let Some(value) = full.agreed(key.as_bytes()) {
            return Ok(Secret::new(value.to_vec()));
        }
        let said: Vec<Said> = full.said(key.as_bytes()).collect();
        let seen = |said: &Said| match said {
            Said::Bound { .. } => true,
            Said::Unknown => self.dialect.is_some(),
            Said::Nothing => false,
        };
        if !said.iter().any(seen) {
            return Err(Refusal::missing());
        }
        Err(self.refusal(key, &said))
    }

    /// Whether the value of `key` is `value`.
    pub(crate) fn gives(&self, key: &str, value: &[u8]) -> bool {
        self.full().agreed(key.as_bytes()) == Some(value)
    }

    fn full(&self) -> &Full<'d> {
        self.full
            .get_or_init(|| Full::read(self.document.print(), self.dialect))
    }

    fn refusal(&self, key: &str, said: &[Said]) -> Refusal {
        let entry = self.document.last(key);
        let subject = Subject::new(self.document, key, entry, self.dialect, said);
        let proposal = subject.proposal();
        let spill = match proposal {
            None if subject.may_be_whole() => self.spill(entry, said),
            _ => None,
        };
        let (line, note, remedy) = match spill {
            Some(spill) => (
                spill.line,
                subject::spilling(spill.kind),
                subject::spilling_remedy(self.document, &spill, key, self.dialect),
            ),
            None => (subject.line, subject.note(), subject.remedy(proposal)),
        };
        let kind = match self.dialect {
            None => SourceErrorKind::Ambiguous,
            Some(_) => SourceErrorKind::Malformed,
        };
        Refusal {
            error: SourceError::new(kind).at(Position::Line(line)).note(note),
            remedy: Some(remedy),
        }
    }

    /// What keeps a reader from seeing `entry`: what reaches over it from before, or code wherever it stands.
    fn spill(&self, entry: Option<&Entry>, said: &[Said]) -> Option<Spill<'d>> {
        let first = self
            .first_spill
            .get_or_init(|| spill::first(self.document, self.dialect, |_| true))
            .as_ref()?;
        if entry.is_none_or(|entry| first.line < entry.line) {
            return Some(*first);
        }
        let code = said.iter().any(|said| matches!(said, Said::Unknown));
        let is_code = |spill: &Spill| spill.kind == SpillKind::Code;
        code.then(|| spill::first(self.document, self.dialect, is_code))
            .flatten()
    }
}

impl Refusal {
    fn missing() -> Self {
        Self {
            error: SourceError::new(SourceErrorKind::Missing),
            remedy: None,
        }
    }
}

/// What the readers that count make of the whole file.
pub(crate) struct Full<'d> {
    text: Text<'d>,
    readings: Vec<(Dialect, Reading)>,
}

/// What one reader says of one name. Lines count from 1.
pub(crate) enum Said<'r> {
    /// It has an assignment, on this line.
    Bound { outcome: &'r Outcome, line: usize },
    /// The name is not there.
    Nothing,
    /// Text that the reader takes for an open quote's or for code holds the name.
    Unknown,
}

impl<'d> Full<'d> {
    pub(crate) fn read(bytes: &'d [u8], dialect: Option<Dialect>) -> Self {
        // Among others a shell is not asked about line ends: they tell how the file is stored.
        let ends = match dialect {
            None => LineEnds::Either,
            Some(_) => LineEnds::Unix,
        };
        let text = Text::new(bytes, ends);
        let counting = |own: &Dialect| dialect.is_none_or(|named| named == *own);
        let readings = Dialect::ALL
            .into_iter()
            .filter(counting)
            .map(|dialect| (dialect, dialect.read(&text)))
            .collect();
        Self { text, readings }
    }

    /// The value of `key`, if all agree on one.
    pub(crate) fn agreed(&self, key: &[u8]) -> Option<&[u8]> {
        let mut values = self.said(key).map(|said| match said {
            Said::Bound {
                outcome: Outcome::Value(value),
                ..
            } => Some(value.as_slice()),
            _ => None,
        });
        let first = values.next().flatten()?;
        values.all(|other| other == Some(first)).then_some(first)
    }

    /// How far each reading is known.
    pub(crate) fn ends(&self) -> impl Iterator<Item = End> {
        self.readings.iter().map(|(_, reading)| reading.end)
    }

    pub(crate) fn said<'r>(&'r self, key: &[u8]) -> impl Iterator<Item = Said<'r>> {
        self.readings.iter().map(move |(dialect, reading)| {
            let view = dialect.view(&self.text);
            let line = |at: usize| 1 + view[..at].iter().filter(|&&byte| byte == b'\n').count();
            let named_from =
                |at: usize| view[at..].windows(key.len().max(1)).any(|part| part == key);
            let bound = reading.last(key, view);
            match (reading.end, bound) {
                (End::Unknown(at), _) if named_from(at) => Said::Unknown,
                (_, Some(binding)) => Said::Bound {
                    outcome: &binding.outcome,
                    line: line(binding.at),
                },
                (End::Stopped(at), None) if named_from(at) => Said::Unknown,
                _ => Said::Nothing,
            }
        })
    }
}
