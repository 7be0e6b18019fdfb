//! The journal of a credential: what a store that knows no labels keeps beside the value in force, as JSON.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use mcp_launch_core::Secret;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    Bundle, Claim, Current, Handle, Opening, Owner, Previous, Promotion, Record, RotationId, Stage,
    Staged, StoreError, Successor,
};

/// The form of the JSON. Another one is of a later version, and is not touched.
const VERSION: u32 = 1;

/// What is known of the value in force, what is pending, and what earlier runs noted. Without the value in force itself.
pub struct Journal {
    current: Origin,
    stage: Stage,
    record: Record,
}

/// Where the value in force came from.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Origin {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Of the value that the rest is about, so that one a person put in its place since is not taken for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

impl Default for Journal {
    /// That of a value which was never rotated.
    fn default() -> Self {
        Self {
            current: Origin::default(),
            stage: Stage::Idle,
            record: Record::default(),
        }
    }
}

impl Journal {
    /// Reads what [`Journal::to_json`] wrote.
    ///
    /// # Errors
    /// When it is something else, or of a later version.
    #[expect(
        clippy::disallowed_methods,
        reason = "pending values are read from it, into secrets"
    )]
    pub fn parse(json: &Secret) -> Result<Self, JournalError> {
        let written: Written = serde_json::from_slice(json.expose()).map_err(|_| JournalError)?;
        written.into_journal().ok_or(JournalError)
    }

    /// As one line of JSON. It holds the pending value, so it is a secret.
    #[must_use]
    pub fn to_json(&self) -> Secret {
        let written = Written::of(self);
        // Names, dates and texts: nothing that JSON cannot hold.
        Secret::new(serde_json::to_vec(&written).unwrap_or_default())
    }

    /// Whether it says nothing, so that nothing has to be kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.current.id.is_none()
            && matches!(self.stage, Stage::Idle)
            && self.record == Record::default()
    }

    /// How far the rotation is.
    #[must_use]
    pub const fn stage(&self) -> &Stage {
        &self.stage
    }

    /// What a read shows of the value in force, of the rest, and of what was noted.
    #[must_use]
    pub fn shown(self, bundle: Bundle) -> (Current, Stage, Record) {
        let name = |text: Option<String>| text.and_then(|text| RotationId::new(text).ok());
        let origin = match &self.current.id {
            Some(id) if self.current.mark.as_deref() == Some(&mark(id, &bundle)) => self.current,
            _ => Origin::default(),
        };
        let current = Current {
            id: name(origin.id),
            bundle,
            handle: origin.handle.and_then(|handle| Handle::new(handle).ok()),
            rotated_at: origin.rotated_at,
            expires_at: origin.expires_at,
        };
        (current, self.stage, self.record)
    }

    /// Makes an entry pending, over any that is.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] in an overlap: there is room for two generations, and not for three.
    pub fn begin(
        &mut self,
        id: RotationId,
        opening: Opening<'_>,
        owner: &Owner,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if matches!(self.stage, Stage::Overlap(_)) {
            return Err(StoreError::Conflict);
        }
        self.stage = match opening {
            Opening::Claim => Stage::Claimed(Claim {
                id,
                owner: owner.clone(),
                begun_at: now,
            }),
            Opening::Value(successor) => staged(id, owner.clone(), now, successor),
        };
        Ok(())
    }

    /// Gives the claim `id` its value.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when that is not what is pending.
    pub fn record(&mut self, id: &RotationId, successor: &Successor) -> Result<(), StoreError> {
        match &self.stage {
            Stage::Claimed(claim) if claim.id == *id => {
                self.stage = staged(id.clone(), claim.owner.clone(), claim.begun_at, successor);
                Ok(())
            }
            _ => Err(StoreError::Conflict),
        }
    }

    /// Ends what is pending under `id`: gives the value that has to come into force, with this in place of the current one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when that is not what is pending.
    pub fn promote(
        &mut self,
        id: &RotationId,
        promotion: &Promotion,
        now: Timestamp,
    ) -> Result<Bundle, StoreError> {
        if !matches!(&self.stage, Stage::Staged(staged) if staged.id == *id) {
            return Err(StoreError::Conflict);
        }
        let previous = Stage::Overlap(Previous {
            id: self
                .current
                .id
                .take()
                .and_then(|id| RotationId::new(id).ok()),
            handle: promotion.previous.clone(),
            retire_after: promotion.retire_after,
            bundle: None,
        });
        let Stage::Staged(staged) = std::mem::replace(&mut self.stage, previous) else {
            return Err(StoreError::Conflict);
        };
        self.current = Origin {
            mark: Some(mark(id.as_str(), &staged.bundle)),
            id: Some(id.as_str().to_owned()),
            handle: staged.handle.map(|handle| handle.as_str().to_owned()),
            rotated_at: Some(now),
            expires_at: staged.expires_at,
        };
        self.record = Record::default();
        Ok(staged.bundle)
    }

    /// Drops what is pending under `id`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when that is not what is pending.
    pub fn discard(&mut self, id: &RotationId) -> Result<(), StoreError> {
        let pending = match &self.stage {
            Stage::Claimed(claim) => Some(&claim.id),
            Stage::Staged(staged) => Some(&staged.id),
            Stage::Idle | Stage::Overlap(_) => None,
        };
        if pending != Some(id) {
            return Err(StoreError::Conflict);
        }
        self.stage = Stage::Idle;
        Ok(())
    }

    /// Ends an overlap.
    pub fn scrub(&mut self) {
        if matches!(self.stage, Stage::Overlap(_)) {
            self.stage = Stage::Idle;
        }
    }

    /// Replaces what was noted.
    pub fn note(&mut self, record: &Record) {
        self.record = *record;
    }
}

/// Not a journal of this version.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no journal of a rotation that this version understands")]
pub struct JournalError;

fn staged(id: RotationId, owner: Owner, begun_at: Timestamp, successor: &Successor) -> Stage {
    Stage::Staged(Staged {
        id,
        owner,
        begun_at,
        bundle: again(&successor.bundle),
        handle: successor.handle.clone(),
        expires_at: successor.expires_at,
    })
}

fn again(bundle: &Bundle) -> Bundle {
    let mut fields = Fields::of(bundle);
    // It was a bundle, so it is one.
    fields
        .take()
        .unwrap_or_else(|| Bundle::bare(Secret::new(Vec::new())))
}

/// Tells a value that was rotated from one that a person put in its place: 64 bits of a digest, salted with the id. Only
/// values that were made by a rotation are ever marked.
#[expect(clippy::disallowed_methods, reason = "a digest is made of it")]
fn mark(id: &str, bundle: &Bundle) -> String {
    let mut digest = Sha256::new();
    digest.update(id.as_bytes());
    for (name, value) in bundle.iter() {
        for part in [name.as_bytes(), value.expose()] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
    }
    STANDARD.encode(&digest.finalize()[..8])
}

/// The JSON.
#[derive(Deserialize, Serialize)]
struct Written {
    v: u32,
    #[serde(flatten)]
    current: Origin,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pending: Option<Pending>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Displaced>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_seen: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_zero")]
    failures: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_at: Option<Timestamp>,
}

#[derive(Deserialize, Serialize)]
struct Pending {
    id: String,
    owner: String,
    begun_at: Timestamp,
    /// None for a claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fields: Option<Fields>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handle: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

#[derive(Deserialize, Serialize)]
struct Displaced {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handle: Option<String>,
    retire_after: Timestamp,
}

#[derive(Deserialize, Serialize)]
struct Fields(BTreeMap<String, Text>);

/// A value, in a form that keeps every byte.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Bytes { base64: String },
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Fields {
    #[expect(
        clippy::disallowed_methods,
        reason = "a pending value on its way into its store"
    )]
    fn of(bundle: &Bundle) -> Self {
        let text = |value: &Secret| match std::str::from_utf8(value.expose()) {
            Ok(text) => Text::Plain(text.to_owned()),
            Err(_) => Text::Bytes {
                base64: STANDARD.encode(value.expose()),
            },
        };
        let fields = bundle.iter();
        Self(
            fields
                .map(|(name, value)| (name.to_owned(), text(value)))
                .collect(),
        )
    }

    fn take(&mut self) -> Option<Bundle> {
        let fields = std::mem::take(&mut self.0).into_iter();
        let fields = fields.map(|(name, text)| {
            let bytes = match text {
                Text::Plain(text) => text.into_bytes(),
                Text::Bytes { base64 } => STANDARD.decode(base64).ok()?,
            };
            Some((name, Secret::new(bytes)))
        });
        Bundle::new(fields.collect::<Option<Vec<_>>>()?).ok()
    }
}

impl Written {
    fn of(journal: &Journal) -> Self {
        let Record {
            first_seen,
            failures,
            retry_at,
        } = journal.record;
        let (pending, previous) = match &journal.stage {
            Stage::Idle => (None, None),
            Stage::Claimed(claim) => {
                let pending = Pending {
                    id: claim.id.as_str().to_owned(),
                    owner: claim.owner.as_str().to_owned(),
                    begun_at: claim.begun_at,
                    fields: None,
                    handle: None,
                    expires_at: None,
                };
                (Some(pending), None)
            }
            Stage::Staged(staged) => {
                let pending = Pending {
                    id: staged.id.as_str().to_owned(),
                    owner: staged.owner.as_str().to_owned(),
                    begun_at: staged.begun_at,
                    fields: Some(Fields::of(&staged.bundle)),
                    handle: staged
                        .handle
                        .as_ref()
                        .map(|handle| handle.as_str().to_owned()),
                    expires_at: staged.expires_at,
                };
                (Some(pending), None)
            }
            Stage::Overlap(previous) => {
                let displaced = Displaced {
                    id: previous.id.as_ref().map(|id| id.as_str().to_owned()),
                    handle: previous
                        .handle
                        .as_ref()
                        .map(|handle| handle.as_str().to_owned()),
                    retire_after: previous.retire_after,
                };
                (None, Some(displaced))
            }
        };
        Self {
            v: VERSION,
            current: journal.current.clone(),
            pending,
            previous,
            first_seen,
            failures,
            retry_at,
        }
    }

    fn into_journal(self) -> Option<Journal> {
        let handle = |text: Option<String>| text.map(Handle::new).transpose().ok();
        let stage = match (self.pending, self.previous) {
            _ if self.v != VERSION => return None,
            (None, None) => Stage::Idle,
            (Some(_), Some(_)) => return None,
            (Some(mut pending), None) => {
                let id = RotationId::new(pending.id).ok()?;
                let owner = Owner::new(pending.owner).ok()?;
                let begun_at = pending.begun_at;
                match &mut pending.fields {
                    None => Stage::Claimed(Claim {
                        id,
                        owner,
                        begun_at,
                    }),
                    Some(fields) => Stage::Staged(Staged {
                        id,
                        owner,
                        begun_at,
                        bundle: fields.take()?,
                        handle: handle(pending.handle)?,
                        expires_at: pending.expires_at,
                    }),
                }
            }
            (None, Some(previous)) => Stage::Overlap(Previous {
                id: previous.id.map(RotationId::new).transpose().ok()?,
                handle: handle(previous.handle)?,
                retire_after: previous.retire_after,
                bundle: None,
            }),
        };
        Some(Journal {
            current: self.current,
            stage,
            record: Record {
                first_seen: self.first_seen,
                failures: self.failures,
                retry_at: self.retry_at,
            },
        })
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "values of this test alone")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(text: &str) -> RotationId {
        RotationId::new(text).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn successor(value: &[u8]) -> Successor {
        Successor {
            bundle: Bundle::bare(Secret::new(value.to_vec())),
            handle: Some(Handle::new("h").unwrap()),
            expires_at: Some(at(99)),
        }
    }

    fn again(journal: &Journal) -> Journal {
        Journal::parse(&journal.to_json()).unwrap()
    }

    #[test]
    fn a_value_that_a_person_put_there_is_not_taken_for_the_one_that_was_rotated() {
        let owner = Owner::new("me").unwrap();
        let mut journal = Journal::default();
        assert!(journal.is_empty());
        journal
            .begin(id("1"), Opening::Value(&successor(b"new")), &owner, at(1))
            .unwrap();
        let promotion = Promotion {
            previous: None,
            retire_after: at(9),
        };
        assert!(journal.promote(&id("2"), &promotion, at(2)).is_err());
        let new = journal.promote(&id("1"), &promotion, at(2)).unwrap();
        assert_eq!(new.whole().unwrap().expose(), b"new");
        let (current, stage, _) = again(&journal).shown(new);
        assert_eq!(current.id, Some(id("1")));
        assert_eq!(
            (current.rotated_at, current.expires_at),
            (Some(at(2)), Some(at(99)))
        );
        assert!(matches!(stage, Stage::Overlap(_)));
        let other = Bundle::bare(Secret::new(b"by hand".to_vec()));
        let (current, ..) = again(&journal).shown(other);
        assert!(current.id.is_none() && current.rotated_at.is_none() && current.handle.is_none());
    }

    #[test]
    fn what_is_none_or_of_a_later_version_is_refused() {
        let (pending, previous) = (
            r#""pending":{"id":"1","owner":"o","begun_at":"2026-01-01T00:00:00Z"}"#,
            r#""previous":{"retire_after":"2026-01-01T00:00:00Z"}"#,
        );
        let both = format!(r#"{{"v":1,{pending},{previous}}}"#);
        for text in [
            "",
            "{}",
            "[]",
            r#"{"v":2}"#,
            r#"{"v":1,"pending":{}}"#,
            &both,
        ] {
            let json = Secret::new(text.as_bytes().to_vec());
            assert!(Journal::parse(&json).is_err(), "{text}");
        }
        let one = Secret::new(format!(r#"{{"v":1,{pending}}}"#).into_bytes());
        assert!(Journal::parse(&one).is_ok());
    }

    proptest! {
        #[test]
        fn every_value_comes_back_in_every_stage(value: Vec<u8>, second in 0_i64..4_000_000_000) {
            let owner = Owner::new("me").unwrap();
            let mut journal = Journal::default();
            journal.note(&Record { failures: 3, retry_at: Some(at(second)), first_seen: Some(at(1)) });
            journal.begin(id("1"), Opening::Claim, &owner, at(second)).unwrap();
            journal = again(&journal);
            journal.record(&id("1"), &successor(&value)).unwrap();
            let json = journal.to_json();
            prop_assert!(!json.expose().contains(&b'\n'));
            journal = again(&journal);
            let (_, stage, record) = again(&journal).shown(Bundle::bare(Secret::new(Vec::new())));
            prop_assert_eq!(record.failures, 3);
            let Stage::Staged(staged) = stage else { panic!("not staged") };
            prop_assert_eq!(staged.bundle.whole().unwrap().expose(), &value[..]);
            prop_assert_eq!(staged.begun_at, at(second));
            journal.discard(&id("1")).unwrap();
            prop_assert!(journal.discard(&id("1")).is_err());
        }
    }
}
