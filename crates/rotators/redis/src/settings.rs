//! What a person says of the server and the account.

use mcp_launch_network::{Place, Tls, is_this_machine};
use mcp_launch_rotation::{Account, AccountForm, Bundle, Recipe};

/// The port of Redis.
const PORT: u16 = 6379;

/// One account of one server, and who may change it.
pub struct Settings {
    /// Where the account stands in the credential. An empty name is `default`, as in `redis://:PASSWORD@host`.
    pub account: AccountForm,
    /// Where the server is.
    pub address: Address,
    /// Who logs in to make a change; `None` for the account itself.
    pub administrator: Option<Account>,
    /// Whether and how the connection is encrypted.
    pub encryption: Encryption,
    /// What of a server that keeps nothing.
    pub persistence: Persistence,
    /// What of a server that is not alone.
    pub topology: Topology,
    /// What new passwords are made of.
    pub recipe: Recipe,
}

/// Where a server is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Address {
    /// Here.
    At {
        /// A name or an address.
        host: String,
        /// The port.
        port: u16,
    },
    /// Where the URL in this field of the credential points: `redis://` or `rediss://`. An empty field is the whole value.
    InUrl {
        /// The field.
        field: String,
    },
}

/// Whether and how a connection is encrypted.
#[derive(Clone, Debug, Default)]
pub struct Encryption {
    /// Whether it is.
    pub mode: Mode,
    /// Whom TLS trusts. [`Tls::unverified`] counts on this machine alone.
    pub tls: Tls,
    /// The name in the server's certificate, where it is not the host of the address.
    pub server_name: Option<String>,
}

/// Whether a connection is encrypted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Mode {
    /// With `rediss://`, and to every other machine; not on this one.
    #[default]
    Auto,
    /// Never, even to another machine: whoever can listen on the way reads the passwords. For a network that is private.
    Off,
    /// Always.
    On,
}

/// What of a server that has no file to keep its accounts in: when it restarts it knows the new password no more.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Persistence {
    /// Nothing is changed there.
    #[default]
    Required,
    /// It is changed. For servers whose accounts others bring back as they were left.
    Elsewhere,
}

/// What of a server with replicas, or in a cluster. Accounts are not copied from one to the other.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Topology {
    /// Nothing is changed there: after a failover, or at another node, the new password would be unknown.
    #[default]
    Alone,
    /// It is changed at this one. For those who copy the accounts themselves.
    OneOfMany,
}

/// What is wrong with [`Settings`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The administrator is the account that is rotated.
    #[error(
        "the administrator is the account that is rotated: leave the administrator out, so that it changes itself"
    )]
    AdministratorItself,
    /// The name of an account has a character that Redis does not take.
    #[error("the name of an account is empty, or has a space or a control character")]
    Name,
    /// The address is none.
    #[error("the address needs a host and a port")]
    NoAddress,
    /// A certificate is not to be checked, and the server is another machine.
    #[error("the certificate of a server on another machine is always checked: name its CA")]
    UnverifiedElsewhere,
}

impl Settings {
    /// What is wrong, as far as it shows without the credential.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        if let AccountForm::Password { username, .. } = &self.account {
            let rotated = name_of(username);
            if !is_name(rotated) {
                return Err(SettingsError::Name);
            }
            if self.is_administrator(rotated) {
                return Err(SettingsError::AdministratorItself);
            }
        }
        if let Some(administrator) = &self.administrator
            && !is_name(name_of(&administrator.username))
        {
            return Err(SettingsError::Name);
        }
        if let Address::At { host, port } = &self.address {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            let place = Place::of(&format!("redis://{}", bracketed(host)));
            if *port == 0 || place.is_none_or(|place| place.host != bare || place.port.is_some()) {
                return Err(SettingsError::NoAddress);
            }
            if self.encryption.tls.unverified && !is_this_machine(host) {
                return Err(SettingsError::UnverifiedElsewhere);
            }
        }
        Ok(())
    }

    /// Whether the administrator is the account of this name.
    pub(crate) fn is_administrator(&self, name: &str) -> bool {
        let administrator = self.administrator.as_ref();
        administrator.is_some_and(|administrator| name_of(&administrator.username) == name)
    }

    /// Where the server of this credential is, and whether TLS is spoken there.
    #[expect(
        clippy::disallowed_methods,
        reason = "the host and the port of a URL are no secret"
    )]
    pub(crate) fn server(&self, bundle: &Bundle) -> Option<Server> {
        let (host, port, says_tls) = match &self.address {
            Address::At { host, port } => (host.clone(), *port, false),
            Address::InUrl { field } => {
                let url = std::str::from_utf8(bundle.get(field)?.expose()).ok()?;
                let place = Place::of(url)?;
                let says_tls = match place.scheme.as_str() {
                    "redis" | "valkey" => false,
                    "rediss" | "valkeys" => true,
                    _ => return None,
                };
                (place.host, place.port.unwrap_or(PORT), says_tls)
            }
        };
        let is_here = is_this_machine(&host);
        let encrypted = match self.encryption.mode {
            Mode::Auto => says_tls || !is_here,
            // A URL that asks for TLS is not answered by less.
            Mode::Off => says_tls,
            Mode::On => true,
        };
        Some(Server {
            host,
            port,
            encrypted,
            is_here,
        })
    }
}

/// Where a server is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) encrypted: bool,
    pub(crate) is_here: bool,
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", bracketed(&self.host), self.port)
    }
}

fn bracketed(host: &str) -> String {
    match host.contains(':') && !host.starts_with('[') {
        true => format!("[{host}]"),
        false => host.to_owned(),
    }
}

/// The name of an account as Redis has it.
pub(crate) fn name_of(username: &str) -> &str {
    if username.is_empty() {
        "default"
    } else {
        username
    }
}

/// Redis takes no spaces and no NUL; control characters could steer a terminal.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 256
        && !name
            .chars()
            .any(|char| char.is_control() || char.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mcp_launch_core::Secret;

    fn settings(address: Address, administrator: Option<&str>) -> Settings {
        let account = |name: &str| Account {
            username: name.to_owned(),
            password: Secret::new(b"x".to_vec()),
        };
        Settings {
            account: AccountForm::Password {
                username: "app".to_owned(),
                password: String::new(),
            },
            address,
            administrator: administrator.map(account),
            encryption: Encryption::default(),
            persistence: Persistence::default(),
            topology: Topology::default(),
            recipe: Recipe::default(),
        }
    }

    fn at(host: &str, port: u16) -> Address {
        Address::At {
            host: host.to_owned(),
            port,
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let check = |settings: Settings| settings.check().err();
        assert_eq!(check(settings(at("h", 1), Some("root"))), None);
        assert_eq!(check(settings(at("::1", 1), None)), None);
        assert_eq!(
            check(settings(at("h", 0), None)),
            Some(SettingsError::NoAddress)
        );
        assert_eq!(
            check(settings(at("h/x", 1), None)),
            Some(SettingsError::NoAddress)
        );
        let itself = settings(at("h", 1), Some("app"));
        assert_eq!(check(itself), Some(SettingsError::AdministratorItself));
        assert_eq!(
            check(settings(at("h", 1), Some("a b"))),
            Some(SettingsError::Name)
        );
        let mut unverified = settings(at("h", 1), None);
        unverified.encryption.tls.unverified = true;
        assert_eq!(check(unverified), Some(SettingsError::UnverifiedElsewhere));
    }

    #[test]
    fn another_machine_is_never_spoken_to_in_clear_unless_a_person_says_so() {
        let value = |url: &str| Bundle::bare(Secret::new(url.as_bytes().to_vec()));
        let in_url = || Address::InUrl {
            field: String::new(),
        };
        let encrypted = |settings: &Settings, url: &str| {
            settings.server(&value(url)).map(|server| server.encrypted)
        };
        let mut any = settings(in_url(), None);
        for (url, expected) in [
            ("redis://a:b@127.0.0.1/0", Some(false)),
            ("redis://a:b@db.example", Some(true)),
            ("rediss://a:b@localhost:1", Some(true)),
            ("mysql://a:b@h", None),
            ("nothing", None),
        ] {
            assert_eq!(encrypted(&any, url), expected, "{url}");
        }
        any.encryption.mode = Mode::Off;
        assert_eq!(encrypted(&any, "redis://a:b@db.example"), Some(false));
        assert_eq!(encrypted(&any, "rediss://a:b@db.example"), Some(true));
    }
}
