//! One value is missing, and nothing starts; all that is missing is told at once.

use mcp_launch_testkit::Scratch;

use crate::support::{Finished, launch, launch_with};

/// A server that would leave a trace.
const SERVER: [&str; 3] = ["/bin/sh", "-c", ": >started"];

#[track_caller]
fn assert_nothing_started(scratch: &Scratch) {
    assert!(!scratch.home().join("started").exists(), "the server ran");
}

#[test]
fn the_server_of_these_tests_would_leave_a_trace() {
    let scratch = Scratch::new();
    let env_file = scratch.write(".env", "A=1\n");
    Finished::of(launch_with(&scratch, &env_file, &SERVER).env("A", "$<A>")).success();
    assert!(scratch.home().join("started").exists());
}

#[test]
fn all_that_is_missing_is_in_one_report() {
    let scratch = Scratch::new();
    let env_file = scratch.write(".env", "PRESENT=1\n");
    let server = [SERVER.as_slice(), &["sh", "--key=$<SECOND>"]].concat();
    let mut command = launch_with(&scratch, &env_file, &server);
    command
        .env("ONE", "$<PRESENT>")
        .env("TWO", "x$<FIRST>y$<PRESENT>")
        .env("THREE", "${THIRD}");
    let report = Finished::of(&mut command).not_started();
    for part in ["TWO", "FIRST", "args[", "SECOND", "THREE", "THIRD", "error"] {
        assert!(report.contains(part), "no {part} in:\n{report}");
    }
    assert!(!report.contains("env.ONE"), "{report}");
    assert_nothing_started(&scratch);
}

#[test]
fn an_empty_env_file_is_no_answer() {
    let scratch = Scratch::new();
    let env_file = scratch.write(".env", "");
    let mut command = launch_with(&scratch, &env_file, &SERVER);
    let report = Finished::of(command.env("A", "$<A>")).not_started();
    assert!(report.contains("secrets set A"), "{report}");
    assert_nothing_started(&scratch);
}

#[test]
fn a_named_env_file_must_be_there() {
    let scratch = Scratch::new();
    let env_file = scratch.home().join("nowhere.env");
    let mut command = launch_with(&scratch, &env_file, &SERVER);
    let report = Finished::of(command.env("A", "$<A>")).not_started();
    assert!(report.contains("nowhere.env"), "{report}");
    assert_nothing_started(&scratch);
}

#[test]
fn a_line_that_readers_read_differently_is_refused_with_a_spelling_that_works() {
    let scratch = Scratch::new();
    let env_file = scratch.write(".env", "FINE=1\n\nA=pa$$word$1\n");
    let mut command = launch_with(&scratch, &env_file, &SERVER);
    let report = Finished::of(command.env("A", "$<A>")).not_started();
    assert!(report.contains("line 3"), "{report}");
    assert!(report.contains("A='"), "{report}");
    assert!(!report.contains("pa$$word"), "{report}");
    assert_nothing_started(&scratch);
}

#[test]
fn the_same_line_does_not_stop_other_names() {
    let scratch = Scratch::new();
    let env_file = scratch.write(".env", "FINE=1\n\nA=pa$$word$1\n");
    Finished::of(launch_with(&scratch, &env_file, &SERVER).env("A", "$<FINE>")).success();
}

#[test]
fn a_placeholder_that_is_none_is_refused() {
    let scratch = Scratch::new();
    for text in ["$<", "$<A", "$<>", "$<two words>", "$<nosuchstore:x>"] {
        let mut command = launch(&scratch, [["--"].as_slice(), &SERVER].concat());
        let report = Finished::of(command.env("BROKEN", text)).not_started();
        assert!(report.contains("BROKEN"), "{text}: {report}");
    }
    assert_nothing_started(&scratch);
}

#[test]
fn a_command_may_only_be_run_when_the_persons_own_file_allows_it() {
    let scratch = Scratch::new();
    let mut command = launch(&scratch, [["--"].as_slice(), &SERVER].concat());
    command.env("A", "$<exec:/bin/sh -c :>ran>");
    let report = Finished::of(&mut command).not_started();
    assert!(report.contains("exec"), "{report}");
    assert!(!scratch.home().join("ran").exists());
    assert_nothing_started(&scratch);
}

#[test]
fn what_cannot_be_used_and_what_is_missing_are_told_together() {
    let scratch = Scratch::new();
    let env_file = scratch.write(".env", "");
    let mut command = launch_with(&scratch, &env_file, &SERVER);
    command
        .env("ONE", "$<keychian:FOO>")
        .env("TWO", "$<file:/nowhere/x>")
        .env("THREE", "$<FOO");
    let report = Finished::of(&mut command).not_started();
    for part in [
        "did you mean `$<keychain:FOO>`?",
        "/nowhere/x",
        "close it with `>`",
    ] {
        assert!(report.contains(part), "no {part} in:\n{report}");
    }
    assert_nothing_started(&scratch);
}

#[test]
fn a_dry_run_shows_what_cannot_be_used_beside_what_is_missing() {
    let scratch = Scratch::new();
    let mut command = crate::support::launch(&scratch, ["--dry-run", "--", "/bin/true"]);
    command
        .env("ONE", "$<nowhere:x>")
        .env("TWO", "$<file:/nowhere/x>")
        .env("THREE", "$<env:HOME>");
    let finished = Finished::of(&mut command);
    assert_eq!(finished.code, Some(125), "{}", finished.stderr);
    for part in [
        "cannot be used",
        "/nowhere/x",
        "env.THREE $<env:HOME>: found",
    ] {
        assert!(
            finished.stdout.contains(part),
            "no {part} in:\n{}",
            finished.stdout
        );
    }
    assert!(finished.stderr.contains("2 of 3"), "{}", finished.stderr);
}
