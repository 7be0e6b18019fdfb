//! Whom TLS trusts, and what it shows of us.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mcp_launch_core::Environment;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use zeroize::Zeroizing;

use crate::roots::{self, SystemRoots};
use crate::{CertificateCheck, TlsError, TlsFault};

/// A key is a few kilobytes.
const LARGEST_KEY: u64 = 1024 * 1024;

/// How a server is checked over TLS, and what is shown to it. The default: the system's trust, and nothing.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// A file of CA certificates in PEM, or a folder of such files, to trust in place of the system's.
    pub ca: Option<PathBuf>,
    /// The certificate that this client shows.
    pub identity: Option<Identity>,
    /// Take whatever certificate the server shows. [`crate::http_client()`] refuses it for a server on another machine.
    pub unverified: bool,
}

/// A client certificate.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate and those between it and its CA, in PEM.
    pub cert: PathBuf,
    /// Its private key, in PEM without a passphrase.
    pub key: PathBuf,
}

impl Tls {
    /// Reads the files that it names, or those of the system, and sets TLS up: for a server that speaks no HTTP too. Whether
    /// [`Tls::unverified`] is right for the server is not looked at here.
    ///
    /// # Errors
    /// When a file cannot be read or used; when nothing says whom this system trusts.
    pub fn client_config(&self, environment: &Environment) -> Result<ClientConfig, TlsError> {
        let check = match self.unverified {
            true => CertificateCheck::Nothing,
            false => CertificateCheck::IssuerAndName,
        };
        self.checking(check, environment)
    }

    /// TLS that asks `verifier` about the server, and shows what it has of us.
    pub(crate) fn showing(
        &self,
        provider: &Arc<CryptoProvider>,
        verifier: Arc<dyn ServerCertVerifier>,
    ) -> Result<ClientConfig, TlsError> {
        let builder = with_provider(provider)
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let Some(Identity { cert, key }) = &self.identity else {
            return Ok(builder.with_no_client_auth());
        };
        builder
            .with_client_auth_cert(roots::from_file(cert)?, private_key(key)?)
            .map_err(|error| match error {
                rustls::Error::InconsistentKeys(_) => {
                    TlsError::of_file(key, TlsFault::KeyDoesNotFit)
                }
                rustls::Error::InvalidCertificate(_) => {
                    TlsError::of_file(cert, TlsFault::UnusableCertificate)
                }
                _ => TlsError::of_file(key, TlsFault::UnusableKey),
            })
    }

    /// Trust that reads nothing and trusts nobody, for addresses of plain http.
    pub(crate) fn unused() -> ClientConfig {
        let provider = Arc::new(ring::default_provider());
        with_provider(&provider)
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth()
    }

    /// Who says whether a server's certificate is trusted: [`Tls::ca`], or the system.
    pub(crate) fn trusting(
        &self,
        provider: &Arc<CryptoProvider>,
        environment: &Environment,
    ) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
        let roots = match &self.ca {
            Some(path) => {
                let store = store(roots::from_path(path)?);
                if store.is_empty() {
                    return Err(TlsError::of_file(path, TlsFault::UnusableCertificate));
                }
                store
            }
            None => {
                let named = SystemRoots::named_by(environment);
                if !named.is_named()
                    && let Some(verifier) = of_the_system(provider)
                {
                    return verifier;
                }
                let store = store(named.read()?);
                if store.is_empty() {
                    return Err(TlsFault::NoSystemRoots.into());
                }
                store
            }
        };
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
                .build();
        match verifier {
            Ok(verifier) => Ok(verifier),
            // It has roots, and no revocation lists that could be wrong.
            Err(_) => Err(TlsFault::NoSystemRoots.into()),
        }
    }
}

fn with_provider(provider: &Arc<CryptoProvider>) -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .expect("ring has the default versions")
}

/// The certificates that can be used. A system's bundle may hold one that cannot.
fn store(certificates: Vec<rustls::pki_types::CertificateDer<'static>>) -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(certificates);
    store
}

/// What the system itself says of certificates, where its trust is no file.
#[cfg(any(target_os = "macos", windows))]
fn of_the_system(
    provider: &Arc<CryptoProvider>,
) -> Option<Result<Arc<dyn ServerCertVerifier>, TlsError>> {
    let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(provider));
    Some(match verifier {
        Ok(verifier) => Ok(Arc::new(verifier)),
        Err(_) => Err(TlsFault::NoSystemRoots.into()),
    })
}

#[cfg(not(any(target_os = "macos", windows)))]
fn of_the_system(_: &Arc<CryptoProvider>) -> Option<Result<Arc<dyn ServerCertVerifier>, TlsError>> {
    None
}

/// The private key of a file in PEM.
fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::new());
    fs::File::open(file)
        .and_then(|opened| {
            let length = opened.metadata()?.len().min(LARGEST_KEY);
            text.reserve_exact(usize::try_from(length).unwrap_or_default() + 1);
            opened.take(LARGEST_KEY).read_to_end(&mut text)
        })
        .map_err(|error| TlsError::unreadable(file, &error))?;
    let holds = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    if !holds(b"-----BEGIN") {
        return Err(TlsError::of_file(file, TlsFault::NotPem));
    }
    // PKCS #8 says it in its first line, the older form in a header.
    if holds(b"BEGIN ENCRYPTED PRIVATE KEY") || holds(b"Proc-Type: 4,ENCRYPTED") {
        return Err(TlsError::of_file(file, TlsFault::EncryptedKey));
    }
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
        let fault = match error {
            pem::Error::NoItemsFound => TlsFault::NoKey,
            _ => TlsFault::NotPem,
        };
        TlsError::of_file(file, fault)
    })
}
