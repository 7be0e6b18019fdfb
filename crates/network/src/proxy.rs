//! Which proxy stands between this machine and a store, from the captured environment alone.

use std::ffi::OsStr;

use hyper_util::client::proxy::matcher::Matcher;
use mcp_launch_core::{Environment, SourceError, SourceErrorKind};
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::Endpoint;
use crate::endpoint::is_loopback;

/// The variables that say which proxy is used, for a process that hands them on. `http_proxy` counts in small letters
/// only, as for curl: in capitals it can be a header of a web server's client.
pub const VARIABLES: [&str; 7] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// The proxies that the environment names. Not printable: a proxy's address may hold a password.
pub(crate) struct Proxies {
    http: Option<Text>,
    https: Option<Text>,
    exempt: Option<String>,
}

/// A variable as it is; none if it is no text.
type Text = Option<Zeroizing<String>>;

impl Proxies {
    pub(crate) fn from_environment(environment: &Environment) -> Self {
        let first = |names: [&str; 4]| {
            names
                .into_iter()
                .find_map(|name| environment.get_non_empty(name))
                .map(|text| text.to_str().map(|text| Zeroizing::new(text.to_owned())))
        };
        let exempt = ["no_proxy", "NO_PROXY"]
            .into_iter()
            .find_map(|name| environment.get_non_empty(name))
            .and_then(OsStr::to_str)
            .map(str::to_owned);
        Self {
            http: first(["http_proxy", "http_proxy", "all_proxy", "ALL_PROXY"]),
            https: first(["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            exempt,
        }
    }

    /// The proxy for `url`; none when it is reached directly, as this machine and those on its own link always are.
    pub(crate) fn to(&self, url: &Url) -> Result<Option<Url>, ProxyError> {
        let text = match url.scheme() {
            "https" => &self.https,
            _ => &self.http,
        };
        let Some(text) = text else {
            return Ok(None);
        };
        if url.host().is_none_or(|host| is_near(&host)) || self.is_exempt(url) {
            return Ok(None);
        }
        let text = text.as_ref().ok_or(ProxyError)?;
        let full = if text.contains("://") {
            text.clone()
        } else {
            Zeroizing::new(format!("http://{}", text.as_str()))
        };
        let proxy = Url::parse(&full).map_err(|_| ProxyError)?;
        if proxy.scheme() != "http" || !proxy.has_host() {
            return Err(ProxyError);
        }
        Ok(Some(proxy))
    }

    fn is_exempt(&self, url: &Url) -> bool {
        let Some(exempt) = &self.exempt else {
            return false;
        };
        let Ok(target) = url.as_str().parse::<http::Uri>() else {
            return false;
        };
        // Only the rules count here; they need a proxy to be exempt from.
        let rules = Matcher::builder()
            .all("http://proxy.invalid")
            .no(exempt.as_str())
            .build();
        rules.intercept(&target).is_none()
    }
}

/// Whether a proxy would find another machine under the same address: this one itself, and the metadata services of clouds,
/// which hand out credentials.
fn is_near(host: &Host<&str>) -> bool {
    is_loopback(host)
        || match host {
            Host::Ipv4(address) => address.is_link_local(),
            // `fd00:ec2::/32` is that of AWS.
            Host::Ipv6(address) => {
                address.is_unicast_link_local() || address.segments()[..2] == [0xfd00, 0xec2]
            }
            Host::Domain(_) => false,
        }
}

/// The proxy that requests to `endpoint` go through, as `host:port` for a person; none when they go there directly.
///
/// # Errors
/// When the environment names a proxy that cannot be used.
pub fn proxy_for(
    endpoint: &Endpoint,
    environment: &Environment,
) -> Result<Option<String>, ProxyError> {
    let proxy = Proxies::from_environment(environment).to(&endpoint.dialled_url())?;
    Ok(proxy.as_ref().and_then(|proxy| {
        let host = proxy.host_str()?;
        Some(match proxy.port_or_known_default() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        })
    }))
}

/// The environment names a proxy that cannot be used. It is not shown: its address may hold a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}", Self::NOTE)]
pub struct ProxyError;

impl ProxyError {
    const NOTE: &'static str = "the proxy that the environment names is not an http:// address";

    /// The same as an error of a source.
    #[must_use]
    pub const fn source_error(self) -> SourceError {
        SourceError::new(SourceErrorKind::Unavailable).note(Self::NOTE)
    }

    /// What a person does about it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        "write HTTPS_PROXY like http://proxy.example:3128 (SOCKS and https:// proxies are not supported), \
         or except the store's host in NO_PROXY"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(variables: &[(&str, &str)], url: &str) -> Result<Option<String>, ProxyError> {
        let environment = Environment::from_pairs(variables.iter().copied());
        proxy_for(&Endpoint::parse(url, true).unwrap(), &environment)
    }

    #[test]
    fn the_scheme_chooses_the_variable() {
        let both = [
            ("HTTPS_PROXY", "http://tls.example:1"),
            ("http_proxy", "plain.example:2"),
        ];
        let named = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(proxy(&both, "https://a.example"), named("tls.example:1"));
        assert_eq!(proxy(&both, "http://a.example"), named("plain.example:2"));
        assert_eq!(proxy(&[], "https://a.example"), Ok(None));
        assert_eq!(
            proxy(&[("HTTP_PROXY", "http://x.example")], "http://a.example"),
            Ok(None)
        );
        assert_eq!(
            proxy(&[("ALL_PROXY", "http://x.example")], "https://a.example"),
            named("x.example:80")
        );
        assert_eq!(
            proxy(
                &[("https_proxy", ""), ("HTTPS_PROXY", "x.example")],
                "https://a.example"
            ),
            named("x.example:80")
        );
    }

    #[test]
    fn what_is_exempt_is_reached_directly() {
        for (exempt, url, direct) in [
            ("a.example", "https://a.example:8200", true),
            (".example", "https://a.example", true),
            ("*", "https://a.example", true),
            ("b.example, 10.0.0.0/8", "https://10.1.2.3", true),
            ("b.example", "https://a.example", false),
            ("", "https://127.0.0.1:8200", true),
            ("", "http://[::1]:8200", true),
            ("", "https://localhost", true),
            ("", "http://169.254.169.254", true),
            ("", "http://[fd00:ec2::254]", true),
            ("", "http://[fd00:ec3::254]", false),
        ] {
            let variables = [
                ("HTTPS_PROXY", "http://p.example"),
                ("http_proxy", "http://p.example"),
                ("NO_PROXY", exempt),
            ];
            assert_eq!(
                proxy(&variables, url).unwrap().is_none(),
                direct,
                "{exempt} {url}"
            );
        }
    }

    #[test]
    fn the_host_that_is_connected_to_decides_not_the_name_of_its_certificate() {
        let environment = Environment::from_pairs([("HTTPS_PROXY", "http://p.example")]);
        let local = Endpoint::parse("https://127.0.0.1:8200", false).unwrap();
        let local = local.presenting("vault.example").unwrap();
        assert_eq!(proxy_for(&local, &environment), Ok(None));
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_not_passed_over() {
        for text in [
            "socks5://p.example",
            "https://p.example",
            "http://",
            "http://a b",
        ] {
            assert_eq!(
                proxy(&[("HTTPS_PROXY", text)], "https://a.example"),
                Err(ProxyError),
                "{text}"
            );
            // Not where it would not be used.
            assert_eq!(
                proxy(&[("HTTPS_PROXY", text)], "https://localhost"),
                Ok(None)
            );
        }
    }

    #[test]
    fn its_password_is_not_shown() {
        let shown = proxy(
            &[("HTTPS_PROXY", "http://me:pass@p.example:3128")],
            "https://a.example",
        );
        assert_eq!(shown, Ok(Some("p.example:3128".to_owned())));
    }
}
