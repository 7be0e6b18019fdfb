//! The source: from locators to values.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mcp_launch_core::{
    Deadline, Environment, Lender, Locator, Secret, Source, SourceError, SourceErrorKind,
    StandingError, Store, rough, shown,
};
use mcp_launch_network::block_on;

use crate::fault::{Failure, Fault};
use crate::field::Fields;
use crate::hint;
use crate::holdings::Holdings;
use crate::layout::Layout;
use crate::reach::{self, Reach};
use crate::reference::{Reference, SecretPath};
use crate::reserved::is_rotating;
use crate::rotation::Desk;
use crate::round::{Preview, Round};
use crate::settings::Settings;
use crate::shares::{Answers, Shares};

/// How much later than the deadline a round is broken off, which tells of each of its questions by itself.
const GRACE: Duration = Duration::from_millis(100);

/// Why a look shows nothing of a credential that is yet to be made: the token may have it made.
const ALLOWED: &str = "a dry run makes no credential; the token is allowed to";

/// The same where nobody says whether it may.
const UNTOLD: &str =
    "a dry run makes no credential; the Vault does not say whether the token is allowed to";

/// Why a look shows nothing behind a login that works once.
const STILL_WRAPPED: &str = "a dry run does not use up the wrapped secret_id; it is still wrapped";

/// One Vault.
pub struct VaultSource {
    pub(crate) settings: Arc<Settings>,
    layout: Arc<Layout>,
    pub(crate) environment: Arc<Environment>,
    pub(crate) desk: Arc<Desk>,
    state: Mutex<State>,
}

/// What was found out so far.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) holdings: Holdings,
    remedies: HashMap<Locator, (SourceError, String)>,
    /// What a look did not show, and why.
    unseen: HashMap<Locator, &'static str>,
    /// The paths of the secrets that were being rotated when they were read.
    rotating: BTreeSet<String>,
}

impl VaultSource {
    /// The Vault that `settings` describe, and `environment` where they are silent. Touches nothing: settings that no
    /// Vault can be reached with are told when it is asked.
    #[must_use]
    pub fn new(mut settings: Settings, environment: &Arc<Environment>) -> Self {
        let layout = Layout {
            mounts: std::mem::take(&mut settings.mounts),
            requests: std::mem::take(&mut settings.requests),
        };
        let (settings, layout) = (Arc::new(settings), Arc::new(layout));
        Self {
            desk: Arc::new(Desk::new(&settings, &layout, environment)),
            settings,
            layout,
            environment: Arc::clone(environment),
            state: Mutex::default(),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers every locator from one round, and remembers what a person does about the failures.
    fn each<T>(
        &self,
        locators: &[Locator],
        answer: impl Fn(&Locator) -> Result<T, Failure>,
    ) -> Vec<Result<T, SourceError>> {
        locators
            .iter()
            .map(|locator| answer(locator).map_err(|failure| self.told(locator, failure)))
            .collect()
    }

    /// The error of `locator`; what a person does about it is remembered.
    pub(crate) fn told(&self, locator: &Locator, failure: Failure) -> SourceError {
        let error = failure.error();
        let mut state = self.state();
        match failure.remedy {
            Some(remedy) => drop(state.remedies.insert(locator.clone(), (error, remedy))),
            None => drop(state.remedies.remove(locator)),
        }
        error
    }

    /// Takes back what was lent of `secrets`, which were written, under every spelling. From now on this process asks the
    /// Vault for them: another launch may lend what it read just before.
    pub(crate) fn wrote<'a>(
        &self,
        secrets: impl IntoIterator<Item = &'a SecretPath>,
        shares: &Shares<'_>,
    ) {
        for secret in secrets {
            self.desk.wrote(secret, &shares.answers);
        }
    }

    /// Remembers which secrets were being rotated when they were read.
    fn note_rotating(&self, answers: &Answers) {
        let mut state = self.state();
        for (secret, answer) in answers {
            let newest = answer.as_ref().ok().filter(|_| secret.version.is_none());
            if newest.is_some_and(is_rotating) {
                state.rotating.insert(secret.path.clone());
            } else {
                state.rotating.remove(&secret.path);
            }
        }
    }

    /// Whether the secret of `locator` had a pending rotation when this source read it last: a value that waits to come
    /// into force, or may be in force already. Asks nothing. Whoever launches takes such a rotation up, because the value
    /// that was read may be dead by now.
    #[must_use]
    pub fn is_rotating(&self, locator: &Locator) -> bool {
        Reference::parse(locator.as_str())
            .is_ok_and(|reference| self.state().rotating.contains(&reference.secret.path))
    }

    /// Remembers why a look does not show the value of each of `locators`, where it does not.
    fn overlook(&self, locators: &[Locator], why: impl Fn(&Locator) -> Option<&'static str>) {
        let mut state = self.state();
        for locator in locators {
            match why(locator) {
                Some(why) => drop(state.unseen.insert(locator.clone(), why)),
                None => drop(state.unseen.remove(locator)),
            }
        }
    }

    /// How the Vault is reached, and what is shared of it. Nothing, once the deadline has passed.
    pub(crate) fn begin(&self, deadline: Deadline) -> Result<(Reach, Shares<'_>), Failure> {
        self.desk.begin(deadline)
    }

    /// Reads `secrets`, as far as other launches have not done it just now. One that turns out to make a credential is
    /// read only if it is `wanted`; else it has no answer.
    fn read(
        &self,
        secrets: &[SecretPath],
        wanted: &BTreeSet<SecretPath>,
        deadline: Deadline,
    ) -> Answers {
        if secrets.is_empty() {
            return Answers::new();
        }
        let (reach, shares) = match self.begin(deadline) {
            Ok(begun) => begun,
            Err(failure) => return failed(secrets, &failure),
        };
        let mut answers = shares.lately(secrets);
        let left: Vec<SecretPath> = secrets
            .iter()
            .filter(|secret| !answers.contains_key(secret))
            .cloned()
            .collect();
        if !left.is_empty() {
            let read = Round::new(&reach, &shares, deadline).and_then(|round| {
                let mut state = self.state();
                let work = round.fetch(&left, wanted, &mut state.holdings);
                block_on(a_little_after(deadline), work).map_err(Failure::from)
            });
            answers.extend(read.unwrap_or_else(|failure| failed(&left, &failure)));
            self.fall_back(&shares, &mut answers);
        }
        answers
    }

    /// Puts older answers in the place of those that an outage kept away, and remembers to say so.
    fn fall_back(&self, shares: &Shares<'_>, answers: &mut Answers) {
        for (secret, answer) in answers {
            let Err(failure) = answer else { continue };
            if failure.is_refusal() {
                shares.forget(secret);
            }
            if !failure.is_outage() || self.layout.may_lend(secret) {
                continue;
            }
            if let Some((data, age)) = shares.stale(secret) {
                let notice = format!(
                    "{} of {}: the Vault cannot be asked ({}), so this value is the one of {} ago",
                    shown(&secret.path),
                    reach::place(&self.settings, &self.environment),
                    failure.error(),
                    rough(age),
                );
                self.state().holdings.notices.push(notice);
                *answer = Ok(data);
            }
        }
    }

    /// Whether each of `secrets`, which may make credentials, may be read; its data, where it turns out to be one that
    /// makes none.
    fn may_borrow(
        &self,
        secrets: &[SecretPath],
        deadline: Deadline,
    ) -> Vec<(SecretPath, Result<Preview, Failure>)> {
        if secrets.is_empty() {
            return Vec::new();
        }
        let asked = self.begin(deadline).and_then(|(reach, shares)| {
            let round = Round::new(&reach, &shares, deadline)?;
            block_on(a_little_after(deadline), round.may_borrow(secrets)).map_err(Failure::from)
        });
        match asked {
            Ok(answers) => secrets.iter().cloned().zip(answers).collect(),
            Err(failure) => secrets
                .iter()
                .map(|secret| (secret.clone(), Err(failure.clone())))
                .collect(),
        }
    }
}

impl Source for VaultSource {
    fn place(&self, locator: &Locator) -> String {
        let store = reach::place(&self.settings, &self.environment);
        match Reference::parse(locator.as_str()) {
            Ok(Reference { secret, field }) => {
                let version = secret
                    .version
                    .map(|version| format!(" version {version}"))
                    .unwrap_or_default();
                let field = field.map(|field| format!(", field {}", shown(&field)));
                let field = field.unwrap_or_default();
                format!("{store}, {}{version}{field}", shown(&secret.path))
            }
            Err(_) => format!("{store}, {}", shown(locator.as_str())),
        }
    }

    fn fetch(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<Secret, SourceError>> {
        // One whose field is not named is read for the names of its fields, and never where that makes a credential.
        let wanted = secrets(locators, |field| field.is_some());
        let asked: Vec<SecretPath> = secrets(locators, |_| true)
            .into_iter()
            .filter(|secret| wanted.contains(secret) || !self.layout.may_lend(secret))
            .collect();
        let answers = self.read(&asked, &wanted, deadline);
        self.note_rotating(&answers);
        self.each(locators, |locator| value(locator, &self.layout, &answers))
    }

    fn look(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<(), SourceError>> {
        if let Some(wrapped) = self.look_at_wrapping(locators, deadline) {
            if wrapped.is_ok() {
                self.overlook(locators, |_| Some(STILL_WRAPPED));
            }
            return self.each(locators, |_| wrapped.clone());
        }
        let fixed: Vec<SecretPath> = secrets(locators, |_| true)
            .into_iter()
            .filter(|secret| !self.layout.may_lend(secret))
            .collect();
        let mut answers = self.read(&fixed, &BTreeSet::new(), deadline);
        let dynamic: Vec<SecretPath> = secrets(locators, |field| field.is_some())
            .into_iter()
            .filter(|secret| !answers.contains_key(secret))
            .collect();
        let mut unmade = BTreeMap::new();
        for (secret, judged) in self.may_borrow(&dynamic, deadline) {
            match judged {
                Ok(Preview::Found(data)) => drop(answers.insert(secret, Ok(data))),
                Ok(Preview::Allowed) => drop(unmade.insert(secret, ALLOWED)),
                Ok(Preview::Untold) => drop(unmade.insert(secret, UNTOLD)),
                Err(failure) => drop(answers.insert(secret, Err(failure))),
            }
        }
        let why = |locator: &Locator| {
            let reference = Reference::parse(locator.as_str()).ok()?;
            reference.field.as_ref()?;
            unmade.get(&reference.secret).copied()
        };
        self.overlook(locators, why);
        self.each(locators, |locator| match why(locator) {
            Some(_) => Ok(()),
            None => value(locator, &self.layout, &answers).map(drop),
        })
    }

    fn unseen(&self, locator: &Locator) -> Option<&'static str> {
        self.state().unseen.get(locator).copied()
    }

    fn remedy(&self, locator: &Locator, error: SourceError) -> Option<String> {
        let state = self.state();
        let (told, remedy) = state.remedies.get(locator)?;
        (*told == error).then(|| remedy.clone())
    }

    fn standing(&self, deadline: Deadline) -> Option<Result<String, StandingError>> {
        let told = self.begin(deadline).and_then(|(reach, shares)| {
            let round = Round::new(&reach, &shares, deadline)?;
            block_on(a_little_after(deadline), round.standing()).map_err(Failure::from)?
        });
        Some(told.map_err(|failure| StandingError {
            error: failure.error(),
            remedy: failure.remedy,
        }))
    }

    fn notices(&self) -> Vec<String> {
        self.state().holdings.notices.clone()
    }

    fn lender(&self) -> Option<&dyn Lender> {
        Some(self)
    }

    fn store(&self) -> Option<&dyn Store> {
        Some(self)
    }
}

impl VaultSource {
    /// The one answer for all where the login is a wrapped secret_id: looking further would unwrap it, and the launch
    /// that comes next could not log in.
    fn look_at_wrapping(
        &self,
        locators: &[Locator],
        deadline: Deadline,
    ) -> Option<Result<(), Failure>> {
        if locators.is_empty() || !self.settings.is_wrapped() {
            return None;
        }
        let looked = self.begin(deadline).and_then(|(reach, shares)| {
            let round = Round::new(&reach, &shares, deadline)?;
            block_on(a_little_after(deadline), round.still_wrapped()).map_err(Failure::from)
        });
        match looked {
            Ok(answer) => answer,
            Err(failure) => Some(Err(failure)),
        }
    }
}

/// The secrets that `locators` name with such a field, each once.
fn secrets(locators: &[Locator], such: impl Fn(&Option<String>) -> bool) -> BTreeSet<SecretPath> {
    locators
        .iter()
        .filter_map(|locator| Reference::parse(locator.as_str()).ok())
        .filter(|reference| such(&reference.field))
        .map(|reference| reference.secret)
        .collect()
}

/// The value that `locator` names.
fn value(locator: &Locator, layout: &Layout, answers: &Answers) -> Result<Secret, Failure> {
    let Reference { secret, field } = Reference::parse(locator.as_str())
        .map_err(|error| SourceError::new(SourceErrorKind::Malformed).note(error.0))?;
    let data = match answers.get(&secret) {
        Some(Ok(data)) => data,
        Some(Err(failure)) if failure.is(Fault::PathMissing) && failure.remedy.is_none() => {
            let remedy = if layout.may_lend(&secret) {
                hint::advice(&secret.path)
            } else {
                hint::missing(&secret, field.as_deref())
            };
            return Err(Failure::with(failure.cause, remedy));
        }
        Some(Err(failure)) => return Err(failure.clone()),
        // Not read, because reading it would make a credential that nothing could use.
        None => return Err(Fault::FieldUnnamed.into()),
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "one field is taken out of the secret's JSON"
    )]
    let text = std::str::from_utf8(data.expose()).map_err(|_| Fault::Unreadable)?;
    let fields = Fields::read(text)?;
    match field {
        Some(field) => fields.value(&field),
        None => Err(fields.unnamed()),
    }
}

fn failed(secrets: &[SecretPath], failure: &Failure) -> Answers {
    secrets
        .iter()
        .map(|secret| (secret.clone(), Err(failure.clone())))
        .collect()
}

pub(crate) fn a_little_after(deadline: Deadline) -> Deadline {
    Deadline::after(deadline.remaining() + GRACE)
}
