//! What a launch leaves behind in its own process: nothing.

use mcp_launch_testkit::example;

use crate::session::Session;

#[test]
fn no_thread_is_left_and_the_values_come_in_order() {
    let session = Session::with_keyring();
    for name in ["A", "B"] {
        session
            .put(name, format!("value of {name}").as_bytes())
            .unwrap();
    }
    let output = session
        .command(example("keychain_get"))
        .args(["--threads", "B", "A"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(output.stdout, b"value of B\nvalue of A\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "threads 1 1\n");
}

/// With `clone` forbidden a thread cannot even have been there for a moment.
#[test]
fn no_thread_is_ever_started() {
    let session = Session::with_keyring();
    session.put("A", b"a").unwrap();
    let trace = session.path("trace");
    let output = session
        .command("strace")
        .args(["-f", "-e", "trace=clone,clone3,fork,vfork,execve", "-o"])
        .arg(&trace)
        .arg(example("keychain_get"))
        .arg("A")
        .stdout(std::process::Stdio::piped())
        .output()
        .expect("`strace` is missing: `tests/run` installs what the tests need");
    assert_eq!(output.stdout, b"a\n");
    let calls = std::fs::read_to_string(trace).unwrap();
    assert!(calls.contains("execve("), "strace saw nothing");
    assert!(
        !calls.contains("clone") && !calls.contains("fork"),
        "a thread or process was started:\n{calls}"
    );
}

#[test]
fn a_failure_prints_no_value_and_nothing_on_stdout() {
    let session = Session::locked(&["hunter2"]);
    let output = session
        .command(example("keychain_get"))
        .arg("hunter2")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    let error = String::from_utf8_lossy(&output.stderr);
    // The name is the value here: it stands once, as the name.
    assert_eq!(error.matches("hunter2").count(), 1, "{error}");
}

/// GNOME Keyring aborts when a connection opens a session too early: see `Bus::greet`. Without that, a
/// client that starts its servers a few times is enough.
#[test]
fn the_daemon_outlives_many_launches_at_once() {
    let session = Session::with_keyring();
    session.put("A", b"a").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..150 {
                    assert_eq!(session.fetch(&["A"]), [Ok(b"a".to_vec())]);
                }
            });
        }
    });
}
