//! Where a server is, out of a URL whose userinfo is the account.

use std::path::PathBuf;

use mcp_launch_core::Secret;

use crate::{Server, SettingsError, TlsMode};

impl Server {
    /// The server of a connection URL as libpq reads them: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`. Of its
    /// parameters `host`, `port`, `dbname`, `sslmode` and `sslrootcert` are used, the others are the server's own business.
    ///
    /// # Errors
    /// [`SettingsError::Url`] when it is none or names several hosts, or an error of what it names.
    #[expect(
        clippy::disallowed_methods,
        reason = "host, port and database are taken out of it; the userinfo is passed over"
    )]
    pub fn of_url(url: &Secret) -> Result<Self, SettingsError> {
        let url = std::str::from_utf8(url.expose()).map_err(|_| SettingsError::Url)?;
        let rest = url
            .strip_prefix("postgres://")
            .or_else(|| url.strip_prefix("postgresql://"))
            .ok_or(SettingsError::Url)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        // A password that somebody did not encode may hold an `@`.
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut parts = Parts::of_authority(host)?;
        let database = decoded(path.strip_prefix('/').unwrap_or_default())?;
        if !database.is_empty() {
            parts.database = Some(database);
        }
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').ok_or(SettingsError::Url)?;
            parts.take(name, value)?;
        }
        parts.server()
    }
}

#[derive(Default)]
struct Parts {
    host: Option<String>,
    port: Option<u16>,
    database: Option<String>,
    tls: Option<TlsMode>,
    ca: Option<PathBuf>,
}

impl Parts {
    fn of_authority(text: &str) -> Result<Self, SettingsError> {
        let (host, port) = match text.strip_prefix('[') {
            Some(text) => {
                let (address, rest) = text.split_once(']').ok_or(SettingsError::Url)?;
                match (rest, rest.strip_prefix(':')) {
                    ("", _) => (address, None),
                    (_, Some(port)) => (address, Some(port)),
                    _ => return Err(SettingsError::Url),
                }
            }
            None => match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        let mut parts = Self::default();
        if !host.is_empty() {
            parts.host = Some(decoded(host)?);
        }
        if let Some(port) = port.filter(|port| !port.is_empty()) {
            parts.port = Some(port.parse().map_err(|_| SettingsError::Url)?);
        }
        Ok(parts)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), SettingsError> {
        match name {
            "host" => self.host = Some(decoded(value)?),
            "port" => self.port = Some(value.parse().map_err(|_| SettingsError::Url)?),
            "dbname" => self.database = Some(decoded(value)?),
            "sslmode" => self.tls = Some(TlsMode::parse(value)?),
            // The word is libpq's for the system's certificates.
            "sslrootcert" if value == "system" => self.ca = None,
            "sslrootcert" => self.ca = Some(PathBuf::from(decoded(value)?)),
            // They would stand in place of the host and of the account.
            "hostaddr" | "service" | "user" | "password" | "passfile" => {
                return Err(SettingsError::Url);
            }
            _ => {}
        }
        Ok(())
    }

    fn server(self) -> Result<Server, SettingsError> {
        let mut server = Server::new(&self.host.ok_or(SettingsError::Url)?)?;
        if let Some(port) = self.port {
            server = server.port(port);
        }
        if let Some(database) = self.database {
            server = server.database(&database)?;
        }
        if let Some(mode) = self.tls {
            server = server.tls(mode);
        }
        if let Some(ca) = self.ca {
            server = server.ca(ca);
        }
        Ok(server)
    }
}

/// Text without its percent signs. What is decoded is no secret.
fn decoded(text: &str) -> Result<String, SettingsError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
            return Err(SettingsError::Url);
        };
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| SettingsError::Url)?);
    }
    String::from_utf8(bytes).map_err(|_| SettingsError::Url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Result<Server, SettingsError> {
        Server::of_url(&Secret::new(url.as_bytes().to_vec()))
    }

    #[test]
    fn what_stands_behind_the_account_is_read() {
        for (url, place, database, mode) in [
            (
                "postgres://u:p@db.example/app",
                "db.example:5432",
                "app",
                TlsMode::VerifyFull,
            ),
            (
                "postgresql://u:p@@db:6/a%20b?sslmode=require",
                "db:6",
                "a b",
                TlsMode::Require,
            ),
            (
                "postgres://u:p@[::1]:7",
                "[::1]:7",
                "postgres",
                TlsMode::Disable,
            ),
            (
                "postgres://u:p@/app?host=%2Frun%2Fpg&port=8",
                "/run/pg/.s.PGSQL.8",
                "app",
                TlsMode::Disable,
            ),
            (
                "postgres://u:p@%2Frun%2Fpg/app",
                "/run/pg/.s.PGSQL.5432",
                "app",
                TlsMode::Disable,
            ),
            (
                "postgres://u:p@h/d?sslmode=require&sslrootcert=/ca.pem&application_name=x#f",
                "h:5432",
                "d",
                TlsMode::VerifyCa,
            ),
        ] {
            let server = server(url).unwrap();
            assert_eq!(server.to_string(), place, "{url}");
            assert_eq!(server.database_name(), database, "{url}");
            assert_eq!(server.tls_mode(), mode, "{url}");
        }
    }

    #[test]
    fn what_is_not_one_server_is_refused() {
        for (url, error) in [
            ("mysql://u:p@h/d", SettingsError::Url),
            ("postgres://u:p@/d", SettingsError::Url),
            ("postgres://u:p@a,b/d", SettingsError::Host),
            ("postgres://u:p@h:x/d", SettingsError::Url),
            ("postgres://u:p@h/%zz", SettingsError::Url),
            ("postgres://u:p@h/d?sslmode=prefer", SettingsError::TlsMode),
            ("postgres://u:p@h/d?hostaddr=1.2.3.4", SettingsError::Url),
        ] {
            assert_eq!(server(url), Err(error), "{url}");
        }
    }

    #[test]
    fn a_server_is_read_from_the_url_that_is_made_of_it() {
        for one in [
            Server::new("db.example").unwrap().tls(TlsMode::VerifyCa),
            Server::new("::1").unwrap().port(9),
            Server::new("/run/a b").unwrap().database("x/y").unwrap(),
        ] {
            assert_eq!(server(&one.url()), Ok(one));
        }
    }
}
