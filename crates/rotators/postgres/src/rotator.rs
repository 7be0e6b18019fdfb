//! The joint of the state machine.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use mcp_launch_core::{Deadline, Environment, Secret};
use mcp_launch_rotation::{
    Account, Bundle, Handle, Liveness, Login, Method, Predecessor, Retire, RotationId, Rotator,
    RotatorError, Set, Successor,
};

use crate::fault::{Fault, Said};
use crate::remedy;
use crate::role::{Expectation, Obstacle, Role};
use crate::session::{Session, liveness};
use crate::{Place, Server, Settings, SettingsError, Way, sql};

/// One action at the server takes no longer, so that it is over while what it was decided on is fresh.
const SPAN: Duration = Duration::from_secs(20);
/// Between two looks at the sessions of a role that is locked out.
const PAUSE: Duration = Duration::from_millis(100);
/// Looks at them. A session that was being let in when its role was locked out is seen a moment later.
const LOOKS: u32 = 50;

/// A role of PostgreSQL, or two that take turns, as a [`Rotator`].
pub struct Postgres {
    pub(crate) settings: Settings,
    pub(crate) environment: Environment,
    /// What a person does about the last error.
    remedy: Mutex<Option<String>>,
}

impl Postgres {
    /// The rotator of these settings. `environment` names the certificates that are trusted (`SSL_CERT_FILE`,
    /// `SSL_CERT_DIR`). No connection is made.
    ///
    /// # Errors
    /// What is wrong with the settings.
    pub fn new(settings: Settings, environment: Environment) -> Result<Self, SettingsError> {
        settings.check()?;
        Ok(Self {
            settings,
            environment,
            remedy: Mutex::default(),
        })
    }

    /// The account in `bundle` and the server that takes it.
    pub(crate) fn account(&self, bundle: &Bundle) -> Option<(Account, Server)> {
        let account = self.settings.form.account(bundle)?;
        let server = match &self.settings.place {
            Place::At(server) => server.clone(),
            Place::InUrl => {
                let mcp_launch_rotation::AccountForm::Url { field } = &self.settings.form else {
                    return None;
                };
                Server::of_url(bundle.get(field)?).ok()?
            }
        };
        Some((account, server))
    }

    /// The role that takes over from `role`: the other one of two, or itself.
    pub(crate) fn successor_of<'a>(&'a self, role: &'a str) -> Option<&'a str> {
        match &self.settings.way {
            Way::Single { .. } => Some(role),
            Way::Alternate {
                roles: [one, other],
                ..
            } if role == one => Some(other),
            Way::Alternate {
                roles: [one, other],
                ..
            } if role == other => Some(one),
            Way::Alternate { .. } => None,
        }
    }

    pub(crate) fn expectation(&self) -> Expectation {
        Expectation {
            may_be_privileged: self.settings.allow_privileged,
            has_group: self.settings.way.group().is_some(),
        }
    }

    /// A session for changes.
    fn session(
        &self,
        who: &Account,
        server: &Server,
        deadline: Deadline,
    ) -> Result<Session, Fault> {
        let mut session = Session::begin(server, who, &self.environment, deadline)?;
        session.prepare()?;
        Ok(session)
    }

    fn fails<T>(&self, error: RotatorError, remedy: Option<String>) -> Result<T, RotatorError> {
        *self.remedy.lock().unwrap_or_else(PoisonError::into_inner) = remedy;
        Err(error)
    }

    /// As what the state machine is told, with the remedy kept.
    fn told<T>(
        &self,
        answer: Result<T, Fault>,
        who: &Account,
        server: &Server,
        missing: impl FnOnce() -> String,
    ) -> Result<T, RotatorError> {
        let fault = match answer {
            Ok(answer) => return Ok(answer),
            Err(fault) => fault,
        };
        let remedy = match &fault {
            Fault::Said(said) if is_lacking(said) => Some(missing()),
            fault => fault.remedy(&who.username, &server.to_string()),
        };
        self.fails(fault.error(), remedy)
    }

    /// What keeps the role from being given a password is told as an error.
    fn may_be_set(&self, role: &str, known: &Role, server: &Server) -> Result<(), RotatorError> {
        let Some(obstacle) = known.obstacle(self.expectation()) else {
            return Ok(());
        };
        let error = match obstacle {
            Obstacle::Privileged => RotatorError::Denied,
            _ => RotatorError::Failed,
        };
        let group = self.settings.way.group();
        self.fails(error, Some(remedy::of(obstacle, role, group, server)))
    }

    /// Whether both say the same about everything but the account.
    fn differ_by_account_alone(&self, one: &Bundle, other: &Bundle) -> bool {
        let nobody = Account {
            username: "x".to_owned(),
            password: Secret::new(b"x".to_vec()),
        };
        let form = &self.settings.form;
        match (form.with(one, &nobody), form.with(other, &nobody)) {
            (Some(one), Some(other)) => one.is_same(&other),
            _ => false,
        }
    }
}

/// Whether a statement was refused for a missing privilege.
fn is_lacking(said: &Said) -> bool {
    use crate::fault::Point;
    matches!(said.point, Point::Reading | Point::Changing) && said.is("42501")
}

impl Rotator for Postgres {
    fn method(&self) -> Method<'_> {
        Method::Set(self)
    }

    fn predecessor(&self) -> Predecessor<'_> {
        match self.settings.way {
            Way::Alternate { .. } => Predecessor::Lives(self),
            Way::Single { .. } => Predecessor::Dies,
        }
    }

    fn login(&self) -> Login {
        match self.settings.way.administrator() {
            Some(_) => Login::Administrator,
            None => Login::Itself,
        }
    }

    fn probe(&self, value: &Bundle, deadline: Deadline) -> Liveness {
        match self.account(value) {
            Some((account, server)) => liveness(&Session::begin(
                &server,
                &account,
                &self.environment,
                within(deadline),
            )),
            None => Liveness::Unknown,
        }
    }

    fn identify(&self, value: &Bundle, _: Deadline) -> Result<Option<Handle>, RotatorError> {
        let account = self.settings.form.account(value);
        Ok(account
            .filter(|account| self.successor_of(&account.username).is_some())
            .and_then(|account| Handle::new(account.username).ok()))
    }

    fn remedy(&self, _: RotatorError) -> Option<String> {
        let remedy = self.remedy.lock().unwrap_or_else(PoisonError::into_inner);
        remedy.clone()
    }
}

impl Set for Postgres {
    fn create(&self, current: &Bundle) -> Result<Successor, RotatorError> {
        let Some((account, _)) = self.account(current) else {
            return self.fails(RotatorError::Failed, Some(remedy::FORM.to_owned()));
        };
        let Some(role) = self.successor_of(&account.username) else {
            let remedy = remedy::strange(&account.username, &self.settings.way);
            return self.fails(RotatorError::Failed, Some(remedy));
        };
        let Some(password) = self.settings.recipe.make() else {
            return self.fails(RotatorError::Failed, None);
        };
        let successor = Account {
            username: role.to_owned(),
            password,
        };
        let bundle = self.settings.form.with(current, &successor);
        let (Some(bundle), Ok(handle)) = (bundle, Handle::new(role)) else {
            return self.fails(RotatorError::Failed, Some(remedy::FORM.to_owned()));
        };
        // The server's own end is later by as much as passes until the value is set.
        let expires_at = self.settings.lifetime.and_then(|lifetime| {
            let end = SystemTime::now().checked_add(lifetime)?;
            Timestamp::try_from(end).ok()
        });
        Ok(Successor {
            bundle,
            handle: Some(handle),
            expires_at,
        })
    }

    fn set(
        &self,
        value: &Bundle,
        _: &RotationId,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<(), RotatorError> {
        let accounts = (self.account(value), self.account(login));
        let (Some((new, server)), Some((current, _))) = accounts else {
            return self.fails(RotatorError::Failed, Some(remedy::FORM.to_owned()));
        };
        // What was staged for another server or user than is current now is never put in force: a person has changed it.
        if self.successor_of(&current.username) != Some(new.username.as_str())
            || !self.differ_by_account_alone(value, login)
        {
            return self.fails(RotatorError::Rejected, Some(remedy::CHANGED.to_owned()));
        }
        let who = self.settings.way.administrator().unwrap_or(&current);
        if self.settings.way.administrator().is_some() && who.username == new.username {
            let remedy = SettingsError::OwnAdministrator.to_string();
            return self.fails(RotatorError::Denied, Some(remedy));
        }
        let lacking = || remedy::alter(&who.username, &new.username);
        let mut session = self.told(
            self.session(who, &server, within(deadline)),
            who,
            &server,
            lacking,
        )?;
        let (group, lifetime) = (self.settings.way.group(), self.settings.lifetime);
        let known = Role::ask(&mut session, &new.username, group, lifetime);
        let known = self.told(known, who, &server, lacking)?;
        self.may_be_set(&new.username, &known, &server)?;
        let gives_login = matches!(self.settings.way, Way::Alternate { .. });
        let statement = sql::set_password(
            &new.username,
            &sql::verifier(&new.password),
            gives_login,
            known.until.as_deref(),
        );
        self.told(session.change(&statement), who, &server, lacking)
    }
}

impl Retire for Postgres {
    fn retire(
        &self,
        handle: &Handle,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<(), RotatorError> {
        let role = handle.as_str();
        let Some((current, server)) = self.account(login) else {
            return self.fails(RotatorError::Failed, Some(remedy::FORM.to_owned()));
        };
        let Some(who) = self.settings.way.administrator() else {
            return self.fails(RotatorError::Failed, None);
        };
        // Only the other one of the two is ever locked out.
        if self.successor_of(&current.username) != Some(role) || current.username == role {
            let remedy = remedy::strange(role, &self.settings.way);
            return self.fails(RotatorError::Failed, Some(remedy));
        }
        let deadline = within(deadline);
        let lacking = || remedy::alter(&who.username, role);
        let mut session = self.told(self.session(who, &server, deadline), who, &server, lacking)?;
        let known = Role::ask(&mut session, role, None, None);
        let known = self.told(known, who, &server, lacking)?;
        if !known.exists {
            return Ok(());
        }
        self.told(session.change(&sql::lock_out(role)), who, &server, lacking)?;
        let terminating = || remedy::terminate(&who.username, role);
        let mut quiet = 0;
        for _ in 0..LOOKS {
            let ended = session.ask(&sql::end_sessions(role));
            let ended = self.told(ended, who, &server, terminating)?;
            quiet = if ended.is_empty() { quiet + 1 } else { 0 };
            // One that was being let in at the first look is there at the second.
            if quiet == 2 {
                return Ok(());
            }
            thread::sleep(PAUSE.min(deadline.remaining()));
        }
        self.fails(RotatorError::Failed, Some(remedy::stubborn(role, &server)))
    }
}

/// The deadline, or that of one action where it is nearer.
pub(crate) fn within(deadline: Deadline) -> Deadline {
    match deadline.remaining() > SPAN {
        true => Deadline::after(SPAN),
        false => deadline,
    }
}
