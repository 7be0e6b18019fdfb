//! How much of a server's certificate is checked.

use std::sync::Arc;

use mcp_launch_core::Environment;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use crate::unverified::Unverified;
use crate::{Tls, TlsError};

/// What of a server's certificate is checked. [`Tls::unverified`] is not read beside it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CertificateCheck {
    /// Nothing: only against whoever listens and does not interfere.
    Nothing,
    /// That somebody who is trusted vouches for it, for whatever name.
    Issuer,
    /// That somebody who is trusted vouches for it, for this server's name.
    IssuerAndName,
}

impl Tls {
    /// TLS that checks so much: reads the files that it names, or those of the system.
    ///
    /// # Errors
    /// When a file cannot be read or used; when nothing says whom this system trusts.
    pub fn checking(
        &self,
        check: CertificateCheck,
        environment: &Environment,
    ) -> Result<ClientConfig, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match check {
            CertificateCheck::Nothing => Arc::new(Unverified(Arc::clone(&provider))),
            CertificateCheck::Issuer => Arc::new(AnyName(self.trusting(&provider, environment)?)),
            CertificateCheck::IssuerAndName => self.trusting(&provider, environment)?,
        };
        self.showing(&provider, verifier)
    }
}

/// Takes a certificate for whatever name.
#[derive(Debug)]
struct AnyName(Arc<dyn ServerCertVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self
            .0
            .verify_server_cert(certificate, between, name, ocsp, now)
        {
            // The name is looked at last, when all else is in order.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
