//! Names of hosts, without the C library.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use url::Host;

use crate::endpoint::is_localhost;
use crate::{Endpoint, Trouble};

/// Finds the addresses of names, for reqwest and the AWS SDK. It is not asked for an address that is a number.
///
/// `localhost` and what is within it is this machine, without asking anybody.
///
/// On Linux it reads `/etc/hosts` and asks the name servers of `/etc/resolv.conf`, with its search domains; each is read
/// when the first name needs it. The modules of `/etc/nsswitch.conf` are not used, because a static executable cannot load
/// them: a name that only mDNS (`.local`), LDAP or `systemd-resolved` without its `/etc/resolv.conf` knows is not found.
/// Elsewhere the system is asked.
#[derive(Clone)]
pub struct Names(Arc<Inner>);

struct Inner {
    /// A name that stands for another host: see [`Endpoint::presenting`].
    stand_in: Option<(String, Host<String>)>,
    system: system::System,
}

impl Names {
    /// All names mean what the system says.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            stand_in: None,
            system: system::System::default(),
        }))
    }

    /// The name in the URL of `endpoint` means the host that it is reached at.
    #[must_use]
    pub fn of(endpoint: &Endpoint) -> Self {
        let stand_in = match endpoint.url().host() {
            Some(Host::Domain(name)) if endpoint.dialled() != &Host::Domain(name.to_owned()) => {
                Some((name.to_owned(), endpoint.dialled().clone()))
            }
            _ => None,
        };
        Self(Arc::new(Inner {
            stand_in,
            system: system::System::default(),
        }))
    }

    /// The addresses of `name`, at least one.
    ///
    /// # Errors
    /// [`Trouble::NameUnknown`], [`Trouble::NameServer`], [`Trouble::NameSettings`].
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, NameError> {
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
pub struct NameError(pub(crate) Trouble);

impl NameError {
    /// What it means for the question.
    #[must_use]
    pub const fn trouble(self) -> Trouble {
        self.0
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.note())
    }
}

impl Error for NameError {}

#[cfg(target_os = "linux")]
mod system {
    use std::fs;
    use std::net::IpAddr;
    use std::path::PathBuf;
    use std::str::FromStr;
    use std::sync::OnceLock;
    use std::time::Duration;

    #[cfg(test)]
    use hickory_resolver::config::ResolverConfig;
    use hickory_resolver::config::{LookupIpStrategy, ResolveHosts, ResolverOpts};
    use hickory_resolver::net::runtime::TokioRuntimeProvider;
    use hickory_resolver::proto::op::Query;
    use hickory_resolver::proto::rr::{Name, RecordType};
    use hickory_resolver::system_conf::parse_resolv_conf;
    use hickory_resolver::{Hosts, TokioResolver};

    use tokio::time::timeout;

    use crate::Trouble;

    /// Names of one process do not fill a cache.
    const REMEMBERED: u64 = 32;

    /// How long name servers may take, with all search domains: less than a connection may, so that it is they who are
    /// named when they are silent.
    const PATIENCE: Duration = Duration::from_secs(3);

    /// How long one of them may take before it is asked again. The five seconds of `resolv.conf` are half of a launch's
    /// time.
    const FIRST_TRY: Duration = Duration::from_millis(1500);

    /// The files of this system and the resolver that they describe.
    pub(super) struct System {
        hosts: PathBuf,
        settings: Settings,
        patience: Duration,
        resolver: OnceLock<Result<TokioResolver, Trouble>>,
    }

    enum Settings {
        File(PathBuf),
        #[cfg(test)]
        Given(ResolverConfig),
    }

    impl Default for System {
        fn default() -> Self {
            Self {
                hosts: PathBuf::from("/etc/hosts"),
                settings: Settings::File(PathBuf::from("/etc/resolv.conf")),
                patience: PATIENCE,
                resolver: OnceLock::new(),
            }
        }
    }

    impl System {
        pub(super) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Trouble> {
            let parsed = Name::from_str(name).map_err(|_| Trouble::NameUnknown)?;
            let known = self.in_hosts(&parsed);
            if !known.is_empty() {
                return Ok(known);
            }
            let resolver = self
                .resolver
                .get_or_init(|| self.settings.resolver())
                .as_ref()
                .map_err(|trouble| *trouble)?;
            let found = timeout(self.patience, resolver.lookup_ip(parsed))
                .await
                .map_err(|_| Trouble::NameServer)?
                .map_err(|error| {
                    if error.is_no_records_found() || error.is_nx_domain() {
                        Trouble::NameUnknown
                    } else {
                        Trouble::NameServer
                    }
                })?;
            Ok(found.iter().collect())
        }

        /// What `/etc/hosts` says. Both families at once: a name that stands there with one of them is not asked for
        /// the other.
        fn in_hosts(&self, name: &Name) -> Vec<IpAddr> {
            let mut hosts = Hosts::default();
            let read = fs::File::open(&self.hosts).and_then(|file| hosts.read_hosts_conf(file));
            if read.is_err() {
                return Vec::new();
            }
            [RecordType::A, RecordType::AAAA]
                .into_iter()
                .filter_map(|family| hosts.lookup_static_host(&Query::query(name.clone(), family)))
                .flat_map(|lookup| {
                    let found: Vec<_> = lookup
                        .answers()
                        .iter()
                        .filter_map(|record| record.data.ip_addr())
                        .collect();
                    found
                })
                .collect()
        }
    }

    impl Settings {
        fn resolver(&self) -> Result<TokioResolver, Trouble> {
            let (config, mut options) = match self {
                Self::File(file) => {
                    let text = fs::read(file).map_err(|_| Trouble::NameSettings)?;
                    parse_resolv_conf(text).map_err(|_| Trouble::NameSettings)?
                }
                #[cfg(test)]
                Self::Given(config) => (config.clone(), ResolverOpts::default()),
            };
            set(&mut options);
            let mut builder =
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
            *builder.options_mut() = options;
            builder.build().map_err(|_| Trouble::NameSettings)
        }
    }

    fn set(options: &mut ResolverOpts) {
        options.cache_size = REMEMBERED;
        options.timeout = options.timeout.min(FIRST_TRY);
        // The older family first: where the newer one is given but does not work, a connection waits for it.
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        // Read above.
        options.use_hosts_file = ResolveHosts::Never;
    }

    #[cfg(test)]
    mod tests;
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::io::ErrorKind;
    use std::net::IpAddr;

    use crate::Trouble;

    /// The system's resolver, which runs on a thread of its own.
    #[derive(Default)]
    pub(super) struct System;

    impl System {
        pub(super) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Trouble> {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(|error| {
                // What the C library calls "not known" has no kind of its own.
                match error.kind() {
                    ErrorKind::TimedOut | ErrorKind::Interrupted => Trouble::NameServer,
                    _ => Trouble::NameUnknown,
                }
            })?;
            Ok(found.map(|socket| socket.ip()).collect())
        }
    }
}
