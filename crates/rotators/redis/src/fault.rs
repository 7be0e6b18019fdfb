//! What went wrong, in closed kinds, and what a person does about it.

use mcp_launch_network::{TlsError, Trouble};
use mcp_launch_rotation::RotatorError;

/// What went wrong. It holds names and hosts, never a value and never the server's own words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// The account is the administrator.
    AdministratorItself(String),
    /// The account takes any password.
    AnyPassword(String),
    /// The server has no time for it now: it loads its data, runs a script, has too many clients.
    Busy(Place),
    /// The connection ended after the request was sent.
    Lost(Place),
    /// The default account, on a server without a file of accounts.
    DefaultUser(Place),
    /// The credential has not the form that the settings say.
    Form,
    /// The server knows no accounts: it is older than Redis 6.
    NoAccounts(Place),
    /// The account is not there.
    NoSuchAccount { account: String, place: Place },
    /// The credential that has to log in for a change is refused.
    NotAdmitted { who: String, place: Place },
    /// The current value is not a password of the account, so none is removed.
    NotCurrent { account: String, place: Place },
    /// The server has no file to keep the change in.
    NotKept(Place),
    /// A command is not permitted.
    NotPermitted {
        who: String,
        command: &'static str,
        place: Place,
    },
    /// The server could not be reached.
    NotReached { trouble: Trouble, place: Place },
    /// The server could not write its file.
    NotSaved { place: Place, command: &'static str },
    /// The account is switched off.
    Off { account: String, place: Place },
    /// There are other nodes, which do not get the change.
    OtherNodes(Place),
    /// The successor is for another account.
    OtherAccount,
    /// An answer that says nothing known.
    Unclear(Place),
    /// The system gives no random numbers.
    NoRandom,
    /// The files of TLS cannot be used.
    Tls(TlsError),
    /// A certificate shall not be checked, and the server is another machine.
    UnverifiedElsewhere(Place),
}

/// A server as a person knows it: `host:port`.
pub(crate) type Place = String;

impl Fault {
    /// The same as the state machine understands it.
    pub(crate) const fn error(&self) -> RotatorError {
        match self {
            Self::Lost(_) => RotatorError::Ambiguous,
            Self::Busy(_) | Self::NotReached { .. } => RotatorError::Unavailable,
            Self::AdministratorItself(_)
            | Self::AnyPassword(_)
            | Self::DefaultUser(_)
            | Self::NoAccounts(_)
            | Self::NoSuchAccount { .. }
            | Self::NotAdmitted { .. }
            | Self::NotKept(_)
            | Self::NotPermitted { .. }
            | Self::Off { .. }
            | Self::OtherNodes(_)
            | Self::UnverifiedElsewhere(_) => RotatorError::Denied,
            Self::Form
            | Self::NoRandom
            | Self::NotCurrent { .. }
            | Self::NotSaved { .. }
            | Self::OtherAccount
            | Self::Tls(_)
            | Self::Unclear(_) => RotatorError::Failed,
        }
    }

    /// The same for a question that changes nothing: without an answer, nothing was done.
    pub(crate) fn of_question(self) -> Self {
        match self {
            Self::Lost(place) => Self::NotReached {
                trouble: Trouble::Closed,
                place,
            },
            fault => fault,
        }
    }

    /// What a person does about it.
    pub(crate) fn remedy(&self) -> Option<String> {
        Some(match self {
            Self::AdministratorItself(account) => format!(
                "the administrator is the account {account} that is rotated: leave the administrator out, or name another"
            ),
            Self::AnyPassword(account) => format!(
                "the account {account} takes any password (nopass): give it one with `ACL SETUSER {account} resetpass` and a password"
            ),
            Self::Busy(place) => format!("{place} is busy or loads its data: try again"),
            Self::Lost(_) | Self::Unclear(_) => return None,
            Self::DefaultUser(place) => format!(
                "{place} keeps the password of its default account as requirepass, which takes one only and in plain text: \
                 make an account of its own with ACL SETUSER, or give the server an aclfile"
            ),
            Self::Form => {
                "the credential holds no account in the form that its settings say, or no address"
                    .to_owned()
            }
            Self::NoAccounts(place) => {
                format!("{place} has no access control lists: they need Redis 6 or Valkey")
            }
            Self::NoSuchAccount { account, place } => {
                format!(
                    "{place} has no account {account}: make it with ACL SETUSER, or correct the name"
                )
            }
            Self::NotAdmitted { who, place } => {
                format!("{place} does not let {who} in: check its password and that it is on")
            }
            Self::NotCurrent { account, place } => format!(
                "the current value is no password of {account} at {place}, so no password was removed: \
                 somebody has changed the account"
            ),
            Self::NotKept(place) => format!(
                "{place} has neither an aclfile nor a configuration file, so it would forget the new password when it restarts: \
                 start it with one, or set persistence to `elsewhere` if another program brings its accounts back"
            ),
            Self::NotPermitted {
                who,
                command,
                place,
            } => {
                let rule = command.to_lowercase().replace(' ', "|");
                format!("{who} may not run {command} at {place}: `ACL SETUSER {who} +{rule}`")
            }
            Self::NotReached { trouble, place } => trouble
                .remedy(place, None)
                .unwrap_or_else(|| format!("{place}: {}", trouble.note())),
            Self::NotSaved { place, command } => format!(
                "{place} could not write its file ({command} failed), so the change was taken back: \
                 check the space and the permissions there"
            ),
            Self::Off { account, place } => {
                format!(
                    "the account {account} at {place} is off: `ACL SETUSER {account} on`, or remove the credential"
                )
            }
            Self::OtherNodes(place) => format!(
                "{place} has replicas, is one, or is in a cluster, and accounts are not copied between nodes: \
                 set topology to `one-of-many` if you copy them yourself"
            ),
            Self::OtherAccount => {
                "the new value names another account than the current one".to_owned()
            }
            Self::NoRandom => "the system gives no random numbers".to_owned(),
            Self::Tls(error) => error.remedy(),
            Self::UnverifiedElsewhere(place) => {
                format!("{place} is another machine, so its certificate is checked: name its CA")
            }
        })
    }
}
