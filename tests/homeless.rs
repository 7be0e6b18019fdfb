//! A user without a home, as containers have them. Needs root, to become one.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::support::{Finished, launcher};

/// A user that no password file knows.
const NOBODY_KNOWS: u32 = 2_000_123;

fn launched(arguments: &[&str], variables: &[(&str, &str)]) -> Finished {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let small = folder.path().join("mcp-launch");
    std::fs::copy(launcher(), &small).unwrap();
    let whole = launcher().with_file_name("mcp-launch-full");
    std::fs::copy(whole, folder.path().join("mcp-launch-full")).unwrap();
    #[expect(clippy::disallowed_methods, reason = "its environment is cleared")]
    let mut command = Command::new(small);
    command
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs(variables.iter().copied())
        .current_dir("/")
        .uid(NOBODY_KNOWS)
        .gid(NOBODY_KNOWS);
    Finished::of(&mut command)
}

#[test]
fn a_launch_needs_no_home() {
    let finished = launched(&["--", "/bin/sh", "-c", "echo $A"], &[("A", "$<env:PATH>")]);
    assert_eq!(finished.success(), "/usr/bin:/bin\n");
}

#[test]
fn a_value_that_only_a_home_could_hold_is_missing() {
    let report = launched(&["--", "/bin/true"], &[("A", "$<sealed:X>")]).not_started();
    assert!(report.contains("$<sealed:X>"), "{report}");
}

#[test]
fn a_home_that_is_no_path_is_a_mistake() {
    let report = launched(&["--", "/bin/true"], &[("HOME", "somewhere")]).not_started();
    assert!(report.contains("HOME"), "{report}");
}
