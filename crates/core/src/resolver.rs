//! From a plan to values: who is asked, in which order, and what counts as an answer.

use std::collections::{BTreeMap, HashMap};

use crate::deadline::Deadline;
use crate::launch::{Piece, ResolvedLaunch, ResolvedText};
use crate::placeholder::{Address, Delivery, Placeholder};
use crate::plan::{LaunchPlan, Necessity, Request, Site};
use crate::secret::Secret;
use crate::source::{Locator, Position, Source, SourceError, SourceErrorKind};
use crate::template::{Part, Template};

/// Reaches a source by its scheme. Called only for schemes that a placeholder of the plan names, and
/// for each at most once.
pub trait Connect {
    /// The source of `scheme`.
    ///
    /// # Errors
    /// When the source cannot be set up; the error stands for every value asked of it.
    fn connect(&self, scheme: &str) -> Result<Box<dyn Source>, SourceError>;
}

/// Why one placeholder has no value: names and kinds, no text of a store.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Where the placeholder stands.
    pub site: Site,
    /// The placeholder.
    pub placeholder: Placeholder,
    /// What each source said, in the order they were asked.
    pub attempts: Vec<Attempt>,
}

/// What one source said.
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

/// Fetches every value of `plan`.
///
/// Sources are asked in rounds: each placeholder's first candidate, then the second of those whose first
/// surely had none, and so on. Within a round each source gets one batch, and the sources work side by
/// side. A store that is locked, silent or broken is never passed over for the next one.
///
/// # Errors
/// Every placeholder that has no value, in the plan's order. Nothing may start then.
pub fn resolve(
    plan: LaunchPlan,
    connect: &dyn Connect,
    deadline: Deadline,
) -> Result<ResolvedLaunch, Vec<Failure>> {
    let mut answers = Answers::default();
    answers.fetch_all(&plan.requests, connect, deadline);

    let failures: Vec<Failure> = plan
        .requests
        .iter()
        .filter_map(|request| answers.failure(request))
        .collect();
    if !failures.is_empty() {
        return Err(failures);
    }

    let mut requests = plan.requests.iter();
    let environment = plan
        .environment
        .into_iter()
        .map(|(name, template)| (name, answers.fill(template, &mut requests)))
        .collect();
    let arguments = plan
        .arguments
        .into_iter()
        .map(|template| answers.fill(template, &mut requests))
        .collect();
    Ok(ResolvedLaunch {
        program: plan.program,
        arguments,
        environment,
    })
}

/// What the sources have said so far.
#[derive(Default)]
struct Answers {
    values: HashMap<Address, Result<Secret, Refusal>>,
}

struct Refusal {
    place: String,
    error: SourceError,
    remedy: Option<String>,
}

/// How a request stands against the answers.
enum Standing<'a> {
    Ask(&'a Address),
    Found(&'a Secret),
    Nowhere,
    Stopped,
}

impl Answers {
    fn standing<'a>(&'a self, request: &'a Request) -> Standing<'a> {
        for address in &request.candidates {
            match self.values.get(address) {
                None => return Standing::Ask(address),
                Some(Ok(secret)) => return Standing::Found(secret),
                Some(Err(refusal)) if refusal.error.lets_next_answer() => {}
                Some(Err(_)) => return Standing::Stopped,
            }
        }
        Standing::Nowhere
    }

    fn fetch_all(&mut self, requests: &[Request], connect: &dyn Connect, deadline: Deadline) {
        let mut sources: HashMap<String, Result<Box<dyn Source>, SourceError>> = HashMap::new();
        loop {
            let mut round: BTreeMap<&str, Vec<&Address>> = BTreeMap::new();
            for request in requests {
                if let Standing::Ask(address) = self.standing(request) {
                    let batch = round.entry(&address.scheme).or_default();
                    if !batch.contains(&address) {
                        batch.push(address);
                    }
                }
            }
            if round.is_empty() {
                return;
            }
            for scheme in round.keys() {
                if !sources.contains_key(*scheme) {
                    sources.insert((*scheme).to_owned(), connect.connect(scheme));
                }
            }
            let fetched = ask_side_by_side(&round, &sources, deadline);
            self.values.extend(fetched);
        }
    }

    fn failure(&self, request: &Request) -> Option<Failure> {
        match self.standing(request) {
            Standing::Found(_) => return None,
            Standing::Nowhere
                if request.placeholder.default().is_some()
                    || request.necessity == Necessity::Optional =>
            {
                return None;
            }
            Standing::Ask(_) | Standing::Nowhere | Standing::Stopped => {}
        }
        let attempts = request
            .candidates
            .iter()
            .map_while(|address| {
                let Some(Err(refusal)) = self.values.get(address) else {
                    return None;
                };
                Some(Attempt {
                    address: address.clone(),
                    place: refusal.place.clone(),
                    error: refusal.error,
                    remedy: refusal.remedy.clone(),
                })
            })
            .collect();
        Some(Failure {
            site: request.site.clone(),
            placeholder: request.placeholder.clone(),
            attempts,
        })
    }

    /// Puts the values into `template`, whose placeholders are the next of `requests`.
    fn fill<'r>(
        &self,
        template: Template,
        requests: &mut impl Iterator<Item = &'r Request>,
    ) -> ResolvedText {
        let pieces = template
            .into_parts()
            .into_iter()
            .map(|part| match part {
                Part::Literal(text) => Piece::Bytes(Secret::new(text)),
                Part::Placeholder(placeholder) => {
                    let bytes = match requests.next().map(|request| self.standing(request)) {
                        Some(Standing::Found(secret)) => copy(secret),
                        _ => match placeholder.default() {
                            Some(default) => Secret::new(default.as_bytes().to_vec()),
                            None => {
                                let mut text = Vec::new();
                                placeholder.print(&mut text);
                                Secret::new(text)
                            }
                        },
                    };
                    match placeholder.delivery() {
                        Delivery::Descriptor => Piece::Descriptor(bytes),
                        Delivery::Text => Piece::Bytes(bytes),
                    }
                }
            })
            .collect();
        ResolvedText(pieces)
    }
}

/// The one place where a value is copied: a launch may need it in two variables.
#[expect(
    clippy::disallowed_methods,
    reason = "from one wiped buffer to another"
)]
fn copy(secret: &Secret) -> Secret {
    Secret::new(secret.expose().to_vec())
}

type Fetched = Vec<(Address, Result<Secret, Refusal>)>;

fn ask_side_by_side(
    round: &BTreeMap<&str, Vec<&Address>>,
    sources: &HashMap<String, Result<Box<dyn Source>, SourceError>>,
    deadline: Deadline,
) -> Fetched {
    let mut batches: Vec<_> = round
        .iter()
        .map(|(scheme, addresses)| (&sources[*scheme], addresses.as_slice()))
        .collect();
    // The last batch is this thread's own, so a launch with one source starts no thread.
    let own = batches.pop();
    std::thread::scope(|scope| {
        let others: Vec<_> = batches
            .into_iter()
            .map(|(source, addresses)| scope.spawn(move || ask(source, addresses, deadline)))
            .collect();
        let mut fetched = own.map_or_else(Vec::new, |(source, addresses)| {
            ask(source, addresses, deadline)
        });
        for other in others {
            match other.join() {
                Ok(answers) => fetched.extend(answers),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        fetched
    })
}

fn ask(
    source: &Result<Box<dyn Source>, SourceError>,
    addresses: &[&Address],
    deadline: Deadline,
) -> Fetched {
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
    let answers = source.fetch(&locators, deadline);
    addresses
        .iter()
        .zip(answers)
        .map(|(&address, answer)| {
            let answer = answer.and_then(without_nul).map_err(|error| Refusal {
                place: source.place(&address.locator),
                error,
                remedy: source.remedy(&address.locator, error),
            });
            (address.clone(), answer)
        })
        .collect()
}

/// An argument or a variable ends at a NUL, so a value that holds one would arrive cut short.
#[expect(clippy::disallowed_methods, reason = "looks for a NUL byte only")]
fn without_nul(secret: Secret) -> Result<Secret, SourceError> {
    match secret.expose().iter().position(|&byte| byte == 0) {
        None => Ok(secret),
        Some(byte) => Err(SourceError::new(SourceErrorKind::Malformed)
            .at(Position::Byte(byte))
            .note("the value has a NUL byte, which no argument or variable can hold")),
    }
}
