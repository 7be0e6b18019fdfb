//! What is asked of AWS about one secret, and in which order.

use std::cell::Cell;

use aws_sdk_secretsmanager::Client;
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use mcp_launch_core::Secret;
use mcp_launch_rotation::{
    Claim, Current, Mastery, Opening, Owner, Previous, Promotion, Record, Revision, RotationId,
    Scrubbed, Snapshot, Stage, Staged, StoreError, Successor,
};
use sha2::{Digest as _, Sha256};

use super::label::{Displaced, Entry, Made, PREFIX};
use super::labels::{CURRENT, Labels, PENDING, PREVIOUS};
use super::value;
use crate::content::Content;
use crate::diagnosis::Diagnosis;
use crate::fault::Fault;
use crate::session::Session;
use crate::token;

/// Names of versions that are tried where earlier ones are taken, which no label tells of any more.
const NAMES: u32 = 8;

/// Who staged what others staged.
const SOMEBODY: &str = "somebody else";

/// Which secret.
#[derive(Debug)]
pub(crate) struct Name {
    /// Its name or ARN.
    pub(crate) id: String,
    /// The region of its ARN.
    pub(crate) region: Option<String>,
}

/// Why it went no further.
#[derive(Debug)]
pub(crate) enum Halt {
    Aws(Diagnosis),
    Store(StoreError),
}

impl From<Diagnosis> for Halt {
    fn from(diagnosis: Diagnosis) -> Self {
        Self::Aws(diagnosis)
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        Self::Aws(fault.into())
    }
}

const CONFLICT: Halt = Halt::Store(StoreError::Conflict);

/// One secret, logged in to.
pub(crate) struct Desk<'a> {
    session: &'a Session,
    name: &'a Name,
    reader: Client,
    writer: Client,
    /// Becomes true before the first request that changes something.
    sent: &'a Cell<bool>,
}

/// What `DescribeSecret` said.
struct Seen {
    arn: String,
    labels: Labels,
    current: String,
    mastery: Mastery,
    /// The last change of any kind, by AWS's clock.
    changed_at: Option<Timestamp>,
    read_at: Timestamp,
}

/// What a version holds.
struct Held {
    content: Content,
    created_at: Option<Timestamp>,
}

/// What came of a request that makes a version.
enum Put {
    Done,
    /// The name is taken by another content.
    Taken,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(session: &'a Session, name: &'a Name, sent: &'a Cell<bool>) -> Self {
        let region = name.region.as_deref().unwrap_or(session.region());
        Self {
            session,
            name,
            reader: session.client(region),
            writer: session.client_once(region),
            sent,
        }
    }

    pub(crate) async fn read(&self) -> Result<Snapshot, Halt> {
        let seen = self.look().await?;
        let held = self.get(&seen.current).await?;
        let id = |version: &str| RotationId::new(version).map_err(|_| StoreError::Malformed);
        let ours = seen.labels.made(&seen.current);
        let bundle = value::bundle(&held.content)?;
        let (current, stage, record) = match (seen.mastery, ours) {
            (Mastery::Theirs, _) => {
                let current = Current {
                    id: Some(id(&seen.current)?),
                    bundle,
                    handle: None,
                    rotated_at: held.created_at,
                    expires_at: None,
                };
                (current, Stage::Idle, Record::default())
            }
            (Mastery::Ours, ours) => {
                let is_ours = ours.is_some();
                let (made, handle, expires_at) = match ours {
                    Some(made) => (made.id, made.handle, made.expires_at),
                    None => (None, None, None),
                };
                let own = || is_ours.then(|| id(&seen.current)).transpose();
                let current = Current {
                    id: made.map_or_else(own, |id| Ok(Some(id)))?,
                    bundle,
                    handle,
                    rotated_at: held.created_at.filter(|_| is_ours),
                    expires_at,
                };
                (current, self.stage(&seen).await?, seen.labels.note().0)
            }
        };
        Ok(Snapshot {
            revision: seen.labels.revision()?,
            read_at: seen.read_at,
            current,
            stage,
            record,
            mastery: seen.mastery,
        })
    }

    async fn stage(&self, seen: &Seen) -> Result<Stage, Halt> {
        let id = |version: &str| RotationId::new(version).map_err(|_| StoreError::Malformed);
        if let Some((_, displaced)) = seen.labels.overlap() {
            let made = seen.labels.made(&displaced.version);
            let made = made.map(|made| made.id.map_or_else(|| id(&displaced.version), Ok));
            // Deprecated versions go in time.
            let old = self.get(&displaced.version).await.ok();
            return Ok(Stage::Overlap(Previous {
                id: made.transpose()?,
                handle: displaced.handle,
                retire_after: displaced.retire_after,
                bundle: old.and_then(|old| value::bundle(&old.content).ok()),
            }));
        }
        let Some(pending) = seen.labels.pending() else {
            return Ok(Stage::Idle);
        };
        let made = match seen.labels.made(pending) {
            Some(made) => made,
            None => foreign()?,
        };
        let name = made.id.map_or_else(|| id(pending), Ok)?;
        let held = match self.get(pending).await {
            Ok(held) => Some(held),
            // A version that others are about to fill.
            Err(Halt::Aws(Diagnosis::Fault(Fault::NoSuchVersion | Fault::NotFound))) => None,
            Err(halt) => return Err(halt),
        };
        let created_at = held.as_ref().and_then(|held| held.created_at);
        let begun_at = created_at.or(seen.changed_at).unwrap_or(seen.read_at);
        let Some(held) = held.filter(|_| !made.is_claim) else {
            return Ok(Stage::Claimed(Claim {
                id: name,
                owner: made.owner,
                begun_at,
            }));
        };
        Ok(Stage::Staged(Staged {
            id: name,
            owner: made.owner,
            begun_at,
            bundle: value::bundle(&held.content)?,
            handle: made.handle,
            expires_at: made.expires_at,
        }))
    }

    pub(crate) async fn begin(
        &self,
        at: &Revision,
        opening: Opening<'_>,
        owner: &Owner,
    ) -> Result<(), Halt> {
        let seen = self.seen_at(at).await?;
        if seen.labels.overlap().is_some() {
            return Err(CONFLICT);
        }
        let (content, handle, expires_at) = match opening {
            Opening::Claim => (claim()?, None, None),
            Opening::Value(successor) => {
                let there = self.get(&seen.current).await?;
                let content = value::content(&there.content, &successor.bundle)?;
                (content, successor.handle.clone(), successor.expires_at)
            }
        };
        let first = seen.labels.next_number();
        for number in first..first.saturating_add(NAMES) {
            let version = version_name(&[&seen.arn, &seen.current, &number.to_string()]);
            let made = Made {
                is_claim: matches!(opening, Opening::Claim),
                number,
                id: None,
                owner: owner.clone(),
                handle: handle.clone(),
                expires_at,
            };
            match self.put(&version, &content, made).await? {
                Put::Done => {
                    let from = seen.labels.holder(PENDING);
                    self.shift(PENDING, from, Some(&version)).await?;
                    self.clean(&seen.labels).await;
                    return Ok(());
                }
                // Either somebody was faster, or the name was used before and no label is left of it.
                Put::Taken => drop(self.seen_at(at).await?),
            }
        }
        Err(CONFLICT)
    }

    pub(crate) async fn record(
        &self,
        at: &Revision,
        id: &RotationId,
        successor: &Successor,
    ) -> Result<(), Halt> {
        let seen = self.seen_at(at).await?;
        let (claim, made) = pending(&seen, id)?;
        if !made.is_claim {
            return Err(CONFLICT);
        }
        let there = self.get(&seen.current).await?;
        let content = value::content(&there.content, &successor.bundle)?;
        let version = version_name(&[&seen.arn, claim, "value"]);
        let made = Made {
            is_claim: false,
            id: Some(id.clone()),
            handle: successor.handle.clone(),
            expires_at: successor.expires_at,
            ..made
        };
        match self.put(&version, &content, made).await? {
            Put::Done => self.shift(PENDING, Some(claim), Some(&version)).await,
            Put::Taken => Err(CONFLICT),
        }
    }

    pub(crate) async fn promote(
        &self,
        at: &Revision,
        id: &RotationId,
        promotion: &Promotion,
    ) -> Result<(), Halt> {
        let seen = self.seen_at(at).await?;
        let (staged, made) = pending(&seen, id)?;
        if made.is_claim || seen.labels.overlap().is_some() {
            return Err(CONFLICT);
        }
        let displaced = Entry::Displaced(Displaced {
            version: seen.current.clone(),
            handle: promotion.previous.clone(),
            retire_after: promotion.retire_after,
        });
        for label in displaced.labels() {
            self.shift(&label, None, Some(staged)).await?;
        }
        self.shift(CURRENT, Some(&seen.current), Some(staged))
            .await?;
        // It is done. A label that stays there counts as free.
        drop(self.shift(PENDING, Some(staged), None).await);
        Ok(())
    }

    pub(crate) async fn discard(&self, at: &Revision, id: &RotationId) -> Result<(), Halt> {
        let seen = self.seen_at(at).await?;
        let (version, _) = pending(&seen, id)?;
        self.shift(PENDING, Some(version), None).await
    }

    pub(crate) async fn scrub(&self, at: &Revision) -> Result<Scrubbed, Halt> {
        let seen = self.seen_at(at).await?;
        let labels = &seen.labels;
        self.clean(labels).await;
        let Some((version, displaced)) = labels.overlap() else {
            return Ok(Scrubbed::OldVersionsStay);
        };
        // Not one that AWS moved on to another since.
        if labels.holder(PREVIOUS) == Some(displaced.version.as_str()) {
            let own = labels.of_kind(&displaced.version, &["claim", "displaced", "note", "value"]);
            for label in own {
                self.shift(label, Some(&displaced.version), None).await?;
            }
            self.shift(PREVIOUS, Some(&displaced.version), None).await?;
        }
        // Last: once the overlap is over, nobody would come back for the rest.
        for label in labels.of_kind(version, &["displaced"]) {
            self.shift(label, Some(version), None).await?;
        }
        Ok(Scrubbed::OldVersionsStay)
    }

    pub(crate) async fn note(&self, at: &Revision, record: &Record) -> Result<(), Halt> {
        let seen = self.seen_at(at).await?;
        let (_, number) = seen.labels.note();
        for label in Entry::Note(number, *record).labels() {
            self.shift(&label, None, Some(&seen.current)).await?;
        }
        for label in seen.labels.of_kind(&seen.current, &["note"]) {
            // The higher number counts.
            drop(self.shift(label, Some(&seen.current), None).await);
        }
        Ok(())
    }

    /// Has AWS rotate the secret. A rotation that is under way counts.
    pub(crate) async fn rotate(&self) -> Result<(), Halt> {
        let seen = self.look().await?;
        if seen.mastery == Mastery::Ours {
            return Err(StoreError::Unfit.into());
        }
        // Of the same name each time, until it is done: asked twice, AWS rotates once.
        let version = version_name(&[&seen.arn, &seen.current, "rotate"]);
        let call = self.writer.rotate_secret().secret_id(&self.name.id);
        self.sent.set(true);
        let Err(error) = call.client_request_token(version).send().await else {
            return Ok(());
        };
        let diagnosis = Diagnosis::of_call(&error);
        // "A previous rotation isn't complete."
        if diagnosis == Fault::Refused.into() && self.look().await?.labels.pending().is_some() {
            return Ok(());
        }
        Err(diagnosis.into())
    }

    async fn look(&self) -> Result<Seen, Halt> {
        let call = self.reader.describe_secret().secret_id(&self.name.id);
        let answer = call
            .send()
            .await
            .map_err(|error| Diagnosis::of_call(&error).denied_as(Fault::DescribeDenied))?;
        if answer.deleted_date.is_some() {
            return Err(Fault::Deleted.into());
        }
        let theirs = answer.rotation_enabled == Some(true) || answer.owning_service.is_some();
        let labels = Labels::of(answer.version_ids_to_stages.unwrap_or_default());
        let date = self.session.answered_at();
        let date = date.and_then(|date| Timestamp::from_second(date).ok());
        Ok(Seen {
            arn: answer.arn.ok_or(Fault::Unexpected)?,
            current: labels
                .holder(CURRENT)
                .ok_or(StoreError::Missing)?
                .to_owned(),
            labels,
            mastery: if theirs {
                Mastery::Theirs
            } else {
                Mastery::Ours
            },
            changed_at: answer.last_changed_date.as_ref().and_then(timestamp),
            read_at: date.unwrap_or_else(Timestamp::now),
        })
    }

    /// What is there, if it is still what was read, and ours to write.
    async fn seen_at(&self, at: &Revision) -> Result<Seen, Halt> {
        let seen = self.look().await?;
        if seen.mastery == Mastery::Theirs {
            return Err(StoreError::Unfit.into());
        }
        if seen.labels.revision()? != *at {
            return Err(CONFLICT);
        }
        Ok(seen)
    }

    /// By its id and not by its label: right after a label was moved, AWS may not find a value by it (aws-sdk-js-v3#7701).
    async fn get(&self, version: &str) -> Result<Held, Halt> {
        let call = self.reader.get_secret_value().secret_id(&self.name.id);
        let answer = call.version_id(version).send().await;
        let answer = answer.map_err(|error| Diagnosis::of_call(&error))?;
        let created_at = answer.created_date.as_ref().and_then(timestamp);
        let content = Content::of(answer.secret_string, answer.secret_binary);
        Ok(Held {
            content: content.ok_or(Fault::Unexpected)?,
            created_at,
        })
    }

    async fn put(&self, version: &str, content: &Content, made: Made) -> Result<Put, Halt> {
        let (text, binary) = content.parts();
        let call = self
            .writer
            .put_secret_value()
            .secret_id(&self.name.id)
            .client_request_token(version)
            .set_version_stages(Some(Entry::Made(made).labels()))
            .set_secret_string(text)
            .set_secret_binary(binary);
        self.sent.set(true);
        match call.send().await {
            Ok(_) => Ok(Put::Done),
            Err(error) => match Diagnosis::of_call(&error).denied_as(Fault::PutDenied) {
                Diagnosis::Fault(Fault::Exists) => Ok(Put::Taken),
                diagnosis => Err(diagnosis.into()),
            },
        }
    }

    /// Moves a label, if it is still where it was: on `from`, or nowhere.
    async fn shift(&self, label: &str, from: Option<&str>, to: Option<&str>) -> Result<(), Halt> {
        let call = self
            .writer
            .update_secret_version_stage()
            .secret_id(&self.name.id)
            .version_stage(label)
            .set_remove_from_version_id(from.map(str::to_owned))
            .set_move_to_version_id(to.map(str::to_owned));
        self.sent.set(true);
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) => match Diagnosis::of_call(&error).denied_as(Fault::MoveDenied) {
                // A label of our own is in nobody's way: there are too many of them.
                Diagnosis::Fault(Fault::Refused) if label.starts_with(PREFIX) && to.is_some() => {
                    Err(StoreError::Limited.into())
                }
                Diagnosis::Fault(Fault::Refused | Fault::NoSuchVersion) => Err(CONFLICT),
                diagnosis => Err(diagnosis.into()),
            },
        }
    }

    /// Takes off what earlier rotations left on versions that are of no use any more. What stays harms nobody and is found
    /// again, until AWS takes no more labels.
    async fn clean(&self, labels: &Labels) {
        for (version, label) in labels.stale() {
            drop(self.shift(label, Some(version), None).await);
        }
    }
}

/// What is pending, if it is `id`.
fn pending<'a>(seen: &'a Seen, id: &RotationId) -> Result<(&'a str, Made), Halt> {
    let version = seen.labels.pending().ok_or(CONFLICT)?;
    let made = match seen.labels.made(version) {
        Some(made) => made,
        None => foreign()?,
    };
    let own = made.id.as_ref().map_or(version, RotationId::as_str);
    if own == id.as_str() {
        Ok((version, made))
    } else {
        Err(CONFLICT)
    }
}

/// What is known of a version that somebody else made pending: another tool that keeps to the labels of AWS. It is gone on
/// with, as the functions of AWS do with each other's.
fn foreign() -> Result<Made, StoreError> {
    Ok(Made {
        is_claim: false,
        number: 0,
        id: None,
        owner: Owner::new(SOMEBODY).map_err(|_| StoreError::Malformed)?,
        handle: None,
        expires_at: None,
    })
}

/// What a version without a value holds: AWS takes no empty one. Of two of the same name AWS takes one only because they
/// differ.
fn claim() -> Result<Content, Halt> {
    let text = format!("mcp-launch: a claim without a value ({})", token::new()?);
    Ok(Content::whole(&Secret::new(text.into_bytes())))
}

/// The name that all give a version who make it of the same parts: a UUID of version 8, RFC 9562.
fn version_name(parts: &[&str]) -> String {
    let digest = Sha256::digest(format!("mcp-launch rotation|{}", parts.join("|")));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    token::uuid(u128::from_be_bytes(bytes), 8)
}

fn timestamp(date: &DateTime) -> Option<Timestamp> {
    let nanos = i32::try_from(date.subsec_nanos()).ok()?;
    Timestamp::new(date.secs(), nanos).ok()
}
