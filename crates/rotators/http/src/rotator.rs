//! A [`Template`] as a rotator.

use std::cell::RefCell;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mcp_launch_core::{Deadline, Secret};
use mcp_launch_rotation::{
    Bundle, Generation, Handle, Issue, Liveness, Login, Method, Predecessor, Retire, Roll,
    RotationId, Rotator, RotatorError, Successor,
};
use serde_json::Value;

use crate::answer::{Dealing, handle, moment};
use crate::list::{self, Item};
use crate::template::{Call, Field, Listing, Making, Retiring, Template, TemplateError};
use crate::text::Names;
use crate::{Answer, Connection, Mark, Probe, Request, Unanswered};

/// One credential at a vendor that a [`Template`] describes.
pub struct HttpRotator {
    template: Template,
    connection: Connection,
    administrator: Option<Bundle>,
    mark: Mark,
    probe: Probe,
    /// Why the last request came to what it came to.
    cause: RefCell<Option<Cause>>,
}

/// Why a request failed, for a person.
enum Cause {
    /// The vendor said no: its status, and what it was asked, with placeholders.
    Answered(u16, String),
    /// As many tokens as there may be, where so many may.
    Full(usize, usize),
    /// The credential has not this field.
    NoField(String),
    /// The request could not be made of what it is made of.
    Unmakable(String),
    /// Done, as far as the status says, but the answer has not what it should.
    Unreadable(String),
    /// No answer.
    Unanswered(Unanswered, String),
}

impl HttpRotator {
    /// The rotation of the credential with this mark, as `template` says, at the vendor that `connection` leads to.
    /// `administrator` makes the changes where the template has one; else the credential itself does.
    ///
    /// # Errors
    /// When the template cannot be used: see [`TemplateError`].
    pub fn new(
        template: Template,
        connection: Connection,
        administrator: Option<Bundle>,
        mark: Mark,
    ) -> Result<Self, TemplateError> {
        template.checked()?;
        match (&template.administrator, &administrator) {
            (None, None) => {}
            (Some(auth), Some(bundle)) => {
                let missing = auth
                    .fields()
                    .into_iter()
                    .find(|field| bundle.get(field).is_none());
                if let Some(field) = missing {
                    return Err(TemplateError::MissingField(field.to_owned()));
                }
            }
            _ => return Err(TemplateError::Administrator),
        }
        let probe = Probe::new(
            template.probing.clone(),
            template.auth.clone(),
            &template.headers,
            &template.variables,
        )?;
        Ok(Self {
            template,
            connection,
            administrator,
            mark,
            probe,
            cause: RefCell::new(None),
        })
    }

    fn failed(&self, cause: Cause, error: RotatorError) -> RotatorError {
        *self.cause.borrow_mut() = Some(cause);
        error
    }

    /// What the placeholders of a request stand for.
    fn names(&self, own: Vec<(&'static str, Value)>) -> Names<'_> {
        let variables = self.template.variables.iter();
        let mut names: Vec<(&str, Value)> = own;
        names.extend(variables.map(|(name, value)| (&**name, value.clone())));
        Names(names)
    }

    fn names_of_new(&self, id: &RotationId, own: Vec<(&'static str, Value)>) -> Names<'_> {
        let mut names = own;
        names.push(("name", Value::from(self.mark.name(id))));
        names.push(("id", Value::from(id.as_str())));
        if let Some((lifetime, at)) = self.template.lifetime.zip(self.end()) {
            names.push(("ttl", Value::from(lifetime.as_secs())));
            names.push((
                "expires_at",
                Value::from(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            ));
            names.push((
                "expires_on",
                Value::from(at.strftime("%Y-%m-%d").to_string()),
            ));
        }
        self.names(names)
    }

    /// When a token that is made now ends.
    fn end(&self) -> Option<Timestamp> {
        let span = SignedDuration::try_from(self.template.lifetime?).ok()?;
        Timestamp::now().checked_add(span).ok()
    }

    fn request(
        &self,
        call: &Call,
        path: String,
        names: &Names<'_>,
        login: &Bundle,
    ) -> Result<Request, RotatorError> {
        let unmakable = || self.failed(Cause::Unmakable(asked(call)), RotatorError::Failed);
        let mut request = Request::new(call.verb, path);
        if let Some(json) = &call.json {
            request = request.json(&names.json(json).map_err(|_| unmakable())?);
        }
        for (name, value) in &self.template.headers {
            request = request
                .header(name, value.as_bytes())
                .ok_or_else(unmakable)?;
        }
        let shown = match (&self.template.administrator, &self.administrator) {
            (Some(auth), Some(administrator)) => auth.applied(request, administrator),
            _ => self.template.auth.applied(request, login),
        };
        shown.ok_or_else(unmakable)
    }

    fn path(&self, call: &Call, names: &Names<'_>) -> Result<String, RotatorError> {
        names
            .path(&call.path)
            .map_err(|_| self.failed(Cause::Unmakable(asked(call)), RotatorError::Failed))
    }

    fn send(
        &self,
        call: &Call,
        request: &Request,
        dealing: Dealing,
        deadline: Deadline,
    ) -> Result<Answer, RotatorError> {
        self.connection.send(request, deadline).map_err(|error| {
            self.failed(Cause::Unanswered(error, asked(call)), error.error(dealing))
        })
    }

    fn refused(&self, call: &Call, answer: &Answer, error: RotatorError) -> RotatorError {
        self.failed(Cause::Answered(answer.status(), asked(call)), error)
    }

    /// All live tokens, those of others too.
    fn items(
        &self,
        listing: &Listing,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<Vec<Item>, RotatorError> {
        let call = &listing.call;
        let names = self.names(Vec::new());
        let path = self.path(call, &names)?;
        list::all(listing, &path, |path| {
            let request = self.request(call, path.to_owned(), &names, login)?;
            let answer = self.send(call, &request, Dealing::Question, deadline)?;
            if !call.ok.contains(&answer.status()) {
                return Err(self.refused(call, &answer, answer.error(Dealing::Question)));
            }
            answer
                .json()
                .ok_or_else(|| self.failed(Cause::Unreadable(asked(call)), RotatorError::Failed))
        })
    }

    /// The stored credential has to have the fields that are to be replaced: else the new value would be one beside it.
    fn has_fields(&self, fields: &[Field], login: &Bundle) -> Result<(), RotatorError> {
        match fields.iter().find(|field| login.get(&field.name).is_none()) {
            Some(field) => {
                Err(self.failed(Cause::NoField(field.name.clone()), RotatorError::Failed))
            }
            None => Ok(()),
        }
    }

    fn successor(
        &self,
        call: &Call,
        answer: &Answer,
        made: Made<'_>,
        login: &Bundle,
    ) -> Result<Successor, RotatorError> {
        let unreadable = || self.failed(Cause::Unreadable(asked(call)), RotatorError::Ambiguous);
        let mut body = answer.json().ok_or_else(unreadable)?;
        let named = made
            .handle
            .and_then(|pointer| body.pointer(pointer))
            .and_then(handle);
        if made.needs_handle && named.is_none() {
            return Err(unreadable());
        }
        let told = made
            .expiry
            .and_then(|pointer| body.pointer(pointer))
            .and_then(moment);
        let mut new = Vec::new();
        for field in made.fields {
            let value = body.pointer_mut(&field.pointer).map(Value::take);
            match value {
                Some(Value::String(text)) if !text.is_empty() => {
                    new.push((&*field.name, Secret::new(text.into_bytes())));
                }
                _ => return Err(unreadable()),
            }
        }
        let fields = login.iter().map(|(name, old)| {
            let value = new.iter().find(|(own, _)| *own == name);
            (
                name.to_owned(),
                value.map_or(old, |(_, value)| value).again(),
            )
        });
        Ok(Successor {
            bundle: Bundle::new(fields).map_err(|_| unreadable())?,
            handle: named,
            expires_at: told.or_else(|| self.end()),
        })
    }

    fn made(
        &self,
        (call, names): (&Call, &Names<'_>),
        login: &Bundle,
        (idempotency, occupied): (Option<(&str, &RotationId)>, &[u16]),
        deadline: Deadline,
    ) -> Result<Answer, RotatorError> {
        let path = self.path(call, names)?;
        let mut request = self.request(call, path, names, login)?;
        if let Some((header, id)) = idempotency {
            request = request
                .header(header, id.as_str().as_bytes())
                .ok_or_else(|| self.failed(Cause::Unmakable(asked(call)), RotatorError::Failed))?;
        }
        let answer = self.send(call, &request, Dealing::Change, deadline)?;
        if call.ok.contains(&answer.status()) {
            return Ok(answer);
        }
        let error = if occupied.contains(&answer.status()) {
            RotatorError::Occupied
        } else {
            answer.error(Dealing::Change)
        };
        Err(self.refused(call, &answer, error))
    }
}

/// Where in an answer the parts of a new token are.
struct Made<'a> {
    fields: &'a [Field],
    handle: Option<&'a str>,
    needs_handle: bool,
    expiry: Option<&'a str>,
}

/// What was asked, without what was put into it.
fn asked(call: &Call) -> String {
    format!("{} {}", call.verb.as_str(), call.path)
}

impl Rotator for HttpRotator {
    fn method(&self) -> Method<'_> {
        match self.template.making {
            Making::Issue { .. } => Method::Issue(self),
            Making::Roll { .. } => Method::Roll(self),
        }
    }

    fn predecessor(&self) -> Predecessor<'_> {
        match self.template.making {
            Making::Issue { .. } => Predecessor::Lives(self),
            Making::Roll { .. } => Predecessor::Dies,
        }
    }

    fn login(&self) -> Login {
        match self.administrator {
            Some(_) => Login::Administrator,
            None => Login::Itself,
        }
    }

    fn propagation(&self) -> Duration {
        self.template.propagation
    }

    fn probe(&self, value: &Bundle, deadline: Deadline) -> Liveness {
        self.probe.look(&self.connection, value, deadline).liveness
    }

    fn identify(&self, value: &Bundle, deadline: Deadline) -> Result<Option<Handle>, RotatorError> {
        if self.template.probing.handle.is_none() {
            return Ok(None);
        }
        let seen = self.probe.look(&self.connection, value, deadline);
        match seen.liveness {
            Liveness::Live => Ok(seen.handle),
            Liveness::Dead => Ok(None),
            Liveness::Unknown => Err(RotatorError::Unavailable),
        }
    }

    fn remedy(&self, error: RotatorError) -> Option<String> {
        let host = self.connection.host();
        let cause = self.cause.borrow();
        Some(match cause.as_ref()? {
            Cause::Answered(status, asked) if error == RotatorError::Denied => {
                format!(
                    "{host} answered {status} to `{asked}`: {}",
                    self.template.privileges
                )
            }
            Cause::Answered(status, asked) if error == RotatorError::Occupied => format!(
                "{host} answered {status} to `{asked}`: there is no room for one more; revoke one there that nobody uses"
            ),
            Cause::Answered(status, asked) => format!("{host} answered {status} to `{asked}`"),
            Cause::Full(there, most) => format!(
                "{host} has {there} live tokens where {most} may be, and none of them is left over from a rotation: \
                 revoke one there that nobody uses"
            ),
            Cause::NoField(field) if field.is_empty() => {
                "the stored credential has fields, and the template makes one value: name the field"
                    .to_owned()
            }
            Cause::NoField(field) => {
                format!("the stored credential has no field `{field}`, which the template makes")
            }
            Cause::Unmakable(asked) => format!(
                "`{asked}` cannot be asked of {host}: a field is missing, or has signs that no request may have"
            ),
            Cause::Unreadable(asked) => format!(
                "the answer of {host} to `{asked}` has not what the template says: check its pointers"
            ),
            Cause::Unanswered(
                Unanswered::NotSent(Some(trouble)) | Unanswered::Lost(trouble),
                asked,
            ) => match trouble.remedy(&host, None) {
                Some(remedy) => remedy,
                None => format!("`{asked}` at {host}: {}", trouble.note()),
            },
            Cause::Unanswered(Unanswered::NotSent(None), asked) => {
                format!(
                    "`{asked}` does not lead to where it says: what is put into the path does not fit there"
                )
            }
        })
    }
}

impl Issue for HttpRotator {
    fn issue(
        &self,
        id: &RotationId,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<Successor, RotatorError> {
        let Making::Issue {
            call,
            fields,
            handle,
            expiry,
            idempotency,
            occupied,
            max_live,
            listing,
            ..
        } = &self.template.making
        else {
            return Err(RotatorError::Failed);
        };
        self.has_fields(fields, login)?;
        if let Some(most) = *max_live {
            let there = self.items(listing, login, deadline)?.len();
            if there >= most {
                return Err(self.failed(Cause::Full(there, most), RotatorError::Occupied));
            }
        }
        let names = self.names_of_new(id, Vec::new());
        let key = idempotency.as_deref().map(|header| (header, id));
        let answer = self.made((call, &names), login, (key, occupied), deadline)?;
        let made = Made {
            fields,
            handle: Some(handle),
            needs_handle: true,
            expiry: expiry.as_deref(),
        };
        self.successor(call, &answer, made, login)
    }

    fn list(&self, login: &Bundle, deadline: Deadline) -> Result<Vec<Generation>, RotatorError> {
        let Making::Issue { listing, .. } = &self.template.making else {
            return Ok(Vec::new());
        };
        let ours = self.items(listing, login, deadline)?.into_iter();
        Ok(ours
            .filter_map(|item| {
                Some(Generation {
                    id: self.mark.id_in(&item.name)?,
                    handle: item.handle,
                })
            })
            .collect())
    }
}

impl Retire for HttpRotator {
    fn retire(
        &self,
        handle: &Handle,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<(), RotatorError> {
        let Making::Issue {
            retiring: Retiring { call, gone },
            ..
        } = &self.template.making
        else {
            return Err(RotatorError::Failed);
        };
        let names = self.names(vec![("handle", Value::from(handle.as_str()))]);
        let path = self.path(call, &names)?;
        let request = self.request(call, path, &names, login)?;
        let answer = self.send(call, &request, Dealing::Change, deadline)?;
        if call.ok.contains(&answer.status()) || gone.contains(&answer.status()) {
            return Ok(());
        }
        Err(self.refused(call, &answer, answer.error(Dealing::Change)))
    }
}

impl Roll for HttpRotator {
    fn roll(
        &self,
        id: &RotationId,
        login: &Bundle,
        deadline: Deadline,
    ) -> Result<Successor, RotatorError> {
        let Making::Roll {
            call,
            fields,
            handle,
            expiry,
            ..
        } = &self.template.making
        else {
            return Err(RotatorError::Failed);
        };
        self.has_fields(fields, login)?;
        let mut own = Vec::new();
        if crate::text::names_in(&call.path).contains(&"handle")
            || call
                .json
                .as_ref()
                .is_some_and(|json| crate::text::names_in_json(json).contains(&"handle"))
        {
            let old = self.identify(login, deadline)?;
            let old = old
                .ok_or_else(|| self.failed(Cause::Unmakable(asked(call)), RotatorError::Failed))?;
            own.push(("handle", Value::from(old.as_str())));
        }
        let names = self.names_of_new(id, own);
        let answer = self.made((call, &names), login, (None, &[]), deadline)?;
        let made = Made {
            fields,
            handle: handle.as_deref(),
            needs_handle: false,
            expiry: expiry.as_deref(),
        };
        self.successor(call, &answer, made, login)
    }

    fn accepts_loss(&self) -> bool {
        matches!(
            self.template.making,
            Making::Roll {
                accepts_loss: true,
                ..
            }
        )
    }
}
