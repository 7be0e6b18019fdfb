//! The HTTP client of the AWS SDK.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mcp_launch_core::Environment;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use url::Url;

use crate::proxy::Proxies;
use crate::roots::{self, SystemRoots};
use crate::{Names, ProxyError, TlsError, TlsFault};

/// A client for the AWS SDK over the same TLS, names and proxies as every other store.
///
/// It is lazy: nothing is read before the first connection, and certificates only before the first over TLS. Trusted is
/// what `AWS_CA_BUNDLE` names, else what the system does. An error of these comes out of the request, as
/// [`crate::TlsError`] or [`crate::ProxyError`] behind a `ConnectorError`: see [`crate::Trouble::of`].
#[must_use]
pub fn aws_http_client(environment: &Environment) -> SharedHttpClient {
    SharedHttpClient::new(Client(Arc::new(Way {
        bundle: environment
            .get_non_empty("AWS_CA_BUNDLE")
            .map(PathBuf::from),
        system: SystemRoots::named_by(environment),
        trust: OnceLock::new(),
        proxies: Proxies::from_environment(environment),
        names: Names::new(),
        connectors: Mutex::default(),
    })))
}

/// What all connections of a client have in common.
struct Way {
    bundle: Option<PathBuf>,
    system: SystemRoots,
    trust: OnceLock<Result<TrustStore, TlsError>>,
    proxies: Proxies,
    names: Names,
    connectors: Mutex<HashMap<Kind, SharedHttpConnector>>,
}

/// What tells connections apart.
#[derive(Clone, Eq, Hash, PartialEq)]
struct Kind {
    tls: bool,
    proxy: Option<Url>,
    connect_timeout: Option<Duration>,
    read_timeout: Option<Duration>,
}

impl Way {
    /// The certificates that are trusted, in the form that the SDK takes.
    fn trust(&self) -> Result<TrustStore, TlsError> {
        self.trust
            .get_or_init(|| {
                if let Some(bundle) = &self.bundle {
                    return store(&roots::from_path(bundle)?)
                        .ok_or_else(|| TlsError::of_file(bundle, TlsFault::UnusableCertificate));
                }
                if cfg!(any(target_os = "macos", windows)) && !self.system.is_named() {
                    return Ok(TrustStore::default());
                }
                store(&self.system.read()?).ok_or_else(|| TlsFault::NoSystemRoots.into())
            })
            .clone()
    }

    fn connector(
        &self,
        uri: &str,
        base: &ConnectorBuilder,
        settings: &HttpConnectorSettings,
    ) -> Result<SharedHttpConnector, ConnectorError> {
        let url = Url::parse(uri).map_err(|error| ConnectorError::user(error.into()))?;
        let proxy = self
            .proxies
            .to(&url)
            .map_err(|error| ConnectorError::user(error.into()))?;
        let kind = Kind {
            tls: url.scheme() == "https",
            proxy,
            connect_timeout: settings.connect_timeout(),
            read_timeout: settings.read_timeout(),
        };
        // A thread that panicked while it held the lock left whole entries behind.
        let mut connectors = match self.connectors.lock() {
            Ok(connectors) => connectors,
            Err(poisoned) => poisoned.into_inner(),
        };
        if let Some(connector) = connectors.get(&kind) {
            return Ok(connector.clone());
        }
        let connector = self.build(&kind, base.clone())?;
        connectors.insert(kind, connector.clone());
        Ok(connector)
    }

    fn build(
        &self,
        kind: &Kind,
        base: ConnectorBuilder,
    ) -> Result<SharedHttpConnector, ConnectorError> {
        let trust = if kind.tls {
            self.trust()
                .map_err(|error| ConnectorError::user(error.into()))?
        } else {
            TrustStore::empty()
        };
        let proxy = match &kind.proxy {
            Some(proxy) => ProxyConfig::all(proxy.as_str())
                // Its error quotes the address.
                .map_err(|_| ConnectorError::user(ProxyError.into()))?,
            None => ProxyConfig::disabled(),
        };
        let context = TlsContext::builder()
            .with_trust_store(trust)
            .build()
            .map_err(|error| ConnectorError::user(error.into()))?;
        let connector = base
            .proxy_config(proxy)
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(context)
            .build_with_resolver(self.names.clone());
        Ok(SharedHttpConnector::new(connector))
    }
}

/// Only what can be parsed goes into it: the SDK panics on the rest.
fn store(certificates: &[CertificateDer<'static>]) -> Option<TrustStore> {
    let mut text = String::new();
    for certificate in certificates {
        let mut probe = RootCertStore::empty();
        if probe.add(certificate.clone()).is_err() {
            continue;
        }
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        STANDARD.encode_string(certificate, &mut text);
        text.push_str("\n-----END CERTIFICATE-----\n");
    }
    (!text.is_empty()).then(|| TrustStore::empty().with_pem_certificate(text))
}

#[derive(Clone)]
struct Client(Arc<Way>);

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let mut base = Connector::builder().connector_settings(settings.clone());
        base.set_sleep_impl(components.sleep_impl());
        SharedHttpConnector::new(Choice {
            way: Arc::clone(&self.0),
            base,
            settings: settings.clone(),
        })
    }
}

/// Chooses the connections by the address of each request.
struct Choice {
    way: Arc<Way>,
    base: ConnectorBuilder,
    settings: HttpConnectorSettings,
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Choice")
    }
}

impl HttpConnector for Choice {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self
            .way
            .connector(request.uri(), &self.base, &self.settings)
        {
            Ok(connector) => connector.call(request),
            Err(error) => HttpConnectorFuture::ready(Err(error)),
        }
    }
}
