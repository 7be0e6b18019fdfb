//! What the server knows of a role, before anything is changed.

use std::time::Duration;

use crate::fault::Fault;
use crate::session::{Row, Session};
use crate::sql;

/// The first major version with SCRAM, whose verifiers an older one would take for passwords.
pub(crate) const OLDEST: u32 = 10;

/// What the server knows of a role, and of who asks about it.
pub(crate) struct Role {
    /// It is there.
    pub(crate) exists: bool,
    /// It is a superuser, or may read everything as a replica does.
    pub(crate) is_privileged: bool,
    /// Its `VALID UNTIL` has passed.
    pub(crate) is_expired: bool,
    /// It has what the group has.
    pub(crate) is_in_group: bool,
    /// The major version of the server.
    pub(crate) version: u32,
    /// The server is a standby.
    pub(crate) is_standby: bool,
    /// The end of a password that is set now, by the server's clock.
    pub(crate) until: Option<String>,
    /// Whoever asks may change its password and its LOGIN.
    pub(crate) may_alter: bool,
    /// Whoever asks may end its sessions.
    pub(crate) may_terminate: bool,
}

impl Role {
    /// Asks for a role. `group` is what it has to be in, `lifetime` how long its passwords last.
    pub(crate) fn ask(
        session: &mut Session,
        role: &str,
        group: Option<&str>,
        lifetime: Option<Duration>,
    ) -> Result<Self, Fault> {
        let group = group.map_or_else(|| "NULL".to_owned(), sql::literal);
        let lifetime = lifetime.map_or_else(
            || "NULL".to_owned(),
            |lifetime| {
                format!(
                    "to_char((now() + interval '{} seconds') AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || '+00'",
                    lifetime.as_secs()
                )
            },
        );
        // From version 16 on, CREATEROLE is about roles with the ADMIN OPTION alone.
        let rows = session.ask(&format!(
            "SELECT r.oid IS NOT NULL, r.rolsuper OR r.rolreplication, r.rolvaliduntil <= now(), \
             (SELECT pg_has_role(r.oid, g.oid, 'USAGE') FROM pg_roles g WHERE g.rolname = {group}), \
             current_setting('server_version_num'), pg_is_in_recovery(), {lifetime}, \
             me.rolsuper OR (me.rolcreaterole AND NOT r.rolsuper AND NOT r.rolreplication \
             AND (current_setting('server_version_num')::int < 160000 \
             OR pg_has_role(me.oid, r.oid, 'MEMBER WITH ADMIN OPTION'))), \
             me.rolsuper OR pg_has_role(me.oid, r.oid, 'USAGE') \
             OR pg_has_role(me.oid, 'pg_signal_backend', 'USAGE') \
             FROM pg_roles me LEFT JOIN pg_roles r ON r.rolname = {} WHERE me.rolname = current_user",
            sql::literal(role)
        ))?;
        let row = rows.first().ok_or(Fault::Malformed)?;
        Ok(Self::read(row))
    }

    fn read(row: &Row) -> Self {
        let text = |column: usize| row.get(column).and_then(Option::as_deref);
        let is = |column| text(column) == Some("t");
        let number = text(4).and_then(|text| text.parse::<u32>().ok());
        Self {
            exists: is(0),
            is_privileged: is(1),
            is_expired: is(2),
            is_in_group: is(3),
            version: number.unwrap_or_default() / 10_000,
            is_standby: is(5),
            until: text(6).map(ToOwned::to_owned),
            may_alter: is(7),
            may_terminate: is(8),
        }
    }

    /// What keeps a password from being set, whoever sets it.
    pub(crate) fn obstacle(&self, expectation: Expectation) -> Option<Obstacle> {
        if self.version < OLDEST {
            return Some(Obstacle::TooOld);
        }
        if self.is_standby {
            return Some(Obstacle::Standby);
        }
        if !self.exists {
            return Some(Obstacle::Missing);
        }
        if self.is_privileged && !expectation.may_be_privileged {
            return Some(Obstacle::Privileged);
        }
        if expectation.has_group && !self.is_in_group {
            return Some(Obstacle::NotInGroup);
        }
        (self.is_expired && self.until.is_none()).then_some(Obstacle::Expired)
    }
}

/// What a role has to be.
#[derive(Clone, Copy)]
pub(crate) struct Expectation {
    /// It may be a superuser or a replica.
    pub(crate) may_be_privileged: bool,
    /// It has to be in a group.
    pub(crate) has_group: bool,
}

/// What keeps a password from being set.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Obstacle {
    Expired,
    Missing,
    NotInGroup,
    Privileged,
    Standby,
    TooOld,
}
