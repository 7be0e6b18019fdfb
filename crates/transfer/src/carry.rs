//! Writing and reading back.

use mcp_launch_core::{
    Deadline, Locator, Over, Source, SourceError, SourceErrorKind, Store, Write,
};

use crate::survey::{Parcel, Standing};

/// How a parcel fared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Arrival {
    /// It was there already.
    Found,
    /// It was written and read back.
    Written,
    /// It was not written.
    Refused(SourceError),
    /// It was written, or may have been, and could not be read back.
    Unread(SourceError),
    /// What was read back is another value.
    Altered,
}

impl Arrival {
    /// Whether the store surely has the value.
    #[must_use]
    pub const fn is_certain(&self) -> bool {
        matches!(self, Self::Found | Self::Written)
    }
}

/// Writes each parcel over what the survey saw there, `batch` at a time, then reads all of them back through `again`, a
/// connection of its own. `told` hears how many are written.
///
/// After a batch of which the store took nothing, no further one is sent.
pub fn carry(
    store: &dyn Store,
    again: &dyn Source,
    parcels: &[(Parcel, Standing)],
    batch: usize,
    deadline: Deadline,
    told: &mut dyn FnMut(usize),
) -> Vec<Arrival> {
    let mut arrivals = vec![Arrival::Found; parcels.len()];
    let going: Vec<usize> = (0..parcels.len())
        .filter(|&index| !matches!(parcels[index].1, Standing::Same))
        .collect();
    let mut lost: Option<SourceError> = None;
    let mut written = 0;
    for batch in going.chunks(batch.max(1)) {
        if let Some(error) = lost {
            for &index in batch {
                arrivals[index] = Arrival::Refused(error);
            }
            continue;
        }
        let writes: Vec<Write<'_>> = batch.iter().map(|&index| write(&parcels[index])).collect();
        let mut outcomes = store.write(&writes, deadline).into_iter();
        let mut errors = Vec::new();
        for &index in batch {
            let outcome = outcomes
                .next()
                .unwrap_or(Err(SourceError::new(SourceErrorKind::Unavailable)));
            arrivals[index] = match outcome {
                Ok(()) => Arrival::Written,
                Err(error) => {
                    errors.push(error);
                    Arrival::Refused(error)
                }
            };
        }
        if errors.len() == batch.len() {
            lost = errors.into_iter().find(|error| is_of_store(*error));
        }
        written += batch.len();
        told(written);
    }
    read_back(again, parcels, &mut arrivals, deadline);
    arrivals
}

fn write(parcel: &(Parcel, Standing)) -> Write<'_> {
    let (parcel, standing) = parcel;
    Write {
        name: parcel.locator.as_str(),
        value: &parcel.value,
        over: match standing {
            Standing::Different(there) => Over::Value(there),
            Standing::New | Standing::Same => Over::Nothing,
        },
    }
}

/// Whether the error is one of the store, and no other value would fare better.
fn is_of_store(error: SourceError) -> bool {
    !matches!(
        error.kind(),
        SourceErrorKind::Conflict | SourceErrorKind::Malformed
    )
}

fn is_conflict(error: SourceError) -> bool {
    error.kind() == SourceErrorKind::Conflict
}

/// Whether the store may have the value though it was refused.
fn may_be_there(error: SourceError) -> bool {
    is_conflict(error) || error.kind() == SourceErrorKind::TimedOut
}

/// Reads what arrived, and what may have: a write whose answer was lost may have been made, and what is in the way of one
/// may be the same value, written by another run of ours.
fn read_back(
    again: &dyn Source,
    parcels: &[(Parcel, Standing)],
    arrivals: &mut [Arrival],
    deadline: Deadline,
) {
    let due: Vec<usize> = (0..parcels.len())
        .filter(|&index| match arrivals[index] {
            Arrival::Refused(error) => may_be_there(error),
            arrival => arrival.is_certain(),
        })
        .collect();
    let locators: Vec<Locator> = due
        .iter()
        .map(|&index| parcels[index].0.locator.clone())
        .collect();
    if locators.is_empty() {
        return;
    }
    let mut answers = again.fetch(&locators, deadline).into_iter();
    for index in due {
        let answer = answers
            .next()
            .unwrap_or(Err(SourceError::new(SourceErrorKind::Unavailable)));
        let arrived = matches!(&answer, Ok(there) if there.is_same(&parcels[index].0.value));
        arrivals[index] = match (arrivals[index], answer) {
            (Arrival::Refused(error), _) if arrived && is_conflict(error) => Arrival::Found,
            (Arrival::Refused(_), _) if arrived => Arrival::Written,
            (arrival, _) if arrived => arrival,
            (Arrival::Refused(error), _) if is_conflict(error) => Arrival::Refused(error),
            (Arrival::Refused(error), _) => Arrival::Unread(error),
            (_, Ok(_)) => Arrival::Altered,
            (_, Err(error)) => Arrival::Unread(error),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;
    use std::time::Duration;

    use mcp_launch_core::Secret;

    use super::*;
    use crate::survey::survey;

    /// A store in memory that fails as told.
    #[derive(Default)]
    struct Shelf {
        values: Mutex<HashMap<String, Vec<u8>>>,
        writes: Mutex<usize>,
        refuses: Option<SourceErrorKind>,
        /// Writes, and says that it did not.
        silent: bool,
        alters: bool,
    }

    impl Source for Shelf {
        fn place(&self, locator: &Locator) -> String {
            locator.to_string()
        }

        fn fetch(&self, locators: &[Locator], _: Deadline) -> Vec<Result<Secret, SourceError>> {
            let values = self.values.lock().unwrap();
            locators
                .iter()
                .map(|locator| {
                    let value = values.get(locator.as_str());
                    value
                        .map(|value| Secret::new(value.clone()))
                        .ok_or(SourceError::new(SourceErrorKind::Missing))
                })
                .collect()
        }

        fn look(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<(), SourceError>> {
            let fetched = self.fetch(locators, deadline).into_iter();
            fetched.map(|answer| answer.map(drop)).collect()
        }
    }

    impl Store for Shelf {
        fn names(&self, _: &str, _: Deadline) -> Result<Vec<String>, SourceError> {
            Ok(self.values.lock().unwrap().keys().cloned().collect())
        }

        #[expect(clippy::disallowed_methods, reason = "the values under test")]
        fn write(&self, writes: &[Write<'_>], _: Deadline) -> Vec<Result<(), SourceError>> {
            *self.writes.lock().unwrap() += 1;
            if let Some(kind) = self.refuses {
                return vec![Err(SourceError::new(kind)); writes.len()];
            }
            let mut values = self.values.lock().unwrap();
            writes
                .iter()
                .map(|write| {
                    let there = values.get(write.name).cloned().map(Secret::new);
                    write.over.check(there.as_ref())?;
                    let mut value = write.value.expose().to_vec();
                    if self.alters {
                        value.push(b'!');
                    }
                    values.insert(write.name.to_owned(), value);
                    if self.silent {
                        return Err(SourceError::new(SourceErrorKind::TimedOut));
                    }
                    Ok(())
                })
                .collect()
        }

        fn remove(&self, name: &str, _: Deadline) -> Result<(), SourceError> {
            let removed = self.values.lock().unwrap().remove(name);
            removed
                .map(drop)
                .ok_or(SourceError::new(SourceErrorKind::Missing))
        }
    }

    fn soon() -> Deadline {
        Deadline::after(Duration::from_secs(5))
    }

    fn parcels(pairs: &[(&str, &str)]) -> Vec<Parcel> {
        pairs
            .iter()
            .map(|(name, value)| Parcel {
                name: (*name).to_owned(),
                locator: Locator::new(*name),
                value: Secret::new(value.as_bytes().to_vec()),
            })
            .collect()
    }

    fn surveyed(shelf: &Shelf, pairs: &[(&str, &str)]) -> Vec<(Parcel, Standing)> {
        let parcels = parcels(pairs);
        let standings = survey(shelf, &parcels, soon());
        parcels
            .into_iter()
            .zip(standings.into_iter().map(Result::unwrap))
            .collect()
    }

    fn arrive(shelf: &Shelf, parcels: &[(Parcel, Standing)], batch: usize) -> Vec<Arrival> {
        carry(shelf, shelf, parcels, batch, soon(), &mut |_| {})
    }

    #[test]
    fn a_second_run_finds_all_and_writes_nothing() {
        let shelf = Shelf::default();
        let pairs = [("A", "1"), ("B", "2"), ("C", "3")];
        let first = arrive(&shelf, &surveyed(&shelf, &pairs), 2);
        assert_eq!(first, [Arrival::Written; 3]);
        assert_eq!(*shelf.writes.lock().unwrap(), 2);
        let second = arrive(&shelf, &surveyed(&shelf, &pairs), 2);
        assert_eq!(second, [Arrival::Found; 3]);
        assert_eq!(*shelf.writes.lock().unwrap(), 2);
    }

    #[test]
    fn what_came_there_since_the_survey_is_not_written_over() {
        let shelf = Shelf::default();
        let surveyed = surveyed(&shelf, &[("A", "1"), ("B", "2")]);
        shelf
            .values
            .lock()
            .unwrap()
            .insert("A".to_owned(), b"theirs".to_vec());
        let arrivals = arrive(&shelf, &surveyed, 10);
        assert!(
            matches!(arrivals[0], Arrival::Refused(error) if error.kind() == SourceErrorKind::Conflict)
        );
        assert_eq!(arrivals[1], Arrival::Written);
        assert_eq!(shelf.values.lock().unwrap()["A"], b"theirs");
    }

    #[test]
    fn what_another_run_has_written_since_the_survey_is_found() {
        let shelf = Shelf::default();
        let first = surveyed(&shelf, &[("A", "1")]);
        let second = surveyed(&shelf, &[("A", "1")]);
        assert_eq!(arrive(&shelf, &first, 10), [Arrival::Written]);
        assert_eq!(arrive(&shelf, &second, 10), [Arrival::Found]);
    }

    #[test]
    fn a_write_whose_answer_was_lost_counts_when_it_is_read_back() {
        let shelf = Shelf {
            silent: true,
            ..Shelf::default()
        };
        assert_eq!(
            arrive(&shelf, &surveyed(&shelf, &[("A", "1")]), 10),
            [Arrival::Written]
        );
    }

    #[test]
    fn a_value_that_comes_back_altered_has_not_arrived() {
        let shelf = Shelf {
            alters: true,
            ..Shelf::default()
        };
        let arrivals = arrive(&shelf, &surveyed(&shelf, &[("A", "1")]), 10);
        assert_eq!(arrivals, [Arrival::Altered]);
        assert!(!arrivals[0].is_certain());
    }

    #[test]
    fn a_store_that_takes_nothing_is_not_asked_again() {
        let shelf = Shelf {
            refuses: Some(SourceErrorKind::Denied),
            ..Shelf::default()
        };
        let pairs = [("A", "1"), ("B", "2"), ("C", "3"), ("D", "4")];
        let arrivals = arrive(&shelf, &surveyed(&shelf, &pairs), 2);
        assert!(arrivals.iter().all(|arrival| !arrival.is_certain()));
        assert_eq!(*shelf.writes.lock().unwrap(), 1);
    }
}
