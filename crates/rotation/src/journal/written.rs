//! The journal as JSON, with every byte of the pending value.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use mcp_launch_core::Secret;
use serde::{Deserialize, Serialize};

use super::{Journal, Origin};
use crate::{Bundle, Claim, Handle, Owner, Previous, Record, RotationId, Stage, Staged};

/// The form of the JSON. Another one is of a later version, and is not touched.
const VERSION: u32 = 1;

/// The JSON.
#[derive(Deserialize, Serialize)]
pub(super) struct Written {
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
    pub(super) fn of(journal: &Journal) -> Self {
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

    /// `None` when it is of a later version, or says what cannot be.
    pub(super) fn into_journal(self) -> Option<Journal> {
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
