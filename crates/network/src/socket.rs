//! Connections to servers that speak no HTTP, such as databases.

use std::net::{IpAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use crate::unverified::Unverified;
use crate::{Names, Tls, TlsError, Trouble, block_on};

/// How long one of several addresses is tried.
const ATTEMPT: Duration = Duration::from_secs(5);

/// A connection to `host`, a name or an address, by the rules of this crate for names. It blocks; its deadlines are up to
/// the caller.
///
/// # Errors
/// Why there is none, of the address that was tried last.
pub fn tcp_connect(host: &str, port: u16, deadline: Deadline) -> Result<TcpStream, Trouble> {
    block_on(deadline, async {
        let addresses = match host.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => match Names::new().addresses(host).await {
                Ok(addresses) => addresses,
                Err(error) => return Err(error.trouble()),
            },
        };
        let mut trouble = Trouble::NameUnknown;
        for address in addresses {
            let connecting = tokio::net::TcpStream::connect((address, port));
            let connected = match tokio::time::timeout(ATTEMPT, connecting).await {
                Ok(connected) => connected.and_then(tokio::net::TcpStream::into_std),
                Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
            };
            match connected.and_then(|stream| stream.set_nonblocking(false).map(|()| stream)) {
                Ok(stream) => return Ok(stream),
                Err(error) => trouble = Trouble::of(&error),
            }
        }
        Err(trouble)
    })?
}

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
    /// TLS for a connection of [`tcp_connect`]: reads the files that it names, or those of the system.
    ///
    /// # Errors
    /// When a file cannot be read or used; when nothing says whom this system trusts.
    pub fn socket_config(
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
