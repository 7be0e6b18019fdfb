//! A request, ready to be sent.

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::Verb;

/// A request to the one host of a [`crate::Connection`].
pub struct Request {
    pub(crate) verb: Verb,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Zeroizing<Vec<u8>>>,
}

impl Request {
    /// One without headers and without a body. `path` begins with a slash, is percent-encoded, and may have a query.
    #[must_use]
    pub fn new(verb: Verb, path: impl Into<String>) -> Self {
        Self {
            verb,
            path: path.into(),
            headers: HeaderMap::new(),
            body: None,
        }
    }

    /// With a body of JSON.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.body = Some(Zeroizing::new(body.to_string().into_bytes()));
        let json = HeaderValue::from_static("application/json");
        self.headers.insert(CONTENT_TYPE, json);
        self
    }

    /// With a header. `None` where it is no header: a name with odd signs, a value with control characters.
    #[must_use]
    pub fn header(mut self, name: &str, value: &[u8]) -> Option<Self> {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        self.headers
            .insert(name, HeaderValue::from_bytes(value).ok()?);
        Some(self)
    }

    /// With a header that is a secret. `None` as of [`Request::header`].
    #[must_use]
    pub fn secret_header(mut self, name: &str, value: &[u8]) -> Option<Self> {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let mut value = HeaderValue::from_bytes(value).ok()?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Some(self)
    }
}
