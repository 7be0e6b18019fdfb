//! A start that fails says why, with the exit code of its kind, and leaves no value in memory.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(unsafe_code, reason = "the tests make and read the state of a process")]

mod stage;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use stage::{failure, launch, launch_as_nobody};

#[test]
fn a_missing_program_is_127() {
    let (code, text) = failure(&mut launch(&["--", "/nowhere/server"]));
    assert_eq!(code, 127);
    assert_eq!(text, "error: cannot start /nowhere/server: no such file\n");
}

#[test]
fn a_missing_interpreter_is_127_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let script = file(folder.path(), b"#!/nowhere/node --flag\n", 0o755);
    let (code, text) = failure(&mut launch(&["--", script.to_str().unwrap()]));
    assert_eq!(code, 127);
    assert!(
        text.ends_with("the interpreter on its #! line is missing: \"/nowhere/node\"\n"),
        "{text}"
    );

    let script = file(folder.path(), b"#!/bin/sh\r\ntrue\r\n", 0o755);
    let (code, text) = failure(&mut launch(&["--", script.to_str().unwrap()]));
    assert_eq!(code, 127);
    assert!(text.ends_with("missing: \"/bin/sh\\r\"\n"), "{text}");
}

#[test]
fn what_cannot_be_executed_is_126() {
    const NO_LINE: &str = "a script without a #! line; give it one, or start it as `sh FILE`";
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&[u8], u32, &str); 4] = [
        (
            b"#!/bin/sh\n",
            0o644,
            "the file is not executable (chmod +x)",
        ),
        (b"echo no interpreter line\n", 0o755, NO_LINE),
        (b"", 0o755, NO_LINE),
        (
            b"\x7fELF of another machine",
            0o755,
            "not a program that this machine runs",
        ),
    ];
    for (content, mode, expected) in cases {
        let program = file(folder.path(), content, mode);
        let (code, text) = failure(&mut launch(&["--", program.to_str().unwrap()]));
        assert_eq!(code, 126, "{text}");
        assert!(text.ends_with(&format!(": {expected}\n")), "{text}");
    }
    let (code, text) = failure(&mut launch(&["--", folder.path().to_str().unwrap()]));
    assert_eq!(code, 126);
    assert!(text.ends_with(": it is a folder\n"), "{text}");
}

#[test]
fn a_closed_folder_is_126() {
    let folder = tempfile::tempdir().unwrap();
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    let program = file(&closed, b"#!/bin/sh\n", 0o755);
    std::fs::set_permissions(&closed, Permissions::from_mode(0o000)).unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let (code, text) = failure(&mut launch_as_nobody(&["--", program.to_str().unwrap()]));
    std::fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
    assert_eq!(code, 126);
    assert!(text.contains(": permission denied: "), "{text}");
}

#[test]
fn a_file_that_is_being_written_is_126() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("copy");
    std::fs::copy("/bin/true", &program).unwrap();
    let writer = std::fs::File::options()
        .append(true)
        .open(&program)
        .unwrap();
    let (code, text) = failure(&mut launch(&["--", program.to_str().unwrap()]));
    drop(writer);
    assert_eq!(code, 126);
    assert!(text.ends_with(": the file is being written\n"), "{text}");
}

/// Linux takes 128 KiB in one string. The length is said, never the value.
#[test]
fn a_variable_too_long_for_the_system_is_125_and_named() {
    let (code, text) = failure(&mut launch(&["--repeat", "BIG=131067", "--", "/bin/true"]));
    assert_eq!((code, text.as_str()), (0, ""), "the most that fits");

    let (code, text) = failure(&mut launch(&["--repeat", "BIG=131068", "--", "/bin/true"]));
    assert_eq!(code, 125);
    assert_eq!(
        text,
        "error: cannot start /bin/true: env.BIG is 131072 bytes, and one argument \
         or variable may have 131071; $<fd:...> has no such limit\n"
    );
}

#[test]
fn an_environment_too_large_for_the_system_is_125() {
    let variables: Vec<_> = (0..20).map(|index| format!("V{index}=130000")).collect();
    let mut words: Vec<&str> = vec!["--clear"];
    words.extend(variables.iter().flat_map(|variable| ["--repeat", variable]));
    words.extend(["--", "/bin/true"]);
    let mut command = launch(&words);
    // A quarter of the stack is for arguments and environment.
    let stack = libc::rlimit {
        rlim_cur: 8 << 20,
        rlim_max: 8 << 20,
    };
    // SAFETY: only a system call between fork and exec, which reads the limit.
    unsafe {
        std::os::unix::process::CommandExt::pre_exec(&mut command, move || {
            libc::setrlimit(libc::RLIMIT_STACK, &raw const stack);
            Ok(())
        });
    }
    let (code, text) = failure(&mut command);
    assert_eq!(code, 125);
    let expected = "error: cannot start /bin/true: arguments and environment are 2600";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn a_failed_start_leaves_no_value_in_memory() {
    let value = "TOKEN=a value that is forty bytes long, or so";
    let words = ["--backwards", value, "--", "/nowhere/server"];
    let (code, text) = failure(&mut launch(&words));
    assert_eq!(code, 127);
    let count = |name| -> usize {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().parse().unwrap()
    };
    assert!(count("before=") > 0, "it was there");
    assert_eq!(count("after="), 0, "it is gone");
}

fn file(folder: &Path, content: &[u8], mode: u32) -> PathBuf {
    let path = folder.join(format!("program-{}-{mode:o}", content.len()));
    let mut options = std::fs::File::options();
    let mut file = options
        .create(true)
        .truncate(true)
        .write(true)
        .open(&path)
        .unwrap();
    std::io::Write::write_all(&mut file, content).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    path
}
