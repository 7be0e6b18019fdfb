//! The joint of the state machine.

use std::cell::Cell;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment};
use mcp_launch_network::{ROOT_VARIABLES, Trouble, block_on};
use mcp_launch_rotation::{
    Account, Bundle, Handle, Liveness, Login, Method, Predecessor, Retire, RotationId, Rotator,
    RotatorError, Set, Successor,
};

use crate::check::{self, Kept, Seen};
use crate::connection::{Answer, Connection, log_in};
use crate::digest::Digest;
use crate::fault::Fault;
use crate::settings::{Server, Settings, SettingsError, is_name, name_of};

/// The longest that one question to the server takes: one that hangs leaves a run the time to say so.
const PATIENCE: Duration = Duration::from_secs(15);

/// Rotates the password of one account of a Redis or Valkey server.
///
/// Needs Redis 6 or Valkey. Who makes the change has to be allowed the commands that the README of this crate lists.
pub struct RedisRotator {
    settings: Settings,
    /// Of which only the variables count that say whom the system trusts.
    environment: Environment,
    last: Mutex<Option<Fault>>,
}

impl RedisRotator {
    /// The rotator of this account. Nothing is asked yet.
    ///
    /// # Errors
    /// When the settings contradict themselves.
    pub fn new(settings: Settings, environment: &Environment) -> Result<Self, SettingsError> {
        settings.check()?;
        Ok(Self {
            settings,
            environment: environment.restricted_to(&ROOT_VARIABLES),
            last: Mutex::new(None),
        })
    }

    /// Ends the connections of the account, which outlive its password, but for our own: for an incident. Gives how many.
    ///
    /// # Errors
    /// As a change of the password.
    pub fn kill_sessions(&self, login: &Bundle, deadline: Deadline) -> Result<u64, RotatorError> {
        let sent = Cell::new(false);
        self.told(self.within(login, deadline, &sent, async {
            let target = self.target(login)?;
            let mut connection = self.operator(&target, login).await?;
            let mut command = redis::cmd("CLIENT");
            command.arg(["KILL", "USER", &target.name, "SKIPME", "yes"].as_slice());
            sent.set(true);
            match connection.ask(&command).await? {
                Ok(redis::Value::Int(count)) => Ok(u64::try_from(count).unwrap_or_default()),
                Ok(_) => Err(Fault::Unclear(target.server.to_string())),
                Err(refusal) => Err(connection.refused(&refusal, "CLIENT KILL")),
            }
        }))
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where the account of this credential is, and its name as Redis has it.
    pub(crate) fn target(&self, bundle: &Bundle) -> Result<Target, Fault> {
        let account = self.settings.account.account(bundle).ok_or(Fault::Form)?;
        let server = self.settings.server(bundle).ok_or(Fault::Form)?;
        let name = name_of(&account.username).to_owned();
        if !is_name(&name) || account.password.is_empty() {
            return Err(Fault::Form);
        }
        Ok(Target {
            server,
            name,
            account,
        })
    }

    /// A connection of whoever makes changes.
    pub(crate) async fn operator(
        &self,
        target: &Target,
        login: &Bundle,
    ) -> Result<Connection, Fault> {
        if self.settings.is_administrator(&target.name) {
            return Err(Fault::AdministratorItself(target.name.clone()));
        }
        let own = self.target(login)?;
        let account = self.settings.administrator.as_ref().unwrap_or(&own.account);
        let who = name_of(&account.username).to_owned();
        match self.log_in(&target.server, account).await? {
            Answer::Admitted(connection) => Ok(connection),
            Answer::Refused => {
                let place = target.server.to_string();
                Err(Fault::NotAdmitted { who, place })
            }
        }
    }

    pub(crate) async fn log_in(&self, server: &Server, account: &Account) -> Result<Answer, Fault> {
        let name = name_of(&account.username);
        let encryption = &self.settings.encryption;
        log_in(
            server,
            encryption,
            &self.environment,
            name,
            &account.password,
        )
        .await
    }

    /// Does `work` for the credential `bundle`, until the deadline. `sent` says whether a change was asked for by then.
    pub(crate) fn within<T>(
        &self,
        bundle: &Bundle,
        deadline: Deadline,
        sent: &Cell<bool>,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let deadline = Deadline::after(deadline.remaining().min(PATIENCE));
        block_on(deadline, work).unwrap_or_else(|trouble| {
            let place = self.target(bundle).map(|target| target.server.to_string());
            let lost = Fault::Lost(place.unwrap_or_default());
            Err(match (sent.get(), trouble, lost) {
                (false, trouble, Fault::Lost(place)) => Fault::NotReached { trouble, place },
                (_, Trouble::TimedOut, lost) | (_, _, lost) => lost,
            })
        })
    }

    /// Keeps what a person is told about a fault.
    pub(crate) fn told<T>(&self, answer: Result<T, Fault>) -> Result<T, RotatorError> {
        answer.map_err(|fault| {
            let error = fault.error();
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
            error
        })
    }

    /// Adds the password of `value`, and has the server keep it.
    async fn add(&self, value: &Bundle, login: &Bundle, sent: &Cell<bool>) -> Result<(), Fault> {
        let target = self.target(value)?;
        let current = self.target(login)?;
        if (&target.name, &target.server) != (&current.name, &current.server) {
            return Err(Fault::OtherAccount);
        }
        let mut connection = self.operator(&target, login).await?;
        let (seen, kept) = self.before_change(&mut connection, &target.name).await?;
        let digest = Digest::of(&target.account.password);
        let rule = Rule::Add(&digest);
        sent.set(true);
        let changed = change(&mut connection, &target.name, rule, kept).await;
        if matches!(changed, Err(Fault::NotSaved { .. })) && !seen.has(&digest) {
            // In force now and unknown after a restart: rather not in force.
            change(
                &mut connection,
                &target.name,
                Rule::Remove(&digest),
                Kept::Nowhere,
            )
            .await?;
        }
        changed
    }

    /// Removes the password of `handle`, and no other.
    async fn remove(
        &self,
        handle: &Handle,
        login: &Bundle,
        sent: &Cell<bool>,
    ) -> Result<(), Fault> {
        let target = self.target(login)?;
        let place = target.server.to_string();
        let mut connection = self.operator(&target, login).await?;
        let Some(digest) = Digest::named(handle) else {
            return Err(Fault::Unclear(place));
        };
        let Some(seen) = check::account(&mut connection, &target.name).await? else {
            return Ok(());
        };
        if !seen.has(&digest) {
            return Ok(());
        }
        let current = Digest::of(&target.account.password);
        if current == digest || !seen.has(&current) {
            let account = target.name;
            return Err(Fault::NotCurrent { account, place });
        }
        let kept = check::kept(&mut connection).await?;
        sent.set(true);
        change(&mut connection, &target.name, Rule::Remove(&digest), kept).await
    }

    pub(crate) async fn before_change(
        &self,
        connection: &mut Connection,
        name: &str,
    ) -> Result<(Seen, Kept), Fault> {
        let Settings {
            persistence,
            topology,
            ..
        } = self.settings;
        check::before_change(connection, name, persistence, topology).await
    }
}

/// An account at its server.
pub(crate) struct Target {
    pub(crate) server: Server,
    pub(crate) name: String,
    pub(crate) account: Account,
}

/// A change of an account's passwords.
#[derive(Clone, Copy)]
enum Rule<'a> {
    Add(&'a Digest),
    Remove(&'a Digest),
}

/// Changes the account and has the server keep it, in one: whoever ends in between has done both or nothing.
async fn change(
    connection: &mut Connection,
    account: &str,
    rule: Rule<'_>,
    kept: Kept,
) -> Result<(), Fault> {
    const COMMAND: &str = "ACL SETUSER";
    let rule = match rule {
        Rule::Add(digest) => format!("#{}", digest.as_str()),
        Rule::Remove(digest) => format!("!{}", digest.as_str()),
    };
    let mut set = redis::cmd("ACL");
    set.arg(["SETUSER", account, &rule].as_slice());
    let commands: Vec<_> = [Some(set), kept.request()].into_iter().flatten().collect();
    let done = match connection.transaction(&commands).await? {
        Ok(done) => done,
        Err(refusal) => return Err(connection.refused(&refusal, COMMAND)),
    };
    let mut done = done.into_iter();
    if let Some(Err(refusal)) = done.next() {
        return Err(connection.refused(&refusal, COMMAND));
    }
    match (done.next(), kept.command()) {
        (Some(Err(_)), Some(command)) => {
            let place = connection.place().to_owned();
            Err(Fault::NotSaved { place, command })
        }
        _ => Ok(()),
    }
}

impl Rotator for RedisRotator {
    fn method(&self) -> Method<'_> {
        Method::Set(self)
    }

    fn predecessor(&self) -> Predecessor<'_> {
        Predecessor::Lives(self)
    }

    fn login(&self) -> Login {
        match self.settings.administrator {
            Some(_) => Login::Administrator,
            None => Login::Itself,
        }
    }

    fn probe(&self, value: &Bundle, deadline: Deadline) -> Liveness {
        let answer = self.within(value, deadline, &Cell::new(false), async {
            let target = self.target(value)?;
            self.log_in(&target.server, &target.account).await
        });
        match self.told(answer) {
            Ok(Answer::Admitted(_)) => Liveness::Live,
            Ok(Answer::Refused) => Liveness::Dead,
            Err(_) => Liveness::Unknown,
        }
    }

    fn identify(&self, value: &Bundle, _: Deadline) -> Result<Option<Handle>, RotatorError> {
        let target = self.told(self.target(value))?;
        Ok(Digest::of(&target.account.password).handle())
    }

    fn remedy(&self, error: RotatorError) -> Option<String> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last = last.as_ref().filter(|fault| fault.error() == error);
        last.and_then(Fault::remedy)
    }
}

impl Set for RedisRotator {
    fn create(&self, current: &Bundle) -> Result<Successor, RotatorError> {
        self.told(self.target(current).and_then(|target| {
            let password = self.settings.recipe.make().ok_or(Fault::NoRandom)?;
            let handle = Digest::of(&password).handle();
            let username = target.account.username;
            let account = Account { username, password };
            let bundle = self
                .settings
                .account
                .with(current, &account)
                .ok_or(Fault::Form)?;
            Ok(Successor {
                bundle,
                handle,
                expires_at: None,
            })
        }))
    }

    fn set(
        &self,
        value: &Bundle,
        _: &RotationId,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<(), RotatorError> {
        let sent = Cell::new(false);
        self.told(self.within(value, deadline, &sent, self.add(value, login, &sent)))
    }
}

impl Retire for RedisRotator {
    fn retire(
        &self,
        handle: &Handle,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<(), RotatorError> {
        let sent = Cell::new(false);
        self.told(self.within(login, deadline, &sent, self.remove(handle, login, &sent)))
    }
}
