//! Why PostgreSQL did not do what was asked, in closed kinds: a server's own words may quote a statement, and with it a
//! value.

use mcp_launch_network::{TlsError, Trouble};
use mcp_launch_rotation::RotatorError;

/// Why PostgreSQL did not do what was asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// The server wants the password itself, and it could be overheard.
    Cleartext,
    /// What answers does not speak PostgreSQL's protocol, or does not know the password either.
    Malformed,
    /// The server wants another proof than a password.
    Method,
    /// No answer to a change that was sent.
    NoAnswer,
    /// The server has no TLS.
    NoTls,
    /// The server itself said why.
    Said(Said),
    /// The files of TLS cannot be used.
    TlsFiles(TlsError),
    /// Nobody vouches for the certificate, and the login cannot be bound to it.
    Unbound,
    /// There is no connection, or it ended before anything was changed.
    Unreachable(Trouble),
}

/// What a server said, by its code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Said {
    /// Its SQLSTATE.
    pub(crate) state: [u8; 5],
    /// At which point.
    pub(crate) point: Point,
    /// The session ended with it.
    pub(crate) fatal: bool,
    /// It is about the lines of `pg_hba.conf`, not about the password.
    pub(crate) by_address: bool,
}

/// Where a session was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Point {
    /// The login was not accepted yet.
    Login,
    /// The login was accepted, the session not begun.
    Accepted {
        /// The server has asked for the password.
        proven: bool,
    },
    /// A statement that only reads.
    Reading,
    /// A statement that changes something.
    Changing,
}

impl Said {
    pub(crate) fn is(&self, state: &str) -> bool {
        self.state == state.as_bytes()
    }

    pub(crate) fn is_of_class(&self, class: &str) -> bool {
        self.state.starts_with(class.as_bytes())
    }

    /// Whether what was asked may have been done all the same. A session that ends within a statement may have committed it;
    /// `XX000` is "tuple concurrently updated": another run is putting the same value in force.
    fn may_have_happened(&self) -> bool {
        self.point == Point::Changing
            && (self.fatal || self.is("40003") || self.is("XX000") || self.is_of_class("08"))
    }

    fn error(&self) -> RotatorError {
        if self.may_have_happened() {
            return RotatorError::Ambiguous;
        }
        // Insufficient privilege; no login.
        if self.is("42501") || self.is_of_class("28") {
            return RotatorError::Denied;
        }
        // A check of passwords, such as the module passwordcheck, says no.
        if self.is("22023") && self.point == Point::Changing {
            return RotatorError::Rejected;
        }
        // Out of resources, an operator's intervention or a time-out, not now, a deadlock or a conflict.
        let passing = ["53", "57", "55P03", "40", "08", "58", "XX"];
        if passing.iter().any(|class| self.is_of_class(class)) {
            return RotatorError::Unavailable;
        }
        RotatorError::Failed
    }
}

impl Fault {
    /// The same in the terms of the state machine.
    pub(crate) fn error(&self) -> RotatorError {
        match self {
            Self::NoAnswer => RotatorError::Ambiguous,
            Self::Malformed | Self::Unreachable(_) => RotatorError::Unavailable,
            Self::Said(said) => said.error(),
            Self::Cleartext | Self::Method | Self::NoTls | Self::TlsFiles(_) | Self::Unbound => {
                RotatorError::Failed
            }
        }
    }

    /// What a person does about it. `user` is who logged in or wanted to, `place` is where.
    pub(crate) fn remedy(&self, user: &str, place: &str) -> Option<String> {
        let text = match self {
            Self::Cleartext => format!(
                "{place} asks for the password of {user} in clear text: use TLS with sslmode verify-full, or the \
                 method scram-sha-256 in pg_hba.conf"
            ),
            Self::Malformed => format!(
                "check the port: what answers at {place} does not speak PostgreSQL's protocol, or does not know the \
                 password of {user} either"
            ),
            Self::Method => format!(
                "{place} asks {user} for another proof than a password: let pg_hba.conf say scram-sha-256 for it"
            ),
            Self::NoAnswer => return None,
            Self::NoTls => {
                format!("{place} offers no TLS: turn it on (ssl = on), or set sslmode to disable")
            }
            Self::TlsFiles(error) => error.remedy(),
            Self::Unbound => format!(
                "nobody vouches for the certificate of {place} with sslmode require, and the login cannot be bound to \
                 it: use sslmode verify-full with the CA's file, or the method scram-sha-256 in pg_hba.conf"
            ),
            Self::Unreachable(trouble) => return trouble_remedy(*trouble, place),
            Self::Said(said) => return said.remedy(user, place),
        };
        Some(text)
    }
}

fn trouble_remedy(trouble: Trouble, place: &str) -> Option<String> {
    match trouble {
        Trouble::TlsIssuer => Some(format!(
            "name the CA that signed the certificate of {place} (sslrootcert)"
        )),
        Trouble::TlsName => Some(format!(
            "reach {place} under a name that its certificate is for, or use sslmode verify-ca"
        )),
        Trouble::Refused => Some(format!(
            "check that PostgreSQL runs and listens at {place}, and the port"
        )),
        trouble => trouble.remedy(place, None),
    }
}

impl Said {
    fn remedy(&self, user: &str, place: &str) -> Option<String> {
        let text = match (self.point, &self.state) {
            (Point::Login | Point::Accepted { .. }, b"28P01") => {
                format!("{place} refuses the password of {user}: correct the one that is stored")
            }
            (Point::Login, b"28000") if self.by_address => format!(
                "pg_hba.conf of {place} has no line that lets {user} in from this machine: add one (hostssl with \
                 sslmode require or higher, else host)"
            ),
            (Point::Login | Point::Accepted { .. }, b"28000") => {
                format!("{place} does not let {user} log in: it needs LOGIN")
            }
            (Point::Accepted { .. }, b"3D000") => {
                format!("there is no such database at {place}: correct its name")
            }
            (Point::Accepted { .. }, b"42501") => {
                format!("{user} may not connect to that database: GRANT CONNECT ON DATABASE to it")
            }
            (Point::Login | Point::Accepted { .. }, b"53300") => format!(
                "{user} has no connection left at {place}: raise its CONNECTION LIMIT or max_connections"
            ),
            (Point::Reading | Point::Changing, b"25006") => {
                format!("{place} is read-only, a standby perhaps: name the primary server")
            }
            (Point::Reading | Point::Changing, b"55P03" | b"57014") => format!(
                "another transaction at {place} holds the role for longer than was waited: see pg_locks"
            ),
            _ => return None,
        };
        Some(text)
    }
}
