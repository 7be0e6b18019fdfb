//! What a person does about it: names, and never a value.

use crate::role::{OLDEST, Obstacle};
use crate::{Server, Way, sql};

/// The bundle has not the form of the settings.
pub(crate) const FORM: &str = "the stored value is not what the settings say: check the fields of the user's name and \
                               the password, or the URL";
/// What is staged does not belong to what is current.
pub(crate) const CHANGED: &str = "the current value was changed by hand since the new one was made: the new one is \
                                  dropped, and the next run makes another";

pub(crate) fn of(obstacle: Obstacle, role: &str, group: Option<&str>, server: &Server) -> String {
    match obstacle {
        Obstacle::Expired => format!(
            "the VALID UNTIL of {role} has passed, so no password of it logs in: ALTER ROLE {} VALID UNTIL 'infinity', \
             or set a lifetime",
            sql::name(role)
        ),
        Obstacle::Missing => {
            format!(
                "there is no role {role} at {server}: create it, or have it created by bootstrap"
            )
        }
        Obstacle::NotInGroup => {
            let group = group.unwrap_or_default();
            format!(
                "{role} has not the privileges of {group}: GRANT {} TO {}",
                sql::name(group),
                sql::name(role)
            )
        }
        Obstacle::Privileged => format!(
            "{role} is a superuser or may replicate, which a server's account should not: use a role with the \
             privileges that it needs, or allow privileged roles in the settings"
        ),
        Obstacle::Standby => format!("{server} is a standby: name the primary server"),
        Obstacle::TooOld => format!(
            "{server} is older than PostgreSQL {OLDEST} and knows no SCRAM: its password cannot be set without its \
             showing up in logs"
        ),
    }
}

/// The privilege to change another role's password.
pub(crate) fn alter(who: &str, role: &str) -> String {
    if who == role {
        return format!("{role} may not change its own password: let an administrator do it");
    }
    format!(
        "{who} may not alter {role}: ALTER ROLE {} CREATEROLE, and from PostgreSQL 16 on GRANT {} TO {} WITH ADMIN OPTION",
        sql::name(who),
        sql::name(role),
        sql::name(who)
    )
}

/// The privilege to end another role's sessions, once that role is locked out.
pub(crate) fn terminate(who: &str, role: &str) -> String {
    format!("{role} is locked out, but {}", may_not_terminate(who, role))
}

/// The privilege to end another role's sessions.
pub(crate) fn may_not_terminate(who: &str, role: &str) -> String {
    format!(
        "{who} may not end the sessions of {role}: GRANT pg_signal_backend TO {}",
        sql::name(who)
    )
}

/// Login roles that are there already.
pub(crate) const TAKEN: &str =
    "one of the login roles is in use already: store its login, or give other names";

/// Sessions that do not end.
pub(crate) fn stubborn(role: &str, server: &Server) -> String {
    format!("{role} is locked out, but sessions of it at {server} do not end: see pg_stat_activity")
}

/// A role that is none of those that are rotated.
pub(crate) fn strange(role: &str, way: &Way) -> String {
    match way {
        Way::Alternate { roles, .. } => format!(
            "{role} is not the one of {} and {} that was expected: store a login of one of them, or correct the settings",
            roles[0], roles[1]
        ),
        Way::Single { .. } => format!("{role} is not the role that is rotated"),
    }
}

/// The privileges to make roles.
pub(crate) fn bootstrap(who: &str, database: &str) -> String {
    format!(
        "{who} may not make these roles and grant what they need in {database}: let the owner of the database and its \
         schemas do it, with CREATEROLE, and a member of the roles that create its tables"
    )
}
