//! What a rotation would meet, without changing anything.

use std::cell::Cell;
use std::fmt;

use mcp_launch_core::Deadline;
use mcp_launch_rotation::{Bundle, RotatorError};

use crate::check::{self, Kept};
use crate::connection::{Answer, text};
use crate::digest::Digest;
use crate::fault::Fault;
use crate::rotator::RedisRotator;
use crate::settings::Topology;

/// What a rotation would meet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Preflight {
    /// The account.
    pub account: String,
    /// The server: `host:port`.
    pub server: String,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
    /// What a person should know; nothing of it hinders a rotation.
    pub findings: Vec<Finding>,
}

/// What a person should know before a rotation.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// The current value does not log in; the administrator would set a new one.
    CurrentRefused,
    /// The account has more passwords than the current one: they stay in force.
    MorePasswords(usize),
    /// The server keeps its accounts in no file.
    NotKept,
    /// Accounts are not copied to the other nodes.
    OtherNodes,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CurrentRefused => {
                f.write_str("the current value does not log in; the administrator would set a new one")
            }
            Self::MorePasswords(count) => {
                write!(f, "the account has {count} more passwords, which would stay in force")
            }
            Self::NotKept => {
                f.write_str("the server keeps its accounts in no file and forgets a new password when it restarts")
            }
            Self::OtherNodes => f.write_str("the server has other nodes, which would not get a new password"),
        }
    }
}

impl RedisRotator {
    /// Does all that a rotation does before it changes something, and changes nothing.
    ///
    /// # Errors
    /// That with which the rotation would stop; [`mcp_launch_rotation::Rotator::remedy`] says what to do about it.
    pub fn preflight(
        &self,
        current: &Bundle,
        deadline: Deadline,
    ) -> Result<Preflight, RotatorError> {
        let looked = self.within(current, deadline, &Cell::new(false), self.look(current));
        self.told(looked)
    }

    async fn look(&self, current: &Bundle) -> Result<Preflight, Fault> {
        let target = self.target(current)?;
        let mut findings = Vec::new();
        if matches!(
            self.log_in(&target.server, &target.account).await?,
            Answer::Refused
        ) {
            findings.push(Finding::CurrentRefused);
        }
        let mut connection = self.operator(&target, current).await?;
        let (seen, kept) = self.before_change(&mut connection, &target.name).await?;
        let may = ["ACL", "SETUSER", &target.name];
        let who = connection.who().to_owned();
        let words: Vec<&str> = [who.as_str()].into_iter().chain(may).collect();
        // Best effort: Redis 7 can tell, and only whoever may ask.
        if let Ok(said) = connection.question("ACL DRYRUN", &words).await
            && text(&said).is_some()
        {
            let (command, place) = ("ACL SETUSER", target.server.to_string());
            return Err(Fault::NotPermitted {
                who,
                command,
                place,
            });
        }
        let own = usize::from(seen.has(&Digest::of(&target.account.password)));
        let more = seen.passwords.len() - own;
        if more > 0 {
            findings.push(Finding::MorePasswords(more));
        }
        if kept == Kept::Nowhere {
            findings.push(Finding::NotKept);
        }
        if self.settings().topology == Topology::OneOfMany
            && check::has_other_nodes(&mut connection).await?
        {
            findings.push(Finding::OtherNodes);
        }
        Ok(Preflight {
            account: target.name,
            server: target.server.to_string(),
            encrypted: target.server.encrypted,
            findings,
        })
    }
}
