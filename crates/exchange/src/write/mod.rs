//! Named values, written for another tool.

mod buffer;
mod docker;
mod env;
mod json;
mod kubernetes;
mod shell;
mod yaml;

use std::collections::HashSet;

use mcp_launch_core::{Secret, is_loader_variable, shown};
use zeroize::Zeroizing;

use crate::name::is_variable;

/// What values are written as.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Target {
    /// A file for `docker run --env-file`: `NAME=VALUE`, as it is.
    Docker,
    /// A `.env` file that all its readers read alike.
    Env,
    /// One object of names and texts.
    Json,
    /// A Secret of Kubernetes, in YAML.
    K8sSecret,
    /// `export NAME='…'` for a POSIX shell.
    Shell,
    /// One mapping of names and texts.
    Yaml,
}

impl Target {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 6] = [
        Self::Docker,
        Self::Env,
        Self::Json,
        Self::K8sSecret,
        Self::Shell,
        Self::Yaml,
    ];

    /// The target of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.as_str() == name)
    }

    /// Its name, as an option has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Env => "env",
            Self::Json => "json",
            Self::K8sSecret => "k8s-secret",
            Self::Shell => "shell",
            Self::Yaml => "yaml",
        }
    }
}

/// What a target needs to know beside the values.
#[derive(Clone, Copy, Debug)]
pub struct WriteOptions<'a> {
    /// `metadata.name` of a Secret of Kubernetes.
    pub object_name: &'a str,
}

impl Default for WriteOptions<'_> {
    fn default() -> Self {
        Self {
            object_name: "mcp-launch",
        }
    }
}

/// Why nothing was written. Names, no value.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WriteError {
    /// An entry cannot be written for this target.
    #[error("{}: {obstacle}", shown(.name))]
    Entry {
        /// The name of the first such entry.
        name: String,
        /// Why.
        obstacle: Obstacle,
    },
    /// [`WriteOptions::object_name`] is none for Kubernetes.
    #[error(
        "the name of a Kubernetes Secret has lower-case letters, digits, `-` and `.` only, begins and ends with a letter or digit, and has no more than 253 of them"
    )]
    ObjectName,
}

/// What keeps an entry from being written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Obstacle {
    /// The format has one line for each value.
    #[error("the value has a line end, and this format has none for it")]
    LineEnd,
    /// Longer than the reader takes.
    #[error("the value is longer than this format's reader takes")]
    Long,
    /// The format, or its reader, does not take the name.
    #[error("this format does not take the name")]
    Name,
    /// The value is not UTF-8, and the format is text.
    #[error("the value is not text, and this format takes nothing else")]
    NotText,
    /// A variable cannot hold NUL.
    #[error("the value has a NUL byte, which no variable holds")]
    Nul,
    /// The name was there before.
    #[error("the name stands twice")]
    Twice,
    /// The readers of the format agree on no spelling of the value.
    #[error("the format's readers agree on no spelling of the value")]
    Unspellable,
}

/// Writes `entries` in their order, for `target`.
///
/// The result is wiped when dropped, and so is whatever it was made of.
///
/// # Errors
/// When an entry cannot be written so that it is read back as it is: see [`Obstacle`].
pub fn write(
    entries: &[(String, &Secret)],
    target: Target,
    options: &WriteOptions<'_>,
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let mut seen = HashSet::new();
    if let Some((name, _)) = entries.iter().find(|(name, _)| !seen.insert(name)) {
        return Err(refused(name, Obstacle::Twice));
    }
    let pairs = || pairs(entries);
    match target {
        Target::Docker => docker::write(pairs()),
        Target::Env => env::write(entries),
        Target::Json => json::write(pairs()),
        Target::K8sSecret => kubernetes::write(pairs(), options.object_name),
        Target::Shell => shell::write(pairs()),
        Target::Yaml => yaml::write(pairs()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the values go into the file that was asked for, which is wiped"
)]
fn pairs<'a>(
    entries: &'a [(String, &'a Secret)],
) -> impl Iterator<Item = (&'a str, &'a [u8])> + Clone {
    entries
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose()))
}

fn refused(name: &str, obstacle: Obstacle) -> WriteError {
    WriteError::Entry {
        name: name.to_owned(),
        obstacle,
    }
}

fn text<'v>(name: &str, value: &'v [u8]) -> Result<&'v str, WriteError> {
    std::str::from_utf8(value).map_err(|_| refused(name, Obstacle::NotText))
}

/// A variable of a text that a shell takes over: not one by which a store would choose what the shell runs.
fn check_shell_variable(name: &str, value: &[u8]) -> Result<(), WriteError> {
    if is_loader_variable(name) {
        return Err(refused(name, Obstacle::Name));
    }
    check_variable(name, value)
}

/// A variable's name and value.
fn check_variable(name: &str, value: &[u8]) -> Result<(), WriteError> {
    if !is_variable(name) {
        return Err(refused(name, Obstacle::Name));
    }
    if value.contains(&0) {
        return Err(refused(name, Obstacle::Nul));
    }
    Ok(())
}
