//! Who runs with which credentials: a file for each server that was started with one that is rotated.
//!
//! `exec` keeps the process id, so the launcher writes down its own just before it becomes the server. An entry counts as
//! long as a process of that id with that start time lives: nothing has to be cleaned up when a server ends, and an id that
//! is used again is another process. There are names and times in it, and no value.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mcp_launch_config::{Rotate, Settings};
use mcp_launch_core::{Address, Environment, LaunchPlan};

use crate::registry;

/// Whose servers run with credentials that are rotated.
pub(crate) struct Holders {
    folder: PathBuf,
}

/// A server that runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Holder {
    /// Its process.
    pub(crate) pid: u32,
    /// Its name in the settings, if it has one.
    pub(crate) server: Option<String>,
    /// The credentials that it was started with.
    pub(crate) names: Vec<String>,
    /// When its values were asked for, or a little before.
    pub(crate) since: SystemTime,
}

/// The credentials that are rotated and that this launch gets.
pub(crate) fn held(
    settings: &Settings,
    plan: &LaunchPlan,
    environment: &Environment,
) -> Vec<String> {
    let mut rotated = settings.rotated();
    rotated.retain(|rotate| {
        let places = places(rotate);
        plan.requests()
            .flat_map(|request| &request.candidates)
            .any(|asked| {
                places
                    .iter()
                    .any(|place| registry::overlap(settings, asked, place, environment))
            })
    });
    let names = rotated.into_iter();
    names
        .map(|rotate| rotate.name.as_str().to_owned())
        .collect()
}

/// Every address of a credential: one for each of its fields, where they stand apart.
pub(crate) fn places(rotate: &Rotate) -> Vec<Address> {
    let Some(from) = &rotate.from else {
        return Vec::new();
    };
    let fields = rotate.fields.values().map(|name| Address {
        scheme: from.value.scheme.clone(),
        locator: mcp_launch_core::Locator::new(name.as_str()),
    });
    std::iter::once(from.value.clone()).chain(fields).collect()
}

impl Holders {
    /// Those of the person that these settings belong to; `None` without a home.
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        let state = settings.directories().state_dir().ok()?;
        Some(Self {
            folder: state.join("runs"),
        })
    }

    /// Writes down that this process becomes a server with these credentials.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn enter(
        &self,
        server: Option<&str>,
        names: &[String],
        since: SystemTime,
    ) -> std::io::Result<()> {
        let pid = std::process::id();
        let since = since.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut entry = format!("start {}\nsince {}\n", start_of(pid), since.as_millis());
        for (key, value) in server
            .map(|server| ("server", server))
            .into_iter()
            .chain(names.iter().map(|name| ("name", name.as_str())))
        {
            // Writing to a text cannot fail.
            let _infallible = writeln!(entry, "{key} {value}");
        }
        mcp_launch_atomic::create_private_dir(&self.folder)?;
        // One write of a few bytes: whoever reads it sees nothing of it, or all.
        let path = self.folder.join(pid.to_string());
        mcp_launch_atomic::create_private(&path)?.write_all(entry.as_bytes())
    }

    /// The servers that run with this credential. Entries of those that have ended are removed.
    pub(crate) fn of_credential(&self, name: &str) -> Vec<Holder> {
        let mut living = self.living();
        living.retain(|holder| holder.names.iter().any(|own| own == name));
        living
    }

    /// Ends a server, so that its client starts it anew: with SIGTERM, as a service is ended. Whether it was told to.
    pub(crate) fn end(&self, holder: &Holder) -> bool {
        let entry = self.folder.join(holder.pid.to_string());
        let is_same = std::fs::read_to_string(entry)
            .ok()
            .and_then(|text| read(holder.pid, &text))
            .is_some_and(|(start, _)| start == start_of(holder.pid));
        is_same && terminate(holder.pid)
    }

    fn living(&self) -> Vec<Holder> {
        let Ok(entries) = self.folder.read_dir() else {
            return Vec::new();
        };
        let mut holders = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
                continue;
            };
            let Ok(text) = std::fs::read_to_string(entry.path()) else {
                continue;
            };
            match read(pid, &text) {
                Some((start, holder)) if start == start_of(pid) => holders.push(holder),
                // Half an entry is of a launch that is at it just now.
                None => {}
                Some(_) => drop(std::fs::remove_file(entry.path())),
            }
        }
        holders.sort_by_key(|holder| holder.pid);
        holders
    }
}

fn read(pid: u32, text: &str) -> Option<(String, Holder)> {
    let mut start = None;
    let mut since = None;
    let mut server = None;
    let mut names = Vec::new();
    for line in text.lines() {
        let (key, value) = line.split_once(' ')?;
        match key {
            "start" => start = Some(value.to_owned()),
            "since" => since = Some(Duration::from_millis(value.parse().ok()?)),
            "server" => server = Some(value.to_owned()),
            "name" => names.push(value.to_owned()),
            _ => {}
        }
    }
    let holder = Holder {
        pid,
        server,
        names,
        since: UNIX_EPOCH + since?,
    };
    Some((start?, holder))
}

/// Between the look at its start and this the process may end and its id be used again, so it is held by a descriptor.
#[cfg(target_os = "linux")]
fn terminate(pid: u32) -> bool {
    use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return false;
    };
    pidfd_open(pid, PidfdFlags::empty())
        .is_ok_and(|process| pidfd_send_signal(process, Signal::TERM).is_ok())
}

/// Elsewhere nothing holds a process, so none is ended.
#[cfg(not(target_os = "linux"))]
fn terminate(_: u32) -> bool {
    false
}

/// When a process started, as nothing but itself will ever say again: the boot and the ticks since. Empty for one that does
/// not live.
#[cfg(target_os = "linux")]
fn start_of(pid: u32) -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return String::new();
    };
    // proc_pid_stat(5): the second field is in parentheses and may hold anything, the start is the 22nd.
    let ticks = stat
        .rsplit_once(')')
        .and_then(|(_, rest)| rest.split_ascii_whitespace().nth(19));
    match ticks {
        Some(ticks) => format!("{}/{ticks}", boot.trim()),
        None => String::new(),
    }
}

/// Elsewhere it is not known, and every entry counts as that of a server that runs: the grace ends when it is over.
#[cfg(not(target_os = "linux"))]
fn start_of(_: u32) -> String {
    "unknown".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_there_as_long_as_its_process_lives() {
        let folder = tempfile::tempdir().unwrap();
        let holders = Holders {
            folder: folder.path().join("runs"),
        };
        assert!(holders.of_credential("A").is_empty());
        let since = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let names = ["A".to_owned(), "B".to_owned()];
        holders.enter(Some("my server"), &names, since).unwrap();
        let own = Holder {
            pid: std::process::id(),
            server: Some("my server".to_owned()),
            names: names.to_vec(),
            since,
        };
        assert_eq!(holders.of_credential("B").len(), 1);
        assert!(holders.of_credential("B").contains(&own));
        assert!(holders.of_credential("C").is_empty());

        let entry = holders.folder.join(own.pid.to_string());
        let text = std::fs::read_to_string(&entry).unwrap();
        // A process of another time that had this id, and one that is no more.
        let other = text.replacen("start ", "start x", 1);
        mcp_launch_atomic::write(&entry, other.as_bytes(), 0o600).unwrap();
        let gone = holders.folder.join("4294967");
        mcp_launch_atomic::write(&gone, text.as_bytes(), 0o600).unwrap();
        assert!(holders.of_credential("A").is_empty());
        assert!(!entry.exists() && !gone.exists());
    }
}
