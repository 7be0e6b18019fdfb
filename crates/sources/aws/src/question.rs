//! The calls: as few as give every value, side by side.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::types::SecretValueEntry;
use aws_smithy_types::Blob;
use mcp_launch_core::Secret;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::diagnosis::{Diagnosis, of_answer};
use crate::fault::Fault;
use crate::reference::{Reference, Version};
use crate::session::Session;

/// How many secrets one batch takes; the limit is Secrets Manager's.
const BATCH: usize = 20;

/// How many calls are under way at a time.
const SIDE_BY_SIDE: usize = 16;

/// One secret in one version, owned.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Wanted {
    /// The region of its ARN.
    pub(crate) region: Option<String>,
    /// The name or ARN.
    pub(crate) id: String,
    pub(crate) version: Version,
}

impl Wanted {
    /// What `reference` needs, whichever field.
    pub(crate) fn of(reference: &Reference<'_>) -> Self {
        Self {
            region: reference.secret.region().map(str::to_owned),
            id: reference.secret.id().to_owned(),
            version: reference.version.clone(),
        }
    }

    /// A text of its own for every secret and version.
    pub(crate) fn shared_as(&self) -> String {
        match &self.version {
            Version::Current => format!("secret {}", self.id),
            Version::Id(version) => format!("secret {} version {version}", self.id),
            Version::Stage(stage) => format!("secret {} stage {stage}", self.id),
        }
    }

    /// Whether an answer of this name and ARN is to this.
    pub(crate) fn is(&self, name: Option<&str>, arn: Option<&str>) -> bool {
        name == Some(&self.id)
            || arn.is_some_and(|arn| {
                arn.strip_prefix(&self.id)
                    .is_some_and(|rest| rest.is_empty() || is_suffix(rest))
            })
    }
}

/// The six characters that AWS adds to a name.
fn is_suffix(rest: &str) -> bool {
    rest.strip_prefix('-').is_some_and(|added| {
        added.len() == 6 && added.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// What came back for one secret.
pub(crate) type Outcome = Result<Secret, Diagnosis>;

/// What has come back so far. Kept outside the runtime, so that a deadline leaves what was in time.
#[derive(Clone, Default)]
pub(crate) struct Outcomes(Arc<Mutex<HashMap<Wanted, Outcome>>>);

impl Outcomes {
    /// In place of what came back before.
    pub(crate) fn put(&self, wanted: Wanted, outcome: Outcome) {
        let mut outcomes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.insert(wanted, outcome);
    }

    /// All of them; afterwards there are none.
    pub(crate) fn take(&self) -> HashMap<Wanted, Outcome> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Those whose secret was not found.
    pub(crate) fn not_found(&self) -> Vec<Wanted> {
        let outcomes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes
            .iter()
            .filter(|(_, outcome)| {
                matches!(outcome, Err(diagnosis) if *diagnosis == Fault::NotFound.into())
            })
            .map(|(wanted, _)| wanted.clone())
            .collect()
    }
}

/// Asks for all of `wanted`: twenty current secrets of a region in one call, any other one by itself.
pub(crate) async fn ask(session: &Session, wanted: Vec<Wanted>, outcomes: &Outcomes) {
    let mut regions: BTreeMap<String, Vec<Wanted>> = BTreeMap::new();
    for wanted in wanted {
        let region = wanted.region.as_deref().unwrap_or(session.region());
        regions.entry(region.to_owned()).or_default().push(wanted);
    }
    let mut calls = Calls::new(outcomes.clone());
    for (region, wanted) in regions {
        let client = session.client(&region);
        let (current, others): (Vec<_>, Vec<_>) = wanted
            .into_iter()
            .partition(|wanted| wanted.version == Version::Current);
        for wanted in current.chunks(BATCH) {
            match wanted {
                [one] => calls.one(&client, one.clone()),
                several => calls.batch(&client, several.to_vec()),
            }
        }
        for wanted in others {
            calls.one(&client, wanted);
        }
    }
    calls.finish().await;
}

/// Calls under way.
struct Calls {
    under_way: JoinSet<Vec<(Client, Wanted)>>,
    places: Arc<Semaphore>,
    outcomes: Outcomes,
}

impl Calls {
    fn new(outcomes: Outcomes) -> Self {
        Self {
            under_way: JoinSet::new(),
            places: Arc::new(Semaphore::new(SIDE_BY_SIDE)),
            outcomes,
        }
    }

    fn one(&mut self, client: &Client, wanted: Wanted) {
        let (client, outcomes) = (client.clone(), self.outcomes.clone());
        let places = Arc::clone(&self.places);
        self.under_way.spawn(async move {
            // The semaphore is never closed.
            let _place = places.acquire().await;
            let outcome = get(&client, &wanted).await;
            outcomes.put(wanted, outcome);
            Vec::new()
        });
    }

    fn batch(&mut self, client: &Client, wanted: Vec<Wanted>) {
        let (client, outcomes) = (client.clone(), self.outcomes.clone());
        let places = Arc::clone(&self.places);
        self.under_way.spawn(async move {
            let _place = places.acquire().await;
            let left = get_batch(&client, wanted, &outcomes).await;
            left.into_iter()
                .map(|wanted| (client.clone(), wanted))
                .collect()
        });
    }

    /// Waits for all, and asks one by one for what a batch left.
    async fn finish(mut self) {
        while let Some(left) = self.under_way.join_next().await {
            for (client, wanted) in left.unwrap_or_default() {
                self.one(&client, wanted);
            }
        }
    }
}

/// Asks for one secret.
async fn get(client: &Client, wanted: &Wanted) -> Outcome {
    let call = client.get_secret_value().secret_id(&wanted.id);
    let call = match &wanted.version {
        Version::Current => call.version_stage("AWSCURRENT"),
        Version::Id(id) => call.version_id(id),
        Version::Stage(stage) => call.version_stage(stage),
    };
    let answer = call
        .send()
        .await
        .map_err(|error| Diagnosis::of_call(&error))?;
    value(answer.secret_string, answer.secret_binary)
}

/// Asks for several at once, and gives back those that are to be asked for one by one: all where the policy allows no
/// batch, and any that the answer is silent about or gives in another version.
async fn get_batch(client: &Client, wanted: Vec<Wanted>, outcomes: &Outcomes) -> Vec<Wanted> {
    let ids = wanted.iter().map(|wanted| wanted.id.clone()).collect();
    let call = client
        .batch_get_secret_value()
        .set_secret_id_list(Some(ids));
    let mut answer = match call.send().await {
        Ok(answer) => answer,
        Err(error) => {
            let diagnosis = Diagnosis::of_call(&error);
            // One id that cannot be taken, or no right to ask so: each by itself tells which.
            let singly = [
                Fault::Denied,
                Fault::NotFound,
                Fault::Refused,
                Fault::Unexpected,
            ];
            if singly.map(Diagnosis::from).contains(&diagnosis) {
                return wanted;
            }
            for wanted in wanted {
                outcomes.put(wanted, Err(diagnosis.clone()));
            }
            return Vec::new();
        }
    };
    let entries = answer.secret_values.take().unwrap_or_default();
    let mut left = Vec::new();
    for wanted in wanted {
        let entry = entries
            .iter()
            .find(|entry| wanted.is(entry.name(), entry.arn()) && is_current(entry));
        let refused = answer
            .errors()
            .iter()
            .find(|error| error.secret_id() == Some(&wanted.id));
        match (entry, refused) {
            (Some(entry), _) => {
                let value = value(entry.secret_string.clone(), entry.secret_binary.clone());
                outcomes.put(wanted, value);
            }
            (None, Some(error)) => {
                let fault = of_answer(error.error_code(), error.message(), 0);
                outcomes.put(wanted, Err(fault.into()));
            }
            (None, None) => left.push(wanted),
        }
    }
    left
}

fn is_current(entry: &SecretValueEntry) -> bool {
    let stages = entry.version_stages();
    stages.is_empty() || stages.iter().any(|stage| stage == "AWSCURRENT")
}

/// The value of an answer: text or bytes.
fn value(text: Option<String>, binary: Option<Blob>) -> Outcome {
    text.map(String::into_bytes)
        .or_else(|| binary.map(Blob::into_inner))
        .map(Secret::new)
        .ok_or_else(|| Fault::Unexpected.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(locator: &str) -> Wanted {
        Wanted::of(&Reference::parse(locator).unwrap())
    }

    #[test]
    fn an_answer_is_known_by_name_and_by_arn() {
        let arn = "arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbCdEf";
        let is = |locator: &str| wanted(locator).is(Some("prod/db"), Some(arn));
        assert!(is("prod/db"));
        assert!(is(arn));
        assert!(is("arn:aws:secretsmanager:eu-west-1:1:secret:prod/db"));
        assert!(!is("prod"));
        assert!(!is("arn:aws:secretsmanager:eu-west-1:1:secret:prod/d"));
        assert!(!is("arn:aws:secretsmanager:eu-west-1:1:secret:prod"));
        assert!(!is("arn:aws:secretsmanager:eu-west-2:1:secret:prod/db"));
    }

    #[test]
    fn every_secret_and_version_is_shared_under_its_own_text() {
        let texts: std::collections::BTreeSet<String> = [
            "a",
            "a@X",
            "b",
            "a@00000000-0000-0000-0000-000000000000",
            "arn:aws:secretsmanager:eu-west-1:1:secret:a",
        ]
        .map(|locator| wanted(locator).shared_as())
        .into();
        assert_eq!(texts.len(), 5);
        assert_eq!(wanted("a#x"), wanted("a#y"));
    }
}
