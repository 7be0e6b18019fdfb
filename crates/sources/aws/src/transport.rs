//! The HTTP client that everything of the SDK goes through: Secrets Manager, STS, SSO, container and instance metadata.
//!
//! Here it is decided what is tried again. The SDK retries whatever fails on the way; a port that refuses and a name
//! that nobody knows would so be told after a second instead of at once.

use std::error::Error;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use mcp_launch_core::Environment;
use mcp_launch_network::{Endpoint, EndpointError, TlsError, Trouble, aws_http_client, proxy_for};
use url::{Host, Position, Url};

use crate::diagnosis::find;

/// Where containers and instances ask for their credentials: link-local addresses, over plain http by design.
const METADATA_V4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
];
const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
];

/// What the paths of instance metadata begin with.
const INSTANCE: &str = "/latest/";

/// Hands requests on to the client of `mcp-launch-network`.
pub(crate) struct Transport {
    inner: SharedHttpClient,
    rules: Arc<Rules>,
}

/// What holds for every request.
struct Rules {
    allow_http: bool,
    environment: Arc<Environment>,
    instance: Arc<AtomicBool>,
    answered_at: Arc<AtomicI64>,
}

impl Transport {
    /// Touches nothing. `allow_http` lets requests go to another machine unencrypted.
    pub(crate) fn new(allow_http: bool, environment: &Arc<Environment>) -> Self {
        Self {
            inner: aws_http_client(environment),
            rules: Arc::new(Rules {
                allow_http,
                environment: Arc::clone(environment),
                instance: Arc::default(),
                answered_at: Arc::default(),
            }),
        }
    }

    /// Whether instance metadata has answered so far: becomes true.
    pub(crate) fn instance(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.rules.instance)
    }

    /// The date of the last answer, by the clock of who gave it, in seconds since 1970: becomes another than zero.
    pub(crate) fn answered_at(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.rules.answered_at)
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transport")
    }
}

impl HttpClient for Transport {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            inner: self.inner.http_connector(settings, components),
            rules: Arc::clone(&self.rules),
        })
    }
}

struct Connector {
    inner: SharedHttpConnector,
    rules: Arc<Rules>,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let origin = match Origin::of(request.uri(), self.rules.allow_http) {
            Ok(origin) => origin,
            Err(why) => {
                let error = ConnectorError::user(Box::new(Barred(why)));
                return HttpConnectorFuture::ready(Err(error));
            }
        };
        let rules = Arc::clone(&self.rules);
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            if let Ok(answer) = &answer
                && let Some(date) = answer.headers().get("date").and_then(seconds)
            {
                rules.answered_at.store(date, Ordering::Relaxed);
            }
            if answer.is_ok() && origin.instance {
                rules.instance.store(true, Ordering::Relaxed);
            }
            answer.map_err(|error| {
                let trouble = match Trouble::of(&error) {
                    Trouble::Other if error.is_timeout() => Trouble::TimedOut,
                    trouble => trouble,
                };
                let passing = trouble.may_pass() || trouble == Trouble::TimedOut;
                let again = !origin.metadata && passing;
                let troubled = Box::new(Troubled {
                    certificates: find(&error)
                        .map(|error| of_certificates(error, &rules.environment)),
                    trouble,
                    proxy: origin.proxy(&rules.environment),
                    host: origin.host,
                });
                if again {
                    ConnectorError::io(troubled)
                } else {
                    ConnectorError::user(troubled)
                }
            })
        })
    }
}

/// A date as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn seconds(date: &str) -> Option<i64> {
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date);
    Some(date.ok()?.as_second())
}

/// Where a request goes.
#[derive(Debug)]
struct Origin {
    /// Scheme, host and port.
    endpoint: Endpoint,
    host: String,
    /// To the metadata of an instance, wherever that is.
    instance: bool,
    /// To one of the addresses of metadata.
    metadata: bool,
}

impl Origin {
    /// Reads `uri` as the client does, so that a text which looks like another host leads nowhere.
    ///
    /// # Errors
    /// An address that is none or holds a user name, and plain http to another machine unless `allow_http`.
    fn of(uri: &str, allow_http: bool) -> Result<Self, EndpointError> {
        let url = Url::parse(uri).map_err(|_| EndpointError::NotAnAddress)?;
        let metadata = match url.host() {
            Some(Host::Ipv4(address)) => METADATA_V4.contains(&address),
            Some(Host::Ipv6(address)) => METADATA_V6.contains(&address),
            Some(Host::Domain(_)) | None => false,
        };
        let endpoint = Endpoint::parse(&url[..Position::BeforePath], allow_http || metadata)?;
        Ok(Self {
            host: endpoint.host(),
            endpoint,
            instance: url.path().starts_with(INSTANCE),
            metadata,
        })
    }

    /// What requests to it go through.
    fn proxy(&self, environment: &Environment) -> Option<String> {
        proxy_for(&self.endpoint, environment).ok()?
    }
}

/// What was wrong on the way to a host. Takes the place of the client's own error, which may hold anything.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Troubled {
    /// What to do about the files of certificates.
    pub(crate) certificates: Option<String>,
    pub(crate) trouble: Trouble,
    pub(crate) host: String,
    /// What stands in between.
    pub(crate) proxy: Option<String>,
}

impl fmt::Display for Troubled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host could not be reached")
    }
}

impl Error for Troubled {}

/// What to do about a file of certificates, and which variable names it: the first that is set is the one that counts.
fn of_certificates(error: &TlsError, environment: &Environment) -> String {
    let named_by = ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"]
        .into_iter()
        .find(|name| environment.get_non_empty(name).is_some());
    match (error.file(), named_by) {
        (Some(_), Some(variable)) => format!("{variable} names {}", error.remedy()),
        _ => error.remedy(),
    }
}

/// A request that was not sent, because of its address.
#[derive(Debug)]
pub(crate) struct Barred(pub(crate) EndpointError);

impl fmt::Display for Barred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no request goes to such an address")
    }
}

impl Error for Barred {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_and_to_metadata_alone() {
        for (uri, host, metadata) in [
            ("https://a.example/x?y", "a.example", false),
            ("http://127.0.0.1:80?x", "127.0.0.1", false),
            ("http://169.254.169.254/latest", "169.254.169.254", true),
            ("http://169.254.170.23:81/v1", "169.254.170.23:81", true),
            ("http://[fd00:ec2::254]/x", "[fd00:ec2::254]", true),
            ("http://[fd00:ec2::23]/x", "[fd00:ec2::23]", true),
        ] {
            let origin = Origin::of(uri, false).unwrap();
            assert_eq!(
                (origin.host.as_str(), origin.metadata),
                (host, metadata),
                "{uri}"
            );
        }
        for (uri, error) in [
            ("http://169.254.169.253/", EndpointError::PlainHttp),
            ("http://169.254.169.254.example/x", EndpointError::PlainHttp),
            ("http://a.example/", EndpointError::PlainHttp),
            (
                "http://169.254.169.254:80@0.0.0.0:1/x",
                EndpointError::UserInfo,
            ),
            ("http://169.254.169.254@a.example/", EndpointError::UserInfo),
            ("http://169.254.169.254:x/", EndpointError::NotAnAddress),
            ("169.254.169.254", EndpointError::NotAnAddress),
        ] {
            assert_eq!(Origin::of(uri, false).map(|_| ()), Err(error), "{uri}");
        }
    }

    #[test]
    fn dates_are_those_of_http() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("yesterday"), None);
    }

    #[test]
    fn metadata_of_an_instance_is_known_by_its_path() {
        let instance = |uri| Origin::of(uri, false).unwrap().instance;
        assert!(instance("http://127.0.0.1:1/latest/api/token"));
        assert!(!instance("https://sts.eu-west-1.amazonaws.com/"));
    }
}
