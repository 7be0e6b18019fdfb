//! Plain requests that set a server up.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::certificates::Identity;

/// Time enough for any server on this machine.
const AMPLE: Duration = Duration::from_secs(30);

/// A client that trusts one authority, and says who it is when it is told.
pub(crate) struct Http(Agent);

/// A status and a text; `None` when nobody answered.
pub(crate) type Reply = Option<(u16, String)>;

impl Http {
    /// `ca` is a PEM file; without one only http works.
    pub(crate) fn new(ca: Option<&Path>, identity: Option<&Identity>) -> Self {
        let certificates = ca.map(read_certificates).unwrap_or_default();
        let client = identity.map(|identity| {
            let key = fs::read(identity.key()).expect("the key of a test's certificate");
            ureq::tls::ClientCert::new_with_certs(
                &read_certificates(identity.certificate()),
                ureq::tls::PrivateKey::from_pem(&key).expect("a key in PEM"),
            )
        });
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(certificates)))
            .client_cert(client)
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(AMPLE))
            .tls_config(tls)
            .build();
        Self(config.new_agent())
    }

    /// One request.
    ///
    /// # Panics
    /// When it is no request.
    pub(crate) fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).expect("a request");
        let mut response = self.0.run(request).ok()?;
        let text = response.body_mut().read_to_string().ok()?;
        Some((response.status().as_u16(), text))
    }
}

fn read_certificates(path: &Path) -> Vec<Certificate<'static>> {
    let pem = fs::read(path).expect("the certificates of a test");
    parse_pem(&pem)
        .map(|item| match item.expect("certificates in PEM") {
            PemItem::Certificate(certificate) => certificate,
            _ => panic!("{} has more than certificates", path.display()),
        })
        .collect()
}
