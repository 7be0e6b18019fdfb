//! What is to become of the fields of one secret, and what its document then is.

use mcp_launch_core::{Over, Secret, SourceError};
use mcp_launch_json_field::Object;
use zeroize::Zeroizing;

use crate::fault::{Failure, Fault};
use crate::portion::{LARGEST, Portion, merge_patch};
use crate::reserved::JOURNAL;

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
    /// This document, in place of what is there.
    Write(Zeroizing<Vec<u8>>),
    /// This JSON merge patch, into the document that is there.
    Patch(Zeroizing<Vec<u8>>),
    /// That there is no document any more.
    Delete,
}

/// What became of a change so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Past {
    /// It was not sent.
    None,
    /// It was sent, and may be there already: its answer was not heard, or is not yet believed.
    Sent,
    /// It was made. What others do to its field since is theirs.
    Made,
}

/// The next step to a changed document.
pub(crate) struct Next {
    pub(crate) step: Step,
    /// What each change comes to if the step succeeds.
    pub(crate) outcomes: Vec<Outcome>,
    /// Which of the changes the step makes.
    pub(crate) made: Vec<bool>,
    /// Whether it is followed by another, with the changes that are left.
    pub(crate) has_more: bool,
}

impl Next {
    /// From the document that is there, `data`, to the one that `changes` want, or as far towards it as a `portion` goes. No
    /// two are of one field.
    #[expect(
        clippy::disallowed_methods,
        reason = "the other fields of the secret go back into it"
    )]
    pub(crate) fn of(
        data: Option<&Secret>,
        absent: Fault,
        changes: &[Change<'_>],
        past: &[Past],
        portion: Portion,
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
            .zip(past)
            .map(|(change, &past)| judge(&object, *change, past, missing))
            .collect();
        for (change, judgement) in changes.iter().zip(&judged) {
            match (judgement, change.to) {
                (Ok(true), To::Written(text, _)) => object.set(change.field, text),
                (Ok(true), To::Removed) => object.remove(change.field),
                _ => {}
            }
        }
        let wanted: Vec<bool> = judged
            .iter()
            .map(|judgement| matches!(judgement, Ok(true)))
            .collect();
        let mut made = wanted.clone();
        let step = if !wanted.contains(&true) {
            Step::Nothing
        } else if object.is_empty() || is_journal_alone(&object) {
            Step::Delete
        } else {
            let document = object.to_json().ok_or(Fault::Unreadable)?;
            if document.len() > LARGEST {
                return Err(Failure::with(Fault::TooMuch, "write to several secrets"));
            }
            if portion == Portion::Whole {
                Step::Write(document)
            } else {
                made = portion.of(changes, &wanted);
                let part = merge_patch(changes, &made).ok_or(Fault::Unreadable)?;
                // Where there is no document, it is one itself: nothing is removed there.
                match data {
                    Some(_) => Step::Patch(part),
                    None => Step::Write(part),
                }
            }
        };
        let has_more = made != wanted;
        let outcomes = judged.into_iter().map(|judged| judged.map(drop)).collect();
        Ok(Self {
            step,
            outcomes,
            made,
            has_more,
        })
    }
}

/// Whether nothing is left but the journal of a rotation: then there is nothing that it could be about.
fn is_journal_alone(object: &Object<'_>) -> bool {
    let mut names = object.names();
    names.next() == Some(JOURNAL) && names.next().is_none()
}

/// Whether `change` has to be made.
fn judge(
    object: &Object<'_>,
    change: Change<'_>,
    past: Past,
    missing: Fault,
) -> Result<bool, Failure> {
    if past == Past::Made {
        return Ok(false);
    }
    let sent = past == Past::Sent;
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

    fn next(data: Option<&str>, changes: &[Change<'_>], past: &[Past]) -> Next {
        part(data, changes, past, Portion::Whole)
    }

    fn part(data: Option<&str>, changes: &[Change<'_>], past: &[Past], portion: Portion) -> Next {
        let data = data.map(secret);
        Next::of(data.as_ref(), Fault::PathMissing, changes, past, portion).unwrap()
    }

    fn document(next: &Next) -> Option<String> {
        match &next.step {
            Step::Write(json) => Some(String::from_utf8(json.to_vec()).unwrap()),
            Step::Nothing | Step::Patch(_) | Step::Delete => None,
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
        let next = next(Some(there), &changes, &[Past::None; 6]);
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
        let next = next(
            Some(r#"{"port":5432,"name":"x"}"#),
            &changes,
            &[Past::None; 2],
        );
        assert!(matches!(next.step, Step::Nothing) && kinds(&next) == [None, None]);
    }

    #[test]
    fn what_was_sent_and_is_there_has_succeeded_and_what_is_another_has_not() {
        let changes = [written("a", "1", Over::Nothing)];
        let conflict = Some(SourceErrorKind::Conflict);
        for (there, past, kind) in [
            (r#"{"a":"1"}"#, Past::Sent, None),
            (r#"{"a":"1"}"#, Past::None, conflict),
            (r#"{"a":"2"}"#, Past::Sent, conflict),
            (r#"{"a":"2"}"#, Past::Made, None),
        ] {
            let next = next(Some(there), &changes, &[past]);
            assert_eq!(kinds(&next), [kind], "{there} {past:?}");
            assert!(matches!(next.step, Step::Nothing));
        }
    }

    #[test]
    fn the_last_field_takes_the_document_with_it() {
        let removed = |field| Change {
            field,
            to: To::Removed,
        };
        let last = next(Some(r#"{"a":"1"}"#), &[removed("a")], &[Past::None]);
        assert!(matches!(last.step, Step::Delete));
        let journal = Some(r#"{"_mcp_launch":{"v":1},"a":"1"}"#);
        let last = next(journal, &[removed("a")], &[Past::None]);
        assert!(matches!(last.step, Step::Delete));
        let one = next(Some(r#"{"a":"1","b":2}"#), &[removed("a")], &[Past::None]);
        assert_eq!(document(&one).unwrap(), r#"{"b":2}"#);
        for there in [Some(r#"{"b":2}"#), None] {
            let gone = next(there, &[removed("a")], &[Past::None]);
            assert_eq!(kinds(&gone), [Some(SourceErrorKind::Missing)]);
            assert_eq!(kinds(&next(there, &[removed("a")], &[Past::Sent])), [None]);
        }
    }

    #[test]
    fn a_field_within_another_is_refused() {
        let changes = [
            written("a.b", "1", Over::Anything),
            written("x.y", "2", Over::Anything),
        ];
        let next = next(Some(r#"{"a":{"b":1}}"#), &changes, &[Past::None; 2]);
        assert_eq!(kinds(&next), [Some(SourceErrorKind::Malformed), None]);
        assert_eq!(document(&next).unwrap(), r#"{"a":{"b":1},"x.y":"2"}"#);
    }

    #[test]
    fn a_part_of_the_changes_is_patched_into_what_is_there_and_is_what_was_not() {
        let changes = [
            written("a", "1", Over::Anything),
            written("b", "2", Over::Nothing),
            written("c", "3", Over::Anything),
            written("d", "4", Over::Anything),
        ];
        let two = Portion::Part {
            fields: 2,
            bytes: 100,
        };
        let there = Some(r#"{"b":"old","z":1}"#);
        let first = part(there, &changes, &[Past::None; 4], two);
        assert_eq!(first.made, [true, false, true, false]);
        assert!(first.has_more);
        assert!(matches!(&first.step, Step::Patch(json) if **json == br#"{"a":"1","c":"3"}"#));
        let past = [Past::Made, Past::None, Past::Made, Past::None];
        let last = part(there, &changes, &past, two);
        assert!(matches!(&last.step, Step::Patch(json) if **json == br#"{"d":"4"}"#));
        let conflict = Some(SourceErrorKind::Conflict);
        assert_eq!(kinds(&last), [None, conflict, None, None]);
        assert!(!last.has_more);
        let new = part(None, &changes, &[Past::None; 4], two);
        assert_eq!(document(&new).unwrap(), r#"{"a":"1","b":"2"}"#);
    }
}
