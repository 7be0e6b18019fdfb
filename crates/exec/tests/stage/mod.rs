//! What the tests of this crate share: starting the example launcher, alone and inside other programs.
#![allow(dead_code, reason = "each test file uses its own part of it")]

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Output};

pub(crate) use mcp_launch_testkit::example;

/// A program of this machine. Without it the test fails.
#[expect(clippy::disallowed_methods, reason = "settings of the test run")]
pub(crate) fn tool(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("this test needs {name}, which is not on PATH: see tests/run"))
}

/// Fails the test unless we are root.
pub(crate) fn need_root() {
    assert!(
        rustix::process::geteuid().is_root(),
        "this test needs root, to act as two users: see tests/run"
    );
}

/// `program` with `arguments`, started by nothing of ours.
#[expect(clippy::disallowed_methods, reason = "the tests start programs")]
pub(crate) fn direct(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

/// The launcher with `words`, options first.
pub(crate) fn launch(words: &[&str]) -> Command {
    direct(example("launch"), words)
}

/// The launcher with `words`, as a user without privileges if we have any.
pub(crate) fn launch_as_nobody(words: &[&str]) -> Command {
    let mut command = as_nobody(&example("launch").to_string_lossy());
    command.args(words);
    command
}

/// `program` as a user without privileges if we have any.
pub(crate) fn as_nobody(program: &str) -> Command {
    if !rustix::process::geteuid().is_root() {
        return direct(program, &[]);
    }
    let identity = [
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--",
        program,
    ];
    direct("setpriv", &identity)
}

/// What a command printed; it must have succeeded.
#[must_use]
pub(crate) fn stdout(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a command said on its error output, and its exit code.
#[must_use]
pub(crate) fn failure(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    let Output {
        status,
        stderr,
        stdout,
    } = output;
    assert_eq!(String::from_utf8_lossy(&stdout), "", "nothing on stdout");
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}
