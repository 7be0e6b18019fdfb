//! The way to a server that speaks no HTTP: a database, a cache.

use std::net::IpAddr;
use std::time::Duration;

use mcp_launch_core::Deadline;
use tokio::net::TcpStream;

use crate::endpoint::is_localhost;
use crate::{Names, Trouble, block_on};

/// How long one of several addresses is tried.
const ATTEMPT: Duration = Duration::from_secs(5);

/// The addresses of `host`, a name or an address, at least one.
///
/// # Errors
/// When the name has none, or nobody can be asked for it.
async fn addresses(host: &str) -> Result<Vec<IpAddr>, Trouble> {
    if let Some(address) = address(host) {
        return Ok(vec![address]);
    }
    let found = Names::new().addresses(host).await;
    found.map_err(|error| error.trouble())
}

/// A connection to `port` of `host`, at the first of its addresses that takes one.
///
/// # Errors
/// When the name has no address, or none takes a connection. Nothing was said to anybody then.
pub async fn dial(host: &str, port: u16) -> Result<TcpStream, Trouble> {
    let mut trouble = Trouble::NameUnknown;
    for address in addresses(host).await? {
        let connecting = tokio::time::timeout(ATTEMPT, TcpStream::connect((address, port)));
        let late = |_| Err(std::io::ErrorKind::TimedOut.into());
        match connecting.await.unwrap_or_else(late) {
            Ok(connection) => {
                // A question and its answer: nothing is gained by waiting for more to send.
                let _as_it_is = connection.set_nodelay(true);
                return Ok(connection);
            }
            Err(error) => trouble = Trouble::of(&error),
        }
    }
    Err(trouble)
}

/// The same for those who block. The deadlines of what is sent over it are up to the caller.
///
/// # Errors
/// As [`dial`], or when `deadline` passes.
pub fn dial_blocking(
    host: &str,
    port: u16,
    deadline: Deadline,
) -> Result<std::net::TcpStream, Trouble> {
    let connection = block_on(deadline, async {
        let connection = dial(host, port).await?;
        let connection = connection.into_std().and_then(|connection| {
            connection.set_nonblocking(false)?;
            Ok(connection)
        });
        connection.map_err(|error| Trouble::of(&error))
    });
    connection?
}

/// Whether `host`, a name or an address, is this machine by what it is called.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    address(host).map_or_else(|| is_localhost(host), |address| address.is_loopback())
}

/// Where a URL points: `scheme://NAME:PASSWORD@host:port/…`. What stands before the host is passed over, also where it holds
/// characters that a URL should not, so this is no check of the URL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// In lower case.
    pub scheme: String,
    /// A name or an address; one of IPv6 without its brackets.
    pub host: String,
    /// If the URL says one.
    pub port: Option<u16>,
}

impl Place {
    /// Where `url` points; `None` where it says no host.
    #[must_use]
    pub fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let place = authority
            .rsplit_once('@')
            .map_or(authority, |(_, place)| place);
        let (host, port) = match place.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                (
                    host,
                    port.strip_prefix(':').or(port.is_empty().then_some("")),
                )
            }
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, Some("")),
            },
        };
        let port = match port? {
            "" => None,
            port => Some(port.parse().ok()?),
        };
        // What a name of a host is made of; nothing else is ever shown.
        let is_of_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
        let is_host = !host.is_empty() && host.len() <= 255 && host.bytes().all(is_of_host);
        let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (is_host && is_scheme).then(|| Self {
            scheme: scheme.to_ascii_lowercase(),
            host: host.to_owned(),
            port,
        })
    }
}

fn address(host: &str) -> Option<IpAddr> {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_its_names_and_addresses() {
        for host in [
            "localhost",
            "db.localhost",
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "[::1]",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "localhost.example",
            "10.0.0.1",
            "[::2]",
            "127.0.0.1.example",
            "",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn a_url_tells_where_it_points_and_nothing_else_of_it() {
        let place = |url: &str| Place::of(url).map(|place| (place.scheme, place.host, place.port));
        let found =
            |scheme: &str, host: &str, port| Some((scheme.to_owned(), host.to_owned(), port));
        assert_eq!(
            place("mysql://a:b@db.example:3307/x?y#z"),
            found("mysql", "db.example", Some(3307))
        );
        assert_eq!(place("Redis://:p@ss:w@h"), found("redis", "h", None));
        assert_eq!(
            place("redis://[::1]:6380/0"),
            found("redis", "::1", Some(6380))
        );
        assert_eq!(place("redis://[::1]"), found("redis", "::1", None));
        for url in [
            "",
            "h:1",
            "x://",
            "x://a:b@",
            "x://h:port",
            "x://h:70000",
            "x://[::1",
            "x://[::1]8",
            "x://a b",
        ] {
            assert_eq!(place(url), None, "{url}");
        }
    }
}
