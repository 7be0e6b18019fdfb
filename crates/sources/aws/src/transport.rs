//! The HTTP client that everything of the SDK goes through: Secrets Manager, STS, SSO, container and instance metadata.
//!
//! Here it is decided what is tried again. The SDK retries whatever fails on the way; a port that refuses and a name
//! that nobody knows would so be told after a second instead of at once.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use mcp_launch_core::Environment;
use mcp_launch_network::{Endpoint, Trouble, aws_http_client, proxy_for};

/// Where containers and instances ask for their credentials: link-local addresses, over plain http by design.
const METADATA: [&str; 5] = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "[fd00:ec2::23]",
    "[fd00:ec2::254]",
];

/// Hands requests on to the client of `mcp-launch-network`.
pub(crate) struct Transport {
    inner: SharedHttpClient,
    rules: Arc<Rules>,
}

/// What holds for every request.
struct Rules {
    allow_http: bool,
    environment: Arc<Environment>,
}

impl Transport {
    /// Touches nothing. `allow_http` lets requests go to another machine unencrypted.
    pub(crate) fn new(allow_http: bool, environment: &Arc<Environment>) -> Self {
        Self {
            inner: aws_http_client(environment),
            rules: Arc::new(Rules {
                allow_http,
                environment: Arc::clone(environment),
            }),
        }
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
        let origin = Origin::of(request.uri());
        if !origin.metadata && Endpoint::parse(&origin.url, self.rules.allow_http).is_err() {
            let error = ConnectorError::user(Box::new(PlainHttp));
            return HttpConnectorFuture::ready(Err(error));
        }
        let rules = Arc::clone(&self.rules);
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            answer.await.map_err(|error| {
                let trouble = match Trouble::of(&error) {
                    Trouble::Other if error.is_timeout() => Trouble::TimedOut,
                    trouble => trouble,
                };
                let passing = trouble.may_pass() || trouble == Trouble::TimedOut;
                let again = !origin.metadata && passing;
                let troubled = Box::new(Troubled {
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

/// Where a request goes.
struct Origin {
    url: String,
    host: String,
    metadata: bool,
}

impl Origin {
    fn of(uri: &str) -> Self {
        let start = uri.find("://").map_or(0, |index| index + 3);
        let end = uri[start..]
            .find(['/', '?', '#'])
            .map_or(uri.len(), |index| start + index);
        let host = &uri[start..end];
        Self {
            url: uri[..end].to_owned(),
            metadata: METADATA
                .iter()
                .any(|address| host.strip_prefix(address).is_some_and(is_port)),
            host: host.to_owned(),
        }
    }

    /// What requests to it go through.
    fn proxy(&self, environment: &Environment) -> Option<String> {
        let endpoint = Endpoint::parse(&self.url, true).ok()?;
        proxy_for(&endpoint, environment).ok()?
    }
}

fn is_port(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(':')
}

/// What was wrong on the way to a host. Takes the place of the client's own error, which may hold anything.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Troubled {
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

/// A request that would have gone unencrypted to another machine.
#[derive(Debug)]
pub(crate) struct PlainHttp;

impl fmt::Display for PlainHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain http to another machine")
    }
}

impl Error for PlainHttp {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_the_part_before_the_path() {
        for (uri, url, metadata) in [
            ("https://a.example/x?y", "https://a.example", false),
            ("https://a.example", "https://a.example", false),
            ("http://127.0.0.1:80?x", "http://127.0.0.1:80", false),
            (
                "http://169.254.169.254/latest",
                "http://169.254.169.254",
                true,
            ),
            (
                "http://169.254.170.23:80/v1",
                "http://169.254.170.23:80",
                true,
            ),
            ("http://[fd00:ec2::254]/x", "http://[fd00:ec2::254]", true),
            (
                "http://169.254.169.254.example/x",
                "http://169.254.169.254.example",
                false,
            ),
        ] {
            let origin = Origin::of(uri);
            assert_eq!(
                (origin.url.as_str(), origin.metadata),
                (url, metadata),
                "{uri}"
            );
        }
    }
}
