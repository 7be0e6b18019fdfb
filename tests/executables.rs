//! The small executable and the whole one beside it.
#![cfg(unix)]

use mcp_launch_testkit::Scratch;

use crate::support::{Finished, launcher};

/// A folder with the small executable and nothing else.
fn alone(scratch: &Scratch) -> std::process::Command {
    let small = scratch.home().join("mcp-launch");
    std::fs::copy(launcher(), &small).unwrap();
    scratch.command(small)
}

#[test]
fn a_launch_from_files_and_variables_needs_the_small_one_only() {
    let scratch = Scratch::new();
    scratch.write(".env", "A=1\n");
    scratch.write("key", "2");
    let mut command = alone(&scratch);
    command
        .args(["--env-file", ".env", "--", "/bin/sh", "-c", "echo $A $B $C"])
        .env("A", "$<A>")
        .env("B", "$<file:./key>")
        .env("C", "$<env:HOME>");
    let expected = format!("1 2 {}\n", scratch.home().display());
    assert_eq!(Finished::of(&mut command).success(), expected);
}

#[test]
fn a_reference_within_the_file_needs_the_small_one_only() {
    let scratch = Scratch::new();
    scratch.write(".env", "A='$<dotenv:C>'\nB='$<dotenv:GONE:-3>'\nC=2\n");
    let mut command = alone(&scratch);
    command
        .args(["--env-file", ".env", "--", "/bin/sh", "-c", "echo $A $B"])
        .env("A", "$<A>")
        .env("B", "$<B>");
    assert_eq!(Finished::of(&mut command).success(), "2 3\n");

    // One that leads to a store which it has not is for the whole one.
    scratch.write(".env", "A='$<sealed:A>'\n");
    let mut command = alone(&scratch);
    command.args(["--env-file", ".env", "--", "/bin/true"]);
    let told = Finished::of(command.env("A", "$<A>")).not_started();
    assert!(told.contains("mcp-launch-full"), "{told}");
}

#[test]
fn what_is_missing_beside_it_is_told() {
    let scratch = Scratch::new();
    for arguments in [&["--version"][..], &["--", "/bin/true"]] {
        let mut command = alone(&scratch);
        let told = Finished::of(command.args(arguments).env("A", "$<sealed:A>")).not_started();
        assert!(told.contains("mcp-launch-full"), "{told}");
    }
}

#[test]
fn a_failed_launch_is_told_once_though_it_is_tried_twice() {
    let scratch = Scratch::new();
    let env_file = scratch.write(".env", "A=1\n");
    let mut command = crate::support::launch_with(&scratch, &env_file, &["/bin/true"]);
    let told = Finished::of(command.env("B", "$<dotenv:B>")).not_started();
    assert_eq!(told.matches("$<dotenv:B>").count(), 1, "{told}");
}

#[test]
fn an_env_file_in_the_home_needs_the_small_one_only() {
    let scratch = Scratch::new();
    scratch.write("servers.env", "A=1\n");
    let mut command = alone(&scratch);
    command
        .args([
            "--env-file",
            "~/servers.env",
            "--",
            "/bin/sh",
            "-c",
            "echo $A",
        ])
        .env("A", "$<A>");
    assert_eq!(Finished::of(&mut command).success(), "1\n");
}

#[test]
fn a_program_that_cannot_run_is_told_once_though_it_is_tried_twice() {
    let scratch = Scratch::new();
    let script = scratch.script("server", "#!/nowhere/interpreter\n");
    let mut command = crate::support::launch(&scratch, ["--"]);
    let finished = Finished::of(command.arg(script));
    assert_eq!(finished.code, Some(127), "{}", finished.stderr);
    let told = finished.stderr.matches("/nowhere/interpreter").count();
    assert_eq!(told, 1, "{}", finished.stderr);
}

#[test]
fn a_whole_one_that_everybody_may_write_is_not_become() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::new();
    let mut command = alone(&scratch);
    let whole = scratch.script("mcp-launch-full", "#!/bin/sh\necho planted\n");
    std::fs::set_permissions(&whole, PermissionsExt::from_mode(0o777)).unwrap();
    let told = Finished::of(command.arg("--version")).not_started();
    assert!(told.contains("everybody may write it"), "{told}");
}
