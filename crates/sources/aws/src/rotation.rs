//! A secret together with its rotation.
//!
//! AWS rotates by labels, and so does this: each value is a version, which nothing changes afterwards, and a label says
//! what it is. One label is on one version at a time, and `UpdateSecretVersionStage` moves it only away from the version
//! that it is told. That is the comparing and setting. (`PutSecretValue` with `AWSPENDING` is none: it takes the label from
//! whoever has it.)
//!
//! ```text
//! begin     put a version under labels of our own → AWSPENDING onto it, from nobody or from the pending version
//! record    put another with the value            → AWSPENDING onto it, from the claim
//! promote   note on it what it displaces          → AWSCURRENT onto it, from the version before → AWSPENDING off
//! discard                                           AWSPENDING off
//! scrub     AWSPREVIOUS and old labels off        → what was displaced is no longer noted
//! ```
//!
//! # Where the rest is kept
//!
//! Whoever reads the secret gets the fields that it always had: what versions cannot say stands neither in the value, where
//! a bare token has no room for it and others would come upon it, nor in tags of the secret, which nothing compares before
//! it sets them. It stands in the names of labels of our own (`label.rs`): owner, number, handle and end of a
//! value come with `PutSecretValue`, in one with it; what a promotion displaces is written onto the version before
//! `AWSCURRENT` is moved to it, and means nothing on a version that never was current; notes are on the version that they
//! are about, so that they are gone with it. One `DescribeSecret` shows all of it as it was at one time. Its digest is the
//! revision. A label is no secret, and nothing in it is: names and dates.
//!
//! AWS has no more than 20 labels on all versions of a secret; this needs three to eight beside its own.
//!
//! # What is AWS's own
//!
//! * Versions are named by a digest of the secret's ARN, the current version and a number, as `ClientRequestToken`: all who
//!   begin at the same time make the same version, of which AWS takes one content only.
//! * The time is that of AWS: the `Date` of an answer, the `CreatedDate` of a version. A value is dated when it was staged,
//!   seconds before it was promoted, never after.
//! * Nobody can delete a version. Without labels it goes in time.
//! * A secret that AWS rotates by itself, by a function or as another service's, is read and never written.
//! * Two labels are not moved in one. A promotion that meets somebody who begins over the same staged value can leave both
//!   an overlap and a claim. The overlap is shown until it is over, then the claim, which nobody fulfils, runs out.
//! * A note is compared, then set; of two at the same time the later number counts. Nothing depends on it.

mod label;
mod labels;
mod secret;
mod value;

use std::sync::{Mutex, PoisonError};

use mcp_launch_core::{Deadline, Locator, LocatorError, SourceError};
use mcp_launch_network::{Trouble, block_on};
use mcp_launch_rotation::{
    Opening, Owner, Promotion, Record, Revision, RotatingStore, RotationId, Scrubbed, Snapshot,
    StoreError, Successor,
};

use crate::diagnosis::Diagnosis;
use crate::fault::Fault;
use crate::reference::{Reference, Version};
use crate::remedy;
use crate::session::{Session, Start};
use crate::source::{AwsSource, Login, malformed};
use secret::{Desk, Halt, Name};

/// What the credentials have to be allowed to do with a secret that is rotated.
pub const PRIVILEGES: [&str; 4] = [
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
];

/// How long credentials must still be good for to be used again.
const LEAST_LIFE: std::time::Duration = std::time::Duration::from_secs(60);

/// A secret of Secrets Manager, with its rotation.
pub struct AwsCredential<'a> {
    source: &'a AwsSource,
    name: Name,
    /// What to do about the last error.
    remedy: Mutex<Option<(StoreError, String)>>,
}

impl AwsSource {
    /// The secret that `locator` names, as a whole, with its rotation: `NAME-OR-ARN`. Touches nothing.
    ///
    /// All credentials of one source log in once.
    ///
    /// # Errors
    /// [`SourceErrorKind::Malformed`](mcp_launch_core::SourceErrorKind) for what is no name of a secret, and for one with a
    /// version or a field: fields come into force together.
    pub fn credential(&self, locator: &Locator) -> Result<AwsCredential<'_>, SourceError> {
        const WHOLE: LocatorError =
            LocatorError("a secret is rotated as a whole: write it without @ and #");
        let reference = Reference::parse(locator.as_str()).map_err(malformed)?;
        if reference.version != Version::Current || reference.field.is_some() {
            return Err(malformed(WHOLE));
        }
        Ok(AwsCredential {
            source: self,
            name: Name {
                id: reference.secret.id().to_owned(),
                region: reference.secret.region().map(str::to_owned),
            },
            remedy: Mutex::default(),
        })
    }
}

impl AwsCredential<'_> {
    /// Logs in, where no other credential of the source has, and does `work`.
    pub(crate) fn at_aws<T>(
        &self,
        deadline: Deadline,
        work: impl AsyncFnOnce(&Desk<'_>) -> Result<T, Halt>,
    ) -> Result<T, StoreError> {
        let mut scene = self.source.scene();
        let sent = std::cell::Cell::new(false);
        let done = if deadline.passed() {
            Err(Halt::Aws(Fault::TimedOut.into()))
        } else {
            let done = block_on(deadline, async {
                let session = self.session(&mut scene, deadline).await?;
                let desk = Desk::new(&session, &self.name, &sent);
                work(&desk).await
            });
            done.unwrap_or_else(|trouble| Err(Diagnosis::Trouble(trouble, None).into()))
        };
        done.map_err(|halt| {
            let (error, remedy) = match halt {
                Halt::Store(error) => (error, None),
                Halt::Aws(diagnosis) => {
                    let reference = Reference::parse(&self.name.id);
                    let of = |reference| remedy::of(&diagnosis, &scene, &reference, &[]);
                    (
                        store_error(&diagnosis, sent.get()),
                        reference.ok().and_then(of),
                    )
                }
            };
            let remedy = if error == StoreError::Unfit {
                Some(
                    "AWS rotates this secret itself, or takes no value like this one: text, at most \
                     65,536 bytes and none empty"
                        .to_owned(),
                )
            } else {
                remedy
            };
            *self.remedy.lock().unwrap_or_else(PoisonError::into_inner) =
                remedy.map(|remedy| (error, remedy));
            error
        })
    }

    async fn session(
        &self,
        scene: &mut remedy::Scene,
        deadline: Deadline,
    ) -> Result<Session, Diagnosis> {
        let source = self.source;
        let known = {
            let login = source.login.lock().unwrap_or_else(PoisonError::into_inner);
            login.as_ref().and_then(Login::again)
        };
        let (fixed, region) = match known {
            Some(login) => (Some(login.credentials), Some(login.region)),
            None => (source.fixed(deadline)?, self.name.region.clone()),
        };
        let common = source.common(fixed.as_ref(), deadline);
        let start = Start {
            settings: &source.settings,
            environment: &source.environment,
            fixed,
            arn_region: region,
            sharing: &common.sharing(None, None),
        };
        let session = Session::open(start, scene, deadline).await?;
        let mut login = source.login.lock().unwrap_or_else(PoisonError::into_inner);
        *login = Some(Login {
            credentials: session.credentials().clone(),
            region: session.region().to_owned(),
        });
        Ok(session)
    }

    /// What launches have lent each other of it is the value before.
    fn forget(&self, deadline: Deadline) {
        let source = self.source;
        let Ok(fixed) = source.fixed(deadline) else {
            return;
        };
        let common = source.common(fixed.as_ref(), deadline);
        let answers = common.sharing(source.settings.cache, source.settings.stale);
        source.forget(&answers, &[self.name.id.clone()].into());
    }
}

impl Login {
    /// The same, while it is good.
    fn again(&self) -> Option<Self> {
        let soon = std::time::SystemTime::now() + LEAST_LIFE;
        let good = self.credentials.expiry().is_none_or(|end| end > soon);
        good.then(|| Self {
            credentials: self.credentials.clone(),
            region: self.region.clone(),
        })
    }
}

impl RotatingStore for AwsCredential<'_> {
    fn read(&self, deadline: Deadline) -> Result<Snapshot, StoreError> {
        self.at_aws(deadline, async |desk| desk.read().await)
    }

    fn begin(
        &self,
        at: &Revision,
        opening: Opening<'_>,
        owner: &Owner,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        self.at_aws(deadline, async |desk| desk.begin(at, opening, owner).await)
    }

    fn record(
        &self,
        at: &Revision,
        id: &RotationId,
        successor: &Successor,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        self.at_aws(deadline, async |desk| desk.record(at, id, successor).await)
    }

    fn promote(
        &self,
        at: &Revision,
        id: &RotationId,
        promotion: &Promotion,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let promoted = self.at_aws(deadline, async |desk| desk.promote(at, id, promotion).await);
        if matches!(promoted, Ok(()) | Err(StoreError::Unknown)) {
            self.forget(deadline);
        }
        promoted
    }

    fn discard(
        &self,
        at: &Revision,
        id: &RotationId,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        self.at_aws(deadline, async |desk| desk.discard(at, id).await)
    }

    fn scrub(&self, at: &Revision, deadline: Deadline) -> Result<Scrubbed, StoreError> {
        self.at_aws(deadline, async |desk| desk.scrub(at).await)
    }

    fn note(&self, at: &Revision, record: &Record, deadline: Deadline) -> Result<(), StoreError> {
        self.at_aws(deadline, async |desk| desk.note(at, record).await)
    }

    fn remedy(&self, error: StoreError) -> Option<String> {
        let remedy = self.remedy.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, remedy) = remedy.as_ref()?;
        (*of == error).then(|| remedy.clone())
    }
}

/// `sent`: something was sent that may have been done.
fn store_error(diagnosis: &Diagnosis, sent: bool) -> StoreError {
    use mcp_launch_core::SourceErrorKind as Kind;
    let lost = if sent {
        StoreError::Unknown
    } else {
        StoreError::Unavailable
    };
    match diagnosis {
        Diagnosis::KeyUnset(_) => StoreError::Denied,
        Diagnosis::Trouble(trouble, _) => match trouble {
            Trouble::Closed | Trouble::Malformed | Trouble::Other | Trouble::TimedOut => lost,
            _ => StoreError::Unavailable,
        },
        Diagnosis::Fault(fault) => match fault {
            Fault::Internal | Fault::Redirected | Fault::TimedOut | Fault::Unexpected => lost,
            Fault::Throttled | Fault::Limit => StoreError::Limited,
            Fault::Deleted => StoreError::Missing,
            Fault::Refused => StoreError::Unfit,
            fault => match fault.error().kind() {
                Kind::Denied => StoreError::Denied,
                Kind::Missing => StoreError::Missing,
                Kind::Malformed => StoreError::Malformed,
                _ => StoreError::Unavailable,
            },
        },
    }
}
