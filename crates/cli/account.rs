//! What a record of a change says beside the content before: the edits, and the values that went into a store.

use std::path::PathBuf;

use mcp_launch_adopt::Edits;
use mcp_launch_core::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::report::Report;

/// What was done with one change of a file. Sealed with it; deliberately without `Debug`.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    /// The edits of a config, server by server.
    pub(crate) entries: Vec<Edits>,
    /// The edits of a `.env`, line by line.
    pub(crate) lines: Vec<LineEdit>,
    /// The values that were written into a store for it.
    pub(crate) stored: Vec<Stored>,
    /// What the file refers to since, also what was in a store before.
    #[serde(default)]
    pub(crate) used: Vec<Used>,
    /// The folders that were made for the file, the outermost first.
    #[serde(default)]
    pub(crate) folders: Vec<PathBuf>,
}

/// A line of a `.env`.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineEdit {
    /// What stands there since; empty where it was removed.
    pub(crate) now: Zeroizing<Vec<u8>>,
    /// What stood there.
    pub(crate) was: Zeroizing<Vec<u8>>,
}

/// A value that a file refers to, without the value.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Used {
    /// The place, as `--to` takes it.
    pub(crate) shelf: String,
    pub(crate) name: String,
}

impl Used {
    /// All of these names in one place.
    pub(crate) fn all(shelf: &str, names: &[&str]) -> Vec<Self> {
        let used = |name: &&str| Self {
            shelf: shelf.to_owned(),
            name: (*name).to_owned(),
        };
        names.iter().map(used).collect()
    }
}

/// A value that was not in the store before.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stored {
    /// The place, as `--to` takes it.
    pub(crate) shelf: String,
    pub(crate) name: String,
    value: Zeroizing<Vec<u8>>,
}

impl Stored {
    #[expect(clippy::disallowed_methods, reason = "into a record that is sealed")]
    pub(crate) fn new(shelf: String, name: &str, value: &Secret) -> Self {
        Self {
            shelf,
            name: name.to_owned(),
            value: Zeroizing::new(value.expose().to_vec()),
        }
    }

    /// The value that was written.
    pub(crate) fn value(&self) -> Secret {
        Secret::new(self.value.to_vec())
    }
}

impl Account {
    /// Whether the change needs what is called `name` in the place `shelf`.
    pub(crate) fn uses(&self, shelf: &str, name: &str) -> bool {
        let stored = self
            .stored
            .iter()
            .map(|stored| (&stored.shelf, &stored.name));
        let mut used = self
            .used
            .iter()
            .map(|used| (&used.shelf, &used.name))
            .chain(stored);
        used.any(|used| (used.0.as_str(), used.1.as_str()) == (shelf, name))
    }

    /// As it is sealed.
    pub(crate) fn print(&self) -> Result<Zeroizing<String>, Report> {
        serde_json::to_string(self)
            .map(Zeroizing::new)
            .map_err(|_| Report::failure("the record of the change cannot be written"))
    }

    /// As it was sealed.
    pub(crate) fn parse(text: &str) -> Result<Self, Report> {
        // The error would quote what it stumbles over.
        serde_json::from_str(text).map_err(|_| {
            Report::failure("the record of the change is none of this version of mcp-launch")
        })
    }
}
