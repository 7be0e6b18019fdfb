//! The address of a store.

use std::fmt;

use mcp_launch_core::{SourceError, SourceErrorKind};
use url::{Host, Url};

/// The address of a store: `https://vault.example:8200`, with a path where a proxy puts one before the store's own.
///
/// It holds no password, because an address with one is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    url: Url,
    dialled: Host<String>,
}

impl Endpoint {
    /// Reads an address.
    ///
    /// Plain http is taken for this machine alone, `127.0.0.0/8`, `::1` and `localhost`, unless `allow_http`: what goes
    /// over it, a token among it, can be read on the way.
    ///
    /// # Errors
    /// See [`EndpointError`].
    pub fn parse(text: &str, allow_http: bool) -> Result<Self, EndpointError> {
        let mut url = Url::parse(text).map_err(|error| match error {
            url::ParseError::RelativeUrlWithoutBase => EndpointError::Scheme,
            url::ParseError::EmptyHost => EndpointError::NoHost,
            _ => EndpointError::NotAnAddress,
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(EndpointError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointError::QueryOrFragment);
        }
        let Some(host) = url.host().map(|host| host.to_owned()) else {
            return Err(EndpointError::NoHost);
        };
        if url.scheme() == "http" && !allow_http && !is_loopback(&host) {
            return Err(EndpointError::PlainHttp);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self { url, dialled: host })
    }

    /// The same store, whose certificate is for `server_name` and not for the host of its address.
    ///
    /// [`Endpoint::url`] then has `server_name` as its host, so that TLS asks for that name and checks it, and
    /// [`crate::http_client()`] connects to the host of the address. Over plain http there is no certificate, so nothing
    /// changes.
    ///
    /// # Errors
    /// [`EndpointError::ServerName`] when it is no name.
    pub fn presenting(mut self, server_name: &str) -> Result<Self, EndpointError> {
        if !self.is_https() {
            return Ok(self);
        }
        match Host::parse(server_name) {
            Ok(Host::Domain(_)) => {}
            _ => return Err(EndpointError::ServerName),
        }
        self.url
            .set_host(Some(server_name))
            .map_err(|_| EndpointError::ServerName)?;
        Ok(self)
    }

    /// Where requests go. Its path has no slash at the end, except where it is nothing else.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Where requests go, as text without a slash at the end.
    #[must_use]
    pub fn base(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// The host that is connected to, with its port where the address names one, for a person.
    #[must_use]
    pub fn host(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.dialled),
            None => self.dialled.to_string(),
        }
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether it is on this machine: `127.0.0.0/8`, `::1`, `localhost`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.dialled)
    }

    /// The host that is connected to.
    pub(crate) fn dialled(&self) -> &Host<String> {
        &self.dialled
    }

    /// The address of the host that is connected to: what decides whether a proxy stands in between.
    pub(crate) fn dialled_url(&self) -> Url {
        let mut url = self.url.clone();
        // A host that was parsed is a host; if it were not, the name of the certificate decides.
        if url.set_host(Some(&self.dialled.to_string())).is_err() {
            return self.url.clone();
        }
        url
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.url.path().trim_end_matches('/');
        write!(f, "{}://{}{path}", self.url.scheme(), self.host())
    }
}

/// Whether `host` is this machine without asking anybody.
pub(crate) fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => is_localhost(name.as_ref()),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Whether `name` is `localhost` or within it (RFC 6761, section 6.3).
pub(crate) fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let last = name.rsplit('.').next().unwrap_or(name);
    last.eq_ignore_ascii_case("localhost")
}

/// Why an address cannot be used. Never the address: where it is refused, it may hold a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}", self.note())]
#[non_exhaustive]
pub enum EndpointError {
    /// It has no host.
    NoHost,
    /// It cannot be read as an address.
    NotAnAddress,
    /// Plain http to another machine.
    PlainHttp,
    /// A query or a fragment.
    QueryOrFragment,
    /// It does not begin with `https://` or `http://`.
    Scheme,
    /// The name of the certificate is no name.
    ServerName,
    /// It holds a user name or a password.
    UserInfo,
}

impl EndpointError {
    /// What is wrong.
    #[must_use]
    pub const fn note(self) -> &'static str {
        match self {
            Self::NoHost => "the store's address has no host",
            Self::NotAnAddress => "the store's address cannot be read",
            Self::PlainHttp => {
                "the store's address is plain http to another machine: everybody on the way could read the values"
            }
            Self::QueryOrFragment => "the store's address has a `?` or `#` in it",
            Self::Scheme => "the store's address does not begin with https:// or http://",
            Self::ServerName => "the TLS server name is not a host name",
            Self::UserInfo => "the store's address holds a user name or password",
        }
    }

    /// The same as an error of a source.
    #[must_use]
    pub const fn source_error(self) -> SourceError {
        SourceError::new(SourceErrorKind::Unavailable).note(self.note())
    }

    /// What a person does about it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NoHost | Self::NotAnAddress | Self::Scheme => {
                "write the address like https://store.example:8200"
            }
            Self::PlainHttp => {
                "use https; if the network between is trusted, say `allow_http = true` in your own settings file"
            }
            Self::QueryOrFragment => "leave out what follows the path",
            Self::ServerName => {
                "write the name that the server's certificate is for, like store.example"
            }
            Self::UserInfo => {
                "leave out what stands before the `@`; how to log in is a setting of its own"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        for (text, base, host) in [
            (
                "https://vault.example",
                "https://vault.example",
                "vault.example",
            ),
            (
                "https://vault.example:8200/",
                "https://vault.example:8200",
                "vault.example:8200",
            ),
            (
                " HTTPS://Vault.Example/team/vault// ",
                "https://vault.example/team/vault",
                "vault.example",
            ),
            (
                "http://127.0.0.1:8200",
                "http://127.0.0.1:8200",
                "127.0.0.1:8200",
            ),
            ("http://127.9.9.9", "http://127.9.9.9", "127.9.9.9"),
            ("http://[::1]:8200", "http://[::1]:8200", "[::1]:8200"),
            ("http://localhost:1", "http://localhost:1", "localhost:1"),
        ] {
            let endpoint = Endpoint::parse(text, false).unwrap();
            assert_eq!(endpoint.base(), base);
            assert_eq!(endpoint.to_string(), base);
            assert_eq!(endpoint.host(), host);
            assert_eq!(endpoint.is_https(), base.starts_with("https"));
        }
    }

    #[test]
    fn addresses_are_refused() {
        for (text, error) in [
            ("", EndpointError::Scheme),
            ("vault.example", EndpointError::Scheme),
            ("vault.example:8200", EndpointError::Scheme),
            ("127.0.0.1:8200", EndpointError::Scheme),
            ("unix:///run/vault.sock", EndpointError::Scheme),
            ("https://", EndpointError::NoHost),
            ("https://a b", EndpointError::NotAnAddress),
            ("https://vault.example:99999", EndpointError::NotAnAddress),
            ("https://me:pass@vault.example", EndpointError::UserInfo),
            ("https://token@vault.example", EndpointError::UserInfo),
            ("https://vault.example/?a=b", EndpointError::QueryOrFragment),
            ("https://vault.example/#a", EndpointError::QueryOrFragment),
            ("http://vault.example", EndpointError::PlainHttp),
            ("http://0.0.0.0:8200", EndpointError::PlainHttp),
            ("http://localhost.example", EndpointError::PlainHttp),
            ("http://10.0.0.1", EndpointError::PlainHttp),
            ("http://[::ffff:10.0.0.1]", EndpointError::PlainHttp),
        ] {
            assert_eq!(Endpoint::parse(text, false), Err(error), "{text}");
            assert!(!error.source_error().lets_next_answer());
        }
        assert!(Endpoint::parse("http://vault.example", true).is_ok());
    }

    #[test]
    fn another_name_on_the_certificate_changes_the_url_alone() {
        let endpoint = Endpoint::parse("https://10.1.2.3:8200/x", false)
            .unwrap()
            .presenting("vault.example")
            .unwrap();
        assert_eq!(endpoint.base(), "https://vault.example:8200/x");
        assert_eq!(endpoint.host(), "10.1.2.3:8200");
        assert_eq!(endpoint.to_string(), "https://10.1.2.3:8200/x");
        assert_eq!(endpoint.dialled_url().as_str(), "https://10.1.2.3:8200/x");
        let v6 = Endpoint::parse("https://[::1]:8200", false).unwrap();
        let v6 = v6.presenting("vault.example").unwrap();
        assert_eq!(v6.dialled_url().as_str(), "https://[::1]:8200/");

        let plain = Endpoint::parse("http://127.0.0.1", false).unwrap();
        assert_eq!(plain.clone().presenting("vault.example"), Ok(plain));
        for wrong in ["", "10.0.0.1", "a b", "a/b", "a:1"] {
            let endpoint = Endpoint::parse("https://vault.example", false).unwrap();
            assert_eq!(
                endpoint.presenting(wrong),
                Err(EndpointError::ServerName),
                "{wrong}"
            );
        }
    }
}
