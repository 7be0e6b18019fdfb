//! The journal of a credential: what a store that knows no labels keeps beside the value in force.

mod written;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use mcp_launch_core::Secret;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use self::written::Written;

use crate::{
    Bundle, Claim, Current, Handle, Opening, Owner, Previous, Promotion, Record, RotationId, Stage,
    Staged, StoreError, Successor,
};

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
    ///
    /// # Errors
    /// When it cannot be written down: then nothing may be begun.
    pub fn to_json(&self) -> Result<Secret, JournalError> {
        serde_json::to_vec(&Written::of(self))
            .map(Secret::new)
            .map_err(|_| JournalError)
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
        bundle: successor.bundle.again(),
        handle: successor.handle.clone(),
        expires_at: successor.expires_at,
    })
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
        Journal::parse(&journal.to_json().unwrap()).unwrap()
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
            let json = journal.to_json().unwrap();
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
