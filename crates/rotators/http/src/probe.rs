//! Whether a token is accepted, and what the vendor tells of it.

use jiff::Timestamp;
use mcp_launch_core::Deadline;
use mcp_launch_rotation::{Bundle, Handle, Liveness};
use serde_json::Value;

use crate::answer::{handle, moment, moment_in};
use crate::template::{check_headers, check_probing};
use crate::text::Names;
use crate::{Auth, Connection, ExpirySource, Probing, Request, TemplateError, Variables};

/// A login that changes nothing.
#[derive(Clone, Debug)]
pub struct Probe {
    probing: Probing,
    auth: Auth,
    headers: Vec<(String, String)>,
    path: String,
    json: Option<Value>,
}

/// What a probe saw.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seen {
    /// Whether the value is accepted.
    pub liveness: Liveness,
    /// Its public name, if the vendor tells it.
    pub handle: Option<Handle>,
    /// When it ends, if the vendor tells it.
    pub expires_at: Option<Timestamp>,
}

impl Seen {
    const NOTHING: Self = Self {
        liveness: Liveness::Unknown,
        handle: None,
        expires_at: None,
    };
}

impl Probe {
    /// As `probing` says; `auth` shows the value, `headers` are sent with it.
    ///
    /// # Errors
    /// See [`TemplateError`].
    pub fn new(
        probing: Probing,
        auth: Auth,
        headers: &[(String, String)],
        variables: &Variables,
    ) -> Result<Self, TemplateError> {
        check_headers(headers)?;
        auth.checked()?;
        check_probing(&probing, variables)?;
        let names = variables.iter();
        let names = Names(
            names
                .map(|(name, value)| (&**name, value.clone()))
                .collect(),
        );
        let json = probing.call.json.as_ref();
        Ok(Self {
            path: names.path(&probing.call.path)?,
            json: json.map(|json| names.json(json)).transpose()?,
            probing,
            auth,
            headers: headers.to_vec(),
        })
    }

    /// Asks once. A value that cannot be shown, because it lacks a field or has signs that no header has, is not dead: nobody
    /// was asked.
    #[must_use]
    pub fn look(&self, connection: &Connection, value: &Bundle, deadline: Deadline) -> Seen {
        let mut request = Request::new(self.probing.call.verb, self.path.clone());
        if let Some(json) = &self.json {
            request = request.json(json);
        }
        for (name, text) in &self.headers {
            match request.header(name, text.as_bytes()) {
                Some(with) => request = with,
                None => return Seen::NOTHING,
            }
        }
        let Some(request) = self.auth.applied(request, value) else {
            return Seen::NOTHING;
        };
        let Ok(answer) = connection.send(&request, deadline) else {
            return Seen::NOTHING;
        };
        let status = answer.status();
        if self.probing.dead.contains(&status) {
            return Seen {
                liveness: Liveness::Dead,
                ..Seen::NOTHING
            };
        }
        if !self.probing.live.contains(&status) {
            return Seen::NOTHING;
        }
        let body = answer.json();
        let at = |pointer: &String| body.as_ref()?.pointer(pointer);
        let holds = |(pointer, expected): &(String, Value)| at(pointer) == Some(expected);
        let liveness = if self.probing.dead_when.iter().any(holds) {
            Liveness::Dead
        } else if self.probing.live_when.iter().all(holds) {
            Liveness::Live
        } else {
            Liveness::Unknown
        };
        Seen {
            liveness,
            handle: self.probing.handle.as_ref().and_then(at).and_then(handle),
            expires_at: match &self.probing.expiry {
                Some(ExpirySource::Pointer(pointer)) => at(pointer).and_then(moment),
                Some(ExpirySource::Header(name)) => answer.header(name).and_then(moment_in),
                None => None,
            },
        }
    }
}
