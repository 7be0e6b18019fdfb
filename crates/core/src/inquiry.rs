//! Asking sources: who is asked, in which order, and what counts as an answer.

use std::collections::{BTreeMap, HashMap};

use crate::deadline::Deadline;
use crate::placeholder::Address;
use crate::secret::Secret;
use crate::source::{Locator, Source, SourceError, SourceErrorKind};

/// Reaches a source by the store's name. Called only for stores that a placeholder of the plan names, and
/// for each at most once.
pub trait Connect {
    /// The source of the store `store`.
    ///
    /// # Errors
    /// When the source cannot be set up; the error stands for every value asked of it.
    fn connect(&self, store: &str) -> Result<Box<dyn Source>, SourceError>;
}

/// What one source said that has no value to give.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// What was asked.
    pub address: Address,
    /// Where that is, for a person; empty where the source could not be set up.
    pub place: String,
    /// The answer.
    pub error: SourceError,
    /// What to do about it, where the source knows.
    pub remedy: Option<String>,
}

/// What stores say of one value without handing it out.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// Those without it, in the order they were asked.
    pub attempts: Vec<Attempt>,
    /// The one that has it.
    pub found: Option<Found>,
}

/// A place that has a value.
#[derive(Clone, Debug)]
pub struct Found {
    /// What was asked.
    pub address: Address,
    /// Where that is, for a person.
    pub place: String,
    /// Why it is not known whether the value is there, if it is not.
    pub unseen: Option<&'static str>,
}

/// What stores say of the values of a launch.
pub struct Inspection {
    /// One for each list of candidates.
    pub outlooks: Vec<Outlook>,
    /// What a person should know of the answers.
    pub notices: Vec<String>,
}

impl Outlook {
    /// Whether the value surely is in none of them.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.found.is_none()
            && self
                .attempts
                .iter()
                .all(|attempt| attempt.error.lets_next_answer())
    }
}

/// Asks for each list of candidates whether its value is there, in the way of a launch.
pub fn inspect<'a>(
    values: impl IntoIterator<Item = &'a [Address]>,
    connect: &dyn Connect,
    deadline: Deadline,
) -> Inspection {
    let values: Vec<&[Address]> = values.into_iter().collect();
    let (inquiry, sources) = Inquiry::ask(&values, LOOK, connect, deadline);
    let outlooks = values
        .into_iter()
        .map(|candidates| Outlook {
            attempts: inquiry.refusals(candidates),
            found: match inquiry.standing(candidates) {
                Standing::Found(address, (place, unseen)) => Some(Found {
                    address: address.clone(),
                    place: place.clone(),
                    unseen: *unseen,
                }),
                _ => None,
            },
        })
        .collect();
    Inspection {
        outlooks,
        notices: sources
            .iter()
            .flat_map(|(_, source)| source.notices())
            .collect(),
    }
}

/// How a source is asked: one outcome per locator.
type Question<V> = fn(&dyn Source, &[Locator], Deadline) -> Vec<Result<V, SourceError>>;

/// Asks for the values.
pub(crate) const FETCH: Question<Secret> =
    |source, locators, deadline| source.fetch(locators, deadline);

/// Asks whether the values are there, and where.
const LOOK: Question<(String, Option<&'static str>)> = |source, locators, deadline| {
    let answers = source.look(locators, deadline);
    locators
        .iter()
        .zip(answers)
        .map(|(locator, answer)| answer.map(|()| (source.place(locator), source.unseen(locator))))
        .collect()
};

/// The sources that were asked, each with its store's name.
pub(crate) type Asked = Vec<(String, Box<dyn Source>)>;

/// What the sources have said.
pub(crate) struct Inquiry<V> {
    answers: HashMap<Address, Result<V, Refusal>>,
}

struct Refusal {
    place: String,
    error: SourceError,
    remedy: Option<String>,
}

/// How a list of candidates stands against the answers.
pub(crate) enum Standing<'a, V> {
    /// This one is to be asked.
    Ask(&'a Address),
    /// This one answered.
    Found(&'a Address, &'a V),
    /// Everyone was asked, and surely has no value.
    Nowhere,
    /// A store is in trouble.
    Stopped,
}

impl<V: Send> Inquiry<V> {
    /// Asks in rounds: the first candidate of each value, then the second of those whose first surely had none,
    /// and so on. Within a round each source gets one batch, and the sources work side by side. A store
    /// that is locked, silent or broken is never passed over for the next one.
    ///
    /// Gives the sources that were asked, too.
    pub(crate) fn ask(
        values: &[&[Address]],
        question: Question<V>,
        connect: &dyn Connect,
        deadline: Deadline,
    ) -> (Self, Asked) {
        let mut inquiry = Self {
            answers: HashMap::new(),
        };
        let mut sources: HashMap<String, Result<Box<dyn Source>, SourceError>> = HashMap::new();
        loop {
            let mut round: BTreeMap<&str, Vec<&Address>> = BTreeMap::new();
            for candidates in values {
                if let Standing::Ask(address) = inquiry.standing(candidates) {
                    let batch = round.entry(&address.scheme).or_default();
                    if !batch.contains(&address) {
                        batch.push(address);
                    }
                }
            }
            if round.is_empty() {
                let asked = sources
                    .into_iter()
                    .filter_map(|(store, source)| Some((store, source.ok()?)))
                    .collect();
                return (inquiry, asked);
            }
            for store in round.keys() {
                if !sources.contains_key(*store) {
                    sources.insert((*store).to_owned(), connect.connect(store));
                }
            }
            let answers = ask_side_by_side(&round, &sources, question, deadline);
            inquiry.answers.extend(answers);
        }
    }
}

impl<V> Inquiry<V> {
    pub(crate) fn standing<'a>(&'a self, candidates: &'a [Address]) -> Standing<'a, V> {
        for address in candidates {
            match self.answers.get(address) {
                None => return Standing::Ask(address),
                Some(Ok(value)) => return Standing::Found(address, value),
                Some(Err(refusal)) if refusal.error.lets_next_answer() => {}
                Some(Err(_)) => return Standing::Stopped,
            }
        }
        Standing::Nowhere
    }

    /// What the sources said before one had the value, or before nobody was left to ask.
    pub(crate) fn refusals(&self, candidates: &[Address]) -> Vec<Attempt> {
        candidates
            .iter()
            .map_while(|address| match self.answers.get(address) {
                Some(Err(refusal)) => Some(Attempt {
                    address: address.clone(),
                    place: refusal.place.clone(),
                    error: refusal.error,
                    remedy: refusal.remedy.clone(),
                }),
                _ => None,
            })
            .collect()
    }
}

type Answers<V> = Vec<(Address, Result<V, Refusal>)>;

fn ask_side_by_side<V: Send>(
    round: &BTreeMap<&str, Vec<&Address>>,
    sources: &HashMap<String, Result<Box<dyn Source>, SourceError>>,
    question: Question<V>,
    deadline: Deadline,
) -> Answers<V> {
    let mut batches: Vec<_> = round
        .iter()
        .map(|(store, addresses)| (&sources[*store], addresses.as_slice()))
        .collect();
    // The last batch is this thread's own, so a launch with one source starts no thread.
    let own = batches.pop();
    std::thread::scope(|scope| {
        let others: Vec<_> = batches
            .into_iter()
            .map(|(source, addresses)| {
                scope.spawn(move || ask(source, addresses, question, deadline))
            })
            .collect();
        let mut answers = own.map_or_else(Vec::new, |(source, addresses)| {
            ask(source, addresses, question, deadline)
        });
        for other in others {
            match other.join() {
                Ok(of_other) => answers.extend(of_other),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        answers
    })
}

fn ask<V>(
    source: &Result<Box<dyn Source>, SourceError>,
    addresses: &[&Address],
    question: Question<V>,
    deadline: Deadline,
) -> Answers<V> {
    let source = match source {
        Ok(source) => source,
        Err(error) => {
            return addresses
                .iter()
                .map(|&address| {
                    let refusal = Refusal {
                        place: String::new(),
                        error: *error,
                        remedy: None,
                    };
                    (address.clone(), Err(refusal))
                })
                .collect();
        }
    };
    let locators: Vec<Locator> = addresses
        .iter()
        .map(|address| address.locator.clone())
        .collect();
    let answers = question(&**source, &locators, deadline);
    addresses
        .iter()
        // A source that answers less than it was asked has failed for the rest.
        .zip(answers.into_iter().chain(std::iter::repeat_with(|| {
            Err(SourceError::new(SourceErrorKind::Unavailable))
        })))
        .map(|(&address, answer)| {
            let answer = answer.map_err(|error| Refusal {
                place: source.place(&address.locator),
                error,
                remedy: source.remedy(&address.locator, error),
            });
            (address.clone(), answer)
        })
        .collect()
}
