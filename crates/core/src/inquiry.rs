//! Asking sources: who is asked, in which order, and what counts as an answer.

use std::collections::{BTreeMap, HashMap};

use crate::deadline::Deadline;
use crate::itinerary::{Itinerary, Standing};
use crate::placeholder::{Address, Placeholder};
use crate::secret::Secret;
use crate::source::{Locator, Position, Source, SourceError, SourceErrorKind};

/// Reaches a source by the store's name. Called only for stores that a placeholder of the plan names, and
/// for each at most once.
pub trait Connect {
    /// The source of the store `store`.
    ///
    /// # Errors
    /// When the source cannot be set up; the error stands for every value asked of it.
    fn connect(&self, store: &str) -> Result<Box<dyn Source>, SourceError>;

    /// Where the value may stand that `from` has the reference `to` to, in the order to ask. What holds for a placeholder
    /// of the launch holds for a reference: it is no way to a value that the launch could not name itself.
    ///
    /// # Errors
    /// When it must not be followed, or names no place that could be asked.
    fn follow(&self, from: &Address, to: &Placeholder) -> Result<Vec<Address>, NotFollowed> {
        let _nowhere = (from, to);
        Err(NotFollowed {
            error: SourceError::new(SourceErrorKind::Denied)
                .note("references are not followed here"),
            remedy: None,
        })
    }
}

/// Why a reference is not followed, and what to do about it.
#[derive(Clone, Debug)]
pub struct NotFollowed {
    /// Why.
    pub error: SourceError,
    /// What to do.
    pub remedy: Option<String>,
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
    /// The reference that stands there in place of the value, if one does.
    pub referral: Option<Placeholder>,
    /// What to do about it, where the source knows.
    pub remedy: Option<String>,
}

impl Attempt {
    /// Whether the place surely has no value itself, so that it is not what keeps a launch from going on.
    #[must_use]
    pub fn has_none(&self) -> bool {
        self.error.lets_next_answer() || self.error.kind() == SourceErrorKind::Elsewhere
    }
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
    /// Whether it is the default of the reference that stands at this address, because nobody has the value.
    pub is_default: bool,
    /// The references that led there, in their order.
    pub through: Vec<Attempt>,
    /// Why it is not known whether the value is there, if it is not.
    pub unseen: Option<&'static str>,
}

/// What stores say of the values of a launch.
pub struct Inspection {
    /// One for each list of candidates.
    pub outlooks: Vec<Outlook>,
    /// Where references led that stand in a store in place of values.
    pub followed: Vec<Address>,
    /// What a person should know of the answers.
    pub notices: Vec<String>,
}

impl Outlook {
    /// Whether the value surely is in none of them.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.found.is_none() && self.attempts.iter().all(Attempt::has_none)
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
        .iter()
        .map(|candidates| outlook(&inquiry.itinerary(candidates)))
        .collect();
    Inspection {
        outlooks,
        followed: inquiry.followed(values),
        notices: sources
            .iter()
            .flat_map(|(_, source)| source.notices())
            .collect(),
    }
}

fn outlook(itinerary: &Itinerary<'_, Seen>) -> Outlook {
    let attempts = itinerary.attempts();
    let found = match itinerary.standing {
        Standing::Default(address, _) => {
            let place = attempts
                .iter()
                .find(|attempt| attempt.address == *address)
                .map_or_else(String::new, |attempt| attempt.place.clone());
            Some((address, (place, None), true))
        }
        Standing::Found(address, seen) => Some((address, seen.clone(), false)),
        Standing::Ask(_) | Standing::Nowhere | Standing::Stopped => None,
    };
    let found = found.map(|(address, (place, unseen), is_default)| Found {
        address: address.clone(),
        place,
        is_default,
        through: itinerary.references(),
        unseen,
    });
    Outlook { attempts, found }
}

/// How a source is asked: one outcome per locator.
type Question<V> = fn(&dyn Source, &[Locator], Deadline) -> Vec<Result<V, SourceError>>;

/// Asks for the values.
pub(crate) const FETCH: Question<Secret> =
    |source, locators, deadline| source.fetch(locators, deadline);

/// Where a value is, and why it is not known whether it is there.
type Seen = (String, Option<&'static str>);

/// Asks whether the values are there, and where.
const LOOK: Question<Seen> = |source, locators, deadline| {
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
    answers: Answers<V>,
}

/// What each address has given.
pub(crate) type Answers<V> = HashMap<Address, Result<V, Refusal>>;

/// What an address has given that is no value.
pub(crate) struct Refusal {
    pub(crate) place: String,
    pub(crate) error: SourceError,
    /// The reference that stands there.
    pub(crate) referral: Option<Placeholder>,
    /// Where it leads, if it is followed.
    pub(crate) onward: Option<Vec<Address>>,
    pub(crate) remedy: Option<String>,
}

impl Refusal {
    /// Goes after the reference at `from`, if one stands there.
    fn follow(&mut self, from: &Address, connect: &dyn Connect) {
        let Some(referral) = &self.referral else {
            return;
        };
        match connect.follow(from, referral) {
            Ok(onward) => self.onward = Some(onward),
            Err(NotFollowed { error, remedy }) => {
                self.error = match self.error.position() {
                    Position::Whole => error,
                    at => error.at(at),
                };
                self.remedy = remedy;
            }
        }
    }
}

impl<V: Send> Inquiry<V> {
    /// Asks in rounds: the first candidate of each value, then the second of those whose first surely had none,
    /// and so on. Within a round each source gets one batch, and the sources work side by side. A store
    /// that is locked, silent or broken is never passed over for the next one. Where a store has a reference in place of
    /// a value, the addresses to which it leads are asked in the next rounds.
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
            let mut round: Round = BTreeMap::new();
            for candidates in values {
                if let Standing::Ask(address) = inquiry.itinerary(candidates).standing {
                    let batch = round.entry(address.scheme.clone()).or_default();
                    if !batch.contains(address) {
                        batch.push(address.clone());
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
                if !sources.contains_key(store) {
                    sources.insert(store.clone(), connect.connect(store));
                }
            }
            let mut answers = ask_side_by_side(&round, &sources, question, deadline);
            for (address, answer) in &mut answers {
                if let Err(refusal) = answer {
                    refusal.follow(address, connect);
                }
            }
            inquiry.answers.extend(answers);
        }
    }
}

impl<V> Inquiry<V> {
    /// The way of the value that may come from `candidates`.
    pub(crate) fn itinerary<'a>(&'a self, candidates: &'a [Address]) -> Itinerary<'a, V> {
        Itinerary::of(&self.answers, candidates)
    }

    /// Where references led, for these lists of candidates.
    pub(crate) fn followed<'c>(
        &self,
        values: impl IntoIterator<Item = &'c [Address]>,
    ) -> Vec<Address> {
        let has_reference = |answer: &Result<V, Refusal>| matches!(answer, Err(refusal) if refusal.onward.is_some());
        if !self.answers.values().any(has_reference) {
            return Vec::new();
        }
        let mut followed = Vec::new();
        for candidates in values {
            for address in self.itinerary(candidates).followed() {
                if !followed.contains(address) {
                    followed.push(address.clone());
                }
            }
        }
        followed
    }
}

/// The addresses of a round, by store.
type Round = BTreeMap<String, Vec<Address>>;

type Answered<V> = Vec<(Address, Result<V, Refusal>)>;

fn ask_side_by_side<V: Send>(
    round: &Round,
    sources: &HashMap<String, Result<Box<dyn Source>, SourceError>>,
    question: Question<V>,
    deadline: Deadline,
) -> Answered<V> {
    let mut batches: Vec<_> = round
        .iter()
        .map(|(store, addresses)| (&sources[store], addresses.as_slice()))
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
    addresses: &[Address],
    question: Question<V>,
    deadline: Deadline,
) -> Answered<V> {
    let source = match source {
        Ok(source) => source,
        Err(error) => {
            return addresses
                .iter()
                .map(|address| {
                    let refusal = Refusal {
                        place: String::new(),
                        error: *error,
                        referral: None,
                        onward: None,
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
        .map(|(address, answer)| {
            let is_elsewhere = |error: SourceError| error.kind() == SourceErrorKind::Elsewhere;
            let answer = answer.map_err(|error| Refusal {
                place: source.place(&address.locator),
                error,
                referral: is_elsewhere(error)
                    .then(|| source.referral(&address.locator))
                    .flatten(),
                onward: None,
                remedy: source.remedy(&address.locator, error),
            });
            (address.clone(), answer)
        })
        .collect()
}
