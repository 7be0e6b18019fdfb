//! What can be seen of a rotation before it is done, without changing anything.

use std::fmt;

use mcp_launch_core::Deadline;
use mcp_launch_rotation::{Account, Bundle, Liveness};

use crate::fault::Fault;
use crate::remedy;
use crate::role::{Obstacle, Role};
use crate::rotator::within;
use crate::session::{Session, liveness};
use crate::{Postgres, Server, Way};

/// What a look before a rotation has found. It names roles and servers, and no value.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// The administrator is let in.
    AdministratorLogsIn {
        /// Its role.
        role: String,
    },
    /// The current value is refused.
    CurrentDead {
        /// Its role.
        role: String,
    },
    /// The current value logs in.
    CurrentLive {
        /// Its role.
        role: String,
    },
    /// It could not be seen whether it does.
    CurrentUnseen {
        /// Its role.
        role: String,
        /// What a person does about it.
        remedy: Option<String>,
    },
    /// The server lets everybody in under that name, so a login says nothing about the password.
    PasswordNotAsked {
        /// The role.
        role: String,
    },
    /// The stored value has not the form of the settings.
    NoAccount,
    /// Whoever would make the changes is not let in.
    NoLogin {
        /// The role.
        role: String,
        /// What a person does about it.
        remedy: Option<String>,
    },
    /// A role cannot be given a password as it is.
    NotReady {
        /// The role.
        role: String,
        /// What a person does about it.
        remedy: String,
    },
    /// Whoever would make the changes may not make them.
    NotPermitted {
        /// The role that would be changed.
        role: String,
        /// What a person does about it.
        remedy: String,
    },
    /// A role can be given a password.
    Ready {
        /// The role.
        role: String,
    },
    /// The server.
    Server {
        /// Where it is.
        place: String,
        /// Its major version.
        version: u32,
    },
    /// The current value is of a role that is not among those that take turns.
    Strange {
        /// The role.
        role: String,
        /// What a person does about it.
        remedy: String,
    },
}

impl Finding {
    /// Whether a rotation would not succeed because of it.
    #[must_use]
    pub const fn is_problem(&self) -> bool {
        !matches!(
            self,
            Self::AdministratorLogsIn { .. }
                | Self::CurrentLive { .. }
                | Self::Ready { .. }
                | Self::Server { .. }
        )
    }

    /// What a person does about it.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        match self {
            Self::CurrentUnseen { remedy, .. } | Self::NoLogin { remedy, .. } => remedy.as_deref(),
            Self::NotPermitted { remedy, .. }
            | Self::NotReady { remedy, .. }
            | Self::Strange { remedy, .. } => Some(remedy),
            Self::NoAccount => Some(remedy::FORM),
            Self::PasswordNotAsked { .. } => {
                Some("let pg_hba.conf say scram-sha-256 for it, not trust, peer or cert")
            }
            Self::CurrentDead { .. } => Some("store the password that is in force"),
            Self::AdministratorLogsIn { .. }
            | Self::CurrentLive { .. }
            | Self::Ready { .. }
            | Self::Server { .. } => None,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AdministratorLogsIn { role } => write!(f, "the administrator {role} logs in"),
            Self::CurrentDead { role } => write!(f, "the current password of {role} is refused"),
            Self::CurrentLive { role } => write!(f, "the current password of {role} logs in"),
            Self::CurrentUnseen { role, .. } => write!(
                f,
                "it cannot be seen whether the current password of {role} logs in"
            ),
            Self::PasswordNotAsked { role } => {
                write!(f, "the server lets {role} in without asking for a password")
            }
            Self::NoAccount => f.write_str("the stored value holds no account of PostgreSQL"),
            Self::NoLogin { role, .. } => write!(f, "{role} cannot log in to make changes"),
            Self::NotReady { role, .. } => write!(f, "{role} cannot be given a password"),
            Self::NotPermitted { role, .. } => write!(f, "a privilege over {role} is missing"),
            Self::Ready { role } => write!(f, "{role} can be given a password"),
            Self::Server { place, version } => write!(f, "{place} is PostgreSQL {version}"),
            Self::Strange { role, .. } => {
                write!(
                    f,
                    "the current user {role} is not among the roles that take turns"
                )
            }
        }
    }
}

impl Postgres {
    /// Looks whether `current` could be rotated: it logs in, the roles are there and as they have to be, and whoever changes
    /// them may. Changes nothing; two logins at most.
    #[must_use]
    pub fn preflight(&self, current: &Bundle, deadline: Deadline) -> Vec<Finding> {
        let Some((account, server)) = self.account(current) else {
            return vec![Finding::NoAccount];
        };
        let deadline = within(deadline);
        let login = Session::begin(&server, &account, &self.environment, deadline);
        let mut findings = vec![of_login(&login, &account, &server)];
        if self.successor_of(&account.username).is_none() {
            findings.push(Finding::Strange {
                remedy: remedy::strange(&account.username, &self.settings.way),
                role: account.username.clone(),
            });
        }
        let (who, session) = match self.settings.way.administrator() {
            None => (&account, login),
            Some(administrator) => {
                drop(login);
                let session = Session::begin(&server, administrator, &self.environment, deadline);
                if session.is_ok() {
                    findings.push(Finding::AdministratorLogsIn {
                        role: administrator.username.clone(),
                    });
                }
                (administrator, session)
            }
        };
        let looked = session.and_then(|mut session| {
            session.prepare()?;
            self.look(&mut session, who, &account, &server)
        });
        match looked {
            Ok(looked) => findings.extend(looked),
            Err(fault) => findings.push(Finding::NoLogin {
                role: who.username.clone(),
                remedy: fault.remedy(&who.username, &server.to_string()),
            }),
        }
        findings
    }

    fn look(
        &self,
        session: &mut Session,
        who: &Account,
        current: &Account,
        server: &Server,
    ) -> Result<Vec<Finding>, Fault> {
        let roles: Vec<&str> = match &self.settings.way {
            Way::Alternate { roles, .. } => roles.iter().map(String::as_str).collect(),
            Way::Single { .. } => vec![&current.username],
        };
        let group = self.settings.way.group();
        let mut findings = Vec::new();
        for role in roles {
            let known = Role::ask(session, role, group, self.settings.lifetime)?;
            if findings.is_empty() {
                findings.push(Finding::Server {
                    place: server.to_string(),
                    version: known.version,
                });
            }
            findings.extend(self.of_role(role, &known, who, server));
        }
        Ok(findings)
    }

    fn of_role(&self, role: &str, known: &Role, who: &Account, server: &Server) -> Vec<Finding> {
        let obstacle = known.obstacle(self.expectation());
        let mut findings = vec![match obstacle {
            None => Finding::Ready {
                role: role.to_owned(),
            },
            Some(obstacle) => Finding::NotReady {
                remedy: remedy::of(obstacle, role, self.settings.way.group(), server),
                role: role.to_owned(),
            },
        }];
        if obstacle == Some(Obstacle::Missing) {
            return findings;
        }
        let mut missing = |is_missing: bool, remedy: String| {
            if is_missing {
                findings.push(Finding::NotPermitted {
                    role: role.to_owned(),
                    remedy,
                });
            }
        };
        let is_itself = who.username == role;
        missing(
            !is_itself && !known.may_alter,
            remedy::alter(&who.username, role),
        );
        let ends_sessions = matches!(self.settings.way, Way::Alternate { .. });
        missing(
            ends_sessions && !known.may_terminate,
            remedy::may_not_terminate(&who.username, role),
        );
        findings
    }
}

fn of_login(login: &Result<Session, Fault>, account: &Account, server: &Server) -> Finding {
    let role = account.username.clone();
    match (liveness(login), login) {
        (Liveness::Live, _) => Finding::CurrentLive { role },
        (Liveness::Dead, _) => Finding::CurrentDead { role },
        (Liveness::Unknown, Ok(_)) => Finding::PasswordNotAsked { role },
        (Liveness::Unknown, Err(fault)) => Finding::CurrentUnseen {
            remedy: fault.remedy(&role, &server.to_string()),
            role,
        },
    }
}
