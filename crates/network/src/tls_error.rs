//! What is wrong with the files of TLS.

use std::fmt;
use std::path::{Path, PathBuf};

use mcp_launch_core::{Position, SourceError, SourceErrorKind};

/// Why TLS cannot be set up: which file, and what is wrong with it. Never its content.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsError {
    file: Option<PathBuf>,
    fault: TlsFault,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TlsFault {
    /// The private key needs a passphrase.
    EncryptedKey,
    /// The private key is not that of the certificate.
    KeyDoesNotFit,
    /// PEM, but no certificate among it.
    NoCertificate,
    /// PEM, but no private key among it.
    NoKey,
    /// Nothing says which certificates this system trusts.
    NoSystemRoots,
    /// No PEM text.
    NotPem,
    /// It cannot be read: the system's error number, where there is one.
    Unreadable(Option<i32>),
    /// Certificates, but none that can be used.
    UnusableCertificate,
    /// A private key of a kind that TLS cannot use.
    UnusableKey,
    /// The server's certificate shall not be checked, and the server is another machine.
    UnverifiedElsewhere,
}

impl TlsError {
    pub(crate) fn of_file(file: &Path, fault: TlsFault) -> Self {
        Self {
            file: Some(file.to_owned()),
            fault,
        }
    }

    pub(crate) fn unreadable(file: &Path, error: &std::io::Error) -> Self {
        Self::of_file(file, TlsFault::Unreadable(error.raw_os_error()))
    }

    /// The file that cannot be used, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The same as an error of a source. Never one that lets the next source answer, not even for a file that is missing.
    pub(crate) fn source_error(&self) -> SourceError {
        let error = SourceError::new(SourceErrorKind::Unavailable).note(self.fault.note());
        match self.fault {
            TlsFault::Unreadable(Some(code)) => error.at(Position::Errno(code)),
            _ => error,
        }
    }

    /// What a person does about it, with the file.
    #[must_use]
    pub fn remedy(&self) -> String {
        let advice = match self.fault {
            TlsFault::EncryptedKey => "give a key without a passphrase",
            TlsFault::KeyDoesNotFit => "give the key that belongs to the client certificate",
            TlsFault::NoCertificate | TlsFault::UnusableCertificate => {
                "give a file with a certificate that begins with -----BEGIN CERTIFICATE-----"
            }
            TlsFault::NoKey => {
                "give a file with a key that begins with -----BEGIN PRIVATE KEY-----"
            }
            TlsFault::NoSystemRoots => {
                "install the system's CA certificates (package ca-certificates), name them in SSL_CERT_FILE, \
                 or name the CA of this store in its settings"
            }
            TlsFault::NotPem => {
                "give it in PEM; `openssl x509 -inform der -in FILE` converts a certificate from DER"
            }
            TlsFault::Unreadable(_) => "check that the file is there and that you may read it",
            TlsFault::UnusableKey => "give an RSA, ECDSA (P-256, P-384) or Ed25519 key",
            TlsFault::UnverifiedElsewhere => {
                "name the CA that signed the server's certificate (`ca_cert`) and drop what skips the check"
            }
        };
        match &self.file {
            Some(file) => format!("{}: {advice}", file.display()),
            None => advice.to_owned(),
        }
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", file.display())?;
        }
        f.write_str(self.fault.note())
    }
}

impl std::error::Error for TlsError {}

impl From<TlsFault> for TlsError {
    fn from(fault: TlsFault) -> Self {
        Self { file: None, fault }
    }
}

impl TlsFault {
    /// What is wrong, without the file.
    const fn note(self) -> &'static str {
        match self {
            Self::EncryptedKey => "the client's private key is protected by a passphrase",
            Self::KeyDoesNotFit => "the client's private key is not that of its certificate",
            Self::NoCertificate => "there is no certificate in the file",
            Self::NoKey => "there is no private key in the file",
            Self::NoSystemRoots => "this system has no list of CA certificates",
            Self::NotPem => "the file is not PEM text",
            Self::Unreadable(_) => "a file of certificates or keys cannot be read",
            Self::UnusableCertificate => "no certificate in the file can be used",
            Self::UnusableKey => "the client's private key is of a kind that cannot be used",
            Self::UnverifiedElsewhere => {
                "the server's certificate shall not be checked, which is only done for a server on this machine"
            }
        }
    }
}
