//! From the error of a library to what is the matter.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use crate::{NameError, ProxyError, TlsError, Trouble};

impl Trouble {
    /// What `error` and the errors behind it come to. Their texts are not used: they may quote what a server said.
    #[must_use]
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        chain(error)
            .find_map(cause)
            .or_else(|| chain(error).find_map(symptom))
            .unwrap_or(Self::Other)
    }
}

/// `error` and what is behind it. What an [`io::Error`] holds is visited too, which its `source` passes over.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(
        Some(error),
        |&error: &&'a (dyn Error + 'static)| match error.downcast_ref::<io::Error>() {
            Some(error) => error
                .get_ref()
                .map(|inner| -> &'a (dyn Error + 'static) { inner }),
            None => error.source(),
        },
    )
}

/// What one error of the chain says, if it says what the matter is.
fn cause(error: &(dyn Error + 'static)) -> Option<Trouble> {
    if let Some(error) = error.downcast_ref::<NameError>() {
        return Some(error.trouble());
    }
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(of_tls(error));
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return of_io(error);
    }
    if error.is::<TlsError>() {
        return Some(Trouble::TlsSetup);
    }
    if error.is::<ProxyError>() {
        return Some(Trouble::Proxy);
    }
    // The type of hyper-util has no public name. What follows the colon may be the proxy's words.
    if error.to_string().starts_with("tunnel error: ") {
        return Some(Trouble::Proxy);
    }
    None
}

/// What one error of the chain says where none says what the matter is.
fn symptom(error: &(dyn Error + 'static)) -> Option<Trouble> {
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
            return Some(Trouble::Closed);
        }
        if error.is_parse() {
            return Some(Trouble::Malformed);
        }
        if error.is_timeout() {
            return Some(Trouble::TimedOut);
        }
    }
    if let Some(error) = error.downcast_ref::<reqwest::Error>()
        && error.is_timeout()
    {
        return Some(Trouble::TimedOut);
    }
    #[cfg(feature = "aws")]
    if let Some(error) =
        error.downcast_ref::<aws_smithy_runtime_api::client::result::ConnectorError>()
        && error.is_timeout()
    {
        return Some(Trouble::TimedOut);
    }
    None
}

fn of_io(error: &io::Error) -> Option<Trouble> {
    use io::ErrorKind as Kind;
    Some(match error.kind() {
        Kind::ConnectionRefused => Trouble::Refused,
        Kind::AddrNotAvailable
        | Kind::HostUnreachable
        | Kind::NetworkDown
        | Kind::NetworkUnreachable => Trouble::Unreachable,
        Kind::BrokenPipe
        | Kind::ConnectionAborted
        | Kind::ConnectionReset
        | Kind::NotConnected
        | Kind::UnexpectedEof => Trouble::Closed,
        Kind::PermissionDenied => Trouble::Barred,
        Kind::TimedOut => Trouble::TimedOut,
        _ => return None,
    })
}

fn of_tls(error: &rustls::Error) -> Trouble {
    use AlertDescription as Alert;
    match error {
        rustls::Error::InvalidCertificate(error) => of_certificate(error),
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => Trouble::PlainHttp,
        rustls::Error::AlertReceived(alert) => match alert {
            Alert::AccessDenied
            | Alert::BadCertificate
            | Alert::CertificateExpired
            | Alert::CertificateRequired
            | Alert::CertificateRevoked
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::UnsupportedCertificate => Trouble::TlsClient,
            Alert::UnrecognisedName => Trouble::TlsName,
            _ => Trouble::TlsOther,
        },
        _ => Trouble::TlsOther,
    }
}

fn of_certificate(error: &CertificateError) -> Trouble {
    use CertificateError as Refusal;
    match error {
        // A CA that was made anew under its old name: its signature does not fit.
        Refusal::BadSignature | Refusal::UnknownIssuer => Trouble::TlsIssuer,
        Refusal::Expired
        | Refusal::ExpiredContext { .. }
        | Refusal::NotValidYet
        | Refusal::NotValidYetContext { .. } => Trouble::TlsExpired,
        Refusal::NotValidForName | Refusal::NotValidForNameContext { .. } => Trouble::TlsName,
        Refusal::Other(other) => match other.0.downcast_ref::<webpki::Error>() {
            Some(webpki::Error::CaUsedAsEndEntity) => Trouble::TlsCaAsServer,
            _ => Trouble::TlsOther,
        },
        _ => Trouble::TlsOther,
    }
}
