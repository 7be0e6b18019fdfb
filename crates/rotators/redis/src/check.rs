//! What is asked of a server before anything is changed.

use redis::Cmd;

use crate::connection::{Connection, field, text, texts};
use crate::digest::Digest;
use crate::fault::Fault;
use crate::settings::{Persistence, Topology};

/// An account, as the server shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Seen {
    /// The digests of its passwords.
    pub(crate) passwords: Vec<String>,
    any_password: bool,
    off: bool,
}

/// Where a server keeps its accounts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kept {
    AclFile,
    Configuration,
    Nowhere,
}

impl Kept {
    /// What writes them there.
    pub(crate) const fn command(self) -> Option<&'static str> {
        match self {
            Self::AclFile => Some("ACL SAVE"),
            Self::Configuration => Some("CONFIG REWRITE"),
            Self::Nowhere => None,
        }
    }

    pub(crate) fn request(self) -> Option<Cmd> {
        let mut command = Cmd::new();
        for word in self.command()?.split(' ') {
            command.arg(word);
        }
        Some(command)
    }
}

impl Seen {
    pub(crate) fn has(&self, digest: &Digest) -> bool {
        self.passwords.iter().any(|own| own == digest.as_str())
    }

    /// Whether it can be rotated as it is.
    pub(crate) fn is_fit(&self, account: &str, place: &str) -> Result<(), Fault> {
        let (account, place) = (account.to_owned(), place.to_owned());
        match self {
            Self {
                any_password: true, ..
            } => Err(Fault::AnyPassword(account)),
            Self { off: true, .. } => Err(Fault::Off { account, place }),
            _ => Ok(()),
        }
    }
}

/// The account `name`; `None` where there is none.
pub(crate) async fn account(
    connection: &mut Connection,
    name: &str,
) -> Result<Option<Seen>, Fault> {
    let shown = connection.question("ACL GETUSER", &[name]).await?;
    if shown == redis::Value::Nil {
        return Ok(None);
    }
    let unclear = || Fault::Unclear(connection.place().to_owned());
    let flags = texts(field(&shown, "flags").ok_or_else(unclear)?);
    let passwords = texts(field(&shown, "passwords").ok_or_else(unclear)?);
    Ok(Some(Seen {
        any_password: flags.contains(&"nopass"),
        off: !flags.contains(&"on"),
        passwords: passwords.into_iter().map(str::to_owned).collect(),
    }))
}

/// Where the server keeps its accounts.
pub(crate) async fn kept(connection: &mut Connection) -> Result<Kept, Fault> {
    let setting = connection.question("CONFIG GET", &["aclfile"]).await?;
    if field(&setting, "aclfile")
        .and_then(text)
        .is_some_and(|file| !file.is_empty())
    {
        return Ok(Kept::AclFile);
    }
    let server = connection.question("INFO", &["server"]).await?;
    let file = info(&server, "config_file").unwrap_or_default();
    Ok(match file {
        "" => Kept::Nowhere,
        _ => Kept::Configuration,
    })
}

/// Whether there are other nodes.
pub(crate) async fn has_other_nodes(connection: &mut Connection) -> Result<bool, Fault> {
    let replication = connection.question("INFO", &["replication"]).await?;
    let cluster = connection.question("INFO", &["cluster"]).await?;
    let is_replica = info(&replication, "role").is_some_and(|role| role != "master");
    let has_replicas = info(&replication, "connected_slaves").is_some_and(|count| count != "0");
    let is_in_cluster = info(&cluster, "cluster_enabled") == Some("1");
    Ok(is_replica || has_replicas || is_in_cluster)
}

/// The value of a line `name:value` of `INFO`.
fn info<'a>(answer: &'a redis::Value, name: &str) -> Option<&'a str> {
    let lines = text(answer)?.lines();
    lines
        .filter_map(|line| line.split_once(':'))
        .find(|(own, _)| *own == name)
        .map(|(_, value)| value.trim())
}

/// All that is asked before a change of the account `name`.
pub(crate) async fn before_change(
    connection: &mut Connection,
    name: &str,
    persistence: Persistence,
    topology: Topology,
) -> Result<(Seen, Kept), Fault> {
    let place = connection.place().to_owned();
    let Some(seen) = account(connection, name).await? else {
        let account = name.to_owned();
        return Err(Fault::NoSuchAccount { account, place });
    };
    seen.is_fit(name, &place)?;
    let kept = kept(connection).await?;
    if name == "default" && kept != Kept::AclFile {
        return Err(Fault::DefaultUser(place));
    }
    if kept == Kept::Nowhere && persistence == Persistence::Required {
        return Err(Fault::NotKept(place));
    }
    if topology == Topology::Alone && has_other_nodes(connection).await? {
        return Err(Fault::OtherNodes(place));
    }
    Ok((seen, kept))
}
