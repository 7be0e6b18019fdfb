//! Where a PostgreSQL server is, and how it is checked.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::SettingsError;

/// The port of PostgreSQL.
const PORT: u16 = 5432;
/// The database that every cluster has.
const DATABASE: &str = "postgres";

/// A server, by the terms of libpq: host, port, database, `sslmode`, `sslrootcert`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Server {
    host: Host,
    port: u16,
    database: String,
    tls: Option<TlsMode>,
    ca: Option<PathBuf>,
}

/// How a server is reached.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Host {
    /// A name or an address.
    Network(String),
    /// The folder of its Unix sockets.
    Folder(PathBuf),
}

/// libpq's `sslmode`. There is neither `allow` nor `prefer`: whoever stands in between could turn TLS off.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TlsMode {
    /// No TLS.
    Disable,
    /// TLS. With a CA file as `verify-ca`; without one the login is bound to the server's certificate instead
    /// (`SCRAM-SHA-256-PLUS`), except on this machine.
    Require,
    /// TLS, and the CA of the CA file vouches for the certificate. Without a CA file as `verify-full`: everybody has a
    /// certificate for some name that the system trusts.
    VerifyCa,
    /// TLS, and somebody who is trusted vouches for the certificate and its name.
    VerifyFull,
}

impl TlsMode {
    /// The mode of this name.
    ///
    /// # Errors
    /// [`SettingsError::TlsMode`] when it is none of `disable`, `require`, `verify-ca`, `verify-full`.
    pub fn parse(name: &str) -> Result<Self, SettingsError> {
        match name {
            "disable" => Ok(Self::Disable),
            "require" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyCa),
            "verify-full" => Ok(Self::VerifyFull),
            _ => Err(SettingsError::TlsMode),
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

impl Server {
    /// The server at `host`: a name, an address, or the absolute path of the folder with its Unix socket. Port 5432, the
    /// database `postgres`, and `verify-full`, or no TLS on this machine.
    ///
    /// # Errors
    /// [`SettingsError::Host`] when it is empty, a list, or no name of a host.
    pub fn new(host: &str) -> Result<Self, SettingsError> {
        Ok(Self {
            host: Host::parse(host)?,
            port: PORT,
            database: DATABASE.to_owned(),
            tls: None,
            ca: None,
        })
    }

    /// The same at another port.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The same with another database to log in to.
    ///
    /// # Errors
    /// [`SettingsError::Name`] when it is empty, longer than 63 bytes, or holds a control character.
    pub fn database(mut self, database: &str) -> Result<Self, SettingsError> {
        check_name(database)?;
        database.clone_into(&mut self.database);
        Ok(self)
    }

    /// The same with this `sslmode`. Over a Unix socket there is no TLS in any of them.
    #[must_use]
    pub fn tls(mut self, mode: TlsMode) -> Self {
        self.tls = Some(mode);
        self
    }

    /// The same with a file or folder of CA certificates, PEM, to trust in place of the system's: libpq's `sslrootcert`.
    #[must_use]
    pub fn ca(mut self, ca: PathBuf) -> Self {
        self.ca = Some(ca);
        self
    }

    /// The mode in force.
    #[must_use]
    pub fn tls_mode(&self) -> TlsMode {
        match (&self.host, self.tls) {
            (Host::Folder(_), _) => TlsMode::Disable,
            (_, Some(TlsMode::Require)) if self.ca.is_some() => TlsMode::VerifyCa,
            // Everybody has a certificate for some name that the system trusts.
            (_, Some(TlsMode::VerifyCa)) if self.ca.is_none() => TlsMode::VerifyFull,
            (_, Some(mode)) => mode,
            (Host::Network(_), None) if self.is_this_machine() => TlsMode::Disable,
            (Host::Network(_), None) => TlsMode::VerifyFull,
        }
    }

    /// Whether nobody can stand between it and us.
    pub(crate) fn is_this_machine(&self) -> bool {
        match &self.host {
            Host::Folder(_) => true,
            Host::Network(host) => match host.parse::<IpAddr>() {
                Ok(address) => address.is_loopback(),
                Err(_) => host.eq_ignore_ascii_case("localhost"),
            },
        }
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn port_number(&self) -> u16 {
        self.port
    }

    pub(crate) fn database_name(&self) -> &str {
        &self.database
    }

    pub(crate) fn ca_file(&self) -> Option<&Path> {
        self.ca.as_deref()
    }

    /// As a URL whose userinfo is a place-holder, for a bundle that is to hold one.
    pub(crate) fn url(&self) -> String {
        let (host, query) = match &self.host {
            Host::Network(host) if host.contains(':') => (format!("[{host}]"), String::new()),
            Host::Network(host) => (host.clone(), String::new()),
            Host::Folder(folder) => {
                let folder = percent_encoded(&folder.to_string_lossy());
                (String::new(), format!("?host={folder}"))
            }
        };
        let mode = match (&self.host, self.tls) {
            (Host::Network(_), Some(mode)) => format!("?sslmode={}", mode.name()),
            _ => query,
        };
        let database = percent_encoded(&self.database);
        format!("postgresql://x:x@{host}:{}/{database}{mode}", self.port)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Network(host) if host.contains(':') => write!(f, "[{host}]:{}", self.port),
            Host::Network(host) => write!(f, "{host}:{}", self.port),
            Host::Folder(folder) => write!(f, "{}/.s.PGSQL.{}", folder.display(), self.port),
        }
    }
}

impl Host {
    fn parse(text: &str) -> Result<Self, SettingsError> {
        if text.starts_with('/') && !text.contains(char::is_control) {
            return Ok(Self::Folder(PathBuf::from(text)));
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let is_host = !text.is_empty() && text.len() <= 253 && text.bytes().all(is_name);
        match is_host || text.parse::<IpAddr>().is_ok() {
            true => Ok(Self::Network(text.to_owned())),
            false => Err(SettingsError::Host),
        }
    }
}

/// PostgreSQL cuts longer names: one would mean another.
pub(crate) fn check_name(name: &str) -> Result<(), SettingsError> {
    let bad = name.is_empty() || name.len() > 63 || name.contains(char::is_control);
    if bad {
        Err(SettingsError::Name)
    } else {
        Ok(())
    }
}

fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match plain(byte) {
            true => encoded.push(char::from(byte)),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
