//! What is to become of the fields of one secret, and what its document then is.

use mcp_launch_core::{Over, Secret, SourceError};
use mcp_launch_json_field::Object;
use zeroize::Zeroizing;

use crate::fault::{Failure, Fault};

/// One field that is to be written or removed.
#[derive(Clone, Copy)]
pub(crate) struct Change<'a> {
    pub(crate) field: &'a str,
    pub(crate) to: To<'a>,
}

impl Change<'_> {
    /// Whether it writes what is not there.
    pub(crate) fn is_new(&self) -> bool {
        matches!(self.to, To::Written(_, Over::Nothing))
    }
}

/// What becomes of a field.
#[derive(Clone, Copy)]
pub(crate) enum To<'a> {
    Removed,
    Written(&'a str, Over<'a>),
}

/// What one change came to, or would come to.
pub(crate) type Outcome = Result<(), Failure>;

/// What is to be sent so that a document is as the changes want it.
pub(crate) enum Step {
    /// Nothing: it is so already.
    Nothing,
    /// This document.
    Write(Zeroizing<Vec<u8>>),
    /// That there is no document any more.
    Delete,
}

/// The next step to a changed document.
pub(crate) struct Next {
    pub(crate) step: Step,
    /// What each change comes to if the step succeeds.
    pub(crate) outcomes: Vec<Outcome>,
    /// Which of the changes the step makes.
    pub(crate) made: Vec<bool>,
}

impl Next {
    /// From the document that is there, `data`, to the one that `changes` want. No two are of one field. A change that was
    /// `sent` before may be there already: its answer was not heard, or is not yet believed.
    #[expect(
        clippy::disallowed_methods,
        reason = "the other fields of the secret go back into it"
    )]
    pub(crate) fn of(
        data: Option<&Secret>,
        absent: Fault,
        changes: &[Change<'_>],
        sent: &[bool],
    ) -> Result<Self, Failure> {
        let mut object = match data {
            Some(data) => Object::read(data.expose()).map_err(|_| Fault::Unreadable)?,
            None => Object::empty(),
        };
        let missing = match data {
            Some(_) => Fault::FieldMissing,
            None => absent,
        };
        // Judged by the document that is there, before any of them changes it.
        let judged: Vec<Result<bool, Failure>> = changes
            .iter()
            .zip(sent)
            .map(|(change, &sent)| judge(&object, *change, sent, missing))
            .collect();
        for (change, judgement) in changes.iter().zip(&judged) {
            match (judgement, change.to) {
                (Ok(true), To::Written(text, _)) => object.set(change.field, text),
                (Ok(true), To::Removed) => object.remove(change.field),
                _ => {}
            }
        }
        let made: Vec<bool> = judged
            .iter()
            .map(|judgement| matches!(judgement, Ok(true)))
            .collect();
        let step = if !made.contains(&true) {
            Step::Nothing
        } else if object.is_empty() {
            Step::Delete
        } else {
            Step::Write(object.to_json().ok_or(Fault::Unreadable)?)
        };
        let outcomes = judged.into_iter().map(|judged| judged.map(drop)).collect();
        Ok(Self {
            step,
            outcomes,
            made,
        })
    }
}

/// Whether `change` has to be made.
fn judge(
    object: &Object<'_>,
    change: Change<'_>,
    sent: bool,
    missing: Fault,
) -> Result<bool, Failure> {
    if object.is_path(change.field) {
        return Err(Fault::FieldWithin.into());
    }
    let there = object.get(change.field);
    match change.to {
        To::Removed if there.is_some() => Ok(true),
        To::Removed if sent => Ok(false),
        To::Removed => Err(missing.into()),
        To::Written(text, over) => {
            let is_there = matches!(&there, Some(Ok(value)) if holds(value, text));
            if sent && is_there {
                return Ok(false);
            }
            // A null gives no value, and is something all the same.
            let null = Secret::new(Vec::new());
            let there = there.as_ref().map(|value| value.as_ref().unwrap_or(&null));
            over.check(there)
                .map_err(|error: SourceError| Failure::from(error))?;
            Ok(!is_there)
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared, and not given to anybody"
)]
fn holds(value: &Secret, text: &str) -> bool {
    value.expose() == text.as_bytes()
}

#[cfg(test)]
mod tests {
    use mcp_launch_core::SourceErrorKind;

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    fn next(data: Option<&str>, changes: &[Change<'_>], sent: &[bool]) -> Next {
        let data = data.map(secret);
        Next::of(data.as_ref(), Fault::PathMissing, changes, sent).unwrap()
    }

    fn document(next: &Next) -> Option<String> {
        match &next.step {
            Step::Write(json) => Some(String::from_utf8(json.to_vec()).unwrap()),
            Step::Nothing | Step::Delete => None,
        }
    }

    fn kinds(next: &Next) -> Vec<Option<SourceErrorKind>> {
        let outcomes = next.outcomes.iter();
        outcomes
            .map(|outcome| outcome.as_ref().err().map(|failure| failure.error().kind()))
            .collect()
    }

    fn written<'a>(field: &'a str, text: &'a str, over: Over<'a>) -> Change<'a> {
        let to = To::Written(text, over);
        Change { field, to }
    }

    #[test]
    fn what_may_not_be_replaced_stays_and_the_rest_is_written() {
        let (old, other) = (secret("old"), secret("other"));
        let changes = [
            written("a", "1", Over::Value(&old)),
            written("b", "2", Over::Value(&other)),
            written("c", "3", Over::Nothing),
            written("d", "4", Over::Nothing),
            written("n", "5", Over::Nothing),
            written("e", "6", Over::Anything),
        ];
        let there = r#"{"a":"old","b":"old","c":"x","n":null,"z":1.10}"#;
        let next = next(Some(there), &changes, &[false; 6]);
        let conflict = Some(SourceErrorKind::Conflict);
        assert_eq!(
            kinds(&next),
            [None, conflict, conflict, None, conflict, None]
        );
        assert_eq!(
            document(&next).unwrap(),
            r#"{"a":"1","b":"old","c":"x","d":"4","e":"6","n":null,"z":1.10}"#
        );
    }

    #[test]
    fn what_is_there_already_is_not_written() {
        let changes = [
            written("port", "5432", Over::Anything),
            written("name", "x", Over::Anything),
        ];
        let next = next(Some(r#"{"port":5432,"name":"x"}"#), &changes, &[false; 2]);
        assert!(matches!(next.step, Step::Nothing) && kinds(&next) == [None, None]);
    }

    #[test]
    fn what_was_sent_and_is_there_has_succeeded_and_what_is_another_has_not() {
        let changes = [written("a", "1", Over::Nothing)];
        let conflict = Some(SourceErrorKind::Conflict);
        for (there, sent, kind) in [
            (r#"{"a":"1"}"#, true, None),
            (r#"{"a":"1"}"#, false, conflict),
            (r#"{"a":"2"}"#, true, conflict),
        ] {
            let next = next(Some(there), &changes, &[sent]);
            assert_eq!(kinds(&next), [kind], "{there} {sent}");
            assert!(matches!(next.step, Step::Nothing));
        }
    }

    #[test]
    fn the_last_field_takes_the_document_with_it() {
        let removed = |field| Change {
            field,
            to: To::Removed,
        };
        let last = next(Some(r#"{"a":"1"}"#), &[removed("a")], &[false]);
        assert!(matches!(last.step, Step::Delete));
        let one = next(Some(r#"{"a":"1","b":2}"#), &[removed("a")], &[false]);
        assert_eq!(document(&one).unwrap(), r#"{"b":2}"#);
        for there in [Some(r#"{"b":2}"#), None] {
            let gone = next(there, &[removed("a")], &[false]);
            assert_eq!(kinds(&gone), [Some(SourceErrorKind::Missing)]);
            assert_eq!(kinds(&next(there, &[removed("a")], &[true])), [None]);
        }
    }

    #[test]
    fn a_field_within_another_is_refused() {
        let changes = [
            written("a.b", "1", Over::Anything),
            written("x.y", "2", Over::Anything),
        ];
        let next = next(Some(r#"{"a":{"b":1}}"#), &changes, &[false; 2]);
        assert_eq!(kinds(&next), [Some(SourceErrorKind::Malformed), None]);
        assert_eq!(document(&next).unwrap(), r#"{"a":{"b":1},"x.y":"2"}"#);
    }
}
