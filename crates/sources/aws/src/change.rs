//! One secret, changed so that nobody else's change is lost.
//!
//! Secrets Manager puts no condition on `PutSecretValue`: the last one wins, over whatever came in between. It puts one
//! on a label. `UpdateSecretVersionStage` moves `AWSCURRENT` only away from the version that it is told, and fails where
//! another one has it by then:
//!
//! ```text
//! read AWSCURRENT → version and content
//!   put the new content as a version with a label of our own: nobody reads it yet
//!   move AWSCURRENT from the version that was read → fails: somebody was faster → read again
//! take our label off
//! ```

use std::collections::BTreeSet;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;

use crate::content::{Content, Edit, edit};
use crate::diagnosis::Diagnosis;
use crate::failed::Failed;
use crate::fault::Fault;
use crate::token;

const CURRENT: &str = "AWSCURRENT";

/// Where AWS puts the version that was current before.
const PREVIOUS: &str = "AWSPREVIOUS";

/// How often somebody else may be faster. Each time leaves a version without a label, of which a secret can have a hundred
/// in a day.
const ROUNDS: u32 = 40;

/// How often AWS may refuse to move `AWSCURRENT` from a version that has it all the same: a read may be behind.
const BEHIND: u32 = 3;

/// What came of it.
pub(crate) struct Changed {
    /// One for each edit.
    pub(crate) outcomes: Vec<Result<(), Failed>>,
    /// The names and ARNs that the secret goes by.
    pub(crate) ids: BTreeSet<String>,
}

/// Makes `edits` on the secret `id`; creates it where there is none.
pub(crate) async fn make(client: &Client, id: &str, edits: &[Edit]) -> Changed {
    let mut change = Change {
        client,
        id,
        exists: false,
        refused: 0,
        refused_from: None,
        ids: BTreeSet::from([id.to_owned()]),
    };
    let outcomes = change.make(edits).await;
    let ids = change.ids;
    Changed { outcomes, ids }
}

struct Change<'a> {
    client: &'a Client,
    id: &'a str,
    /// Whether AWS said that it is there, which it may have said while it had no value.
    exists: bool,
    /// How often in a row AWS did not move `AWSCURRENT` from `refused_from`.
    refused: u32,
    refused_from: Option<String>,
    ids: BTreeSet<String>,
}

/// What is there.
enum There {
    /// No secret.
    Nothing,
    /// A secret without a current version, as some tools create it.
    NoVersion,
    Version(String, Content),
}

/// What came of writing.
enum Put {
    Done,
    /// Somebody else was faster.
    Lost,
}

impl Change<'_> {
    async fn make(&mut self, edits: &[Edit]) -> Vec<Result<(), Failed>> {
        let all = |diagnosis: Diagnosis| vec![Err(Failed::from(diagnosis)); edits.len()];
        for round in 0..ROUNDS {
            if round > 0 {
                tokio::time::sleep(token::pause(round)).await;
            }
            let there = match self.read().await {
                Ok(there) => there,
                Err(diagnosis) => return all(diagnosis),
            };
            let (from, content) = match &there {
                There::Nothing | There::NoVersion => (None, None),
                There::Version(version, content) => (Some(version.as_str()), Some(content)),
            };
            let edited = edit(content, edits, round > 0);
            let Some(content) = edited.content else {
                return edited.outcomes;
            };
            let put = match there {
                There::Nothing => self.create(&content).await,
                There::NoVersion | There::Version(..) => self.put(from, &content).await,
            };
            match put {
                Ok(Put::Done) => return edited.outcomes,
                Ok(Put::Lost) => {}
                Err(diagnosis) => {
                    let failed =
                        |outcome: Result<(), Failed>| outcome.and(Err(diagnosis.clone().into()));
                    return edited.outcomes.into_iter().map(failed).collect();
                }
            }
        }
        all(Fault::Contended.into())
    }

    async fn read(&mut self) -> Result<There, Diagnosis> {
        let call = self.client.get_secret_value().secret_id(self.id);
        let answer = match call.version_stage(CURRENT).send().await {
            Ok(answer) => answer,
            Err(error) => {
                let diagnosis = Diagnosis::of_call(&error);
                return if diagnosis == Fault::NoSuchVersion.into() {
                    Ok(There::NoVersion)
                } else if diagnosis != Fault::NotFound.into() {
                    Err(diagnosis)
                } else if self.exists {
                    Ok(There::NoVersion)
                } else {
                    Ok(There::Nothing)
                };
            }
        };
        self.note_ids(answer.name(), answer.arn());
        let GetSecretValueOutput {
            version_id: Some(version),
            secret_string,
            secret_binary,
            ..
        } = answer
        else {
            return Err(Fault::Unexpected.into());
        };
        Content::of(secret_string, secret_binary)
            .map(|content| There::Version(version, content))
            .ok_or_else(|| Fault::Unexpected.into())
    }

    async fn create(&mut self, content: &Content) -> Result<Put, Diagnosis> {
        // AWS gives a secret its ARN.
        if self.id.starts_with("arn:") {
            return Err(Fault::NotFound.into());
        }
        let (text, binary) = content.parts();
        let call = self
            .client
            .create_secret()
            .name(self.id)
            .client_request_token(token::new()?)
            .set_secret_string(text)
            .set_secret_binary(binary);
        match call.send().await {
            Ok(answer) => {
                self.note_ids(answer.name(), answer.arn());
                Ok(Put::Done)
            }
            Err(error) => match Diagnosis::of_call(&error) {
                Diagnosis::Fault(Fault::Exists) => {
                    self.exists = true;
                    Ok(Put::Lost)
                }
                diagnosis => Err(diagnosis.denied_as(Fault::CreateDenied)),
            },
        }
    }

    /// A version that is current if `from` still was; without `from`, if none was.
    async fn put(&mut self, from: Option<&str>, content: &Content) -> Result<Put, Diagnosis> {
        let version = token::new()?;
        // Of our own, so that it is taken from nobody.
        let label = format!("mcp-launch-{version}");
        let (text, binary) = content.parts();
        let call = self
            .client
            .put_secret_value()
            .secret_id(self.id)
            .client_request_token(&version)
            .version_stages(&label)
            .set_secret_string(text)
            .set_secret_binary(binary);
        if let Err(error) = call.send().await {
            return Err(Diagnosis::of_call(&error).denied_as(Fault::PutDenied));
        }
        let moved = self.current_moved(from, &version).await;
        if matches!(&moved, Err(diagnosis) if diagnosis.is_outage()) {
            return moved;
        }
        // A version that did not become current has no label then, and AWS deletes it in time. A label that stays harms
        // nobody.
        let call = self.client.update_secret_version_stage().secret_id(self.id);
        let unlabelled = call.version_stage(label).remove_from_version_id(&version);
        drop(unlabelled.send().await);
        moved
    }

    async fn current_moved(&mut self, from: Option<&str>, to: &str) -> Result<Put, Diagnosis> {
        let call = self
            .client
            .update_secret_version_stage()
            .secret_id(self.id)
            .version_stage(CURRENT)
            .move_to_version_id(to)
            .set_remove_from_version_id(from.map(str::to_owned));
        let diagnosis = match call.send().await {
            Ok(_) => return Ok(Put::Done),
            Err(error) => Diagnosis::of_call(&error).denied_as(Fault::MoveDenied),
        };
        let refusals = [Fault::NoSuchVersion, Fault::NotFound, Fault::Refused];
        if !refusals.map(Diagnosis::from).contains(&diagnosis) {
            return Err(diagnosis);
        }
        // Refused as well is the second attempt at what the first one did, whose answer was lost.
        if self.was_current(to).await? {
            return Ok(Put::Done);
        }
        let same = self.refused > 0 && self.refused_from.as_deref() == from;
        self.refused = if same { self.refused + 1 } else { 1 };
        self.refused_from = from.map(str::to_owned);
        if self.refused > BEHIND {
            return Err(diagnosis);
        }
        Ok(Put::Lost)
    }

    /// Whether `version`, one of ours, has become current, be it that another has followed it.
    async fn was_current(&self, version: &str) -> Result<bool, Diagnosis> {
        let call = self.client.get_secret_value().secret_id(self.id);
        match call.version_id(version).send().await {
            Ok(answer) => {
                let stages = answer.version_stages();
                Ok(stages
                    .iter()
                    .any(|stage| stage == CURRENT || stage == PREVIOUS))
            }
            Err(error) => Err(Diagnosis::of_call(&error)),
        }
    }

    fn note_ids(&mut self, name: Option<&str>, arn: Option<&str>) {
        let short_arn = arn
            .and_then(|arn| arn.rsplit_once('-'))
            .map(|(short, _)| short);
        let ids = [name, arn, short_arn].into_iter().flatten();
        self.ids.extend(ids.map(str::to_owned));
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_secretsmanager::operation::create_secret::CreateSecretInput;
    use aws_sdk_secretsmanager::operation::put_secret_value::PutSecretValueInput;
    use aws_smithy_types::Blob;

    #[test]
    fn requests_show_no_value() {
        let value = "hunter2";
        let put = PutSecretValueInput::builder().secret_string(value);
        let create = CreateSecretInput::builder().secret_binary(Blob::new(value));
        let shown = format!(
            "{put:?} {create:?} {:?} {:?}",
            put.clone().build(),
            create.clone().build()
        );
        assert!(
            !shown.contains(value) && !shown.contains("104, 117"),
            "{shown}"
        );
    }
}
