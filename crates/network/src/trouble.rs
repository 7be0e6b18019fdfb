//! What went wrong on the way to a store, in closed kinds.

use mcp_launch_core::{SourceError, SourceErrorKind};

/// What went wrong on the way to a store. None of these means that a value is missing, so a store in trouble is never
/// passed over.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Trouble {
    /// This machine does not let the connection out: a firewall, a sandbox.
    Barred,
    /// The connection ended before the answer was whole.
    Closed,
    /// What answers speaks no HTTP.
    Malformed,
    /// The name servers give no answer.
    NameServer,
    /// This machine names no name server.
    NameSettings,
    /// The name has no address.
    NameUnknown,
    /// None of the others.
    Other,
    /// Plain http answers at an https address.
    PlainHttp,
    /// The proxy of the environment cannot be used or lets nothing through.
    Proxy,
    /// Nothing listens at the address.
    Refused,
    /// No answer by the deadline.
    TimedOut,
    /// The server shows the certificate of a CA as its own.
    TlsCaAsServer,
    /// The server wants a client certificate, or another one.
    TlsClient,
    /// The server's certificate has expired or is not valid yet.
    TlsExpired,
    /// Nobody who is trusted vouches for the server's certificate.
    TlsIssuer,
    /// The server's certificate is for another name.
    TlsName,
    /// TLS failed for another reason.
    TlsOther,
    /// The files of TLS cannot be used: see [`crate::TlsError`].
    TlsSetup,
    /// There is no way to the address.
    Unreachable,
}

impl Trouble {
    /// What is wrong, in words that hold for every store.
    #[must_use]
    pub const fn note(self) -> &'static str {
        match self {
            Self::Barred => "this machine does not let the connection out",
            Self::Closed => "the connection was closed before the answer was whole",
            Self::Malformed => "what answers there does not speak HTTP",
            Self::NameServer => "the name servers do not answer",
            Self::NameSettings => "this machine names no name server",
            Self::NameUnknown => "no such host name",
            Self::Other => "the connection failed",
            Self::PlainHttp => "the server there speaks plain http, not https",
            Self::Proxy => "the proxy does not let the connection through",
            Self::Refused => "nothing listens at its address",
            Self::TimedOut => "the store did not answer before the deadline",
            Self::TlsCaAsServer => "the server shows the certificate of a CA as its own",
            Self::TlsClient => "the server does not take the client certificate, or wants one",
            Self::TlsExpired => "the server's certificate has expired or is not valid yet",
            Self::TlsIssuer => {
                "the server's certificate is signed by a CA that is not trusted here"
            }
            Self::TlsName => "the server's certificate is for another name",
            Self::TlsOther => "no secure connection could be agreed on",
            Self::TlsSetup => "the certificates or keys for TLS cannot be used",
            Self::Unreachable => "there is no network route to its address",
        }
    }

    /// The same as an error of a source.
    #[must_use]
    pub const fn source_error(self) -> SourceError {
        let kind = match self {
            Self::TimedOut => SourceErrorKind::TimedOut,
            _ => SourceErrorKind::Unavailable,
        };
        SourceError::new(kind).note(self.note())
    }

    /// Whether the same question may well be answered when it is asked once more at once.
    #[must_use]
    pub const fn may_pass(self) -> bool {
        matches!(self, Self::Closed | Self::NameServer)
    }

    /// What a person does about it. `host` is where the store is, `proxy` what stands in between: see
    /// [`crate::Endpoint::host`], [`crate::proxy_for`].
    #[must_use]
    pub fn remedy(self, host: &str, proxy: Option<&str>) -> Option<String> {
        let text = match (self, proxy) {
            (Self::Barred, _) => {
                format!(
                    "a firewall or sandbox of this machine forbids connections to {host}: allow them"
                )
            }
            (Self::Proxy, Some(proxy)) => format!(
                "check that the proxy {proxy} runs and lets you through to {host}, or except {host} in NO_PROXY"
            ),
            (Self::Proxy, None) => {
                format!("check HTTPS_PROXY, or except {host} in NO_PROXY")
            }
            (
                Self::Closed
                | Self::Malformed
                | Self::NameUnknown
                | Self::Refused
                | Self::TimedOut
                | Self::Unreachable,
                Some(proxy),
            ) => format!(
                "the way to {host} leads through the proxy {proxy}: check that both can be reached, \
                 or except {host} in NO_PROXY"
            ),
            (Self::Closed, None) => {
                format!(
                    "try again; if it stays, something between here and {host} breaks connections off"
                )
            }
            (Self::Malformed, None) => format!(
                "check the address: at {host} stands another service, or one that wants https://"
            ),
            (Self::NameServer, _) => format!(
                "the name servers of /etc/resolv.conf do not answer for {host}: check the network and the VPN"
            ),
            (Self::NameSettings, _) => format!(
                "/etc/resolv.conf is missing or names no name server: correct it, or give {host} an address in /etc/hosts"
            ),
            (Self::NameUnknown, None) => format!(
                "check the spelling of {host} and whether the VPN is up; names of mDNS (.local) are not looked up, \
                 give them an address in /etc/hosts"
            ),
            (Self::PlainHttp, _) => format!(
                "check the port of {host}; if that server has no TLS, its address begins with http://"
            ),
            (Self::Refused, None) => {
                format!("check that the store runs at {host}, and the port of its address")
            }
            (Self::TimedOut, None) => format!(
                "check the network and the VPN to {host}; a firewall may drop the connection, or the store is busy"
            ),
            (Self::TlsCaAsServer, _) => format!(
                "{host} needs a certificate of its own that the CA has signed: one certificate cannot be both"
            ),
            (Self::TlsClient, _) => format!(
                "give the client certificate and key that {host} wants, and check that they are still valid"
            ),
            (Self::TlsExpired, _) => {
                format!("renew the certificate of {host}, and check the clock of this machine")
            }
            (Self::TlsIssuer, _) => format!(
                "name the CA that signed the certificate of {host} in the store's settings (`ca_cert`), or in SSL_CERT_FILE"
            ),
            (Self::TlsName, _) => format!(
                "use a name that the certificate of {host} is for as address, or name it in the store's settings \
                 (`tls_server_name`)"
            ),
            (Self::Unreachable, None) => {
                format!("check the network and the VPN: {host} cannot be reached from here")
            }
            (Self::Other | Self::TlsOther | Self::TlsSetup, _) => return None,
        };
        Some(text)
    }
}
