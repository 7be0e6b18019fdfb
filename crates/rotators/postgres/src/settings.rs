//! What the owner of a credential says about it.

use std::time::Duration;

use mcp_launch_rotation::{Account, AccountForm, Recipe};

use crate::Server;
use crate::server::check_name;

/// The shortest life of a password: less would end it within a rotation.
const SHORTEST_LIFE: Duration = Duration::from_secs(3600);
/// The longest: ten years, far within the dates of PostgreSQL and of everybody else.
const LONGEST_LIFE: Duration = Duration::from_secs(10 * 366 * 86_400);

/// How a credential of PostgreSQL is rotated.
pub struct Settings {
    /// Where the name and the password stand in its bundle.
    pub form: AccountForm,
    /// Where the server is.
    pub place: Place,
    /// One role, or two that take turns.
    pub way: Way,
    /// How a new password is made.
    pub recipe: Recipe,
    /// How long a password lasts (`VALID UNTIL`): one that was never retired ends by itself. `None` leaves what the role
    /// has. Only an administrator may set it.
    pub lifetime: Option<Duration>,
    /// Rotate a role that is a superuser or may replicate too. A server of MCP should not have such a one.
    pub allow_privileged: bool,
}

/// Where the server is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// Here.
    At(Server),
    /// What stands in the URL of the form [`AccountForm::Url`].
    InUrl,
}

/// One role, or two that take turns.
pub enum Way {
    /// Two login roles of one group that owns the privileges. The one that is not current gets the new password; the other
    /// stays as it is until its grace is over, and is locked out then. Servers that run keep working.
    ///
    /// It takes an administrator: no role may lock another out but with CREATEROLE, which the account of a server must
    /// not have.
    Alternate {
        /// The two login roles.
        roles: [String; 2],
        /// What both are members of.
        group: String,
        /// Who alters them: CREATEROLE and `pg_signal_backend`, from PostgreSQL 16 on with the ADMIN OPTION on both.
        administrator: Account,
    },
    /// One role, whose old password ends when the new one is in force. Sessions that are open stay open.
    Single {
        /// Who alters it. Without one it changes its own password, which every role may.
        administrator: Option<Account>,
    },
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        let is_url = matches!(self.form, AccountForm::Url { .. });
        if self.place == Place::InUrl && !is_url {
            return Err(SettingsError::NoUrl);
        }
        if let Some(lifetime) = self.lifetime {
            if !(SHORTEST_LIFE..=LONGEST_LIFE).contains(&lifetime) {
                return Err(SettingsError::Lifetime);
            }
            if self.way.administrator().is_none() {
                return Err(SettingsError::LifetimeByItself);
            }
        }
        if let Way::Alternate {
            roles,
            group,
            administrator,
        } = &self.way
        {
            for name in [&roles[0], &roles[1], group, &administrator.username] {
                check_name(name)?;
            }
            if matches!(self.form, AccountForm::Password { .. }) {
                return Err(SettingsError::FixedName);
            }
            if roles[0] == roles[1] || roles.contains(group) {
                return Err(SettingsError::SameRole);
            }
            if roles.contains(&administrator.username) || *group == administrator.username {
                return Err(SettingsError::OwnAdministrator);
            }
        }
        if let (
            Way::Single {
                administrator: Some(administrator),
            },
            AccountForm::Password { username, .. },
        ) = (&self.way, &self.form)
            && administrator.username == *username
        {
            return Err(SettingsError::OwnAdministrator);
        }
        Ok(())
    }
}

impl Way {
    pub(crate) fn administrator(&self) -> Option<&Account> {
        match self {
            Self::Alternate { administrator, .. } => Some(administrator),
            Self::Single { administrator } => administrator.as_ref(),
        }
    }

    pub(crate) fn group(&self) -> Option<&str> {
        match self {
            Self::Alternate { group, .. } => Some(group),
            Self::Single { .. } => None,
        }
    }
}

/// Why settings cannot be used.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The form says that the name never changes, and the way is to change it.
    #[error("two roles that take turns need a field for the user's name, or a URL")]
    FixedName,
    /// Not one host.
    #[error("the host is no name, no address and no absolute path of a folder with a socket")]
    Host,
    /// A password's life that is too short or too long.
    #[error("a password lasts for an hour at least and for ten years at most")]
    Lifetime,
    /// A life, and nobody who may set it.
    #[error("a role may not set the end of its own password (VALID UNTIL): name an administrator")]
    LifetimeByItself,
    /// The name of a role, group, schema or database.
    #[error("a name of PostgreSQL has 1 to 63 bytes and no control character")]
    Name,
    /// No random numbers.
    #[error("the system gives no random numbers")]
    NoRandom,
    /// The server shall stand in a URL, and the form is none.
    #[error("name a host: the credential is no URL that could hold it")]
    NoUrl,
    /// The administrator is what is rotated.
    #[error("the administrator is one of the roles that are rotated: use another, or none")]
    OwnAdministrator,
    /// The roles are not three.
    #[error("the two roles and their group are three different roles")]
    SameRole,
    /// Not a mode that is safe.
    #[error("sslmode is one of disable, require, verify-ca, verify-full")]
    TlsMode,
    /// Not the URL of one PostgreSQL server.
    #[error("no URL of one PostgreSQL server: postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Url,
}
