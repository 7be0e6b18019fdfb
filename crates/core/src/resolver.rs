//! From a plan to values: who is asked, in which order, and what counts as an answer.

use std::collections::{BTreeMap, HashMap};

use crate::deadline::Deadline;
use crate::launch::{Piece, ResolvedLaunch, ResolvedText};
use crate::placeholder::{Address, Delivery, Placeholder};
use crate::plan::{LaunchPlan, PlannedText, Request, Site};
use crate::secret::Secret;
use crate::source::{Locator, Position, Source, SourceError, SourceErrorKind};
use crate::template::Part;

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
    let requests: Vec<&Request> = plan.requests().collect();
    let sources = answers.fetch_all(&requests, connect, deadline);
    let failures: Vec<Failure> = requests
        .into_iter()
        .filter_map(|request| answers.failure(request))
        .collect();
    if !failures.is_empty() {
        sources.iter().for_each(|source| source.give_back());
        return Err(failures);
    }
    let notices = sources.iter().flat_map(|source| source.notices()).collect();
    let upkeep = sources
        .iter()
        .filter_map(|source| source.upkeep())
        .collect();

    let environment = plan
        .environment
        .into_iter()
        .map(|(name, text)| (name, answers.fill(text)))
        .collect();
    let arguments = plan
        .arguments
        .into_iter()
        .map(|text| answers.fill(text))
        .collect();
    Ok(ResolvedLaunch {
        program: plan.program,
        arguments,
        environment,
        notices,
        upkeep,
    })
}

/// The value of one text that is no part of a launch: the login of a store.
///
/// # Errors
/// As [`resolve`].
pub(crate) fn resolve_text(
    text: &PlannedText,
    connect: &dyn Connect,
    deadline: Deadline,
) -> Result<Secret, Vec<Failure>> {
    let mut answers = Answers::default();
    let requests: Vec<&Request> = text.requests.iter().collect();
    answers.fetch_all(&requests, connect, deadline);
    let failures: Vec<Failure> = requests
        .into_iter()
        .filter_map(|request| answers.failure(request))
        .collect();
    if !failures.is_empty() {
        return Err(failures);
    }
    let ResolvedText(pieces) = answers.fill(text.clone());
    Ok(joined(pieces))
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
    Found(&'a Address, &'a Secret),
    Nowhere,
    Stopped,
}

impl Answers {
    fn standing<'a>(&'a self, request: &'a Request) -> Standing<'a> {
        for address in &request.candidates {
            match self.values.get(address) {
                None => return Standing::Ask(address),
                Some(Ok(secret)) => return Standing::Found(address, secret),
                Some(Err(refusal)) if refusal.error.lets_next_answer() => {}
                Some(Err(_)) => return Standing::Stopped,
            }
        }
        Standing::Nowhere
    }

    /// Gives the sources that were asked.
    fn fetch_all(
        &mut self,
        requests: &[&Request],
        connect: &dyn Connect,
        deadline: Deadline,
    ) -> Vec<Box<dyn Source>> {
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
                return sources.into_values().filter_map(Result::ok).collect();
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
        let mut attempts = self.refusals(request);
        match self.standing(request) {
            Standing::Found(address, secret) => {
                let error = misfit(secret, request.placeholder.delivery())?;
                attempts.push(Attempt {
                    address: address.clone(),
                    place: String::new(),
                    error,
                    remedy: None,
                });
            }
            Standing::Nowhere if request.can_do_without() => return None,
            Standing::Ask(_) | Standing::Nowhere | Standing::Stopped => {}
        }
        Some(Failure {
            site: request.site.clone(),
            placeholder: request.placeholder.clone(),
            attempts,
        })
    }

    /// What the sources said before one had the value, or before nobody was left to ask.
    fn refusals(&self, request: &Request) -> Vec<Attempt> {
        request
            .candidates
            .iter()
            .map_while(|address| match self.values.get(address) {
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

    /// Puts the values into a text.
    fn fill(&self, text: PlannedText) -> ResolvedText {
        let mut requests = text.requests.iter();
        let pieces = text
            .template
            .into_parts()
            .into_iter()
            .map(|part| match part {
                Part::Literal(text) => Piece::Bytes(Secret::new(text)),
                Part::Placeholder(placeholder) => {
                    let request = requests
                        .next()
                        .expect("a planned text has a request for each placeholder");
                    let bytes = match (self.standing(request), placeholder.default()) {
                        (Standing::Found(_, secret), _) => copy(secret),
                        (_, Some(default)) => Secret::new(default.as_bytes().to_vec()),
                        (_, None) => {
                            let mut text = Vec::new();
                            placeholder.print(&mut text);
                            Secret::new(text)
                        }
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

/// The bytes of all pieces, one after the other.
#[expect(
    clippy::disallowed_methods,
    reason = "from wiped buffers to another, of the right size at once"
)]
fn joined(pieces: Vec<Piece>) -> Secret {
    let pieces: Vec<Secret> = pieces
        .into_iter()
        .map(|(Piece::Bytes(bytes) | Piece::Descriptor(bytes))| bytes)
        .collect();
    let mut whole = Vec::with_capacity(pieces.iter().map(Secret::len).sum());
    for piece in &pieces {
        whole.extend_from_slice(piece.expose());
    }
    Secret::new(whole)
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

/// An argument or a variable ends at a NUL, so a value that holds one would arrive cut short. A file may.
#[expect(clippy::disallowed_methods, reason = "looks for a NUL byte only")]
fn misfit(secret: &Secret, delivery: Delivery) -> Option<SourceError> {
    if delivery == Delivery::Descriptor {
        return None;
    }
    let byte = secret.expose().iter().position(|&byte| byte == 0)?;
    Some(
        SourceError::new(SourceErrorKind::Malformed)
            .at(Position::Byte(byte))
            .note("the value has a NUL byte, which no argument or variable can hold"),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::ffi::OsString;
    use std::path::PathBuf;
    use std::sync::{Arc, Barrier, Mutex};
    use std::time::Duration;

    use super::*;
    use crate::plan::{FoundIn, Program};
    use crate::template::{Syntax, Template};

    type Answer = Result<&'static [u8], SourceErrorKind>;
    type Values = HashMap<&'static str, Answer>;

    /// Stores of fixed answers that remember what they were asked.
    #[derive(Clone, Default)]
    struct Shelf {
        stores: Arc<HashMap<&'static str, Values>>,
        asked: Arc<Mutex<Vec<String>>>,
        meet: Option<Arc<Barrier>>,
        at_most: Option<usize>,
    }

    impl Shelf {
        fn new(stores: &[(&'static str, &[(&'static str, Answer)])]) -> Self {
            let stores = stores
                .iter()
                .map(|(scheme, values)| (*scheme, values.iter().copied().collect()))
                .collect();
            Self {
                stores: Arc::new(stores),
                ..Self::default()
            }
        }

        fn asked(&self) -> Vec<String> {
            let mut asked = self.asked.lock().unwrap().clone();
            asked.sort();
            asked
        }
    }

    struct Store(Shelf, String);

    impl Connect for Shelf {
        fn connect(&self, scheme: &str) -> Result<Box<dyn Source>, SourceError> {
            if !self.stores.contains_key(scheme) {
                return Err(SourceError::new(SourceErrorKind::Absent));
            }
            Ok(Box::new(Store(self.clone(), scheme.to_owned())))
        }
    }

    impl Source for Store {
        fn place(&self, locator: &Locator) -> String {
            format!("{}/{locator}", self.1)
        }

        fn fetch(&self, locators: &[Locator], _: Deadline) -> Vec<Result<Secret, SourceError>> {
            let batch: Vec<_> = locators.iter().map(Locator::as_str).collect();
            let call = format!("{}({})", self.1, batch.join(","));
            self.0.asked.lock().unwrap().push(call);
            if let Some(barrier) = &self.0.meet {
                barrier.wait();
            }
            let values = &self.0.stores[self.1.as_str()];
            locators
                .iter()
                .take(self.0.at_most.unwrap_or(usize::MAX))
                .map(|locator| match values.get(locator.as_str()) {
                    Some(Ok(value)) => Ok(Secret::new(value.to_vec())),
                    Some(Err(kind)) => Err(SourceError::new(*kind)),
                    None => Err(SourceError::new(SourceErrorKind::Missing)),
                })
                .collect()
        }

        fn look(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<(), SourceError>> {
            self.fetch(locators, deadline)
                .into_iter()
                .map(|answer| answer.map(|_| ()))
                .collect()
        }
    }

    /// A plan of variables `V0`, `V1`…; bare names go to the schemes of `order`.
    fn plan(values: &[&str], order: &[&str]) -> LaunchPlan {
        let environment = values
            .iter()
            .enumerate()
            .map(|(index, value)| {
                let name = OsString::from(format!("V{index}"));
                let template = Template::parse(value.as_bytes(), Syntax::AngleAndBrace).unwrap();
                let site = Site::Variable(name.clone());
                let text = PlannedText::new(&site, template, |placeholder| {
                    match placeholder.reference() {
                        crate::Reference::Address(address) => vec![address.clone()],
                        crate::Reference::Name(name) => order
                            .iter()
                            .map(|scheme| Address::new(*scheme, name.as_str()))
                            .collect(),
                    }
                });
                (name, text)
            })
            .collect();
        LaunchPlan {
            server: None,
            program: Program {
                typed: "x".into(),
                path: PathBuf::from("/x"),
                found_in: FoundIn::Named,
            },
            arguments: Vec::new(),
            environment,
            stripped: Vec::new(),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the values under test")]
    fn texts(shelf: &Shelf, values: &[&str], order: &[&str]) -> Result<Vec<String>, Vec<String>> {
        let deadline = Deadline::after(Duration::from_secs(5));
        match resolve(plan(values, order), shelf, deadline) {
            Ok(launch) => Ok(launch
                .environment
                .iter()
                .map(|(_, text)| {
                    text.0
                        .iter()
                        .map(|piece| match piece {
                            Piece::Bytes(bytes) => {
                                String::from_utf8_lossy(bytes.expose()).into_owned()
                            }
                            Piece::Descriptor(bytes) => {
                                format!("fd({})", String::from_utf8_lossy(bytes.expose()))
                            }
                        })
                        .collect()
                })
                .collect()),
            Err(failures) => Err(failures
                .iter()
                .map(|failure| {
                    let attempts: Vec<_> = failure
                        .attempts
                        .iter()
                        .map(|attempt| {
                            format!("{} {}", attempt.address, attempt.error.kind().code())
                        })
                        .collect();
                    format!(
                        "{} {}: {}",
                        failure.site,
                        failure.placeholder,
                        attempts.join(", ")
                    )
                })
                .collect()),
        }
    }

    #[test]
    fn fills_text_around_defaults_and_escapes() {
        let shelf = Shelf::new(&[("s", &[("A", Ok(b"1")), ("B", Ok(b"2\n"))])]);
        let values = [
            "x$<A>y$<B>z$<s:A>",
            "$$<A> $<NONE:-d>",
            "$<fd:A>",
            "${A} ${NONE} ${NONE:-e}",
            "${A}",
            "plain",
        ];
        assert_eq!(
            texts(&shelf, &values, &["s"]).unwrap(),
            ["x1y2\nz1", "$<A> d", "fd(1)", "1 ${NONE} e", "1", "plain"]
        );
        assert_eq!(shelf.asked(), ["s(A,B,NONE)"]);
    }

    #[test]
    fn asks_the_next_source_only_for_what_the_first_has_not() {
        let shelf = Shelf::new(&[
            ("first", &[("A", Ok(b"1"))]),
            ("second", &[("A", Ok(b"wrong")), ("B", Ok(b"2"))]),
        ]);
        let answer = texts(&shelf, &["$<A>", "$<B>"], &["first", "absent", "second"]);
        assert_eq!(answer.unwrap(), ["1", "2"]);
        assert_eq!(shelf.asked(), ["first(A,B)", "second(B)"]);
    }

    #[test]
    fn a_store_in_trouble_is_not_passed_over() {
        for kind in [
            SourceErrorKind::Locked,
            SourceErrorKind::TimedOut,
            SourceErrorKind::Denied,
            SourceErrorKind::Ambiguous,
            SourceErrorKind::Malformed,
            SourceErrorKind::Unavailable,
        ] {
            let shelf = Shelf::new(&[
                ("first", &[("A", Err(kind))]),
                ("second", &[("A", Ok(b"2"))]),
            ]);
            let expected = format!("V0 $<A:-…>: first:A {}", kind.code());
            let answer = texts(&shelf, &["$<A:-default>"], &["first", "second"]);
            assert_eq!(answer.unwrap_err(), [format!("env.{expected}")]);
            assert_eq!(shelf.asked(), ["first(A)"]);
        }
    }

    #[test]
    fn reports_every_failure_with_every_source_asked() {
        let shelf = Shelf::new(&[("a", &[]), ("b", &[("NUL", Ok(b"x\0y"))])]);
        let values = ["$<X>", "${Y}", "$<nowhere:Z>", "$<NUL>", "fine"];
        assert_eq!(
            texts(&shelf, &values, &["a", "b"]).unwrap_err(),
            [
                "env.V0 $<X>: a:X missing, b:X missing",
                "env.V1 ${Y}: a:Y missing, b:Y missing",
                "env.V2 $<nowhere:Z>: nowhere:Z absent",
                "env.V3 $<NUL>: a:NUL missing, b:NUL malformed",
            ]
        );
        assert_eq!(texts(&shelf, &["$<fd:NUL>"], &["b"]).unwrap(), ["fd(x\0y)"]);
    }

    #[test]
    fn a_source_that_answers_too_little_has_failed_for_the_rest() {
        let mut shelf = Shelf::new(&[("s", &[("A", Ok(b"1")), ("B", Ok(b"2"))])]);
        shelf.at_most = Some(1);
        assert_eq!(
            texts(&shelf, &["$<A>", "$<B>"], &["s"]).unwrap_err(),
            ["env.V1 $<B>: s:B unavailable"]
        );
    }

    #[test]
    fn asks_sources_side_by_side() {
        let mut shelf = Shelf::new(&[("a", &[("A", Ok(b"1"))]), ("b", &[("B", Ok(b"2"))])]);
        shelf.meet = Some(Arc::new(Barrier::new(2)));
        // The barrier opens only when both are asked at the same time.
        assert_eq!(
            texts(&shelf, &["$<a:A>", "$<b:B>"], &[]).unwrap(),
            ["1", "2"]
        );
    }

    #[test]
    fn a_source_that_nothing_names_is_not_touched() {
        let shelf = Shelf::new(&[("a", &[]), ("b", &[])]);
        assert_eq!(
            texts(&shelf, &["plain", "$PLAIN"], &["a", "b"])
                .unwrap()
                .len(),
            2
        );
        assert_eq!(shelf.asked().into_iter().collect::<BTreeSet<_>>().len(), 0);
    }
}
