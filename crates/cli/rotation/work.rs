//! A run over many credentials: parents before children, one at a time for each rotator, a few rotators side by side.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use mcp_launch_core::{Deadline, Reference};
use mcp_launch_rotation::schedule::{Dates, Standing};
use mcp_launch_rotation::{
    End, Outcome, Owner, Previous, Progress, RotatingStore, Rotation, Snapshot, Stage, StoreError,
    Successor, SystemClock, Unobserved, Wish,
};

use crate::registry::Reach;
use crate::report::Report;
use crate::rotation::holders::{Holder, Holders};
use crate::rotation::pending::Pending;
use crate::rotation::rotator::Maker;
use crate::rotation::told::What;
use crate::rotation::{Credential, Stores, Told};

/// How many rotators are at work at a time.
const SIDE_BY_SIDE: usize = 4;

/// The longest that one credential may take.
const PATIENCE: Duration = Duration::from_secs(240);

/// What is asked for one credential.
pub(crate) enum Job {
    /// This value, which a person brought.
    Bring(Successor),
    /// A rotation if it is due.
    Due,
    /// A rotation now, whatever window and back-off say.
    Forced,
    /// A rotation now, if the window is open.
    Now,
    /// What is pending is finished, and what is over is retired.
    Resume,
}

/// A run over many credentials.
pub(crate) struct Work<'a> {
    pub(crate) reach: &'a Reach,
    pub(crate) stores: Stores<'a>,
    pub(crate) holders: Option<Holders>,
    pub(crate) pending: Option<Pending>,
    /// Where a second run of this machine finds that one is at it.
    pub(crate) locks: PathBuf,
    pub(crate) owner: Owner,
}

impl Work<'_> {
    /// Does `job` for each of `credentials`, and gives what became of each, in their order.
    pub(crate) fn all(&self, credentials: &[Credential], job: &Job) -> Vec<Told> {
        let told = Mutex::new(BTreeMap::new());
        for level in levels(credentials) {
            // One rotator, one administrator, one rate limit.
            let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for index in level {
                let using = credentials[index].rotate.using.value.as_str();
                groups.entry(using).or_default().push(index);
            }
            let groups = Mutex::new(groups.into_values().collect::<Vec<_>>());
            std::thread::scope(|scope| {
                for _ in 0..SIDE_BY_SIDE {
                    scope.spawn(|| {
                        loop {
                            let Some(group) =
                                groups.lock().ok().and_then(|mut groups| groups.pop())
                            else {
                                return;
                            };
                            for index in group {
                                let one = self.one(&credentials[index], job, PATIENCE);
                                if let Ok(mut told) = told.lock() {
                                    told.insert(index, one);
                                }
                            }
                        }
                    });
                }
            });
        }
        told.into_inner()
            .unwrap_or_default()
            .into_values()
            .collect()
    }

    /// Does `job` for one credential, within `patience`.
    pub(crate) fn one(&self, credential: &Credential, job: &Job, patience: Duration) -> Told {
        let mut told = Told {
            name: credential.name().to_owned(),
            address: credential.address.to_string(),
            rotator: credential.rotator.kind(),
            what: What::Nothing,
            remedy: None,
            grace_until: None,
            holders: 0,
            restarted: 0,
        };
        match self.run(credential, job, Deadline::after(patience), &mut told) {
            Ok(what) => told.what = what,
            Err(report) => {
                told.remedy = report.hint.clone();
                told.what = What::Refused(report);
            }
        }
        told
    }

    fn run(
        &self,
        credential: &Credential,
        job: &Job,
        deadline: Deadline,
        told: &mut Told,
    ) -> Result<What, Report> {
        let store = self.stores.open(credential)?;
        let seen = match store.read(deadline) {
            Ok(seen) => seen,
            Err(error) => {
                told.remedy = store.remedy(error);
                return Ok(What::Ran(ended(End::of_store(
                    mcp_launch_rotation::Action::Read,
                    error,
                ))));
            }
        };
        if self.is_at_rest(credential, job, &seen) {
            return Ok(What::Nothing);
        }
        let Some(_turn) = self.turn(credential.name())? else {
            return Ok(What::Ran(ended(End::Elsewhere)));
        };
        let maker = Maker {
            reach: self.reach,
            credential,
            current: &seen.current.bundle,
            deadline,
        };
        let rotator = maker.make()?;
        if let Some(pending) = &self.pending {
            pending.begin(credential.name());
        }
        let began = Timestamp::now();
        let held = |previous: &Previous| self.is_held(credential, &seen, previous);
        let rotation = Rotation {
            name: credential.name(),
            store: &*store,
            rotator: &*rotator,
            clock: &SystemClock,
            observer: &Unobserved,
            owner: &self.owner,
            held: &held,
            terms: credential.timetable.terms,
        };
        let schedule = &credential.timetable.schedule;
        let wish = match job {
            Job::Bring(brought) => Wish::Bring(brought),
            Job::Due => Wish::WhenDue(schedule),
            Job::Forced => Wish::Forced,
            Job::Now => Wish::Now(schedule),
            Job::Resume => Wish::Resume,
        };
        let outcome = rotation.run(wish, deadline);
        told.remedy = match outcome.end.reason() {
            Some(mcp_launch_rotation::Reason::Store(_, error)) => store.remedy(error),
            Some(mcp_launch_rotation::Reason::Vendor(_, error)) => rotator.remedy(error),
            _ => None,
        };
        self.look_again(credential, &*store, &outcome, began, deadline, told);
        Ok(What::Ran(outcome))
    }

    /// Whether the store shows that there is nothing to do, so that no rotator has to be set up.
    fn is_at_rest(&self, credential: &Credential, job: &Job, seen: &Snapshot) -> bool {
        match (&seen.stage, job) {
            (Stage::Idle, Job::Resume) => true,
            (Stage::Idle, Job::Due) => {
                let schedule = &credential.timetable.schedule;
                let standing = schedule.standing(credential.name(), &Dates::of(seen));
                matches!(standing, Standing::Fresh { .. })
            }
            (Stage::Overlap(previous), Job::Due | Job::Resume) => {
                seen.read_at < previous.retire_after && self.is_held(credential, seen, previous)
            }
            _ => false,
        }
    }

    /// Whether a server runs with the generation before, or may.
    fn is_held(&self, credential: &Credential, seen: &Snapshot, previous: &Previous) -> bool {
        // Other machines have servers too, and nobody here knows of them.
        let is_shared = self
            .reach
            .settings
            .network_store(&credential.address.scheme)
            .is_some();
        let Some(holders) = self.holders.as_ref().filter(|_| !is_shared) else {
            return true;
        };
        let same = matches!(&seen.stage, Stage::Overlap(known) if known.id == previous.id);
        // One that was promoted in this run is younger than every server.
        let promoted = seen.current.rotated_at.filter(|_| same);
        holders
            .of_credential(credential.name())
            .iter()
            .any(|holder| is_before(holder, promoted))
    }

    /// What a person is told of the store and of the servers after a run, and what becomes of the latter.
    fn look_again(
        &self,
        credential: &Credential,
        store: &dyn RotatingStore,
        outcome: &Outcome,
        began: Timestamp,
        deadline: Deadline,
        told: &mut Told,
    ) {
        let seen = match outcome.end {
            End::Elsewhere => return,
            _ => store.read(deadline),
        };
        let Ok(seen) = seen else { return };
        if let (Some(pending), Stage::Idle | Stage::Overlap(_)) = (&self.pending, &seen.stage) {
            pending.end(credential.name());
        }
        if let Stage::Overlap(previous) = &seen.stage {
            told.grace_until = Some(previous.retire_after);
        }
        if !outcome.progress.promoted {
            return;
        }
        let Some(holders) = &self.holders else { return };
        let old: Vec<Holder> = holders
            .of_credential(credential.name())
            .into_iter()
            .filter(|holder| is_before(holder, Some(began)))
            .collect();
        told.holders = old.len();
        for holder in old {
            if self.is_to_restart(&holder) && holders.end(&holder) {
                told.restarted += 1;
            }
        }
        told.holders -= told.restarted;
    }

    fn is_to_restart(&self, holder: &Holder) -> bool {
        let server = holder.server.as_deref();
        let server = server.and_then(|name| self.reach.settings.server(name).ok().flatten());
        server.is_some_and(|server| server.on_rotate == mcp_launch_config::OnRotate::Restart)
    }

    /// The right to be at work on `name` on this machine; `None` while somebody else has it. It saves work, and no more: the
    /// store tells two runs apart.
    fn turn(&self, name: &str) -> Result<Option<File>, Report> {
        let failed = |error: std::io::Error| {
            Report::failure(format!(
                "cannot lock {}: {error}",
                mcp_launch_core::shown(&self.locks)
            ))
        };
        mcp_launch_atomic::create_private_dir(&self.locks).map_err(failed)?;
        let path = self.locks.join(format!("rotate-{name}"));
        let file = mcp_launch_atomic::create_private(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

/// Whether its values were asked for before the moment `at`, or may have been; without one, before now.
fn is_before(holder: &Holder, at: Option<Timestamp>) -> bool {
    at.is_none_or(|at| holder.since <= SystemTime::from(at))
}

fn ended(end: End) -> Outcome {
    Outcome {
        progress: Progress::default(),
        end,
        notices: Vec::new(),
    }
}

/// The credentials by how many others have to be rotated before them, because their rotators need those.
fn levels(credentials: &[Credential]) -> Vec<Vec<usize>> {
    let parents: Vec<Vec<usize>> = credentials
        .iter()
        .map(|credential| {
            let secrets = credential.rotator.secrets();
            let references = secrets
                .iter()
                .flat_map(|secret| secret.placeholders())
                .map(|placeholder| placeholder.reference().clone());
            references
                .filter_map(|reference| {
                    credentials.iter().position(|other| match &reference {
                        Reference::Name(name) => *name == other.rotate.name,
                        Reference::Address(address) => *address == other.address,
                    })
                })
                .collect()
        })
        .collect();
    let mut depth = vec![0_usize; credentials.len()];
    // A circle ends it too: nobody in one comes before the others.
    for _ in 0..credentials.len() {
        for index in 0..credentials.len() {
            let above = parents[index].iter().filter(|parent| **parent != index);
            let deepest = above.map(|parent| depth[*parent] + 1).max().unwrap_or(0);
            depth[index] = deepest.min(credentials.len());
        }
    }
    let mut levels: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, depth) in depth.into_iter().enumerate() {
        levels.entry(depth).or_default().push(index);
    }
    levels.into_values().collect()
}

/// What the store said of one credential, for those who only look.
pub(crate) enum Look {
    Seen(Box<Snapshot>),
    Unseen(StoreError, Option<String>),
}

impl Work<'_> {
    /// Reads one credential's store.
    ///
    /// # Errors
    /// When it cannot hold a rotation.
    pub(crate) fn look(&self, credential: &Credential) -> Result<Look, Report> {
        let store = self.stores.open(credential)?;
        Ok(match store.read(Deadline::after(PATIENCE)) {
            Ok(seen) => Look::Seen(Box::new(seen)),
            Err(error) => Look::Unseen(error, store.remedy(error)),
        })
    }
}
