//! Where the programs are that `tests/run` installs.

use std::path::{Path, PathBuf};

use mcp_launch_core::Environment;

/// Where the servers and clients of npm and PyPI are: what `MCP_LAUNCH_TEST_TOOLS` names, else
/// `target/test-tools` of the workspace.
#[must_use]
pub fn tools() -> PathBuf {
    match Environment::capture().get_non_empty("MCP_LAUNCH_TEST_TOOLS") {
        Some(named) => named.into(),
        None => workspace().join("target/test-tools"),
    }
}

/// A program below [`tools`].
///
/// # Panics
/// With the command that installs it, when it is missing.
#[cfg(feature = "servers")]
#[must_use]
pub(crate) fn tool(relative: &str) -> PathBuf {
    let path = tools().join(relative);
    assert!(
        path.exists(),
        "{} is missing: run tests/run once, or `MCP_LAUNCH_TEST_TOOLS={} tests/setup/tools.sh`",
        path.display(),
        tools().display(),
    );
    path
}

/// A program of PostgreSQL's server, which Debian keeps off `PATH`.
///
/// # Panics
/// With the command that installs it, when it is missing.
#[cfg(feature = "servers")]
#[must_use]
pub(crate) fn postgresql_program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter();
    let mut folders: Vec<PathBuf> = versions
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    folders.sort();
    let environment = Environment::capture();
    if let Some(path) = environment.get("PATH") {
        folders.splice(0..0, std::env::split_paths(path));
    }
    let programs = folders.iter().rev().map(|folder| folder.join(name));
    programs
        .into_iter()
        .find(|program| program.exists())
        .unwrap_or_else(|| {
            panic!("PostgreSQL's `{name}` is missing: run tests/setup/system.sh, or install PostgreSQL's server")
        })
}

/// A program of the system, on `PATH` or where Debian keeps those of servers.
///
/// # Panics
/// With the command that installs it, when it is missing.
#[cfg(feature = "servers")]
#[must_use]
pub(crate) fn program(name: &str) -> PathBuf {
    let environment = Environment::capture();
    let path = environment.get("PATH").unwrap_or_default();
    let folders = std::env::split_paths(path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders
        .map(|folder| folder.join(name))
        .find(|program| program.exists())
        .unwrap_or_else(|| panic!("`{name}` is missing: run tests/setup/system.sh"))
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
