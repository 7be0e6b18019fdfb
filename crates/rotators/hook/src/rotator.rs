//! A program as a rotator.

use std::cell::RefCell;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mcp_launch_core::{Deadline, Secret};
use mcp_launch_rotation::{
    Bundle, Delegate, Generation, Handle, Issue, Liveness, Login, Method, Predecessor, Retire,
    Roll, RotationId, Rotator, RotatorError, Set, Successor,
};

use crate::describe::{Class, Description, Fate};
use crate::process::{self, How};
use crate::program::ProgramError;
use crate::protocol::{Answer, Fields, Op, Request, VERSION, unclear};
use crate::redact::redacted;
use crate::settings::HookSettings;

/// A program that rotates one credential.
pub struct HookRotator {
    settings: HookSettings,
    description: Description,
    said: RefCell<Said>,
}

/// What is known of the last operation that went wrong, for a person.
#[derive(Default)]
struct Said {
    /// How it went wrong.
    remedy: Option<String>,
    /// What it printed, without values.
    text: Option<String>,
}

/// Why a hook cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HookError {
    /// The program is not to be trusted, or not there.
    #[error("the program is not run: {0}")]
    Program(#[from] ProgramError),
    /// It gave no answer to `describe`.
    #[error("the program does not answer `describe`: {0}")]
    Silent(&'static str),
    /// Its description cannot be used.
    #[error("the program's answer to `describe` cannot be used: {0}")]
    Description(&'static str),
}

impl HookRotator {
    /// Checks the program, and asks it what it can do.
    ///
    /// # Errors
    /// See [`HookError`].
    pub fn connect(settings: HookSettings, deadline: Deadline) -> Result<Self, HookError> {
        settings.program.check()?;
        let said = RefCell::default();
        let request = request(&settings, Op::Describe);
        let answer = ask(&settings, &said, &request, deadline).map_err(|_| {
            HookError::Silent("it has to exit with 0 and print one JSON object with \"ok\": true")
        })?;
        let description = Description::of(&answer).map_err(HookError::Description)?;
        Ok(Self {
            settings,
            description,
            said,
        })
    }

    /// What the program says of itself.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// What the program printed on standard error and as `message` when it was last asked, with every value in play taken
    /// out. Meant for the terminal of the person who wrote it, and for nothing else: what a program does to a value before it
    /// prints it, nobody can know.
    #[must_use]
    pub fn diagnostics(&self) -> Option<String> {
        self.said.borrow().text.clone()
    }

    /// Asks whether a rotation would be possible, without changing anything. `None` where the program cannot say.
    ///
    /// # Errors
    /// What would go wrong.
    pub fn preflight(
        &self,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<Option<()>, RotatorError> {
        if !self.description.has_preflight {
            return Ok(None);
        }
        self.ask(self.as_login(Op::Preflight, login), deadline)
            .map(|_| Some(()))
    }

    /// Ends the sessions of a generation, and says how many they were. `None` where the program cannot.
    ///
    /// # Errors
    /// When they may go on.
    pub fn kill_sessions(
        &self,
        handle: &Handle,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<Option<u32>, RotatorError> {
        if !self.description.kills_sessions {
            return Ok(None);
        }
        let mut request = self.as_login(Op::KillSessions, login);
        request.handle = Some(handle.as_str());
        let answer = self.ask(request, deadline)?;
        answer.sessions.map(Some).ok_or(RotatorError::Ambiguous)
    }

    fn as_login<'a>(&'a self, op: Op, login: &'a Bundle) -> Request<'a> {
        let administrator = self.settings.administrator.as_ref();
        Request {
            auth: Some(Fields(administrator.unwrap_or(login))),
            current: Some(Fields(login)),
            ..request(&self.settings, op)
        }
    }

    fn to_make<'a>(&'a self, op: Op, id: &'a RotationId, login: &'a Bundle) -> Request<'a> {
        let end = self.end();
        Request {
            rotation_id: Some(id.as_str()),
            name: Some(format!("{}{id}", self.settings.prefix)),
            expires_at: end.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            ..self.as_login(op, login)
        }
    }

    fn end(&self) -> Option<Timestamp> {
        let span = SignedDuration::try_from(self.settings.lifetime?).ok()?;
        Timestamp::now().checked_add(span).ok()
    }

    fn ask(&self, request: Request<'_>, deadline: Deadline) -> Result<Answer, RotatorError> {
        ask(&self.settings, &self.said, &request, deadline)
    }

    fn unusable(&self, op: Op, what: &str) -> RotatorError {
        let remedy = format!("the answer of the program to `{}` has {what}", op.as_str());
        self.said.borrow_mut().remedy = Some(remedy);
        unclear(op)
    }

    fn made(
        &self,
        op: Op,
        id: &RotationId,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<Successor, RotatorError> {
        let answer = self.ask(self.to_make(op, id, login), deadline)?;
        let bundle = answer.merged(login).ok_or_else(|| {
            self.unusable(op, "no `fields`, or other ones than the stored credential")
        })?;
        let handle = answer
            .handle
            .as_ref()
            .and_then(crate::protocol::Name::handle);
        if op == Op::Issue && handle.is_none() {
            return Err(self.unusable(op, "no `handle`"));
        }
        let told = answer
            .expires_at
            .as_ref()
            .and_then(|text| text.parse().ok());
        Ok(Successor {
            bundle,
            handle,
            expires_at: told.or_else(|| self.end()),
        })
    }
}

fn request(settings: &HookSettings, op: Op) -> Request<'_> {
    Request {
        v: VERSION,
        op,
        credential: &settings.credential,
        prefix: &settings.prefix,
        rotation_id: None,
        name: None,
        expires_at: None,
        handle: None,
        auth: None,
        current: None,
        value: None,
    }
}

/// Asks the program one thing. What it complains of is kept without values.
fn ask(
    settings: &HookSettings,
    said: &RefCell<Said>,
    request: &Request<'_>,
    deadline: Deadline,
) -> Result<Answer, RotatorError> {
    let op = request.op;
    let program = settings.program.path().display();
    let fail = |error: RotatorError, why: String| {
        said.borrow_mut().remedy = Some(why);
        error
    };
    said.borrow_mut().text = None;
    let input = request.bytes().ok_or_else(|| {
        fail(
            RotatorError::Failed,
            "a value of the credential is no text, which the protocol cannot hold".to_owned(),
        )
    })?;
    let checked = settings.program.checked().map_err(|error| {
        fail(
            RotatorError::Failed,
            format!("{program} is not run: {error}"),
        )
    })?;
    let allowed = settings.timeout.min(deadline.remaining());
    if allowed.is_zero() {
        return Err(fail(
            RotatorError::Unavailable,
            "there was no time left to start the program".to_owned(),
        ));
    }
    let ended =
        process::run(&checked, settings, input, Deadline::after(allowed)).map_err(|_| {
            fail(
                RotatorError::Unavailable,
                format!("{program} cannot be started: check its first line and its rights"),
            )
        })?;
    let answer = match ended.how {
        How::Exited(0) => Answer::parse(&ended.answer),
        _ => None,
    };
    let outcome = match (&answer, ended.how) {
        (Some(answer), _) if answer.ok => Ok(()),
        (Some(answer), _) => Err((
            answer.error(op),
            format!("{program} says so of `{}`", op.as_str()),
        )),
        (None, how) => Err((
            match how {
                How::Exited(75) | How::Killed | How::TimedOut | How::TooLong => unclear(op),
                How::Exited(_) if op.changes() => RotatorError::Ambiguous,
                How::Exited(_) => RotatorError::Failed,
            },
            format!("{program}, asked for `{}`, {}", op.as_str(), ended_how(how)),
        )),
    };
    keep(
        said,
        request,
        settings,
        answer.as_ref(),
        outcome.as_ref().err().map(|(error, _)| *error),
        &ended.complaint,
    );
    match (outcome, answer) {
        (Ok(()), Some(answer)) => Ok(answer),
        (Err((error, why)), _) => Err(fail(error, why)),
        (Ok(()), None) => Err(unclear(op)),
    }
}

fn ended_how(how: How) -> String {
    match how {
        How::Exited(0) => "printed what is not one JSON object with \"ok\"".to_owned(),
        How::Exited(code) => format!("exited with {code}"),
        How::Killed => "was ended by a signal".to_owned(),
        How::TimedOut => "did not end in time and was killed".to_owned(),
        How::TooLong => "printed more than 64 KiB and was killed".to_owned(),
    }
}

/// Keeps what the program printed, without the values that it had or made.
fn keep(
    said: &RefCell<Said>,
    request: &Request<'_>,
    settings: &HookSettings,
    answer: Option<&Answer>,
    error: Option<RotatorError>,
    complaint: &[u8],
) {
    let made = answer.map(Answer::values).unwrap_or_default();
    let bundles = [request.auth, request.current, request.value];
    let bundles = bundles.into_iter().flatten().map(|fields| fields.0);
    let bundles = bundles.chain(&settings.administrator);
    let given = bundles.flat_map(|bundle| bundle.iter().map(|(_, value)| value));
    let values: Vec<&Secret> = given.chain(&made).collect();
    let mut text = zeroize::Zeroizing::new(complaint.to_vec());
    if let Some(message) = answer.and_then(|answer| answer.message.as_ref()) {
        text.push(b'\n');
        text.extend_from_slice(message.as_bytes());
    }
    let shown = redacted(&text, &values);
    let mut said = said.borrow_mut();
    // A value that was made and not handed over may be in it, and nobody knows what it looks like.
    let may_hold_another = request.op.makes() && error == Some(RotatorError::Ambiguous);
    said.text = match (shown.is_empty(), may_hold_another) {
        (true, _) => None,
        (false, true) => {
            Some("(what it printed is not shown: it may hold a value that was made)".to_owned())
        }
        (false, false) => Some(shown),
    };
}

impl Rotator for HookRotator {
    fn method(&self) -> Method<'_> {
        match self.description.class {
            Class::Set => Method::Set(self),
            Class::Issue => Method::Issue(self),
            Class::Roll => Method::Roll(self),
            Class::Delegate => Method::Delegate(self),
            Class::Track => Method::Track,
        }
    }

    fn predecessor(&self) -> Predecessor<'_> {
        match self.description.predecessor {
            Fate::Dies => Predecessor::Dies,
            Fate::Lives => Predecessor::Lives(self),
            Fate::Stays => Predecessor::Stays,
        }
    }

    fn login(&self) -> Login {
        self.description.login
    }

    fn propagation(&self) -> Duration {
        self.description.propagation
    }

    fn probe(&self, value: &Bundle, deadline: Deadline) -> Liveness {
        let request = Request {
            value: Some(Fields(value)),
            ..request(&self.settings, Op::Probe)
        };
        match self
            .ask(request, deadline)
            .ok()
            .and_then(|answer| answer.live)
            .as_deref()
        {
            Some("live") => Liveness::Live,
            Some("dead") => Liveness::Dead,
            _ => Liveness::Unknown,
        }
    }

    fn identify(&self, value: &Bundle, deadline: Deadline) -> Result<Option<Handle>, RotatorError> {
        if !self.description.identifies {
            return Ok(None);
        }
        let request = Request {
            value: Some(Fields(value)),
            ..request(&self.settings, Op::Identify)
        };
        let answer = self.ask(request, deadline)?;
        Ok(answer
            .handle
            .as_ref()
            .and_then(crate::protocol::Name::handle))
    }

    fn remedy(&self, _error: RotatorError) -> Option<String> {
        self.said.borrow().remedy.clone()
    }
}

impl Set for HookRotator {
    fn create(&self, current: &Bundle) -> Result<Successor, RotatorError> {
        let chosen = &self.settings.chosen;
        if current.get(&chosen.field).is_none() {
            let remedy = format!("the stored credential has no field `{}`", chosen.field);
            self.said.borrow_mut().remedy = Some(remedy);
            return Err(RotatorError::Failed);
        }
        let new = chosen.recipe.make().ok_or(RotatorError::Failed)?;
        let fields = current.iter().map(|(name, old)| {
            let value = if name == chosen.field { &new } else { old };
            (name.to_owned(), value.again())
        });
        let bundle = Bundle::new(fields).map_err(|_| RotatorError::Failed)?;
        // What names a value that we chose, such as its digest, is known before it is in force.
        let handle = match self.description.predecessor {
            Fate::Lives => self.identify(&bundle, Deadline::after(self.settings.timeout))?,
            Fate::Dies | Fate::Stays => None,
        };
        Ok(Successor {
            bundle,
            handle,
            expires_at: self.end(),
        })
    }

    fn set(
        &self,
        value: &Bundle,
        id: &RotationId,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<(), RotatorError> {
        let request = Request {
            value: Some(Fields(value)),
            ..self.to_make(Op::Apply, id, login)
        };
        self.ask(request, deadline).map(drop)
    }
}

impl Issue for HookRotator {
    fn issue(
        &self,
        id: &RotationId,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<Successor, RotatorError> {
        self.made(Op::Issue, id, login, deadline)
    }

    fn list(&self, login: &Bundle, deadline: Deadline) -> Result<Vec<Generation>, RotatorError> {
        let answer = self.ask(self.as_login(Op::Ours, login), deadline)?;
        let ours = answer
            .ours
            .ok_or_else(|| self.unusable(Op::Ours, "no `ours`"))?;
        let generation = |one: &crate::protocol::Ours| {
            let of_name = || one.name.as_deref()?.strip_prefix(&self.settings.prefix);
            let id = one.rotation_id.as_deref().or_else(of_name)?;
            Some(Generation {
                handle: one.handle.handle()?,
                id: RotationId::new(id).ok()?,
            })
        };
        Ok(ours.iter().filter_map(generation).collect())
    }
}

impl Retire for HookRotator {
    fn retire(
        &self,
        handle: &Handle,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<(), RotatorError> {
        let mut request = self.as_login(Op::Retire, login);
        request.handle = Some(handle.as_str());
        self.ask(request, deadline).map(drop)
    }
}

impl Roll for HookRotator {
    fn roll(
        &self,
        id: &RotationId,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<Successor, RotatorError> {
        self.made(Op::Roll, id, login, deadline)
    }

    fn accepts_loss(&self) -> bool {
        self.settings.accepts_loss
    }
}

impl Delegate for HookRotator {
    fn trigger(&self, login: &Bundle, deadline: Deadline) -> Result<(), RotatorError> {
        self.ask(self.as_login(Op::Trigger, login), deadline)
            .map(drop)
    }
}
