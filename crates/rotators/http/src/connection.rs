//! One request to the one host of a vendor.

use mcp_launch_core::{Deadline, Environment};
use mcp_launch_network::{
    ClientSettings, Endpoint, PROXY_VARIABLES, ROOT_VARIABLES, Tls, Trouble, block_on, http_client,
};
use reqwest::Url;
use zeroize::Zeroizing;

use crate::{Answer, Request};

/// More than any answer about tokens has. A larger one is not read to its end.
const LARGEST: usize = 1024 * 1024;

/// How one vendor is reached.
pub struct Connection {
    settings: ClientSettings,
    environment: Environment,
}

impl Connection {
    /// To `endpoint`, checked as `tls` says; the proxies and the authorities of `environment` hold.
    #[must_use]
    pub fn new(endpoint: Endpoint, tls: Tls, environment: &Environment) -> Self {
        let names: Vec<&str> = PROXY_VARIABLES.into_iter().chain(ROOT_VARIABLES).collect();
        Self {
            settings: ClientSettings::new(endpoint, tls),
            environment: environment.restricted_to(&names),
        }
    }

    /// The host, for a person.
    #[must_use]
    pub fn host(&self) -> String {
        self.settings.endpoint.host()
    }

    /// Sends `request`, once.
    ///
    /// # Errors
    /// See [`Unanswered`].
    pub fn send(&self, request: &Request, deadline: Deadline) -> Result<Answer, Unanswered> {
        let url = self.url(&request.path).ok_or(Unanswered::NotSent(None))?;
        if deadline.passed() {
            return Err(Unanswered::NotSent(Some(Trouble::TimedOut)));
        }
        let client = http_client(&self.settings, &self.environment)
            .map_err(|error| Unanswered::NotSent(Some(Trouble::of(&error))))?;
        let mut sent = client
            .request(request.verb.method(), url)
            .headers(request.headers.clone());
        if let Some(body) = &request.body {
            sent = sent.body(body.to_vec());
        }
        let asked = async {
            let mut answer = sent.send().await.map_err(|error| of(&error))?;
            let mut body = Zeroizing::new(Vec::with_capacity(LARGEST));
            while let Some(piece) = answer.chunk().await.map_err(|error| of(&error))? {
                if body.len() + piece.len() > LARGEST {
                    return Err(Unanswered::Lost(Trouble::Malformed));
                }
                body.extend_from_slice(&piece);
            }
            Ok(Answer {
                status: answer.status().as_u16(),
                headers: std::mem::take(answer.headers_mut()),
                body,
            })
        };
        // At the deadline nobody knows how far it came.
        block_on(deadline, asked).unwrap_or_else(|trouble| Err(Unanswered::Lost(trouble)))
    }

    /// The address of `path` at the vendor. `None` where it would be another than what is written: dots and odd signs that
    /// lead elsewhere.
    fn url(&self, path: &str) -> Option<Url> {
        if !path.starts_with('/') {
            return None;
        }
        let text = format!("{}{path}", self.settings.endpoint.base());
        let url = Url::parse(&text).ok()?;
        let own = self.settings.endpoint.url();
        let is_own = url.scheme() == own.scheme()
            && url.host() == own.host()
            && url.port_or_known_default() == own.port_or_known_default()
            && url.username().is_empty()
            && url.password().is_none();
        (is_own && url.as_str() == text).then_some(url)
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unanswered {
    /// It was, or may have been, sent.
    Lost(Trouble),
    /// Nothing was sent: the vendor was not reached. `None` where the address itself is not one.
    NotSent(Option<Trouble>),
}

fn of(error: &reqwest::Error) -> Unanswered {
    let trouble = Trouble::of(error);
    if error.is_connect() || error.is_builder() {
        return Unanswered::NotSent(Some(trouble));
    }
    Unanswered::Lost(trouble)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(base: &str) -> Connection {
        let endpoint = Endpoint::parse(base, false).unwrap();
        let environment = Environment::from_pairs::<&str, &str>([]);
        Connection::new(endpoint, Tls::default(), &environment)
    }

    #[test]
    fn a_path_leads_to_where_it_says_or_nowhere() {
        let of = connection("https://api.example/base");
        for path in ["/a", "/a/b?c=d&e=%2F", "/a%20b/"] {
            assert_eq!(
                of.url(path).unwrap().as_str(),
                format!("https://api.example/base{path}")
            );
        }
        for path in [
            "/..",
            "/a/../../b",
            "/%2e%2E/x",
            "/a/./b",
            "/a b",
            "/a#\u{e9}",
            "\\x",
            "@evil.example/",
            ":81/",
        ] {
            assert!(of.url(path).is_none(), "{path}");
        }
        // Without a path before it, what does not begin with a slash would change the host.
        let bare = connection("https://api.example");
        for path in ["@evil.example/", ":81/", ".evil.example/", ""] {
            assert!(bare.url(path).is_none(), "{path}");
        }
    }
}
