//! From a plan to values.

use crate::deadline::Deadline;
use crate::inquiry::{Asked, Attempt, Connect, FETCH, Inquiry};
use crate::itinerary::Standing;
use crate::launch::{Piece, ResolvedLaunch, ResolvedText};
use crate::placeholder::{Address, Delivery, Placeholder};
use crate::plan::{LaunchPlan, PlannedText, Request, Site};
use crate::secret::Secret;
use crate::source::{Lender, Position, SourceError, SourceErrorKind};
use crate::template::Part;

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

/// Fetches every value of `plan`, from the first candidate that has it.
///
/// # Errors
/// Every placeholder that has no value, in the plan's order. Nothing may start then, and what stores lent
/// was given back.
pub fn resolve(
    plan: LaunchPlan,
    connect: &dyn Connect,
    deadline: Deadline,
) -> Result<ResolvedLaunch, Vec<Failure>> {
    let requests: Vec<&Request> = plan.requests().collect();
    let (values, sources) = fetch(&requests, connect, deadline)?;
    let upkeep = upkeep(&requests, &values, &sources)?;
    let followed = values.followed(requests.iter().map(|request| request.candidates.as_slice()));
    let environment = plan
        .environment
        .into_iter()
        .map(|(name, text)| (name, fill(text, &values)))
        .collect();
    let arguments = plan
        .arguments
        .into_iter()
        .map(|text| fill(text, &values))
        .collect();
    Ok(ResolvedLaunch {
        program: plan.program,
        arguments,
        environment,
        followed,
        notices: sources
            .iter()
            .flat_map(|(_, source)| source.notices())
            .collect(),
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
    let requests: Vec<&Request> = text.requests.iter().collect();
    let (values, _) = fetch(&requests, connect, deadline)?;
    let ResolvedText(pieces) = fill(text.clone(), &values);
    Ok(joined(pieces))
}

type Fetched = (Inquiry<Secret>, Asked);

fn fetch(
    requests: &[&Request],
    connect: &dyn Connect,
    deadline: Deadline,
) -> Result<Fetched, Vec<Failure>> {
    let candidates: Vec<&[Address]> = requests
        .iter()
        .map(|request| request.candidates.as_slice())
        .collect();
    let (values, sources) = Inquiry::ask(&candidates, FETCH, connect, deadline);
    let failures: Vec<Failure> = requests
        .iter()
        .filter_map(|request| failure(request, &values))
        .collect();
    if failures.is_empty() {
        return Ok((values, sources));
    }
    give_back(&sources);
    Err(failures)
}

/// A letter to a keeper from each store that lent something.
fn upkeep(
    requests: &[&Request],
    values: &Inquiry<Secret>,
    sources: &Asked,
) -> Result<Vec<Secret>, Vec<Failure>> {
    let mut letters = Vec::new();
    for (store, source) in sources {
        match source.lender().map_or(Ok(None), Lender::letter) {
            Ok(letter) => letters.extend(letter),
            Err(error) => {
                give_back(sources);
                let failures = requests
                    .iter()
                    .filter_map(|request| untold(request, values, store, error))
                    .collect();
                return Err(failures);
            }
        }
    }
    Ok(letters)
}

fn give_back(sources: &Asked) {
    for (_, source) in sources {
        if let Some(lender) = source.lender() {
            lender.give_back();
        }
    }
}

/// What fails because `store`, which gave this value, cannot tell what it lent.
fn untold(
    request: &Request,
    values: &Inquiry<Secret>,
    store: &str,
    error: SourceError,
) -> Option<Failure> {
    match values.itinerary(&request.candidates).standing {
        Standing::Found(address, _) if address.scheme == store => Some(Failure {
            site: request.site.clone(),
            placeholder: request.placeholder.clone(),
            attempts: vec![Attempt {
                address: address.clone(),
                place: String::new(),
                error,
                referral: None,
                remedy: None,
            }],
        }),
        _ => None,
    }
}

fn failure(request: &Request, values: &Inquiry<Secret>) -> Option<Failure> {
    let itinerary = values.itinerary(&request.candidates);
    let mut attempts = itinerary.attempts();
    match itinerary.standing {
        Standing::Found(address, secret) => {
            let error = misfit(secret, request.placeholder.delivery())?;
            attempts.push(Attempt {
                address: address.clone(),
                place: String::new(),
                error,
                referral: None,
                remedy: None,
            });
        }
        Standing::Default(..) => return None,
        Standing::Nowhere if request.can_do_without() => return None,
        Standing::Ask(_) | Standing::Nowhere | Standing::Stopped => {}
    }
    Some(Failure {
        site: request.site.clone(),
        placeholder: request.placeholder.clone(),
        attempts,
    })
}

/// Puts the values into a text.
fn fill(text: PlannedText, values: &Inquiry<Secret>) -> ResolvedText {
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
                let standing = values.itinerary(&request.candidates).standing;
                let bytes = match (standing, placeholder.default()) {
                    (Standing::Found(_, secret), _) => secret.again(),
                    (Standing::Default(_, default), _) | (_, Some(default)) => {
                        Secret::new(default.as_bytes().to_vec())
                    }
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
    use std::collections::{BTreeSet, HashMap};
    use std::ffi::OsString;
    use std::path::PathBuf;
    use std::sync::{Arc, Barrier, Mutex};
    use std::time::Duration;

    use super::*;
    use crate::inquiry::{NotFollowed, inspect};
    use crate::plan::{FoundIn, Program};
    use crate::source::{Locator, Source};
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
        /// Where the name of a reference leads.
        order: &'static [&'static str],
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

        fn follow(&self, _: &Address, to: &Placeholder) -> Result<Vec<Address>, NotFollowed> {
            match to.reference() {
                crate::Reference::Name(name) if name.as_str() == "FORBIDDEN" => Err(NotFollowed {
                    error: SourceError::new(SourceErrorKind::Denied),
                    remedy: None,
                }),
                crate::Reference::Name(name) => Ok(self
                    .order
                    .iter()
                    .map(|scheme| Address::new(*scheme, name.as_str()))
                    .collect()),
                crate::Reference::Address(address) => Ok(vec![address.clone()]),
            }
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
                    Some(Ok(value)) if Placeholder::standing_alone(value).is_some() => {
                        Err(SourceError::new(SourceErrorKind::Elsewhere))
                    }
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

        fn referral(&self, locator: &Locator) -> Option<Placeholder> {
            let value = self.0.stores[self.1.as_str()].get(locator.as_str())?;
            Placeholder::standing_alone(value.ok()?)?.ok()
        }

        fn notices(&self) -> Vec<String> {
            let is_lender = self.1 == "lender";
            is_lender
                .then(|| "a notice of lender".to_owned())
                .into_iter()
                .collect()
        }

        fn lender(&self) -> Option<&dyn Lender> {
            (self.1 != "other").then_some(self as _)
        }
    }

    impl Lender for Store {
        fn letter(&self) -> Result<Option<Secret>, SourceError> {
            match self.1.as_str() {
                "lender" => Ok(Some(Secret::new(b"letter".to_vec()))),
                "forgetful" => Err(SourceError::new(SourceErrorKind::Malformed)),
                _ => Ok(None),
            }
        }

        fn give_back(&self) {
            if self.1 == "lender" || self.1 == "forgetful" {
                let told = format!("{} gives back", self.1);
                self.0.asked.lock().unwrap().push(told);
            }
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

    #[test]
    fn an_inspection_goes_the_way_of_a_launch_in_as_few_batches() {
        let shelf = Shelf::new(&[
            ("a", &[("A", Ok(b"1"))]),
            ("b", &[("B", Ok(b"2")), ("C", Err(SourceErrorKind::Locked))]),
        ]);
        let plan = plan(&["$<A>", "$<B>", "$<C>", "$<D>"], &["a", "b"]);
        let requests: Vec<_> = plan.requests().collect();
        let inspection = inspect(
            requests.iter().map(|request| request.candidates.as_slice()),
            &shelf,
            Deadline::after(Duration::from_secs(5)),
        );
        let told: Vec<_> = inspection
            .outlooks
            .iter()
            .map(|outlook| {
                let found = outlook.found.as_ref().map(|found| found.place.as_str());
                (found, outlook.attempts.len(), outlook.is_nowhere())
            })
            .collect();
        assert_eq!(
            told,
            [
                (Some("a/A"), 0, false),
                (Some("b/B"), 1, false),
                (None, 2, false),
                (None, 2, true)
            ]
        );
        assert_eq!(shelf.asked(), ["a(A,B,C,D)", "b(B,C,D)"]);
    }

    /// A file with these values, asked first, and a store behind it.
    fn file_and_store(
        file: &[(&'static str, &'static [u8])],
        store: &[(&'static str, Answer)],
    ) -> Shelf {
        let file: Vec<_> = file.iter().map(|(name, text)| (*name, Ok(*text))).collect();
        let mut shelf = Shelf::new(&[("file", &file), ("store", store)]);
        shelf.order = &["file", "store"];
        shelf
    }

    #[test]
    fn a_reference_leads_to_where_the_value_is() {
        let file: [(_, &[u8]); 5] = [
            ("A", b"$<A>"),
            ("B", b"$<store:b>"),
            ("C", b"$<A>"),
            ("D", b"x$<A>"),
            ("E", b"5"),
        ];
        let shelf = file_and_store(&file, &[("A", Ok(b"1")), ("b", Ok(b"2"))]);
        assert_eq!(
            texts(
                &shelf,
                &["$<A>", "$<B>", "<$<C>>", "$<D>", "$<E>", "$<fd:A>"],
                shelf.order
            )
            .unwrap(),
            ["1", "2", "<1>", "x$<A>", "5", "fd(1)"]
        );
        // Each address is asked once, and each round is one batch.
        assert_eq!(shelf.asked(), ["file(A,B,C,D,E)", "store(A,b)"]);
    }

    #[test]
    fn a_reference_is_the_only_way_to_its_value() {
        let file: [(_, &[u8]); 2] = [("A", b"$<store:other>"), ("B", b"$<FORBIDDEN>")];
        let shelf = file_and_store(&file, &[("A", Ok(b"1")), ("B", Ok(b"2"))]);
        assert_eq!(
            texts(&shelf, &["$<A>", "$<B:-d>", "$<A:-d>"], shelf.order).unwrap_err(),
            [
                "env.V0 $<A>: file:A elsewhere, store:other missing",
                "env.V1 $<B:-…>: file:B denied"
            ]
        );
        assert_eq!(texts(&shelf, &["$<A:-d>"], shelf.order).unwrap(), ["d"]);
    }

    #[test]
    fn a_circle_of_references_leads_nowhere() {
        let file: [(_, &[u8]); 4] = [
            ("A", b"$<file:B>"),
            ("B", b"$<file:C>"),
            ("C", b"$<file:A>"),
            ("D", b"$<D>"),
        ];
        let shelf = file_and_store(&file, &[]);
        assert_eq!(
            texts(&shelf, &["$<A>", "$<D>", "$<C:-d>"], shelf.order).unwrap_err(),
            [
                "env.V0 $<A>: file:A elsewhere, file:B elsewhere, file:C elsewhere",
                "env.V1 $<D>: file:D elsewhere, store:D missing",
            ]
        );
        assert_eq!(
            shelf.asked(),
            ["file(A,D,C)", "file(B)", "store(D)"],
            "no address twice"
        );
    }

    #[test]
    fn the_default_nearest_to_the_value_counts() {
        let file: [(_, &[u8]); 3] = [
            ("A", b"$<A:-near>"),
            ("B", b"$<C:-far>"),
            ("C", b"$<NONE:-nearer>"),
        ];
        let shelf = file_and_store(&file, &[]);
        assert_eq!(
            texts(&shelf, &["$<A:-own>", "$<B>"], shelf.order).unwrap(),
            ["near", "nearer"]
        );
        let locked = file_and_store(&file, &[("A", Err(SourceErrorKind::Locked))]);
        assert_eq!(
            texts(&locked, &["$<A>"], locked.order).unwrap_err(),
            ["env.V0 $<A>: file:A elsewhere, store:A locked"]
        );
    }

    #[test]
    fn what_a_reference_led_to_is_told() {
        let file: [(_, &[u8]); 3] = [("A", b"$<store:a>"), ("B", b"1"), ("C", b"$<C:-x>")];
        let shelf = file_and_store(&file, &[("a", Ok(b"1"))]);
        let deadline = Deadline::after(Duration::from_secs(5));
        let plan = plan(&["$<A>", "$<B>", "$<C>"], shelf.order);
        let candidates: Vec<_> = plan
            .requests()
            .map(|request| request.candidates.as_slice())
            .collect();
        let inspection = inspect(candidates.iter().copied(), &shelf, deadline);
        let told: Vec<_> = inspection
            .outlooks
            .iter()
            .map(|outlook| {
                let found = outlook.found.as_ref().unwrap();
                let through: Vec<_> = found
                    .through
                    .iter()
                    .map(|attempt| attempt.referral.as_ref().unwrap().to_string())
                    .collect();
                (found.place.as_str(), found.is_default, through.concat())
            })
            .collect();
        assert_eq!(
            told,
            [
                ("store/a", false, "$<store:a>".to_owned()),
                ("file/B", false, String::new()),
                ("file/C", true, "$<C:-…>".to_owned()),
            ]
        );
        let led_to = [Address::new("store", "a"), Address::new("store", "C")];
        assert_eq!(inspection.followed, led_to);
        drop(candidates);
        let launch = resolve(plan, &shelf, deadline).unwrap_or_else(|_| panic!("all are there"));
        assert_eq!(launch.followed, led_to);
    }

    /// Whoever lends something is told when nothing will start.
    #[test]
    fn what_was_lent_is_given_back_when_nothing_starts() {
        let shelf = Shelf::new(&[("lender", &[("A", Ok(b"1"))]), ("other", &[])]);
        let asked = ["$<lender:A>", "$<other:B>"];
        assert!(texts(&shelf, &asked, &[]).is_err());
        assert!(shelf.asked().contains(&"lender gives back".to_owned()));

        let deadline = Deadline::after(Duration::from_secs(5));
        let launch = resolve(plan(&["$<lender:A>"], &[]), &shelf, deadline).unwrap_or_else(|_| {
            panic!("the value is there");
        });
        assert_eq!(launch.upkeep.len(), 1);
        assert_eq!(launch.notices, ["a notice of lender"]);
    }

    #[test]
    fn nothing_starts_with_what_cannot_be_kept() {
        let shelf = Shelf::new(&[
            ("forgetful", &[("A", Ok(b"1"))]),
            ("lender", &[("B", Ok(b"2"))]),
        ]);
        assert_eq!(
            texts(&shelf, &["$<forgetful:A>", "$<lender:B>"], &[]).unwrap_err(),
            ["env.V0 $<forgetful:A>: forgetful:A malformed"]
        );
        for store in ["forgetful", "lender"] {
            assert!(shelf.asked().contains(&format!("{store} gives back")));
        }
    }
}
