//! Where a client's file is, as data.

use std::fmt;
use std::path::{Path, PathBuf};

use mcp_launch_lossless::Format;

use crate::pattern;
use crate::{Base, Machine, Platform};

/// Whom a config file is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// The person, in every project.
    User,
    /// Everybody who works in a project: the file is often committed.
    Project,
    /// Everybody on the machine.
    System,
    /// It came with a plugin or an extension, whose next update replaces it.
    Installed,
}

impl Scope {
    /// Its name, for messages and `--scope`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Project => "project",
            Self::System => "system",
            Self::Installed => "installed",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What holds the servers of a file, and the keys that lead to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Holder {
    /// A map from names to servers.
    Map(&'static [&'static str]),
    /// A list of servers, each with a `name`.
    List(&'static [&'static str]),
    /// Servers are not added here: the file is a plugin's or an extension's.
    Closed,
}

impl Holder {
    /// The usual one.
    pub(crate) const MCP_SERVERS: Self = Self::Map(&["mcpServers"]);

    /// The keys from the root of the document.
    #[must_use]
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Map(keys) | Self::List(keys) => keys,
            Self::Closed => &[],
        }
    }
}

/// A place where a client looks for a config.
#[derive(Clone, Copy, Debug)]
pub struct Location {
    /// The folder that `path` starts at.
    pub base: Base,
    /// From there, with `/`. A `*` stands for any text within a name, `**` for folders between.
    pub path: &'static str,
    /// Whom it is for.
    pub scope: Scope,
    /// How it is written.
    pub format: Format,
    /// Where there is such a place.
    pub platforms: &'static [Platform],
    /// Variables that move it, the strongest first, each with the path from its value.
    pub moved_by: &'static [(&'static str, &'static str)],
    /// Where in it a new server belongs.
    pub holder: Holder,
    /// What a new file begins with: keys and texts.
    pub opening: &'static [(&'static str, &'static str)],
}

impl Location {
    /// A file of the person's, in which `mcpServers` is a map.
    pub(crate) const fn user(base: Base, path: &'static str, format: Format) -> Self {
        Self {
            base,
            path,
            scope: Scope::User,
            format,
            platforms: Platform::ALL,
            moved_by: &[],
            holder: Holder::MCP_SERVERS,
            opening: &[],
        }
    }

    /// A file in the working directory.
    pub(crate) const fn project(path: &'static str, format: Format) -> Self {
        Self::user(Base::Project, path, format).scoped(Scope::Project)
    }

    /// A file in the working directory or above it.
    pub(crate) const fn upward(path: &'static str, format: Format) -> Self {
        Self::user(Base::Upward, path, format).scoped(Scope::Project)
    }

    /// A file of the machine's administrator.
    pub(crate) const fn system(
        base: Base,
        path: &'static str,
        format: Format,
        platforms: &'static [Platform],
    ) -> Self {
        Self::user(base, path, format)
            .scoped(Scope::System)
            .on(platforms)
    }

    /// A file that came with a plugin or an extension.
    pub(crate) const fn installed(base: Base, path: &'static str, format: Format) -> Self {
        Self::user(base, path, format)
            .scoped(Scope::Installed)
            .held_by(Holder::Closed)
    }

    /// The same, on these platforms only.
    pub(crate) const fn on(mut self, platforms: &'static [Platform]) -> Self {
        self.platforms = platforms;
        self
    }

    /// The same, moved by these variables.
    pub(crate) const fn moved(mut self, moved_by: &'static [(&'static str, &'static str)]) -> Self {
        self.moved_by = moved_by;
        self
    }

    /// The same, with another place for servers.
    pub(crate) const fn held_by(mut self, holder: Holder) -> Self {
        self.holder = holder;
        self
    }

    /// The same, with keys that a new file begins with.
    pub(crate) const fn opened_by(
        mut self,
        opening: &'static [(&'static str, &'static str)],
    ) -> Self {
        self.opening = opening;
        self
    }

    const fn scoped(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Whether it names one file and not a pattern of them.
    #[must_use]
    pub fn is_definite(&self) -> bool {
        !self.path.contains('*')
    }

    /// The paths on `machine`, patterns and all, the nearest first. None where there is no such place.
    #[must_use]
    pub fn paths(&self, machine: &Machine) -> Vec<PathBuf> {
        self.roots(machine)
            .into_iter()
            .map(|(folder, rest)| joined(folder, rest))
            .collect()
    }

    /// The files that are there, in the order of their names where it is a pattern.
    #[must_use]
    pub fn existing(&self, machine: &Machine) -> Vec<PathBuf> {
        self.roots(machine)
            .into_iter()
            .flat_map(|(folder, rest)| pattern::existing(folder, rest))
            .collect()
    }

    /// Where a new file of this place would be; `None` where there is no such place, or the folders
    /// of a pattern are not there.
    #[must_use]
    pub fn new_file(&self, machine: &Machine) -> Option<PathBuf> {
        let (folder, rest) = self.roots(machine).into_iter().next()?;
        if self.is_definite() {
            return Some(joined(folder, rest));
        }
        let (above, name) = rest.rsplit_once('/')?;
        let above = pattern::existing_folders(folder, above)
            .into_iter()
            .next()?;
        (!name.contains('*')).then(|| above.join(name))
    }

    fn roots<'a>(&self, machine: &'a Machine) -> Vec<(&'a Path, &'static str)> {
        if !self.platforms.contains(&machine.platform()) {
            return Vec::new();
        }
        for &(name, rest) in self.moved_by {
            if let Some(folder) = machine.moved_to(name) {
                return vec![(folder, rest)];
            }
        }
        let folders = machine.folders(self.base).into_iter();
        folders.map(|folder| (folder, self.path)).collect()
    }
}

fn joined(folder: &Path, rest: &str) -> PathBuf {
    let mut path = folder.to_owned();
    path.extend(rest.split('/').filter(|name| !name.is_empty()));
    path
}
