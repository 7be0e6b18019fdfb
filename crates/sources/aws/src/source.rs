//! The source: from locators to values.

mod standing;
mod store;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_credential_types::Credentials;
use mcp_launch_core::{
    Deadline, Environment, Locator, LocatorError, Scheme, Secret, Source, SourceError,
    SourceErrorKind, StandingError, Store, rough,
};
use mcp_launch_network::{Endpoint, block_on};
use mcp_launch_sharing::{Proof, Sharing};

use crate::diagnosis::{Diagnosis, of_endpoint};
use crate::fault::Fault;
use crate::profile::Profiles;
use crate::question::{Outcomes, Wanted};
use crate::reference::{self, Name, Reference};
use crate::remedy::Scene;
use crate::said::Said;
use crate::session::{Session, Start};
use crate::settings::Settings;
use crate::{identity, login, near, profile, proof, question};

/// The scheme `aws`.
pub const SCHEME: Scheme = Scheme {
    name: "aws",
    summary: "AWS Secrets Manager: a secret, or a field of one",
    example: "$<aws:prod/github#token>",
    check: reference::check,
    overlap: reference::overlap,
    logins: &[
        "AWS_ACCESS_KEY_ID",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ],
};

/// One account and region.
pub struct AwsSource {
    pub(crate) settings: Settings,
    pub(crate) environment: Arc<Environment>,
    /// What rotations log in with: that all of them share it is why fifty do not log in fifty times.
    pub(crate) login: Mutex<Option<Login>>,
    /// What to do about what was answered last.
    remedies: Mutex<HashMap<Locator, (SourceError, Option<String>)>>,
    notices: Mutex<BTreeSet<String>>,
    /// What of it was written from here, as it is shared: AWS is asked for it, whatever others have lent.
    written: Mutex<BTreeSet<String>>,
}

/// Credentials that a session was opened with, and its region.
pub(crate) struct Login {
    pub(crate) credentials: Credentials,
    pub(crate) region: String,
}

/// What launches must have in common to share: where they ask as whom, and what they log in with.
pub(crate) struct Common<'a> {
    environment: &'a Environment,
    identity: String,
    proof: Option<Proof>,
}

impl Common<'_> {
    pub(crate) fn sharing(&self, cache: Option<Duration>, stale: Option<Duration>) -> Sharing {
        let proof = self.proof.as_ref();
        Sharing::new(self.environment, &self.identity, proof, cache, stale)
    }
}

impl AwsSource {
    /// The account that `settings` describe, and `environment` where they are silent. Touches nothing.
    ///
    /// An `endpoint_url` that is no address, or one at which values would cross the network unencrypted, is told when it
    /// is asked, with what to do about it.
    #[must_use]
    pub fn new(settings: Settings, environment: &Arc<Environment>) -> Self {
        Self {
            settings,
            environment: Arc::clone(environment),
            login: Mutex::default(),
            remedies: Mutex::default(),
            notices: Mutex::default(),
            written: Mutex::default(),
        }
    }

    /// Answers every locator, and keeps for [`Source::remedy`] what to do about those without a value.
    fn each<T>(
        &self,
        locators: &[Locator],
        deadline: Deadline,
        answer: impl Fn(Secret) -> T,
    ) -> Vec<Result<T, SourceError>> {
        if locators.is_empty() {
            return Vec::new();
        }
        let references: Vec<Result<Reference<'_>, LocatorError>> = locators
            .iter()
            .map(|locator| Reference::parse(locator.as_str()))
            .collect();
        let wanted: BTreeSet<Wanted> = references.iter().flatten().map(Wanted::of).collect();
        let said = self.ask(wanted, deadline);
        let mut remedies = self.remedies.lock().unwrap_or_else(PoisonError::into_inner);
        locators
            .iter()
            .zip(references)
            .map(|(locator, reference)| {
                let answered = match reference {
                    Ok(reference) => said.to(&reference),
                    Err(error) => Err((malformed(error), None)),
                };
                answered.map(&answer).map_err(|(error, remedy)| {
                    remedies.insert(locator.clone(), (error, remedy));
                    error
                })
            })
            .collect()
    }

    /// Takes what other launches just got, and asks for the rest.
    fn ask(&self, wanted: BTreeSet<Wanted>, deadline: Deadline) -> Said {
        let mut said = Said {
            scene: self.scene(),
            ..Said::default()
        };
        if wanted.is_empty() {
            return said;
        }
        if deadline.passed() {
            said.fail(wanted, &Fault::TimedOut.into());
            return said;
        }
        let fixed = match self.fixed(deadline) {
            Ok(fixed) => fixed,
            Err(diagnosis) => {
                said.fail(wanted, &diagnosis);
                return said;
            }
        };
        let common = self.common(fixed.as_ref(), deadline);
        let answers = common.sharing(self.settings.cache, self.settings.stale);
        let (written, wanted): (BTreeSet<_>, _) = wanted
            .into_iter()
            .partition(|wanted| self.asks_itself(wanted));
        let mut left = said.take_shared(wanted, &answers);
        if left.is_empty() && written.is_empty() {
            return said;
        }
        let texts: Vec<String> = left.iter().chain(&written).map(Wanted::shared_as).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let _turn = answers.turn_for_all(&texts, deadline);
        left = said.take_shared(left, &answers);
        left.extend(written);
        if left.is_empty() {
            return said;
        }
        // Credentials end by themselves, so they are not kept for longer than a start takes.
        let logins = common.sharing(None, None);
        self.ask_aws(&mut said, &left, fixed, &logins, deadline);
        for wanted in left {
            match said.outcomes.get(&wanted) {
                Some(Ok(value)) => answers.lend(&wanted.shared_as(), value),
                Some(Err(diagnosis)) if diagnosis.is_outage() && !self.asks_itself(&wanted) => {
                    if let Some((value, age)) = answers.stale(&wanted.shared_as()) {
                        self.notice_stale(&wanted, age);
                        said.outcomes.insert(wanted, Ok(value));
                    }
                }
                Some(Err(diagnosis)) if diagnosis.is_refusal() => {
                    answers.forget(&wanted.shared_as());
                }
                _ => {}
            }
        }
        said
    }

    /// What this launch has in common with others, if they have.
    pub(crate) fn common(&self, fixed: Option<&Credentials>, deadline: Deadline) -> Common<'_> {
        let key_id = fixed.map(Credentials::access_key_id);
        let of_chain = || {
            let name = profile::name(self.settings.profile.as_deref(), &self.environment);
            // Files that cannot be read are told by the login.
            let profiles = block_on(deadline, Profiles::read(name, &self.environment));
            let in_settings = self.settings.profile.is_some();
            proof::of_chain(&profiles.ok()?.ok()?, &self.environment, in_settings)
        };
        Common {
            environment: &self.environment,
            identity: identity::of(&self.settings, key_id, &self.environment),
            proof: fixed.map(proof::of_key).or_else(of_chain),
        }
    }

    /// Logs in and asks. Every one of `wanted` has an outcome afterwards.
    fn ask_aws(
        &self,
        said: &mut Said,
        wanted: &BTreeSet<Wanted>,
        fixed: Option<Credentials>,
        logins: &Sharing,
        deadline: Deadline,
    ) {
        let start = Start {
            settings: &self.settings,
            environment: &self.environment,
            fixed,
            arn_region: wanted
                .iter()
                .all(|wanted| wanted.region.is_some())
                .then(|| wanted.first()?.region.clone())
                .flatten(),
            sharing: logins,
        };
        let outcomes = Outcomes::default();
        let (scene, near) = (&mut said.scene, &mut said.near);
        let ended = block_on(deadline, async {
            let session = Session::open(start, scene, deadline).await?;
            question::ask(&session, wanted.iter().cloned().collect(), &outcomes).await;
            *near = near::names(&session, &outcomes, deadline).await;
            Ok::<(), Diagnosis>(())
        });
        said.outcomes.extend(outcomes.take());
        let rest = match ended {
            Ok(Ok(())) => Fault::Unexpected.into(),
            Ok(Err(diagnosis)) => diagnosis,
            Err(trouble) => Diagnosis::Trouble(trouble, None),
        };
        let unanswered: BTreeSet<Wanted> = wanted
            .iter()
            .filter(|wanted| !said.outcomes.contains_key(wanted))
            .cloned()
            .collect();
        said.fail(unanswered, &rest);
    }

    /// The access key of the settings; else what to do about one without a value. Not before their address is one that
    /// it may be used at.
    pub(crate) fn fixed(&self, deadline: Deadline) -> Result<Option<Credentials>, Diagnosis> {
        if let Some(url) = &self.settings.endpoint_url {
            Endpoint::parse(url, self.settings.allow_http).map_err(of_endpoint)?;
        }
        let Some(key) = &self.settings.access_key else {
            return Ok(None);
        };
        match login::fixed(key, deadline) {
            Ok(Some(credentials)) => Ok(Some(credentials)),
            Ok(None) => Err(Diagnosis::KeyUnset(None)),
            Err(error) => {
                let remedy = error.remedy().unwrap_or_else(|| error.to_string());
                Err(Diagnosis::KeyUnset(Some(remedy)))
            }
        }
    }

    fn asks_itself(&self, wanted: &Wanted) -> bool {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        self.settings.fresh || written.contains(&wanted.shared_as())
    }

    pub(crate) fn scene(&self) -> Scene {
        Scene {
            profile: profile::name(self.settings.profile.as_deref(), &self.environment),
            profile_in_settings: self.settings.profile.is_some(),
            region: self.settings.region.clone(),
            ..Scene::default()
        }
    }

    fn notice_stale(&self, wanted: &Wanted, age: Duration) {
        let notice = format!(
            "AWS cannot be reached; `{}` is as it was {} ago",
            wanted.id,
            rough(age)
        );
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        notices.insert(notice);
    }
}

impl Source for AwsSource {
    fn place(&self, locator: &Locator) -> String {
        let Ok(reference) = Reference::parse(locator.as_str()) else {
            return "AWS Secrets Manager".to_owned();
        };
        let region = match &reference.secret {
            Name::Arn(arn, _) => Some(arn.region.to_owned()),
            Name::Plain(_) => self
                .settings
                .region
                .clone()
                .or_else(|| profile::variable(&self.environment, "AWS_REGION")),
        };
        let at = region.map_or_else(String::new, |region| format!(" in {region}"));
        format!("AWS Secrets Manager{at}, {locator}")
    }

    fn fetch(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<Secret, SourceError>> {
        self.each(locators, deadline, |value| value)
    }

    fn look(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<(), SourceError>> {
        self.each(locators, deadline, drop)
    }

    fn remedy(&self, locator: &Locator, error: SourceError) -> Option<String> {
        let remedies = self.remedies.lock().unwrap_or_else(PoisonError::into_inner);
        let (answered, remedy) = remedies.get(locator)?;
        (*answered == error).then(|| remedy.clone()).flatten()
    }

    fn standing(&self, deadline: Deadline) -> Option<Result<String, StandingError>> {
        let told = self.stand(deadline);
        Some(told.map_err(|(error, remedy)| StandingError { error, remedy }))
    }

    fn notices(&self) -> Vec<String> {
        let notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        notices.iter().cloned().collect()
    }

    fn store(&self) -> Option<&dyn Store> {
        Some(self)
    }
}

pub(crate) fn malformed(error: LocatorError) -> SourceError {
    SourceError::new(SourceErrorKind::Malformed).note(error.0)
}
