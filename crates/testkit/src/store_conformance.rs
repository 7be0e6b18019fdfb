//! What every store that can be written does alike.

use std::time::Duration;

use mcp_launch_core::{
    Deadline, Locator, Over, Secret, Source, SourceError, SourceErrorKind, Store, Write,
};

use crate::canary::Canary;

/// Time enough for any store on this machine.
const AMPLE: Duration = Duration::from_secs(20);

/// Holds the writing half of `source` to what [`Store`] promises.
///
/// `within` is a part of the store, such as a secret, in which nothing has a name that begins with `CONFORMANCE_`; `locator`
/// makes the locator of a name in it. What is written is removed again.
///
/// # Panics
/// With the promise that is broken.
pub fn store_conformance(source: &dyn Source, within: &str, locator: impl Fn(&str) -> String) {
    let held = Held {
        source,
        store: source.store().expect("a writing half"),
        within,
        canary: Canary::new(),
    };
    let one = locator("CONFORMANCE_ONE");
    let two = locator("CONFORMANCE_TWO");

    held.nothing_is_missing(&one);
    held.what_was_put_is_there(&two, &one);
    held.nothing_is_lost(&one, &two);
    held.what_was_removed_is_missing(&one, &two);
}

struct Held<'a> {
    source: &'a dyn Source,
    store: &'a dyn Store,
    within: &'a str,
    canary: Canary,
}

impl Held<'_> {
    fn nothing_is_missing(&self, name: &str) {
        assert!(self.write(&[]).is_empty(), "one outcome per write");
        let removed = self.store.remove(name, Deadline::after(AMPLE));
        self.is(removed, SourceErrorKind::Missing, name);
        assert!(self.value(name).is_err(), "a value of `{name}`");
    }

    fn what_was_put_is_there(&self, later: &str, sooner: &str) {
        for (name, text) in [(later, "later"), (sooner, "sooner")] {
            let put = self
                .store
                .put(name, &self.secret(text), Deadline::after(AMPLE));
            assert_eq!(put.err(), None, "`{name}` is not put");
            assert!(self.holds(name, text), "`{name}` is another");
        }
        let names = self.names();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names.is_sorted(), "{names:?}");
    }

    /// A write over what it was not told of is none, and takes no other along.
    fn nothing_is_lost(&self, one: &str, two: &str) {
        let (new, old, wrong) = (
            self.secret("new"),
            self.secret("sooner"),
            self.secret("wrong"),
        );
        let write = |name, over| Write {
            name,
            value: &new,
            over,
        };
        let outcomes = self.write(&[write(one, Over::Nothing), write(two, Over::Anything)]);
        assert_eq!(outcomes.len(), 2, "one outcome per write");
        self.is(outcomes[0], SourceErrorKind::Conflict, one);
        assert_eq!(outcomes[1], Ok(()), "`{two}` is not written");
        assert!(self.holds(one, "sooner") && self.holds(two, "new"));

        let outcomes = self.write(&[write(one, Over::Value(&wrong))]);
        self.is(outcomes[0], SourceErrorKind::Conflict, one);
        assert!(self.holds(one, "sooner"), "`{one}` is lost");
        let outcomes = self.write(&[write(one, Over::Value(&old))]);
        assert_eq!(outcomes, [Ok(())]);
        assert!(self.holds(one, "new"), "`{one}` is not replaced");
    }

    fn what_was_removed_is_missing(&self, one: &str, two: &str) {
        for (name, left) in [(one, 1), (two, 0)] {
            let removed = self.store.remove(name, Deadline::after(AMPLE));
            assert_eq!(removed, Ok(()), "`{name}` is not removed");
            let gone = self.value(name).map(drop);
            self.is(gone, SourceErrorKind::Missing, name);
            assert_eq!(self.names().len(), left, "`{name}` has a name still");
        }
        let value = self.secret("wrong");
        let write = Write {
            name: one,
            value: &value,
            over: Over::Value(&value),
        };
        let outcomes = self.write(&[write]);
        self.is(outcomes[0], SourceErrorKind::Conflict, one);
        assert!(self.value(one).is_err(), "a conflict was written");
    }

    /// Every value holds the canary, so that one that is told is noticed.
    fn secret(&self, text: &str) -> Secret {
        Secret::new(format!("{text} {}", self.canary.value()).into_bytes())
    }

    fn write(&self, writes: &[Write<'_>]) -> Vec<Result<(), SourceError>> {
        self.store.write(writes, Deadline::after(AMPLE))
    }

    fn value(&self, name: &str) -> Result<Secret, SourceError> {
        let locator = Locator::new(name);
        let answers = self
            .source
            .fetch(std::slice::from_ref(&locator), Deadline::after(AMPLE));
        answers.into_iter().next().expect("an answer")
    }

    fn holds(&self, name: &str, text: &str) -> bool {
        let value = self.value(name);
        value.is_ok_and(|value| value.is_same(&self.secret(text)))
    }

    /// The names that were written here. A part that is gone has none.
    fn names(&self) -> Vec<String> {
        match self.store.names(self.within, Deadline::after(AMPLE)) {
            Ok(names) => names
                .into_iter()
                .filter(|name| name.contains("CONFORMANCE_"))
                .collect(),
            Err(error) if error.kind() == SourceErrorKind::Missing => Vec::new(),
            Err(error) => panic!("no names: {error}"),
        }
    }

    /// An error of this kind, which shows nothing.
    fn is(&self, outcome: Result<(), SourceError>, kind: SourceErrorKind, name: &str) {
        let error = outcome.expect_err("an error");
        assert_eq!(error.kind(), kind, "`{name}`: {error}");
        let remedy = self.source.remedy(&Locator::new(name), error);
        let told = format!("{error} {error:?} {remedy:?}");
        self.canary.assert_absent("the error", told);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::{Mutex, PoisonError};

    use super::*;

    /// A store in memory, with one fault of each kind at will.
    struct Memory {
        values: Mutex<BTreeMap<String, Secret>>,
        fault: Fault,
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Fault {
        ForgetsToRemove,
        None,
        RemovesNothing,
        Unsorted,
        WritesAfterConflict,
        WritesOver,
    }

    #[expect(clippy::disallowed_methods, reason = "the values of a test")]
    fn copy(value: &Secret) -> Secret {
        Secret::new(value.expose().to_vec())
    }

    impl Source for Memory {
        fn place(&self, locator: &Locator) -> String {
            locator.to_string()
        }

        fn fetch(&self, locators: &[Locator], _: Deadline) -> Vec<Result<Secret, SourceError>> {
            let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
            let missing = SourceError::new(SourceErrorKind::Missing);
            let value = |locator: &Locator| values.get(locator.as_str()).map(copy).ok_or(missing);
            locators.iter().map(value).collect()
        }

        fn look(&self, locators: &[Locator], by: Deadline) -> Vec<Result<(), SourceError>> {
            let fetched = self.fetch(locators, by).into_iter();
            fetched.map(|answer| answer.map(drop)).collect()
        }

        fn store(&self) -> Option<&dyn Store> {
            Some(self)
        }
    }

    impl Store for Memory {
        fn names(&self, _: &str, _: Deadline) -> Result<Vec<String>, SourceError> {
            let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
            let mut names: Vec<String> = values.keys().cloned().collect();
            if self.fault == Fault::Unsorted {
                names.reverse();
            }
            Ok(names)
        }

        fn write(&self, writes: &[Write<'_>], _: Deadline) -> Vec<Result<(), SourceError>> {
            let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
            let mut made = |write: &Write<'_>| {
                let mut outcome = write.over.check(values.get(write.name));
                if self.fault == Fault::WritesOver {
                    outcome = Ok(());
                }
                if outcome.is_ok() || self.fault == Fault::WritesAfterConflict {
                    values.insert(write.name.to_owned(), copy(write.value));
                }
                outcome
            };
            writes.iter().map(&mut made).collect()
        }

        fn remove(&self, name: &str, _: Deadline) -> Result<(), SourceError> {
            let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
            let missing = Err(SourceError::new(SourceErrorKind::Missing));
            match self.fault {
                Fault::RemovesNothing => Ok(()),
                Fault::ForgetsToRemove if values.contains_key(name) => Ok(()),
                _ => values.remove(name).map_or(missing, |_| Ok(())),
            }
        }
    }

    fn holds(fault: Fault) -> bool {
        let store = Memory {
            values: Mutex::default(),
            fault,
        };
        let run = || store_conformance(&store, "", str::to_owned);
        catch_unwind(AssertUnwindSafe(run)).is_ok()
    }

    #[test]
    fn a_faithful_store_conforms() {
        assert!(holds(Fault::None));
    }

    #[test]
    fn every_fault_is_found() {
        for fault in [
            Fault::ForgetsToRemove,
            Fault::RemovesNothing,
            Fault::Unsorted,
            Fault::WritesAfterConflict,
            Fault::WritesOver,
        ] {
            assert!(!holds(fault), "{fault:?} conforms");
        }
    }
}
