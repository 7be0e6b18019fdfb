//! What every source does alike, whatever store it reads.

use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Locator, Secret, Source, SourceError, SourceErrorKind};

use crate::canary::Canary;

/// Time enough for any store on this machine.
const AMPLE: Duration = Duration::from_secs(20);

/// How late a source may be back when its deadline had passed before it was asked.
const PATIENCE: Duration = Duration::from_secs(2);

/// Holds `source` to what [`Source`] promises.
///
/// The store must hold the value of `canary` under `present`, and nothing under `missing`.
///
/// # Panics
/// With the promise that is broken.
pub fn conformance(source: &dyn Source, present: &str, missing: &str, canary: &Canary) {
    let present = Locator::new(present);
    let missing = Locator::new(missing);

    answers_nothing_when_asked_for_nothing(source);
    answers_in_the_order_asked(source, &present, &missing, canary);
    looking_agrees_with_fetching(source, &present, &missing);
    a_passed_deadline_does_not_hang(source, &present);
    texts_hold_no_value(source, &present, &missing, canary);
}

fn answers_nothing_when_asked_for_nothing(source: &dyn Source) {
    assert!(source.fetch(&[], Deadline::after(AMPLE)).is_empty());
    assert!(source.look(&[], Deadline::after(AMPLE)).is_empty());
}

fn answers_in_the_order_asked(
    source: &dyn Source,
    present: &Locator,
    missing: &Locator,
    canary: &Canary,
) {
    let asked = [missing, present, present].map(Clone::clone);
    let answers = source.fetch(&asked, Deadline::after(AMPLE));
    assert_eq!(answers.len(), asked.len(), "one answer per locator");
    for (locator, answer) in asked.iter().zip(&answers) {
        match answer {
            Ok(secret) if locator == present => assert!(is(secret, canary), "another value"),
            Ok(_) => panic!("a value for the missing `{missing}`"),
            Err(error) if locator == missing => {
                assert_eq!(
                    error.kind(),
                    SourceErrorKind::Missing,
                    "`{missing}`: {error}"
                );
            }
            Err(error) => panic!("no value for `{present}`: {error}"),
        }
    }
}

fn looking_agrees_with_fetching(source: &dyn Source, present: &Locator, missing: &Locator) {
    let asked = [present, missing].map(Clone::clone);
    let looked = source.look(&asked, Deadline::after(AMPLE));
    let fetched = source.fetch(&asked, Deadline::after(AMPLE));
    let kinds = |error: Option<&SourceError>| error.map(SourceError::kind);
    for (looked, fetched) in looked.iter().zip(&fetched) {
        assert_eq!(
            kinds(looked.as_ref().err()),
            kinds(fetched.as_ref().err()),
            "look and fetch disagree"
        );
    }
    assert_eq!(looked.len(), asked.len(), "one answer per locator");
}

/// A store on this machine may answer all the same; a late "no answer in time" is the fault.
fn a_passed_deadline_does_not_hang(source: &dyn Source, present: &Locator) {
    let started = Instant::now();
    let answers = source.fetch(
        std::slice::from_ref(present),
        Deadline::after(Duration::ZERO),
    );
    assert!(
        started.elapsed() < PATIENCE,
        "back {:?} after a deadline that had passed",
        started.elapsed()
    );
    if let [Err(error)] = answers.as_slice() {
        assert_eq!(error.kind(), SourceErrorKind::TimedOut, "{error}");
    }
}

fn texts_hold_no_value(source: &dyn Source, present: &Locator, missing: &Locator, canary: &Canary) {
    for locator in [present, missing] {
        canary.assert_absent("the place", source.place(locator));
        let answers = source.fetch(std::slice::from_ref(locator), Deadline::after(AMPLE));
        for error in answers.into_iter().filter_map(Result::err) {
            canary.assert_absent("the error", format!("{error} {error:?}"));
        }
        for kind in KINDS {
            let remedy = source.remedy(locator, SourceError::new(kind));
            canary.assert_absent("the remedy", remedy.unwrap_or_default());
        }
    }
}

const KINDS: [SourceErrorKind; 8] = [
    SourceErrorKind::Absent,
    SourceErrorKind::Ambiguous,
    SourceErrorKind::Denied,
    SourceErrorKind::Locked,
    SourceErrorKind::Malformed,
    SourceErrorKind::Missing,
    SourceErrorKind::TimedOut,
    SourceErrorKind::Unavailable,
];

#[expect(
    clippy::disallowed_methods,
    reason = "compares a canary, which is no secret"
)]
fn is(secret: &Secret, canary: &Canary) -> bool {
    secret.expose() == canary.value().as_bytes()
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    /// A store of one value, with one fault of each kind at will.
    struct OneValue<'a> {
        canary: &'a Canary,
        fault: Fault,
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Fault {
        LeakyPlace,
        LooksWrong,
        None,
        Reversed,
        Sleeps,
    }

    impl Source for OneValue<'_> {
        fn place(&self, locator: &Locator) -> String {
            match self.fault {
                Fault::LeakyPlace => format!("{locator}={}", self.canary.value()),
                _ => format!("the store, under {locator}"),
            }
        }

        fn fetch(
            &self,
            locators: &[Locator],
            deadline: Deadline,
        ) -> Vec<Result<Secret, SourceError>> {
            if deadline.passed() && self.fault == Fault::Sleeps {
                std::thread::sleep(PATIENCE);
            }
            let answer = |locator: &Locator| match locator.as_str() {
                "present" => Ok(Secret::new(self.canary.value().as_bytes().to_vec())),
                _ => Err(SourceError::new(SourceErrorKind::Missing)),
            };
            let mut answers: Vec<_> = locators.iter().map(answer).collect();
            if self.fault == Fault::Reversed {
                answers.reverse();
            }
            answers
        }

        fn look(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<(), SourceError>> {
            if self.fault == Fault::LooksWrong {
                return vec![Ok(()); locators.len()];
            }
            let fetched = self.fetch(locators, deadline);
            fetched.into_iter().map(|answer| answer.map(drop)).collect()
        }
    }

    fn holds(fault: Fault) -> bool {
        let canary = Canary::new();
        let source = OneValue {
            canary: &canary,
            fault,
        };
        let run = || conformance(&source, "present", "missing", &canary);
        catch_unwind(AssertUnwindSafe(run)).is_ok()
    }

    #[test]
    fn a_faithful_source_conforms() {
        assert!(holds(Fault::None));
    }

    #[test]
    fn every_fault_is_found() {
        for fault in [
            Fault::LeakyPlace,
            Fault::LooksWrong,
            Fault::Reversed,
            Fault::Sleeps,
        ] {
            assert!(!holds(fault), "{fault:?} conforms");
        }
    }
}
