//! A process killed at any of its system calls leaves the old store or the new one, and the next process
//! finishes the work.

use std::fs;
use std::path::Path;

use mcp_launch_core::{Secret, Store};

use crate::stage::{PASSPHRASE, Stage, done, need, soon};

/// Every call that changes a file or its standing, by one of its names.
const CALLS: [&str; 7] = [
    "openat",
    "write",
    "fsync",
    "rename,?renameat,?renameat2",
    "?unlink,unlinkat",
    "?mkdir,mkdirat",
    "flock",
];

/// Runs the example with `words` once for each of its system calls, killed at it, from what `prepare`
/// makes each time; `check` then sees what is left.
fn killed_everywhere(
    prepare: &dyn Fn(&Stage),
    words: &[&str],
    input: &str,
    check: &dyn Fn(&Stage, &str),
) {
    for call in CALLS {
        for nth in 1.. {
            assert!(nth < 100, "no end of {call}");
            let stage = Stage::new();
            prepare(&stage);
            let inject = format!("inject={call}:signal=KILL:when={nth}");
            let trace = format!("trace={call}");
            let strace = [
                "strace",
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                &trace,
                "-e",
                &inject,
            ];
            let finished = done(&mut stage.under(&strace, words), input.as_bytes());
            let place = format!("killed at {call} number {nth}");
            if finished.succeeded {
                let crucial = ["write", "fsync", "rename,?renameat,?renameat2"];
                assert!(nth > 1 || !crucial.contains(&call), "{call} was never made");
                break;
            }
            assert!(finished.err.is_empty(), "{place}: {}", finished.err);
            check(&stage, &place);
        }
    }
}

fn names(stage: &Stage, place: &str) -> Vec<String> {
    match stage.source().names("", soon()) {
        Ok(names) => names,
        Err(error) if error.lets_next_answer() => Vec::new(),
        Err(error) => panic!("{place}: {error}"),
    }
}

fn assert_no_leftovers(directory: &Path, place: &str) {
    for entry in fs::read_dir(directory).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = [
            "sealed.age",
            "sealed.age.lock",
            "sealed.key",
            "sealed.key.age",
        ];
        assert!(known.contains(&name.as_str()), "{place}: {name} is left");
    }
}

#[test]
fn the_first_write_is_whole_or_not_at_all() {
    need(&["strace"]);
    let check = |stage: &Stage, place: &str| {
        let left = names(stage, place);
        assert!(left.is_empty() || left == ["A"], "{place}: {left:?}");
        stage.run(&["put", "B"], "b").text();
        let mut expected = left;
        expected.push("B".to_owned());
        assert_eq!(names(stage, place), expected, "{place}");
        assert_no_leftovers(&stage.directory(), place);
    };
    killed_everywhere(&|_| {}, &["put", "A"], "a", &check);
}

#[test]
fn a_later_write_is_whole_or_not_at_all() {
    need(&["strace"]);
    let prepare = |stage: &Stage| {
        stage.run(&["put", "OLD"], "old").text();
    };
    let check = |stage: &Stage, place: &str| {
        let got = stage.run(&["get", "OLD"], "");
        assert!(["old", "new"].contains(&got.text()), "{place}");
        stage.run(&["put", "B"], "b").text();
        assert_eq!(names(stage, place), ["B", "OLD"], "{place}");
        assert_no_leftovers(&stage.directory(), place);
    };
    killed_everywhere(&prepare, &["put", "OLD"], "new", &check);
}

#[test]
fn a_removal_is_whole_or_not_at_all() {
    need(&["strace"]);
    let prepare = |stage: &Stage| {
        let value = Secret::new(b"x".to_vec());
        for name in ["GONE", "STAYS"] {
            stage.source().put(name, &value, soon()).unwrap();
        }
    };
    let check = |stage: &Stage, place: &str| {
        let left = names(stage, place);
        assert!(
            left == ["STAYS"] || left == ["GONE", "STAYS"],
            "{place}: {left:?}"
        );
    };
    killed_everywhere(&prepare, &["remove", "GONE"], "", &check);
}

#[test]
fn a_full_or_failing_disk_keeps_the_old_value() {
    need(&["strace"]);
    for (call, error) in [
        ("write", "ENOSPC"),
        ("fsync", "EIO"),
        ("rename,?renameat,?renameat2", "EROFS"),
    ] {
        let stage = Stage::new();
        stage.run(&["put", "OLD"], "old").text();
        let inject = format!("inject={call}:error={error}:when=1");
        let strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject];
        let refused = done(&mut stage.under(&strace, &["put", "OLD"]), b"new");
        assert!(
            refused.error().contains("[unavailable]"),
            "{call}: {refused:?}"
        );
        assert_eq!(stage.run(&["get", "OLD"], "").text(), "old", "{call}");
        assert_no_leftovers(&stage.directory(), call);
    }
}

#[test]
fn giving_a_passphrase_never_loses_the_key() {
    need(&["strace"]);
    let prepare = |stage: &Stage| {
        let value = Secret::new(b"x".to_vec());
        stage.source().put("A", &value, soon()).unwrap();
    };
    let check = |stage: &Stage, place: &str| {
        if stage.file("sealed.key").exists() {
            assert_eq!(stage.run(&["get", "A"], "").text(), "x", "{place}");
            if !stage.file("sealed.key.age").exists() {
                return;
            }
            // Both forms: doctor says so, and saying it again finishes it.
            assert_eq!(stage.source().status().problems.len(), 1, "{place}");
            stage.run(&["protect"], PASSPHRASE).text();
        }
        assert!(!stage.file("sealed.key").exists(), "{place}");
        stage.run(&["unprotect"], PASSPHRASE).text();
        assert_eq!(stage.run(&["get", "A"], "").text(), "x", "{place}");
        assert_no_leftovers(&stage.directory(), place);
    };
    killed_everywhere(&prepare, &["protect"], PASSPHRASE, &check);
}

#[test]
fn taking_the_passphrase_away_never_loses_the_key() {
    need(&["strace"]);
    // The costly passphrase once, then copies of its files.
    let model = Stage::new();
    model.run(&["put", "A"], "x").text();
    model.run(&["protect"], PASSPHRASE).text();
    let files =
        ["sealed.age", "sealed.key.age"].map(|name| (name, fs::read(model.file(name)).unwrap()));
    let prepare = |stage: &Stage| {
        for (name, bytes) in &files {
            stage.write(name, bytes);
        }
    };
    let check = |stage: &Stage, place: &str| {
        let untouched = fs::read(stage.file("sealed.key.age")).is_ok_and(|left| left == files[1].1);
        if untouched && !stage.file("sealed.key").exists() {
            return;
        }
        if untouched {
            stage.run(&["unprotect"], PASSPHRASE).text();
        }
        assert_eq!(stage.run(&["get", "A"], "").text(), "x", "{place}");
        assert_no_leftovers(&stage.directory(), place);
    };
    killed_everywhere(&prepare, &["unprotect"], PASSPHRASE, &check);
}
