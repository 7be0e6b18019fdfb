//! The configs of MCP clients on this machine, read and taken apart.

use std::fs::Metadata;
use std::io::Read as _;
use std::path::Path;

use mcp_launch_adopt::{Sighting, sightings};
use mcp_launch_clients::{CLIENTS, Client, ConfigFile, Entry, Machine, find, of_path, servers};
use mcp_launch_config::{is_foreign, open_at_once};
use mcp_launch_core::shown;
use mcp_launch_lossless::Document;
use zeroize::Zeroizing;

use crate::changes;
use crate::context::Context;
use crate::report::Report;

/// More than any config has; `~/.claude.json` keeps a history, too.
const LARGEST: u64 = 64 << 20;

/// A config that was read.
pub(crate) struct Config {
    pub(crate) file: ConfigFile,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    pub(crate) document: Document,
    pub(crate) servers: Vec<Server>,
    /// Whether the file has other names, hard links, whose content stays when it is replaced.
    pub(crate) has_other_names: bool,
}

/// A server of a config, and the secrets that stand in its entry.
pub(crate) struct Server {
    pub(crate) entry: Entry,
    pub(crate) sightings: Vec<Sighting>,
}

impl Server {
    /// What it is called: of a project's own, with the project.
    pub(crate) fn name(&self) -> String {
        match &self.entry.project {
            Some(project) => format!("{} ({})", self.entry.name, shown(project)),
            None => self.entry.name.clone(),
        }
    }
}

/// The folders of the person, and the working directory.
pub(crate) fn machine(context: &Context) -> Machine {
    let machine = Machine::new(&context.environment, &context.directory);
    match context
        .settings()
        .ok()
        .as_deref()
        .and_then(|settings| settings.directories().home())
    {
        Some(home) => machine.or_home(home),
        None => machine,
    }
}

/// The files that are meant: those of a client by its id, one that is named, or all that are there.
///
/// # Errors
/// When there is no such client or file.
pub(crate) fn files(context: &Context, target: Option<&Path>) -> Result<Vec<ConfigFile>, Report> {
    let machine = machine(context);
    let Some(target) = target else {
        return Ok(find(&machine));
    };
    let named = target.to_str().and_then(client);
    if let Some(client) = named {
        let files: Vec<ConfigFile> = find(&machine)
            .into_iter()
            .filter(|file| file.client == client || file.also.contains(&client))
            .collect();
        if files.is_empty() {
            return Err(
                Report::failure(format!("{} has no config here", client.name)).hint(
                    "mcp-launch clients shows what was found; a file can be named by its path",
                ),
            );
        }
        return Ok(files);
    }
    let path = context.directory.join(target);
    if path.is_file() {
        return Ok(vec![of_path(&path, &machine)]);
    }
    if target.components().count() == 1 && !target.to_string_lossy().contains('.') {
        return Err(no_client(&target.to_string_lossy()));
    }
    Err(Report::failure(format!(
        "there is no file {}",
        shown(&path)
    )))
}

/// The client of this id.
pub(crate) fn client(id: &str) -> Option<&'static Client> {
    CLIENTS.iter().copied().find(|client| client.id == id)
}

/// What is told of a word that is no client's.
pub(crate) fn no_client(word: &str) -> Report {
    let near = CLIENTS
        .iter()
        .find(|client| strsim::osa_distance(client.id, word) <= 2);
    let ids: Vec<&str> = CLIENTS.iter().map(|client| client.id).collect();
    Report::failure("there is no client and no file of this name").hint(match near {
        Some(client) => format!("did you mean `{}`?", client.id),
        None => format!("one of: {}; or the path of a file", ids.join(", ")),
    })
}

/// Reads a config. None where it has no servers at all.
///
/// # Errors
/// When it cannot be read or understood.
pub(crate) fn read(file: ConfigFile) -> Result<Config, Report> {
    let path = shown(&file.path).to_string();
    let failed = |error: std::io::Error| Report::failure(format!("cannot read {path}: {error}"));
    // Before it is opened, so that what somebody else made unreadable is told as theirs.
    if is_foreign_at(&file.path) {
        return Err(foreign(&path));
    }
    let mut opened = open_at_once(&file.path).map_err(failed)?;
    let metadata = opened.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(Report::failure(format!("{path} is not a regular file")));
    }
    // Once more on what was opened: it may have been put there since.
    if is_foreign(&metadata) {
        return Err(foreign(&path));
    }
    if metadata.len() > LARGEST {
        return Err(Report::failure(format!("{path} has more than 64 MiB")));
    }
    let length = usize::try_from(metadata.len()).unwrap_or_default();
    // Full size from the start, so that no copy is left behind when it grows.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
    opened.read_to_end(&mut bytes).map_err(failed)?;
    let document = Document::parse(&bytes, file.format).map_err(|flaw| {
        Report::failure(format!("{path}: {flaw}")).hint("nothing was changed; mend the file first")
    })?;
    let servers = servers(&document, file.client)
        .into_iter()
        .map(|entry| Server {
            sightings: sightings(&entry),
            entry,
        })
        .collect();
    Ok(Config {
        file,
        bytes,
        document,
        servers,
        has_other_names: has_other_names(&metadata),
    })
}

/// Whether the file, the link in its stead or a folder that holds one of them is somebody else's, who would choose what goes
/// into the store, and under which names.
fn is_foreign_at(path: &Path) -> bool {
    let real = changes::real(path);
    let folders = [path, &real].map(|path| path.parent().map(Path::metadata));
    [path.symlink_metadata(), path.metadata()]
        .into_iter()
        .chain(folders.into_iter().flatten())
        .flatten()
        .any(|metadata| is_foreign(&metadata))
}

fn foreign(path: &str) -> Report {
    Report::failure(format!(
        "{path} belongs to another user, or its folder does, so it was left alone"
    ))
    .hint("copy it into a folder of yours, if you trust what is in it")
}

#[cfg(unix)]
fn has_other_names(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.nlink() > 1
}

/// Only an unstable call tells it there.
#[cfg(not(unix))]
fn has_other_names(_metadata: &Metadata) -> bool {
    false
}
