//! The HTTP client of a store.

use std::time::Duration;

use mcp_launch_core::{Environment, SourceError, SourceErrorKind};
use reqwest::redirect::Policy;
use reqwest::{Client, Proxy};

use crate::proxy::Proxies;
use crate::{Endpoint, Names, ProxyError, Tls, TlsError, TlsFault};

/// How long the addresses of a name are tried, all together: half of the time that a launch has.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How one store is reached.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// Where it is. Requests go to its [`Endpoint::url`].
    pub endpoint: Endpoint,
    /// How it is checked. Not read for plain http.
    pub tls: Tls,
}

impl ClientSettings {
    /// `endpoint` as `tls` says.
    #[must_use]
    pub fn new(endpoint: Endpoint, tls: Tls) -> Self {
        Self { endpoint, tls }
    }
}

/// A client for the one store of `settings`. It speaks HTTP/1.1 and asks for nothing compressed; a redirect is an answer, so
/// that no token goes to another host; nothing is tried twice. Nothing is read from the process environment.
///
/// For plain http nothing of TLS is read, and no certificate is ever taken.
///
/// # Errors
/// When the files of TLS or the proxy of the environment cannot be used.
pub fn http_client(
    settings: &ClientSettings,
    environment: &Environment,
) -> Result<Client, ClientError> {
    let ClientSettings { endpoint, tls } = settings;
    let config = if endpoint.is_https() {
        if tls.unverified && !endpoint.is_loopback() {
            return Err(TlsError::from(TlsFault::UnverifiedElsewhere).into());
        }
        tls.client_config(environment)?
    } else {
        Tls::unused()
    };
    let mut builder = Client::builder()
        .tls_backend_preconfigured(config)
        .no_proxy()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .dns_resolver(Names::of(endpoint))
        .user_agent(concat!("mcp-launch/", env!("CARGO_PKG_VERSION")));
    if let Some(proxy) = Proxies::from_environment(environment).to(&endpoint.dialled_url())? {
        builder = builder.proxy(Proxy::all(proxy).map_err(|_| ProxyError)?);
    }
    builder.build().map_err(|_| ClientError::Unbuildable)
}

/// Why there is no client.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The environment names a proxy that cannot be used.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The files of TLS cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The client could not be made for a reason of its own.
    #[error("{}", Self::UNBUILDABLE)]
    Unbuildable,
}

impl ClientError {
    const UNBUILDABLE: &'static str = "the connection could not be prepared";

    /// The same as an error of a source.
    #[must_use]
    pub fn source_error(&self) -> SourceError {
        match self {
            Self::Proxy(error) => error.source_error(),
            Self::Tls(error) => error.source_error(),
            Self::Unbuildable => {
                SourceError::new(SourceErrorKind::Unavailable).note(Self::UNBUILDABLE)
            }
        }
    }

    /// What a person does about it, with the file whose fault it is.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::Proxy(error) => Some(error.remedy().to_owned()),
            Self::Tls(error) => Some(error.remedy()),
            Self::Unbuildable => None,
        }
    }
}
