//! Which config files there are, and whose a file is.

use std::path::{Path, PathBuf};

use mcp_launch_lossless::Format;

use crate::pattern;
use crate::{CLIENTS, Client, GENERIC, Location, Machine, Platform, Scope};

/// A config file of a client.
#[derive(Clone, Debug)]
pub struct ConfigFile {
    /// Whose it is.
    pub client: &'static Client,
    /// Others that read the same file.
    pub also: Vec<&'static Client>,
    /// Where it is.
    pub path: PathBuf,
    /// Whom it is for.
    pub scope: Scope,
    /// How it is written.
    pub format: Format,
    /// The row of the client's table that named it; `None` for a file that only the person named.
    pub location: Option<&'static Location>,
}

impl ConfigFile {
    fn at(client: &'static Client, location: &'static Location, path: PathBuf) -> Self {
        Self {
            client,
            also: Vec::new(),
            path,
            scope: location.scope,
            format: location.format,
            location: Some(location),
        }
    }
}

/// Every config file that is there: those of the person and of the machine, those of the working
/// directory, and those that came with plugins.
///
/// They come in the order of [`CLIENTS`], each once, with the first client that reads it.
#[must_use]
pub fn find(machine: &Machine) -> Vec<ConfigFile> {
    let mut found: Vec<ConfigFile> = Vec::new();
    for (client, location) in locations() {
        for path in location.existing(machine) {
            match found.iter_mut().find(|file| file.path == path) {
                None => found.push(ConfigFile::at(client, location, path)),
                Some(file) if file.client != client && !file.also.contains(&client) => {
                    file.also.push(client);
                }
                Some(_) => {}
            }
        }
    }
    found
}

/// The file of `client` that a new server of `scope` belongs in, there already or not; `None` where
/// the client has none of that scope on this machine.
#[must_use]
pub fn destination(client: &'static Client, machine: &Machine, scope: Scope) -> Option<ConfigFile> {
    let of_scope = || client.files.iter().filter(move |file| file.scope == scope);
    let holder = of_scope().next()?.holder;
    let existing = of_scope()
        .filter(|location| location.holder == holder)
        .find_map(|location| Some((location, location.existing(machine).into_iter().next()?)));
    let (location, path) = existing.or_else(|| {
        of_scope().find_map(|location| Some((location, location.new_file(machine)?)))
    })?;
    Some(ConfigFile::at(client, location, path))
}

/// Whose the file at `path` is: a known place of this machine, else what its name and its folders
/// look like, else nobody's that is known, with the format that its name says.
///
/// Nothing is read; where the servers are in it is for its content to say.
#[must_use]
pub fn of_path(path: &Path, machine: &Machine) -> ConfigFile {
    let path = machine.directory().join(path);
    let any_case = machine.platform() == Platform::Windows;
    let here = |location: &Location| {
        let mut places = location.paths(machine).into_iter();
        places.any(|place| pattern::is_whole(&place, &path, any_case))
    };
    let known = locations().find(|(_, location)| here(location));
    let known = known.or_else(|| {
        locations()
            .filter(|(_, location)| pattern::is_tail(location.path, &path, any_case))
            .min_by_key(|(_, location)| std::cmp::Reverse(location.path.split('/').count()))
    });
    let known = known.or_else(|| locations().find(|(client, file)| is_named(client, file, &path)));
    match known {
        Some((client, location)) => {
            let same = |place: &Location| {
                place.path == location.path && place.platforms.contains(&machine.platform())
            };
            let mut also: Vec<_> = locations()
                .filter(|(other, place)| *other != client && (here(place) || same(place)))
                .map(|(other, _)| other)
                .collect();
            also.dedup();
            let mut file = ConfigFile::at(client, location, path.clone());
            file.also = also;
            file
        }
        None => ConfigFile {
            client: &GENERIC,
            also: Vec::new(),
            scope: Scope::User,
            format: format_of(&path),
            location: None,
            path,
        },
    }
}

/// Whether a file has the name of the client's file and the client's name is part of it: a
/// `claude_desktop_config.json` is Claude Desktop's wherever it stands, a `settings.json` is not.
fn is_named(client: &Client, location: &Location, path: &Path) -> bool {
    let own = location.path.rsplit('/').next().unwrap_or_default();
    let word = client.id.split('-').next().unwrap_or_default();
    own.contains(word) && path.file_name().is_some_and(|name| name == own)
}

fn format_of(path: &Path) -> Format {
    let end = path.extension().and_then(|end| end.to_str());
    match end.map(str::to_ascii_lowercase).as_deref() {
        Some("toml") => Format::Toml,
        Some("yaml" | "yml") => Format::Yaml,
        _ => Format::Json,
    }
}

fn locations() -> impl Iterator<Item = (&'static Client, &'static Location)> {
    CLIENTS
        .iter()
        .flat_map(|&client| client.files.iter().map(move |file| (client, file)))
}
