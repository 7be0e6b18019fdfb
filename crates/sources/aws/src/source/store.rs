//! The writing half.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use mcp_launch_core::{Deadline, Locator, LocatorError, SourceError, Store, Write};
use mcp_launch_network::block_on;
use mcp_launch_sharing::Sharing;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{AwsSource, malformed};
use crate::change;
use crate::content::{Allowed, Content, Edit, copy};
use crate::diagnosis::Diagnosis;
use crate::failed::Failed;
use crate::fault::Fault;
use crate::listing;
use crate::question::Wanted;
use crate::reference::{Reference, Version};
use crate::remedy::{self, Scene};
use crate::session::{Session, Start};

/// How many secrets are written at a time.
const SIDE_BY_SIDE: usize = 8;

/// For how long AWS keeps a secret that was removed: the longest that it offers.
const RECOVERY_DAYS: i64 = 30;

/// One secret, and the edits of it by their place among the writes.
#[derive(Default)]
struct Group {
    places: Vec<usize>,
    edits: Vec<Edit>,
}

/// By the region of an ARN and the name or ARN.
type Groups = BTreeMap<(Option<String>, String), Group>;

/// By the place among the writes. Kept outside the runtime, so that a deadline leaves what was in time.
type Outcomes = Arc<Mutex<BTreeMap<usize, Result<(), Failed>>>>;

impl Store for AwsSource {
    /// `NAME`: the fields of that secret, as AWS has them now. `PREFIX/`: the names of the secrets that begin so, without
    /// it; empty: all. Secrets that are marked for deletion are not among them, and those that were
    /// created in the last minutes may not be yet: AWS says so of its list.
    fn names(&self, within: &str, deadline: Deadline) -> Result<Vec<String>, SourceError> {
        let mut scene = self.scene();
        let names = self.list(within, &mut scene, deadline);
        names.map_err(|failed| self.told(within, &failed, &scene))
    }

    /// One new version of each secret, which becomes current only if nobody else has written that secret since it was
    /// read; else it is read again. A secret that is not there is created. What is there already is not written again.
    fn write(&self, writes: &[Write<'_>], deadline: Deadline) -> Vec<Result<(), SourceError>> {
        let mut groups = Groups::new();
        let mut scene = self.scene();
        let mut outcomes = BTreeMap::new();
        for (place, write) in writes.iter().enumerate() {
            let reference = match current(write.name) {
                Ok(reference) => reference,
                Err(failed) => {
                    outcomes.insert(place, Err(failed));
                    continue;
                }
            };
            let group = groups.entry(key(&reference)).or_default();
            group.places.push(place);
            group.edits.push(Edit::Put {
                field: reference.field.map(str::to_owned),
                value: copy(write.value),
                over: Allowed::of(write.over),
            });
        }
        outcomes.extend(self.change(groups, &mut scene, deadline));
        writes
            .iter()
            .enumerate()
            .map(|(place, write)| {
                let unknown = || Err(Failed::from(Fault::Unexpected));
                let outcome = outcomes.remove(&place).unwrap_or_else(unknown);
                outcome.map_err(|failed| self.told(write.name, &failed, &scene))
            })
            .collect()
    }

    /// A field is taken out of its secret. A whole secret is marked for deletion: `restore-secret` brings it back within
    /// 30 days, before AWS deletes it for good. It is never deleted at once.
    fn remove(&self, name: &str, deadline: Deadline) -> Result<(), SourceError> {
        let mut scene = self.scene();
        let removed = current(name).and_then(|reference| match reference.field {
            Some(field) => {
                let group = Group {
                    places: vec![0],
                    edits: vec![Edit::Remove {
                        field: field.to_owned(),
                    }],
                };
                let groups = Groups::from([(key(&reference), group)]);
                let mut outcomes = self.change(groups, &mut scene, deadline);
                outcomes
                    .remove(&0)
                    .unwrap_or_else(|| Err(Fault::Unexpected.into()))
            }
            None => Ok(self.delete(&reference, &mut scene, deadline)?),
        });
        removed.map_err(|failed| self.told(name, &failed, &scene))
    }
}

impl AwsSource {
    /// Keeps for [`Source::remedy`](mcp_launch_core::Source::remedy) what to do about it.
    fn told(&self, name: &str, failed: &Failed, scene: &Scene) -> SourceError {
        let of = |diagnosis| match Reference::parse(name) {
            Ok(reference) => remedy::of(diagnosis, scene, &reference, &[]),
            Err(_) => remedy::of_login(diagnosis, scene),
        };
        let remedy = failed.why.as_deref().and_then(of);
        let mut remedies = self.remedies.lock().unwrap_or_else(PoisonError::into_inner);
        remedies.insert(Locator::new(name), (failed.error, remedy));
        failed.error
    }

    fn list(
        &self,
        within: &str,
        scene: &mut Scene,
        deadline: Deadline,
    ) -> Result<Vec<String>, Failed> {
        const PREFIX: LocatorError =
            LocatorError("what ends in / is the beginning of names, without ARN, @ and #");

        if within.is_empty() || within.ends_with('/') {
            if within.starts_with("arn:") || within.contains(['@', '#']) {
                return Err(malformed(PREFIX).into());
            }
            let names = self.at_aws(None, scene, deadline, async |session, _| {
                listing::names(&session.client(session.region()), within).await
            })?;
            if names.is_empty() && !within.is_empty() {
                return Err(Fault::NotFound.into());
            }
            return Ok(names);
        }
        let reference = Reference::parse(within).map_err(malformed)?;
        if reference.field.is_some() {
            return Err(malformed(LocatorError("a field has no fields of its own to list")).into());
        }
        let wanted = Wanted::of(&reference);
        let region = wanted.region.clone();
        let content = self.at_aws(region, scene, deadline, async |session, _| {
            let region = wanted.region.as_deref().unwrap_or(session.region());
            let call = session
                .client(region)
                .get_secret_value()
                .secret_id(&wanted.id);
            let call = match &wanted.version {
                Version::Current => call.version_stage("AWSCURRENT"),
                Version::Id(id) => call.version_id(id),
                Version::Stage(stage) => call.version_stage(stage),
            };
            let answer = call
                .send()
                .await
                .map_err(|error| Diagnosis::of_call(&error))?;
            Content::of(answer.secret_string, answer.secret_binary)
                .ok_or_else(|| Fault::Unexpected.into())
        })?;
        Ok(content.names()?)
    }

    /// Makes all edits, secrets side by side. Every place has an outcome afterwards.
    fn change(
        &self,
        groups: Groups,
        scene: &mut Scene,
        deadline: Deadline,
    ) -> BTreeMap<usize, Result<(), Failed>> {
        if groups.is_empty() {
            return BTreeMap::new();
        }
        let places: Vec<usize> = groups
            .values()
            .flat_map(|group| &group.places)
            .copied()
            .collect();
        let ids: BTreeSet<String> = groups.keys().map(|(_, id)| id.clone()).collect();
        let regions: Vec<Option<String>> =
            groups.keys().map(|(region, _)| region.clone()).collect();
        let arn_region = regions
            .iter()
            .all(Option::is_some)
            .then(|| regions[0].clone())
            .flatten();
        let outcomes = Outcomes::default();
        let ended = self.at_aws(arn_region, scene, deadline, async |session, answers| {
            // Those that start meanwhile do not lend what they read before.
            let whats: Vec<String> = ids
                .iter()
                .map(|id| shared_as(id, Version::Current))
                .collect();
            let whats: Vec<&str> = whats.iter().map(String::as_str).collect();
            let _turn = answers.turn_for_all(&whats, deadline);
            // Also where the deadline ends it: something may have been written.
            self.forget(answers, &ids);
            let written = change_all(session, groups, &outcomes).await;
            self.forget(answers, &written);
            Ok(())
        });
        let rest = ended.err().unwrap_or(Fault::Unexpected.into());
        let mut outcomes =
            std::mem::take(&mut *outcomes.lock().unwrap_or_else(PoisonError::into_inner));
        for place in places {
            outcomes
                .entry(place)
                .or_insert_with(|| Err(rest.clone().into()));
        }
        outcomes
    }

    fn delete(
        &self,
        reference: &Reference<'_>,
        scene: &mut Scene,
        deadline: Deadline,
    ) -> Result<(), Diagnosis> {
        let region = reference.secret.region();
        let id = reference.secret.id();
        self.at_aws(
            region.map(str::to_owned),
            scene,
            deadline,
            async |session, answers| {
                self.forget(answers, &BTreeSet::from([id.to_owned()]));
                let client = session.client(region.unwrap_or(session.region()));
                let call = client.delete_secret().secret_id(id);
                let answer = call
                    .recovery_window_in_days(RECOVERY_DAYS)
                    .send()
                    .await
                    .map_err(|error| Diagnosis::of_call(&error).denied_as(Fault::DeleteDenied))?;
                let ids = [Some(id), answer.name(), answer.arn()];
                self.forget(
                    answers,
                    &ids.into_iter().flatten().map(str::to_owned).collect(),
                );
                Ok(())
            },
        )
    }

    /// Logs in and does `work`, which gets what launches share of answers too.
    fn at_aws<T>(
        &self,
        arn_region: Option<String>,
        scene: &mut Scene,
        deadline: Deadline,
        work: impl AsyncFnOnce(&Session, &Sharing) -> Result<T, Diagnosis>,
    ) -> Result<T, Diagnosis> {
        if deadline.passed() {
            return Err(Fault::TimedOut.into());
        }
        let fixed = self.fixed(deadline)?;
        let common = self.common(fixed.as_ref(), deadline);
        let answers = common.sharing(self.settings.cache, self.settings.stale);
        let logins = common.sharing(None, None);
        let start = Start {
            settings: &self.settings,
            environment: &self.environment,
            fixed,
            arn_region,
            sharing: &logins,
        };
        let done = block_on(deadline, async {
            let session = Session::open(start, scene, deadline).await?;
            work(&session, &answers).await
        });
        done.unwrap_or_else(|trouble| Err(Diagnosis::Trouble(trouble, None)))
    }

    /// Takes back what was lent of secrets that go by `ids`; from now on, AWS is asked for them.
    pub(crate) fn forget(&self, answers: &Sharing, ids: &BTreeSet<String>) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            for version in [Version::Current, Version::Stage("AWSPREVIOUS".to_owned())] {
                let what = shared_as(id, version);
                answers.forget(&what);
                written.insert(what);
            }
        }
    }
}

/// The secret, and the field of it, that `name` says to write.
fn current(name: &str) -> Result<Reference<'_>, Failed> {
    let reference = Reference::parse(name).map_err(malformed)?;
    match reference.version {
        Version::Current => Ok(reference),
        Version::Id(_) | Version::Stage(_) => Err(Fault::OldVersion.into()),
    }
}

fn key(reference: &Reference<'_>) -> (Option<String>, String) {
    let Wanted { region, id, .. } = Wanted::of(reference);
    (region, id)
}

fn shared_as(id: &str, version: Version) -> String {
    let wanted = Wanted {
        region: None,
        id: id.to_owned(),
        version,
    };
    wanted.shared_as()
}

/// Gives the names and ARNs of all that may have been written.
async fn change_all(session: &Session, groups: Groups, outcomes: &Outcomes) -> BTreeSet<String> {
    let mut under_way = JoinSet::new();
    let places = Arc::new(Semaphore::new(SIDE_BY_SIDE));
    for ((region, id), group) in groups {
        let client = session.client(region.as_deref().unwrap_or(session.region()));
        let (places, outcomes) = (Arc::clone(&places), Arc::clone(outcomes));
        under_way.spawn(async move {
            // The semaphore is never closed.
            let _place = places.acquire().await;
            let changed = change::make(&client, &id, &group.edits).await;
            let mut outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner);
            outcomes.extend(group.places.into_iter().zip(changed.outcomes));
            changed.ids
        });
    }
    let mut ids = BTreeSet::new();
    while let Some(changed) = under_way.join_next().await {
        ids.extend(changed.unwrap_or_default());
    }
    ids
}
