//! What is known of a vendor: requests, and where in their answers things stand.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::Auth;
use crate::text::{Names, names_in, names_in_json};

/// What stands for `{{names}}` in paths and bodies besides those that each request has: texts, numbers, and for a body lists
/// and objects too. No secrets: they go into headers, by [`Auth`].
pub type Variables = BTreeMap<String, Value>;

/// How the tokens of one vendor are made, seen and ended.
#[derive(Clone, Debug)]
pub struct Template {
    /// How the credential itself is shown, by a probe and, without an administrator, by every request.
    pub auth: Auth,
    /// How the administrator's credential is shown, where there is one.
    pub administrator: Option<Auth>,
    /// Headers of every request: a version, an `Accept`.
    pub headers: Vec<(String, String)>,
    /// What the user says of the account: `{{sa}}`.
    pub variables: Variables,
    /// How long a new token shall live: `{{ttl}}` in seconds, `{{expires_at}}` (RFC 3339), `{{expires_on}}` (a date).
    pub lifetime: Option<Duration>,
    /// How long a new token may take to be accepted everywhere.
    pub propagation: Duration,
    /// How a token is made.
    pub making: Making,
    /// How it is seen whether a token is accepted.
    pub probing: Probing,
    /// What the one who makes tokens has to be allowed, for a person who is told that it is not.
    pub privileges: String,
}

/// How a token is made.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "one of them for each credential: a box would only be in the way of whoever writes a template"
)]
pub enum Making {
    /// A new one beside the old one, which is revoked later.
    Issue {
        /// Makes it. Knows `{{name}}`, which it has to give to the token, and `{{id}}`.
        call: Call,
        /// Where the new values are in the answer.
        fields: Vec<Field>,
        /// Where its public name is in the answer: a pointer to a text or a number.
        handle: String,
        /// Where it says when the token ends; without one, or an answer without it, that follows from `lifetime`.
        expiry: Option<String>,
        /// The header of an idempotency key, where the vendor knows one: the rotation is put there.
        idempotency: Option<String>,
        /// The statuses that mean that there is no room for one more.
        occupied: Vec<u16>,
        /// How many tokens the vendor lets live at once, those of others too.
        max_live: Option<usize>,
        /// Shows those there are.
        listing: Listing,
        /// Ends one.
        retiring: Retiring,
    },
    /// A new one in place of the old one, which dies at once.
    Roll {
        /// Makes it. Knows `{{name}}`, `{{id}}` and, where the probe tells it, `{{handle}}` of the old one.
        call: Call,
        /// Where the new values are in the answer.
        fields: Vec<Field>,
        /// Where its public name is in the answer.
        handle: Option<String>,
        /// Where it says when the token ends.
        expiry: Option<String>,
        /// Whether the owner accepts that a lost answer loses the credential. Only asked where there is no administrator.
        accepts_loss: bool,
    },
}

/// A request.
#[derive(Clone, Debug)]
pub struct Call {
    /// What it does.
    pub verb: Verb,
    /// The path behind the vendor's address, with its query: `/api/serviceaccounts/{{sa}}/tokens`. What a placeholder stands
    /// for is percent-encoded.
    pub path: String,
    /// The body.
    pub json: Option<Value>,
    /// The statuses that mean that it was done.
    pub ok: Vec<u16>,
}

impl Call {
    /// Without a body; done with 200, 201, 202 or 204.
    #[must_use]
    pub fn new(verb: Verb, path: &str) -> Self {
        Self {
            verb,
            path: path.to_owned(),
            json: None,
            ok: vec![200, 201, 202, 204],
        }
    }

    /// With a body.
    #[must_use]
    pub fn with_json(mut self, json: Value) -> Self {
        self.json = Some(json);
        self
    }
}

/// What a request does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    /// `DELETE`.
    Delete,
    /// `GET`.
    Get,
    /// `PATCH`.
    Patch,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
}

impl Verb {
    pub(crate) const fn method(self) -> Method {
        match self {
            Self::Delete => Method::DELETE,
            Self::Get => Method::GET,
            Self::Patch => Method::PATCH,
            Self::Post => Method::POST,
            Self::Put => Method::PUT,
        }
    }

    /// As it is written in a request.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// A value in an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field {
    /// The field of the bundle that it becomes; empty for a value without fields. All other fields stay as they are.
    pub name: String,
    /// Where it is: a JSON pointer (RFC 6901), `/key`.
    pub pointer: String,
}

/// How the tokens there are, are listed.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Lists them.
    pub call: Call,
    /// Where the list is in the answer; empty for an answer that is one.
    pub items: String,
    /// Within an item, its name: by it ours are known.
    pub name: String,
    /// Within an item, its public name.
    pub handle: String,
    /// Within an item, what says that it is no longer live: a pointer and the value there.
    pub dead_when: Vec<(String, Value)>,
    /// How the rest is asked for, where one answer has not all.
    pub pages: Option<Pages>,
}

/// How the next page of a list is asked for.
#[derive(Clone, Debug)]
pub enum Pages {
    /// By what stands in the last answer.
    After {
        /// The parameter of the query.
        parameter: String,
        /// Where its next value is in the answer.
        cursor: String,
        /// Where it says whether there is more: `true`. Without one there is more as long as there is a cursor.
        more: Option<String>,
    },
    /// By a number, until a page is empty: of a page, or of its first item.
    Number {
        /// The parameter of the query.
        parameter: String,
        /// That of the first page.
        first: u64,
        /// What is added for the next one: 1 for a number of pages, the length of a page for a number of items.
        step: u64,
    },
}

/// How a token is ended.
#[derive(Clone, Debug)]
pub struct Retiring {
    /// Ends `{{handle}}`.
    pub call: Call,
    /// The statuses that mean that there is no such token, which is as good.
    pub gone: Vec<u16>,
}

/// How it is seen whether a token is accepted. Changes nothing.
#[derive(Clone, Debug)]
pub struct Probing {
    /// Asks, as the token.
    pub call: Call,
    /// The statuses that mean that the vendor knows the token, even if it may not do much.
    pub live: Vec<u16>,
    /// The statuses that mean that the vendor refuses it. All other answers mean neither.
    pub dead: Vec<u16>,
    /// What has to stand in an answer of a live token, if its status says that it is one: a pointer and the value there.
    pub live_when: Vec<(String, Value)>,
    /// What in such an answer means that it is refused.
    pub dead_when: Vec<(String, Value)>,
    /// Where in the answer the token's public name is.
    pub handle: Option<String>,
    /// Where it says when the token ends.
    pub expiry: Option<ExpirySource>,
}

impl Probing {
    /// By `GET` of a path: 200 and 403 are of a live token, 401 of a dead one.
    #[must_use]
    pub fn get(path: &str) -> Self {
        Self {
            call: Call::new(Verb::Get, path),
            live: vec![200, 403],
            dead: vec![401],
            live_when: Vec::new(),
            dead_when: Vec::new(),
            handle: None,
            expiry: None,
        }
    }
}

/// Where it says when a token ends.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ExpirySource {
    /// In a header of the answer.
    Header(String),
    /// In the body, at this pointer.
    Pointer(String),
}

/// Why a template cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// A header that HTTP does not have: its name, or what it holds.
    #[error("`{0}` is no header, or its value has signs that no header has")]
    Header(String),
    /// The administrator's credential is missing, or the template has no use for one.
    #[error(
        "an administrator's credential is needed where the template shows one, and nowhere else"
    )]
    Administrator,
    /// The administrator's credential has not this field.
    #[error("the administrator's credential has no field `{0}`")]
    MissingField(String),
    /// A preset needs this setting.
    #[error("the setting `{0}` is missing")]
    MissingSetting(String),
    /// `{{ttl}}` and its like need a lifetime.
    #[error("`{{{{{0}}}}}` needs a lifetime")]
    NoLifetime(String),
    /// An issue whose request does not give the token its name would never find it again.
    #[error(
        "the request that makes a token does not use `{{{{name}}}}`, so what it made could not be found again"
    )]
    Nameless,
    /// A list or an object within a text.
    #[error("`{{{{{0}}}}}` is no text and no number, so it can only be all of a value of a body")]
    NoText(String),
    /// A request without a value to take from its answer.
    #[error("no field is taken from the answer")]
    NoValue,
    /// A path that leads elsewhere than it says.
    #[error("`{0}` is no path: it begins with a slash and is percent-encoded")]
    Path(String),
    /// No JSON pointer.
    #[error("`{0}` is no JSON pointer: it is empty or begins with a slash")]
    Pointer(String),
    /// A variable with the name of a placeholder that requests have.
    #[error("the variable `{0}` has a name that is taken")]
    Taken(String),
    /// `{{` without `}}`.
    #[error("`{{{{` is not closed by `}}}}`")]
    Unclosed,
    /// Nothing is known by this name.
    #[error("`{{{{{0}}}}}` stands for nothing here")]
    Unknown(String),
}

/// Names that requests have, so that no variable may.
const TAKEN: [&str; 6] = ["expires_at", "expires_on", "handle", "id", "name", "ttl"];
/// Those of them that need a lifetime.
const OF_LIFETIME: [&str; 3] = ["expires_at", "expires_on", "ttl"];

impl Template {
    /// Whether each request can be made, whatever is put into it.
    pub(crate) fn checked(&self) -> Result<(), TemplateError> {
        if let Some(name) = self.variables.keys().find(|name| TAKEN.contains(&&***name)) {
            return Err(TemplateError::Taken(name.clone()));
        }
        self.auth.checked()?;
        self.administrator.as_ref().map_or(Ok(()), Auth::checked)?;
        check_headers(&self.headers)?;
        self.check_making()?;
        check_probing(&self.probing, &self.variables)
    }

    fn check_making(&self) -> Result<(), TemplateError> {
        match &self.making {
            Making::Issue {
                call,
                fields,
                handle,
                expiry,
                idempotency,
                listing,
                retiring,
                ..
            } => {
                self.check_maker(call, fields, &["id", "name"])?;
                if !placeholders(call).contains(&"name") {
                    return Err(TemplateError::Nameless);
                }
                check_pointers([handle].into_iter().chain(expiry))?;
                if let Some(name) = idempotency {
                    check_headers(&[(name.clone(), String::new())])?;
                }
                check_call(&listing.call, &self.variables, &[])?;
                check_pointers([&listing.items, &listing.name, &listing.handle])?;
                check_pointers(listing.dead_when.iter().map(|(pointer, _)| pointer))?;
                match &listing.pages {
                    Some(Pages::After { cursor, more, .. }) => {
                        check_pointers([cursor].into_iter().chain(more))?;
                    }
                    Some(Pages::Number { .. }) | None => {}
                }
                check_call(&retiring.call, &self.variables, &["handle"])
            }
            Making::Roll {
                call,
                fields,
                handle,
                expiry,
                ..
            } => {
                let names: &[&str] = match self.probing.handle {
                    Some(_) => &["handle", "id", "name"],
                    None => &["id", "name"],
                };
                self.check_maker(call, fields, names)?;
                check_pointers(handle.iter().chain(expiry))
            }
        }
    }

    fn check_maker(
        &self,
        call: &Call,
        fields: &[Field],
        own: &[&str],
    ) -> Result<(), TemplateError> {
        let lost = placeholders(call)
            .into_iter()
            .find(|name| self.lifetime.is_none() && OF_LIFETIME.contains(name));
        if let Some(name) = lost {
            return Err(TemplateError::NoLifetime(name.to_owned()));
        }
        check_call(call, &self.variables, &[own, &OF_LIFETIME].concat())?;
        if fields.is_empty() {
            return Err(TemplateError::NoValue);
        }
        check_pointers(fields.iter().map(|field| &field.pointer))
    }
}

pub(crate) fn check_probing(probing: &Probing, variables: &Variables) -> Result<(), TemplateError> {
    check_call(&probing.call, variables, &[])?;
    let conditions = probing.live_when.iter().chain(&probing.dead_when);
    check_pointers(
        conditions
            .map(|(pointer, _)| pointer)
            .chain(&probing.handle),
    )?;
    match &probing.expiry {
        Some(ExpirySource::Pointer(pointer)) => check_pointers([pointer]),
        Some(ExpirySource::Header(name)) => check_headers(&[(name.clone(), String::new())]),
        None => Ok(()),
    }
}

pub(crate) fn check_headers(headers: &[(String, String)]) -> Result<(), TemplateError> {
    for (name, value) in headers {
        let request = crate::Request::new(Verb::Get, "/");
        if request.header(name, value.as_bytes()).is_none() {
            return Err(TemplateError::Header(name.clone()));
        }
    }
    Ok(())
}

fn check_pointers<'a>(pointers: impl IntoIterator<Item = &'a String>) -> Result<(), TemplateError> {
    let mut pointers = pointers.into_iter();
    match pointers.find(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
        Some(pointer) => Err(TemplateError::Pointer(pointer.clone())),
        None => Ok(()),
    }
}

/// Whether `call` can be filled in with `variables` and the names of its own.
fn check_call(call: &Call, variables: &Variables, own: &[&str]) -> Result<(), TemplateError> {
    let mut names: Vec<(&str, Value)> = own.iter().map(|name| (*name, Value::from("x"))).collect();
    names.extend(
        variables
            .iter()
            .map(|(name, value)| (&**name, value.clone())),
    );
    let names = Names(names);
    let path = names.path(&call.path)?;
    let is_plain = path.starts_with('/')
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte));
    if !is_plain {
        return Err(TemplateError::Path(call.path.clone()));
    }
    call.json
        .as_ref()
        .map_or(Ok(()), |json| names.json(json).map(drop))
}

fn placeholders(call: &Call) -> Vec<&str> {
    let mut names = names_in(&call.path);
    names.extend(call.json.iter().flat_map(names_in_json));
    names
}
