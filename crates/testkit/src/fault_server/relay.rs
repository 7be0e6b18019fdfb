//! The real server's answers, by way of one that writes down what it is asked.

use std::path::Path;

use super::answer::Answer;
use super::request::HttpRequest;
use crate::http::Http;

/// What belongs to one connection and is not passed on.
const OF_THE_CONNECTION: [&str; 5] = [
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "transfer-encoding",
];

/// Asks a real server, for a [`super::Script`] that is its honest face, with a fault now and then:
/// `Script::from_fn(move |request| relay.answer(request))`.
pub struct Relay {
    http: Http,
    address: String,
}

impl Relay {
    /// To the server at `address` (`http://127.0.0.1:PORT`), whose authority is the PEM file `ca`.
    #[must_use]
    pub fn to(address: &str, ca: Option<&Path>) -> Self {
        Self {
            http: Http::new(ca, None),
            address: address.to_owned(),
        }
    }

    /// The real server's status and body; 502 when it does not answer.
    #[must_use]
    pub fn answer(&self, request: &HttpRequest) -> Answer {
        let url = format!("{}{}", self.address, request.path);
        let headers: Vec<(&str, &str)> = request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !OF_THE_CONNECTION.contains(name))
            .collect();
        match self
            .http
            .send(&request.method, &url, &headers, &request.body)
        {
            None => Answer::status(502),
            Some((status, body)) => Answer::status(status)
                .header("Content-Type", "application/json")
                .body(body),
        }
    }
}
