//! From an answer to the secret in it, by the kinds of engines.

use mcp_launch_core::Secret;

use crate::answer::Answer;
use crate::fault::{Failure, Fault};
use crate::lease::{Lease, Term};
use crate::reserved::without_journal;

/// A secret that was read.
pub(crate) struct Found {
    /// A JSON object: the fields. The journal of a rotation is none.
    pub(crate) data: Secret,
    /// What was lent with it.
    pub(crate) lease: Option<Lease>,
}

/// The secret with versions in `answer`, if it is one.
pub(crate) fn versioned(answer: &Answer) -> Result<Option<Found>, Failure> {
    let Some(versioned) = answer.versioned() else {
        return Ok(None);
    };
    let data = versioned.data.ok_or(Fault::Deleted)?;
    let data = Secret::new(data.get().as_bytes().to_vec());
    Ok(Some(Found {
        data: without_journal(data),
        lease: None,
    }))
}

/// The secret without versions in `answer`.
pub(crate) fn unversioned(answer: &Answer) -> Result<Found, Failure> {
    let data = answer.envelope()?.data.ok_or(Fault::Unreadable)?;
    Ok(Found {
        data: Secret::new(data.get().as_bytes().to_vec()),
        lease: None,
    })
}

/// What was made at `path`, with its lease if it has one.
pub(crate) fn lent(answer: &Answer, path: &str) -> Result<Found, Failure> {
    let envelope = answer.envelope()?;
    let data = envelope.data.ok_or(Fault::Unreadable)?;
    let lease = (!envelope.lease_id.is_empty()).then(|| Lease {
        id: envelope.lease_id.clone(),
        path: path.to_owned(),
        term: Term::told(envelope.lease_duration, envelope.renewable),
    });
    Ok(Found {
        data: Secret::new(data.get().as_bytes().to_vec()),
        lease,
    })
}
