//! Where the launcher under test is, and how the tests start it.

mod client;
pub(crate) mod configs;
#[cfg(target_os = "linux")]
mod memory;
mod process;

use std::path::{Path, PathBuf};
use std::process::Command;

use mcp_launch_core::Environment;
use mcp_launch_testkit::Scratch;

pub(crate) use client::{Entry, at_terminal, node_server, python, python_server};
#[cfg(target_os = "linux")]
pub(crate) use memory::processes_with;
pub(crate) use process::{ClientPipe, Finished, ready, signal, with_input};

/// The launcher: what `MCP_LAUNCH_TEST_BINARY` names, else the one that cargo built with the tests.
pub(crate) fn launcher() -> PathBuf {
    Environment::capture()
        .get_non_empty("MCP_LAUNCH_TEST_BINARY")
        .map_or_else(|| env!("CARGO_BIN_EXE_mcp-launch").into(), PathBuf::from)
}

/// The example server, which is built beside the launcher.
pub(crate) fn example_server() -> PathBuf {
    let path = launcher().with_file_name("mcp-example-server");
    assert!(
        path.exists(),
        "{} is missing: run `cargo build -p mcp-launch-example-server`, or tests/run",
        path.display()
    );
    path
}

/// The launcher where the scratch's user can execute it, with the executable that belongs beside it.
pub(crate) fn installed(scratch: &Scratch) -> PathBuf {
    let _beside = scratch.install(&launcher().with_file_name("mcp-launch-full"));
    scratch.install(&launcher())
}

/// A launch as a client would start it; `arguments` as in its config.
pub(crate) fn launch<A: AsRef<std::ffi::OsStr>>(
    scratch: &Scratch,
    arguments: impl IntoIterator<Item = A>,
) -> Command {
    let mut command = scratch.command(installed(scratch));
    command.args(arguments);
    command
}

/// `mcp-launch --env-file FILE -- SERVER...`
pub(crate) fn launch_with(scratch: &Scratch, env_file: &Path, server: &[&str]) -> Command {
    let mut command = launch(scratch, ["--env-file"]);
    command.arg(env_file).arg("--").args(server);
    command
}
