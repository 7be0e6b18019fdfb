//! Names of hosts, without the C library.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use url::Host;

use crate::endpoint::is_localhost;
use crate::{Endpoint, Trouble};

#[cfg(not(target_os = "linux"))]
use elsewhere::System;
#[cfg(target_os = "linux")]
use linux::System;

/// Finds the addresses of names, for reqwest and the AWS SDK. It is not asked for an address that is a number.
///
/// `localhost` and what is within it is this machine, without asking anybody.
///
/// On Linux it reads `/etc/hosts` and asks the name servers of `/etc/resolv.conf`, with its search domains; each is read
/// when the first name needs it. The modules of `/etc/nsswitch.conf` are not used, because a static executable cannot load
/// them: a name that only mDNS (`.local`), LDAP or `systemd-resolved` without its `/etc/resolv.conf` knows is not found.
/// Elsewhere the system is asked.
#[derive(Clone)]
pub(crate) struct Names(Arc<Inner>);

struct Inner {
    /// A name that stands for another host: see [`Endpoint::presenting`].
    stand_in: Option<(String, Host<String>)>,
    system: System,
}

impl Names {
    /// All names mean what the system says.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner {
            stand_in: None,
            system: System::default(),
        }))
    }

    /// The name in the URL of `endpoint` means the host that it is reached at.
    pub(crate) fn of(endpoint: &Endpoint) -> Self {
        let stand_in = match endpoint.url().host() {
            Some(Host::Domain(name)) if endpoint.dialled() != &Host::Domain(name.to_owned()) => {
                Some((name.to_owned(), endpoint.dialled().clone()))
            }
            _ => None,
        };
        Self(Arc::new(Inner {
            stand_in,
            system: System::default(),
        }))
    }

    /// The addresses of `name`, at least one.
    ///
    /// # Errors
    /// [`Trouble::NameUnknown`], [`Trouble::NameServer`], [`Trouble::NameSettings`].
    pub(crate) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, NameError> {
        let name = match &self.0.stand_in {
            Some((stand_in, host)) if stand_in.eq_ignore_ascii_case(name) => match host {
                Host::Ipv4(address) => return Ok(vec![IpAddr::V4(*address)]),
                Host::Ipv6(address) => return Ok(vec![IpAddr::V6(*address)]),
                Host::Domain(dialled) => dialled,
            },
            _ => name,
        };
        if is_localhost(name) {
            return Ok(vec![
                IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(Ipv6Addr::LOCALHOST),
            ]);
        }
        let addresses = self.0.system.addresses(name).await.map_err(NameError)?;
        if addresses.is_empty() {
            return Err(NameError(Trouble::NameUnknown));
        }
        Ok(addresses)
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names")
    }
}

impl reqwest::dns::Resolve for Names {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let names = self.clone();
        Box::pin(async move {
            let addresses = names.addresses(name.as_str()).await?;
            // Port 0: that of the URL.
            let sockets = addresses
                .into_iter()
                .map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(sockets) as reqwest::dns::Addrs)
        })
    }
}

#[cfg(feature = "aws")]
impl aws_smithy_runtime_api::client::dns::ResolveDns for Names {
    fn resolve_dns<'a>(
        &'a self,
        name: &'a str,
    ) -> aws_smithy_runtime_api::client::dns::DnsFuture<'a> {
        aws_smithy_runtime_api::client::dns::DnsFuture::new(async move {
            self.addresses(name)
                .await
                .map_err(aws_smithy_runtime_api::client::dns::ResolveDnsError::new)
        })
    }
}

/// Why a name has no address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct NameError(Trouble);

impl NameError {
    /// What it means for the question.
    pub(crate) const fn trouble(self) -> Trouble {
        self.0
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.note())
    }
}

impl Error for NameError {}
