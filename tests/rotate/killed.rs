//! `rotate`, killed at each of its system calls that change something outside.
#![cfg(target_os = "linux")]

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use mcp_launch_testkit::Scratch;

use super::{KEY, prepared, rotate, value};
use crate::support::{Finished, installed, launch};

/// What strace is to kill at: the call, and how often it is made before.
pub(super) fn killed_at(
    scratch: &Scratch,
    call: &str,
    at: usize,
    prepare: impl Fn(&mut Command),
) -> bool {
    let launcher = installed(scratch);
    let mut command = scratch.command("strace");
    command
        .args(["-f", "-qq", "-o", "/dev/null", "-e"])
        .arg(format!("trace={call}"))
        .arg("-e")
        .arg(format!("inject={call}:signal=KILL:when={at}"))
        .arg(launcher)
        .args(["rotate", "--force"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    prepare(&mut command);
    let status = command.status().expect("strace runs");
    // strace ends as what it traced.
    status.signal() == Some(9) || status.code() == Some(137)
}

#[test]
fn in_a_file_there_is_always_one_whole_value_and_the_next_run_ends_what_was_begun() {
    let (mut killed, mut unfinished) = (0, 0);
    for call in ["renameat2", "fsync", "unlink", "flock", "openat"] {
        // Files are opened for reading a hundred times before the first is written.
        let first = if call == "openat" { 60 } else { 1 };
        for at in first..first + 60 {
            let scratch = Scratch::new();
            let file = prepared(&scratch, KEY, "A=1\nKEY=old\nB=2\n");
            if !killed_at(&scratch, call, at, |_| {}) {
                break;
            }
            killed += 1;
            let place = format!("{call} {at}");
            let held = value(&file, "KEY");
            assert!(held == "old" || held.len() == 43, "{place}: {held}");
            let mut server = launch(&scratch, ["--", "/bin/sh", "-c", "echo $KEY"]);
            let given = Finished::of(server.env("KEY", "$<KEY>")).success();
            // The launch has finished what was pending, and gives what is there then.
            assert_eq!(given.trim_end(), value(&file, "KEY"), "{place}");
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(!text.contains("pending"), "{place}: {text}");
            unfinished += usize::from(value(&file, "KEY") != held);
            rotate(&scratch, &["--resume"]).success();
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(!text.contains("pending"), "{place}: {text}");
            assert!(
                text.starts_with("A=1\n") && text.ends_with("\nB=2\n"),
                "{place}: {text}"
            );
            // What a killed writer has left beside it goes with the next write.
            rotate(&scratch, &["KEY"]).success();
            assert_ne!(value(&file, "KEY"), given.trim_end(), "{place}");
            let beside: Vec<_> = file
                .parent()
                .unwrap()
                .read_dir()
                .unwrap()
                .flatten()
                .collect();
            assert_eq!(beside.len(), 1, "{place}: {beside:?}");
        }
    }
    assert!(killed > 20, "{killed}");
    assert!(unfinished > 0, "no launch had anything to finish");
}
