//! What a launch from a `.env` asks of the kernel: no socket, no thread, no file but the expected ones.
#![cfg(target_os = "linux")]

use mcp_launch_testkit::Scratch;

use crate::support::{Finished, installed};

/// The system calls of a launch with ten secrets, up to the start of the server, one per line.
fn trace(scratch: &Scratch) -> Vec<String> {
    let names: Vec<String> = (0..10).map(|number| format!("SECRET_{number}")).collect();
    let text: String = names.iter().map(|name| format!("{name}=value\n")).collect();
    let env_file = scratch.write("servers.env", text);
    let log = scratch.root().join("tmp/trace");
    let mut command = scratch.command("strace");
    command.args(["-f", "-qq", "-o"]).arg(&log);
    command.arg(installed(scratch));
    command
        .arg("--env-file")
        .arg(env_file)
        .args(["--", "/bin/true"]);
    for name in &names {
        command.env(name, format!("$<{name}>"));
    }
    Finished::of(&mut command).success();
    let log = std::fs::read_to_string(log).unwrap();
    let calls: Vec<String> = log
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(_pid, call)| call.trim_start().to_owned())
        .collect();
    let server = calls
        .iter()
        .rposition(|call| call.starts_with("execve("))
        .expect("strace saw the server start");
    assert!(server > 0, "the launcher itself is in the trace");
    calls[..server].to_vec()
}

#[test]
fn no_socket_no_thread_no_child() {
    let scratch = Scratch::new();
    for call in trace(&scratch) {
        let name = call.split('(').next().unwrap_or_default();
        let unwanted = [
            "clone",
            "clone3",
            "connect",
            "epoll_create1",
            "eventfd2",
            "fork",
            "io_uring_setup",
            "sendto",
            "socket",
            "socketpair",
            "vfork",
        ];
        assert!(!unwanted.contains(&name), "{call}");
    }
}

#[test]
fn only_expected_files_are_opened() {
    let scratch = Scratch::new();
    let home = scratch.home().display().to_string();
    let expected = [
        "/dev/null",
        "/proc/self/",
        "/sys/kernel/mm/transparent_hugepage/",
        &home,
    ];
    for call in trace(&scratch) {
        let opens = call.starts_with("open(") || call.starts_with("openat(");
        let failed = call.contains(") = -1 ");
        let Some(path) = call.split('"').nth(1).filter(|_| opens && !failed) else {
            continue;
        };
        assert!(
            path == "/" || expected.iter().any(|prefix| path.starts_with(prefix)),
            "{call}"
        );
    }
}

#[test]
fn nothing_is_written_but_to_the_server_itself() {
    let scratch = Scratch::new();
    for call in trace(&scratch) {
        assert!(!call.contains("O_CREAT"), "{call}");
        let writes = call.starts_with("write(") || call.starts_with("writev(");
        assert!(!writes, "{call}");
    }
}
