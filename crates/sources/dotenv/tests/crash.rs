//! A writer killed at any of its system calls leaves the old file or the new one, and the next writer can go on.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use mcp_launch_testkit::{Scratch, example};

/// Every call that changes a file or its standing, by one of its names.
const CALLS: [&str; 7] = [
    "openat",
    "write",
    "fsync",
    "rename,?renameat,?renameat2",
    "?unlink,unlinkat",
    "?link,linkat",
    "flock",
];

/// Runs the example, below strace if `inject` says what to do to it. Whether it succeeded, and what it said.
fn run(scratch: &Scratch, inject: Option<&str>, words: &[&str], input: &str) -> (bool, String) {
    let program = example("dotenv_file");
    let mut command = match inject {
        Some(inject) => {
            let mut command = scratch.command("strace");
            command.args(["-f", "-qq", "-o", "/dev/null", "-e", inject]);
            command.arg(program);
            command
        }
        None => scratch.command(program),
    };
    let mut child = command
        .arg(scratch.home().join(".env"))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("strace and the example are here");
    // One that is killed early does not read it.
    let _ignored = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), said)
}

/// What was left beside the file; each is for its owner alone.
fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let entries = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let left: Vec<_> = entries
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with(".mcp-launch-") && path.is_file()
        })
        .collect();
    for path in &left {
        let mode = path.metadata().unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
    left
}

fn killed_everywhere(old: Option<&str>, words: &[&str], input: &str, new: &str) {
    for call in CALLS {
        for nth in 1.. {
            assert!(nth < 100, "no end of {call}");
            let scratch = Scratch::new();
            if let Some(old) = old {
                scratch.write(".env", old);
            }
            let path = scratch.home().join(".env");
            let inject = format!("inject={call}:signal=KILL:when={nth}");
            let (succeeded, said) = run(&scratch, Some(&inject), words, input);
            let place = format!("killed at {call} number {nth}");
            if succeeded {
                let crucial = ["write", "fsync", "flock"];
                assert!(nth > 1 || !crucial.contains(&call), "{call} was never made");
                assert_eq!(fs::read_to_string(&path).unwrap(), new);
                break;
            }
            assert_eq!(said, "", "{place}");
            let left = fs::read_to_string(&path).ok();
            assert!(
                left.as_deref() == old || left.as_deref() == Some(new),
                "{place}: {left:?}"
            );
            // The next writer goes on, and takes away what is old.
            for path in leftovers(&scratch.home()) {
                let file = fs::File::options().write(true).open(path).unwrap();
                let long_ago = SystemTime::now() - Duration::from_hours(1);
                file.set_modified(long_ago).unwrap();
            }
            let (succeeded, said) = run(&scratch, None, &["put", "NEXT"], "n\n");
            assert!(succeeded, "{place}: {said}");
            assert!(leftovers(&scratch.home()).is_empty(), "{place}");
            let finished = fs::read_to_string(&path).unwrap();
            assert_eq!(finished, left.unwrap_or_default() + "NEXT=n\n", "{place}");
        }
    }
}

#[test]
fn a_change_is_whole_or_not_at_all() {
    let old = "# c\nOLD=1\nSTAYS='2'\n";
    let new = "# c\nOLD=new\nSTAYS='2'\nMORE=3\n";
    killed_everywhere(Some(old), &["put", "OLD", "MORE"], "new\n3\n", new);
}

#[test]
fn a_first_write_is_whole_or_not_at_all() {
    killed_everywhere(None, &["put", "A", "B"], "1\n2\n", "A=1\nB=2\n");
}

#[test]
fn a_removal_is_whole_or_not_at_all() {
    killed_everywhere(Some("A=1\nB=2\n"), &["remove", "A"], "", "B=2\n");
}

#[test]
fn a_full_or_failing_disk_keeps_the_old_file() {
    for (call, error) in [
        ("write", "ENOSPC"),
        ("fsync", "EIO"),
        ("rename,?renameat,?renameat2", "EROFS"),
    ] {
        let scratch = Scratch::new();
        let path = scratch.write(".env", "A=1\n");
        let inject = format!("inject={call}:error={error}:when=1");
        let (succeeded, said) = run(&scratch, Some(&inject), &["put", "A"], "2\n");
        assert!(
            !succeeded && said.contains("[unavailable]"),
            "{call}: {said}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "A=1\n", "{call}");
        assert!(leftovers(&scratch.home()).is_empty(), "{call}");
    }
}
