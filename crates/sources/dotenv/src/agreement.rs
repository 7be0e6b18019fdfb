//! The value on which all readers agree.

use std::cell::OnceCell;

use mcp_launch_core::{Position, Secret, SourceError, SourceErrorKind};

use crate::dialect::{Dialect, LineEnds, Text};
use crate::document::Document;
use crate::plain::{self, PlainEntry};
use crate::reading::{End, Outcome, Reading};
use crate::subject::{self, Subject};

/// The values of a document: those on which all readers agree, or those of one reader.
///
/// The readers are asked once, and not at all for a file whose every line is plain.
pub struct Values<'d> {
    document: &'d Document,
    dialect: Option<Dialect>,
    plain: Option<Vec<PlainEntry>>,
    full: OnceCell<Full<'d>>,
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

impl Values<'_> {
    /// The value of `key`: that of its last assignment.
    ///
    /// # Errors
    /// [`SourceErrorKind::Missing`] when the file has no such name. [`SourceErrorKind::Ambiguous`], with the line, when
    /// the readers make different things of it. [`SourceErrorKind::Malformed`], with the line, when the one reader
    /// that was asked has no value for it.
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

        let full = self.full.get_or_init(|| Full::read(bytes, self.dialect));
        let said: Vec<Said> = full.said(key.as_bytes()).collect();
        let seen = |said: &Said| match said {
            Said::Bound { .. } => true,
            Said::Unknown { .. } => self.dialect.is_some(),
            Said::Nothing => false,
        };
        if !said.iter().any(seen) {
            return Err(Refusal::missing());
        }
        let mut values = said.iter().map(|said| match said {
            Said::Bound {
                outcome: Outcome::Value(value),
                ..
            } => Some(value),
            _ => None,
        });
        match values.next().flatten() {
            Some(first) if values.all(|other| other == Some(first)) => {
                Ok(Secret::new(first.to_vec()))
            }
            _ => Err(self.refusal(key, &said)),
        }
    }

    fn refusal(&self, key: &str, said: &[Said]) -> Refusal {
        let kind = match self.dialect {
            None => SourceErrorKind::Ambiguous,
            Some(_) => SourceErrorKind::Malformed,
        };
        let swallowed = said.iter().find_map(|said| match said {
            Said::Unknown { line, open } => Some((*line, *open)),
            _ => None,
        });
        let refused = said.iter().any(|said| {
            matches!(
                said,
                Said::Bound {
                    outcome: Outcome::Refused(_),
                    ..
                }
            )
        });
        if let Some((line, open)) = swallowed.filter(|_| !refused) {
            return Refusal {
                error: SourceError::new(kind)
                    .at(Position::Line(line))
                    .note(subject::swallowing(open)),
                remedy: Some(subject::swallowing_remedy(line, open, key)),
            };
        }

        let entry = self.document.last(key);
        let line = entry.map(|entry| entry.line).or_else(|| {
            said.iter().find_map(|said| match said {
                Said::Bound { line, .. } => Some(*line),
                _ => None,
            })
        });
        let subject = Subject {
            key,
            line: line.unwrap_or(1),
            written: entry.map(|entry| (&self.document.print()[entry.value.clone()], entry.quote)),
            outcomes: said
                .iter()
                .filter_map(|said| match said {
                    Said::Bound { outcome, .. } => Some(*outcome),
                    _ => None,
                })
                .collect(),
        };
        let note = match self.dialect {
            None => subject.note(),
            Some(_) => subject.cause(),
        };
        Refusal {
            error: SourceError::new(kind)
                .at(Position::Line(subject.line))
                .note(note),
            remedy: Some(subject.remedy(self.dialect)),
        }
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
struct Full<'d> {
    text: Text<'d>,
    readings: Vec<(Dialect, Reading)>,
}

/// What one reader says of one name. Lines count from 1.
enum Said<'r> {
    /// It has an assignment, on this line.
    Bound { outcome: &'r Outcome, line: usize },
    /// The name is not there.
    Nothing,
    /// This line swallows what follows, the name perhaps with it: an open quote, or code.
    Unknown { line: usize, open: bool },
}

impl<'d> Full<'d> {
    fn read(bytes: &'d [u8], dialect: Option<Dialect>) -> Self {
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

    fn said<'r>(&'r self, key: &[u8]) -> impl Iterator<Item = Said<'r>> {
        self.readings.iter().map(move |(dialect, reading)| {
            let view = dialect.view(&self.text);
            let line = |at: usize| 1 + view[..at].iter().filter(|&&byte| byte == b'\n').count();
            let named_from =
                |at: usize| view[at..].windows(key.len().max(1)).any(|part| part == key);
            let bound = reading.last(key, view);
            match (reading.end, bound) {
                (End::Unknown(at), _) if named_from(at) => Said::Unknown {
                    line: line(at),
                    open: false,
                },
                (_, Some(binding)) => Said::Bound {
                    outcome: &binding.outcome,
                    line: line(binding.at),
                },
                (End::Stopped(at), None) if named_from(at) => Said::Unknown {
                    line: line(at),
                    open: true,
                },
                _ => Said::Nothing,
            }
        })
    }
}
