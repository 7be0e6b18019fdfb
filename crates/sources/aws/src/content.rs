//! What a secret holds, and what writes make of it.

use aws_smithy_types::Blob;
use mcp_launch_core::{Over, Secret};
use mcp_launch_json_field::{self as json_field, EditError, FieldError};

use crate::failed::Failed;
use crate::fault::Fault;

/// How many bytes AWS takes.
const LONGEST: usize = 65_536;

/// What one version of a secret holds.
pub(crate) struct Content {
    bytes: Secret,
    /// Whether it stands in `SecretBinary`.
    binary: bool,
}

/// One change of a secret.
pub(crate) enum Edit {
    /// Puts a value into a field, or in place of all.
    Put {
        field: Option<String>,
        value: Secret,
        over: Allowed,
    },
    /// Takes a field out.
    Remove { field: String },
}

/// [`Over`], owned.
pub(crate) enum Allowed {
    Anything,
    Nothing,
    Value(Secret),
}

/// What came of edits.
pub(crate) struct Edited {
    /// None if nothing would be changed.
    pub(crate) content: Option<Content>,
    /// One for each edit.
    pub(crate) outcomes: Vec<Result<(), Failed>>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "from one wiped buffer to another, and into the request"
)]
impl Content {
    /// Of an answer.
    pub(crate) fn of(text: Option<String>, binary: Option<Blob>) -> Option<Self> {
        let (bytes, binary) = match (text, binary) {
            (Some(text), _) => (text.into_bytes(), false),
            (None, Some(binary)) => (binary.into_inner(), true),
            (None, None) => return None,
        };
        Some(Self {
            bytes: Secret::new(bytes),
            binary,
        })
    }

    /// A whole secret: text wherever it can be.
    pub(crate) fn whole(value: &Secret) -> Self {
        Self {
            binary: std::str::from_utf8(value.expose()).is_err(),
            bytes: copy(value),
        }
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> &Secret {
        &self.bytes
    }

    /// These bytes in its place, in the same member of a request.
    pub(crate) fn holding(&self, bytes: Secret) -> Self {
        Self {
            bytes,
            binary: self.binary,
        }
    }

    /// As a request takes it: `SecretString` or `SecretBinary`.
    pub(crate) fn parts(&self) -> (Option<String>, Option<Blob>) {
        let bytes = self.bytes.expose();
        match std::str::from_utf8(bytes) {
            Ok(text) if !self.binary => (Some(text.to_owned()), None),
            _ => (None, Some(Blob::new(bytes))),
        }
    }

    /// The names of its fields, sorted.
    pub(crate) fn names(&self) -> Result<Vec<String>, FieldError> {
        json_field::names(self.bytes.expose())
    }

    fn field(&self, field: &str) -> Result<Option<Secret>, FieldError> {
        match json_field::select(self.bytes.expose(), field) {
            Ok(value) => Ok(Some(value)),
            // `null` is no value.
            Err(FieldError::Missing(_) | FieldError::Null) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn with(there: Option<&Self>, field: &str, value: &Secret) -> Result<Self, Failed> {
        let text = std::str::from_utf8(value.expose()).map_err(|_| Fault::Bytes)?;
        let json = there.map_or(b"{}".as_slice(), |there| there.bytes.expose());
        Ok(Self {
            bytes: json_field::set(json, field, text)?,
            binary: there.is_some_and(|there| there.binary),
        })
    }

    fn without(&self, field: &str) -> Result<Self, EditError> {
        Ok(Self {
            bytes: json_field::remove(self.bytes.expose(), field)?,
            binary: self.binary,
        })
    }

    /// This, where AWS takes as much of it.
    pub(crate) fn checked(self) -> Result<Self, Fault> {
        match self.bytes.len() {
            0 => Err(Fault::Empty),
            1..=LONGEST => Ok(self),
            _ => Err(Fault::TooLong),
        }
    }
}

impl Allowed {
    pub(crate) fn of(over: Over<'_>) -> Self {
        match over {
            Over::Anything => Self::Anything,
            Over::Nothing => Self::Nothing,
            Over::Value(value) => Self::Value(copy(value)),
        }
    }

    fn over(&self) -> Over<'_> {
        match self {
            Self::Anything => Over::Anything,
            Self::Nothing => Over::Nothing,
            Self::Value(value) => Over::Value(value),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "from one wiped buffer to another: what is written side by side owns it"
)]
pub(crate) fn copy(value: &Secret) -> Secret {
    Secret::new(value.expose().to_vec())
}

/// Makes `edits`, one on what the other left. `again` says that they were made once already and it is not known whether
/// they came through: what then is as they would have it, is theirs.
pub(crate) fn edit(there: Option<&Content>, edits: &[Edit], again: bool) -> Edited {
    let mut content: Option<Content> = None;
    let outcomes = edits
        .iter()
        .map(|edit| {
            let now = content.as_ref().or(there);
            if let Some(next) = edit.made_of(now, again)? {
                content = Some(next.checked()?);
            }
            Ok(())
        })
        .collect();
    Edited { content, outcomes }
}

impl Edit {
    /// What it makes of `there`; none where that stays as it is.
    fn made_of(&self, there: Option<&Content>, again: bool) -> Result<Option<Content>, Failed> {
        match self {
            Self::Put { field, value, over } => {
                let of_field = match (field, there) {
                    (Some(field), Some(there)) => there.field(field)?,
                    _ => None,
                };
                let old = match field {
                    Some(_) => of_field.as_ref(),
                    None => there.map(|there| &there.bytes),
                };
                let same = old.is_some_and(|old| old.is_same(value));
                if !(again && same) {
                    over.over().check(old)?;
                }
                match field {
                    _ if same => Ok(None),
                    Some(field) => Content::with(there, field, value).map(Some),
                    None => Ok(Some(Content::whole(value))),
                }
            }
            Self::Remove { field } => match there.map(|there| there.without(field)) {
                Some(Ok(content)) => Ok(Some(content)),
                Some(Err(EditError::Field(FieldError::Missing(_)))) if again => Ok(None),
                Some(Err(error)) => Err(error.into()),
                None => Err(Fault::NotFound.into()),
            },
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the values under test")]
mod tests {
    use mcp_launch_core::SourceErrorKind;

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec())
    }

    fn content(text: &str) -> Option<Content> {
        Content::of(Some(text.to_owned()), None)
    }

    fn put(field: Option<&str>, value: &str, over: Allowed) -> Edit {
        Edit::Put {
            field: field.map(str::to_owned),
            value: secret(value),
            over,
        }
    }

    /// The new content, and the kinds of the errors.
    fn told(edited: &Edited) -> (Option<&[u8]>, Vec<Option<SourceErrorKind>>) {
        let kinds = edited
            .outcomes
            .iter()
            .map(|outcome| outcome.as_ref().err().map(|failed| failed.error.kind()));
        let content = edited.content.as_ref();
        (
            content.map(|content| content.bytes.expose()),
            kinds.collect(),
        )
    }

    #[test]
    fn each_edit_is_made_on_what_the_one_before_it_left() {
        let edits = [
            put(None, "{}", Allowed::Nothing),
            put(Some("a"), "1", Allowed::Nothing),
            put(Some("a"), "2", Allowed::Nothing),
            put(Some("a"), "3", Allowed::Value(secret("1"))),
            Edit::Remove {
                field: "b".to_owned(),
            },
        ];
        let edited = edit(None, &edits, false);
        let (conflict, missing) = (
            Some(SourceErrorKind::Conflict),
            Some(SourceErrorKind::Missing),
        );
        let kinds = vec![None, None, conflict, None, missing];
        assert_eq!(told(&edited), (Some(br#"{"a":"3"}"#.as_slice()), kinds));
    }

    #[test]
    fn what_is_there_already_is_no_change() {
        let there = content(r#"{ "a": 1.10 }"#);
        let edits = [
            put(Some("a"), "1.10", Allowed::Anything),
            put(None, r#"{ "a": 1.10 }"#, Allowed::Anything),
        ];
        assert_eq!(
            told(&edit(there.as_ref(), &edits, false)),
            (None, vec![None, None])
        );
    }

    #[test]
    fn what_came_through_after_all_is_no_conflict() {
        let there = content(r#"{"a":"1"}"#);
        let edits = [
            put(Some("a"), "1", Allowed::Nothing),
            Edit::Remove {
                field: "b".to_owned(),
            },
        ];
        assert_eq!(
            told(&edit(there.as_ref(), &edits, true)),
            (None, vec![None, None])
        );
        let first = edit(there.as_ref(), &edits, false);
        assert!(first.outcomes.iter().all(Result::is_err));
    }

    #[test]
    fn what_aws_does_not_take_is_not_made() {
        let long = "x".repeat(LONGEST);
        let edits = [
            put(Some("a"), &long, Allowed::Anything),
            put(None, "", Allowed::Anything),
            put(None, &long, Allowed::Anything),
        ];
        let malformed = Some(SourceErrorKind::Malformed);
        let edited = edit(None, &edits, false);
        assert_eq!(
            told(&edited),
            (Some(long.as_bytes()), vec![malformed, malformed, None])
        );
    }

    #[test]
    fn bytes_stay_bytes_and_no_field_holds_them() {
        let there = Content::of(None, Some(Blob::new(r#"{"a":1}"#)));
        let edited = edit(
            there.as_ref(),
            &[put(Some("a"), "2", Allowed::Anything)],
            false,
        );
        assert!(edited.content.unwrap().parts().1.is_some());
        let bytes = |field: Option<&str>| Edit::Put {
            field: field.map(str::to_owned),
            value: Secret::new(vec![0xff]),
            over: Allowed::Anything,
        };
        let edited = edit(None, &[bytes(Some("a")), bytes(None)], false);
        assert!(edited.outcomes[0].is_err());
        assert!(edited.content.unwrap().parts().1.is_some());
    }

    #[test]
    fn null_is_no_value() {
        let there = content(r#"{"a":null}"#);
        let edited = edit(
            there.as_ref(),
            &[put(Some("a"), "1", Allowed::Nothing)],
            false,
        );
        assert_eq!(
            told(&edited),
            (Some(br#"{"a":"1"}"#.as_slice()), vec![None])
        );
    }
}
