//! The server gets its three descriptors and those that it is told of, and no other.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(unsafe_code, reason = "the tests make and read the state of a process")]

mod stage;

use std::fs::File;
use std::io::Error;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use stage::{direct, launch, stdout, tool};

#[test]
fn a_descriptor_that_the_client_leaks_is_closed() {
    let leaked = File::open("/etc/hostname").unwrap();
    let script = [
        "-c",
        "for n in 3 7 500; do test -e /proc/$$/fd/$n && echo $n; done; true",
    ];
    let [mut direct, mut through] = [direct("/bin/sh", &script), launch(&["--", "/bin/sh"])];
    through.args(script);
    for command in [&mut direct, &mut through] {
        give(command, &leaked, &[3, 7, 500]);
    }
    assert_eq!(stdout(&mut direct), "3\n7\n500\n");
    assert_eq!(stdout(&mut through), "");
}

/// An old kernel and some containers have no `close_range`.
#[test]
fn the_list_of_descriptors_serves_where_close_range_is_missing() {
    let strace = tool("strace");
    let script = "cat $TOKEN; for n in 3 7 500; do test -e /proc/$$/fd/$n && echo $n; done; true";
    let words = ["--fd", "TOKEN=value", "--", "/bin/sh", "-c", script];
    for error in ["ENOSYS", "EPERM", "EINVAL"] {
        let fault = format!("inject=close_range:error={error}");
        // Without privileges the launcher must read a list that it hides from others.
        let server = stage::launch_as_nobody(&words);
        let mut command = direct(&strace, &["-f", "-o", "/dev/null", "-e", &fault]);
        command.arg(server.get_program()).args(server.get_args());
        give(
            &mut command,
            &File::open("/etc/hostname").unwrap(),
            &[7, 500],
        );
        assert_eq!(stdout(&mut command), "value");
    }
}

#[test]
fn input_output_and_errors_stay_what_they_are() {
    let script = "readlink /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("both");
    let mut server = launch(&["--", "/bin/sh", "-c", script]);
    let file = File::options()
        .create(true)
        .append(true)
        .open(&path)
        .unwrap();
    server.stdin(File::open("/dev/zero").unwrap());
    server.stdout(file.try_clone().unwrap()).stderr(file);
    assert!(server.status().unwrap().success());
    let path = path.to_str().unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    assert_eq!(text, format!("/dev/zero\n{path}\n{path}\n"));
}

/// A closed input or output would be the next file that the server opens, so the runtime puts
/// `/dev/null` there.
#[test]
fn closed_input_and_errors_become_nothing() {
    let mut server = launch(&[
        "--",
        "/bin/sh",
        "-c",
        "readlink /proc/$$/fd/0 /proc/$$/fd/2",
    ]);
    // SAFETY: closes descriptors between fork and exec, where nothing uses them.
    unsafe {
        server.pre_exec(|| {
            libc::close(0);
            libc::close(2);
            Ok(())
        });
    }
    assert_eq!(stdout(&mut server), "/dev/null\n/dev/null\n");
}

#[test]
fn a_value_behind_a_descriptor_is_read_by_the_server_and_its_children() {
    let script = "cat $TOKEN; cat $TOKEN; sh -c 'cat $TOKEN; cat $OTHER'; echo; echo $TOKEN";
    let words = [
        "--fd",
        "TOKEN=s3cret ",
        "--fd",
        "OTHER=one more",
        "--",
        "/bin/sh",
        "-c",
        script,
    ];
    let text = stdout(&mut launch(&words));
    let (values, path) = text.trim_end().split_once('\n').unwrap();
    assert_eq!(values, "s3cret s3cret s3cret one more");
    assert!(path.starts_with("/proc/self/fd/"), "{path}");
}

/// Each way of changing the value fails, for the server and whoever it starts.
#[test]
fn a_value_behind_a_descriptor_cannot_be_changed() {
    let script = "echo changed 2>/dev/null >>$TOKEN; echo changed 2>/dev/null >$TOKEN; cat $TOKEN";
    let output = launch(&["--fd", "TOKEN=s3cret", "--", "/bin/sh", "-c", script])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "s3cret");
}

/// npm starts a server through a shell, and node closes what it inherits before it starts one.
#[test]
fn a_value_behind_a_descriptor_passes_through_node() {
    let node = tool("node");
    let script = "process.stdout.write(require('child_process').execSync('cat $TOKEN'))";
    let node = node.to_str().unwrap();
    let words = ["--fd", "TOKEN=s3cret", "--", node, "-e", script];
    assert_eq!(stdout(&mut launch(&words)), "s3cret");
}

/// Kernels before 6.3 know no seal against execution.
#[test]
fn a_value_behind_a_descriptor_needs_no_new_kernel() {
    let strace = tool("strace");
    let fault = "inject=memfd_create:error=EINVAL:when=1";
    let mut command = direct(&strace, &["-f", "-o", "/dev/null", "-e", fault]);
    command.arg(stage::example("launch"));
    command.args(["--fd", "TOKEN=s3cret", "--", "/bin/sh", "-c", "cat $TOKEN"]);
    assert_eq!(stdout(&mut command), "s3cret");
}

#[test]
fn a_value_that_gets_no_descriptor_is_an_error() {
    let strace = tool("strace");
    let fault = "inject=memfd_create:error=ENFILE";
    let mut command = direct(&strace, &["-f", "-o", "/dev/null", "-e", fault]);
    command.arg(stage::example("launch"));
    command.args(["--fd", "TOKEN=s3cret", "--", "/bin/sh"]);
    let (code, text) = stage::failure(&mut command);
    assert_eq!(code, 125);
    let expected = "error: env.TOKEN: no descriptor for the value \
                    (Too many open files in system (os error 23))\n";
    assert_eq!(text, expected);
}

/// A real node client that forks its server with a channel; node aborts when the channel is closed.
#[test]
fn the_channel_of_a_node_client_is_kept() {
    let node = tool("node");
    let client = "
        const { spawn } = require('child_process');
        const [launcher, node] = process.argv.slice(1);
        const server = \"process.on('message', m => process.send(m + 1, () => process.disconnect()))\";
        const child = spawn(launcher, ['--', node, '-e', server], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
        child.on('message', m => console.log(m));
        child.on('exit', (code, signal) => console.log(code, signal));
        child.send(41);
        // A server without its channel may wait for ever.
        const patience = setTimeout(() => child.kill('SIGKILL'), 10000);
        child.on('exit', () => clearTimeout(patience));
    ";
    let mut command = direct(&node, &["-e", client]);
    command.arg(stage::example("launch")).arg(&node);
    assert_eq!(stdout(&mut command), "42\n0 null\n");
}

#[test]
fn sockets_of_an_activation_are_kept_if_they_are_meant_for_us() {
    let file = File::open("/etc/hostname").unwrap();
    let script = "for n in 3 4 5 6; do test -e /proc/$$/fd/$n && echo $n; done; true";
    let launcher = stage::example("launch");
    for (pid, expected) in [("$$", "3\n4\n"), ("1", "")] {
        // The shell knows its process id, which stays the launcher's and the server's.
        let client = format!("LISTEN_PID={pid} LISTEN_FDS=2 exec \"$0\" -- /bin/sh -c '{script}'");
        let mut command = direct("/bin/sh", &["-c", &client]);
        command.arg(&launcher);
        give(&mut command, &file, &[3, 4, 5]);
        assert_eq!(stdout(&mut command), expected);
    }
}

/// Lets `command` inherit `file` under each of `numbers`.
fn give(command: &mut Command, file: &File, numbers: &[RawFd]) {
    let own = file.as_raw_fd();
    // At a number that is in nobody's way.
    // SAFETY: makes a descriptor of ours.
    let source = unsafe { libc::fcntl(own, libc::F_DUPFD_CLOEXEC, 900) };
    assert!(source >= 0);
    let numbers = numbers.to_vec();
    // SAFETY: only system calls between fork and exec.
    unsafe {
        command.pre_exec(move || {
            for &number in &numbers {
                if libc::dup2(source, number) < 0 {
                    return Err(Error::last_os_error());
                }
            }
            Ok(())
        });
    }
}
