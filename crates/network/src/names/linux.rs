//! The files of this system, and the name servers that they name.

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
