//! The server is the process that the client started: same PID, own exit status, own death.

use std::os::unix::process::{CommandExt, ExitStatusExt};

use mcp_launch_testkit::Scratch;

use crate::support::{ClientPipe, Finished, installed, launch, launch_with, ready, signal};

const WAITING: [&str; 3] = ["/bin/sh", "-c", "echo ready; exec cat"];

#[test]
fn the_pid_is_the_clients_child() {
    let scratch = Scratch::new();
    let env_file = scratch.write(".env", "A=value\n");
    let server = ["/bin/sh", "-c", "echo $$ $PPID $A"];
    let mut pipe = ClientPipe::open(launch_with(&scratch, &env_file, &server).env("A", "$<A>"));
    let expected = format!("{} {} value", pipe.child.id(), std::process::id());
    assert_eq!(pipe.line(), expected);
}

/// The client is a shell: it tells what it set and becomes the launcher. A store makes that become its second
/// executable first.
#[test]
#[cfg(target_os = "linux")]
fn either_executable_hands_on_what_the_client_set() {
    let scratch = Scratch::new();
    let launcher = installed(&scratch);
    let tell =
        "grep SigIgn /proc/self/status; [ -e /proc/$$/fd/7 ] && echo open || echo closed; echo $$";
    let server = format!("{tell}; echo $A");
    for (placeholder, value) in [("plain", "plain"), ("$<sealed:Q:-d>", "d")] {
        for (set, is_ignored) in [("trap - PIPE", false), ("trap '' PIPE", true)] {
            let client = format!("exec 7</dev/null; {set}; {tell}; exec \"$@\"");
            let mut command = scratch.command("/bin/sh");
            command.args(["-c", &client, "sh"]).arg(&launcher);
            command.args(["--", "/bin/sh", "-c", &server]);
            let said = Finished::of(command.env("A", placeholder)).success();
            let lines: Vec<&str> = said.lines().collect();
            let [
                ignored,
                leaked,
                pid,
                ignored_then,
                leaked_then,
                pid_then,
                got,
            ] = lines[..]
            else {
                panic!("{placeholder}, {set}: {said}");
            };
            assert_eq!(ignores_sigpipe(ignored), is_ignored, "the client: {said}");
            assert_eq!(ignored_then, ignored, "{placeholder}, {set}");
            assert_eq!((leaked, leaked_then), ("open", "closed"), "{placeholder}");
            assert_eq!(pid_then, pid, "{placeholder}");
            assert_eq!(got, value);
        }
    }
}

/// Whether the line of `/proc/PID/status` has the bit of signal 13.
#[cfg(target_os = "linux")]
fn ignores_sigpipe(line: &str) -> bool {
    let mask = line.strip_prefix("SigIgn:").expect("the line asked for");
    let mask = u64::from_str_radix(mask.trim(), 16).expect("hexadecimal");
    mask & (1 << (13 - 1)) != 0
}

#[test]
#[cfg(target_os = "linux")]
fn no_process_is_left_beside_the_server() {
    let scratch = Scratch::new();
    let pipe = ready(&mut launch(
        &scratch,
        [["--"].as_slice(), &WAITING].concat(),
    ));
    let children = format!("/proc/{0}/task/{0}/children", pipe.child.id());
    assert_eq!(std::fs::read_to_string(children).unwrap(), "");
}

#[test]
fn the_exit_status_is_the_servers() {
    let scratch = Scratch::new();
    for code in [0, 1, 2, 77, 125, 255] {
        let script = format!("exit {code}");
        let finished = Finished::of(&mut launch(&scratch, ["--", "/bin/sh", "-c", &script]));
        assert_eq!(finished.code, Some(code), "{}", finished.stderr);
    }
}

#[test]
fn a_signal_ends_the_server_and_the_client_sees_which() {
    let scratch = Scratch::new();
    for (name, number) in [("HUP", 1), ("INT", 2), ("KILL", 9), ("TERM", 15)] {
        let mut pipe = ready(&mut launch(
            &scratch,
            [["--"].as_slice(), &WAITING].concat(),
        ));
        signal(name, &pipe.child.id().to_string());
        let status = pipe.child.wait().unwrap();
        assert_eq!(status.signal(), Some(number), "{name}");
    }
}

#[test]
fn the_server_may_handle_the_signal_itself() {
    let scratch = Scratch::new();
    let script = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done";
    let mut pipe = ready(&mut launch(&scratch, ["--", "/bin/sh", "-c", script]));
    signal("TERM", &pipe.child.id().to_string());
    assert_eq!(pipe.child.wait().unwrap().code(), Some(7));
}

#[test]
fn a_signal_to_the_group_reaches_the_server_and_its_children() {
    let scratch = Scratch::new();
    let script = "sleep 600 & echo ready; wait";
    let mut pipe = ready(launch(&scratch, ["--", "/bin/sh", "-c", script]).process_group(0));
    let group = format!("-{}", pipe.child.id());
    signal("TERM", &group);
    assert_eq!(pipe.child.wait().unwrap().signal(), Some(15));
    // The child held the pipe too: it ends only when both are gone.
    assert_eq!(pipe.line(), "");
}

#[test]
fn closing_stdin_ends_a_server_that_heeds_it() {
    let scratch = Scratch::new();
    let mut pipe = ready(&mut launch(
        &scratch,
        [["--"].as_slice(), &WAITING].concat(),
    ));
    pipe.close();
    assert_eq!(pipe.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_program_that_is_not_there_is_127() {
    let scratch = Scratch::new();
    let finished = Finished::of(&mut launch(&scratch, ["--", "no-such-program-here"]));
    assert_eq!(finished.code, Some(127));
    assert!(
        finished.stderr.contains("no-such-program-here"),
        "{}",
        finished.stderr
    );
}

#[test]
fn a_file_that_cannot_be_executed_is_126() {
    let scratch = Scratch::new();
    let file = scratch.write("plain-file", "text");
    let mut command = launch(&scratch, ["--"]);
    let finished = Finished::of(command.arg(file));
    assert_eq!(finished.code, Some(126), "{}", finished.stderr);
}
