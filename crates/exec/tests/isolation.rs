//! An isolated server cannot look into other processes of its user; without isolation it could.
//!
//! Needs a kernel with Landlock, as the project's own machines have: elsewhere these tests fail.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod stage;

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};

use mcp_launch_exec::isolation_support;
use stage::{as_nobody, direct, failure, launch, launch_as_nobody, stdout, tool};

/// A process of the same user with a secret in its environment.
struct Victim(Child);

impl Victim {
    /// Started through `starter`, which is given a program that waits.
    fn start(mut starter: Command) -> Self {
        use std::io::{BufRead, BufReader};

        let mut child = starter
            .args(["/bin/sh", "-c", "echo ready; exec sleep 600"])
            .env("API_TOKEN", "of somebody else")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "ready\n");
        Self(child)
    }

    fn pid(&self) -> String {
        self.0.id().to_string()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// What `snoop` of the attacker found: a way, and whether it was open.
fn ways(attacker: &mut Command) -> BTreeMap<String, String> {
    stdout(attacker)
        .lines()
        .map(|line| line.split_once('=').unwrap())
        .map(|(way, outcome)| (way.to_owned(), outcome.to_owned()))
        .collect()
}

/// Whether everything that `ways` tells of is refused, save signals, which are for the owner.
fn sees_nothing(ways: &BTreeMap<String, String>) -> bool {
    ways.iter()
        .all(|(way, outcome)| (way == "signal") == (outcome == "open"))
}

fn attack(isolate: &str, victim: &Victim) -> BTreeMap<String, String> {
    let snoop = stage::example("snoop");
    let words = [
        "--isolate",
        isolate,
        "--",
        snoop.to_str().unwrap(),
        &victim.pid(),
    ];
    ways(&mut launch_as_nobody(&words))
}

/// "no server started by mcp-launch can read another's `/proc/PID/environ` or memory"
#[test]
fn an_isolated_server_sees_nothing_of_a_program_of_the_same_user() {
    let victim = Victim::start(plain());

    let without = attack("off", &victim);
    assert!(
        without.values().all(|outcome| outcome == "open"),
        "{without:?}"
    );

    let with = attack("required", &victim);
    assert!(sees_nothing(&with), "{with:?}");
    assert_eq!(
        with.keys().collect::<Vec<_>>(),
        without.keys().collect::<Vec<_>>()
    );
}

#[test]
fn an_isolated_server_sees_nothing_of_another_isolated_server() {
    let victim = Victim::start(launch_as_nobody(&["--isolate", "required", "--"]));

    let without = attack("off", &victim);
    assert!(
        without.values().all(|outcome| outcome == "open"),
        "{without:?}"
    );
    let with = attack("required", &victim);
    assert!(sees_nothing(&with), "{with:?}");
}

/// What many servers do to end with their client.
#[test]
fn an_isolated_server_can_ask_whether_its_client_is_alive() {
    let script = "kill -0 $PPID && echo alive";
    let mut server = launch(&["--isolate", "required", "--", "/bin/sh", "-c", script]);
    assert_eq!(stdout(&mut server), "alive\n");
}

/// A refusal would be final for an X11 program: it would not try the socket that has a path.
#[test]
fn an_isolated_server_reaches_abstract_sockets() {
    let (text, _listener) = connect_to_abstract_socket();
    assert_eq!(text, "connected\n");
}

/// What a server that connects to an abstract socket of ours prints.
fn connect_to_abstract_socket() -> (String, std::os::unix::net::UnixListener) {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixListener};

    let name = format!("mcp-launch-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(name.as_bytes()).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    let snoop = stage::example("snoop");
    let words = ["--isolate", "required", "--", snoop.to_str().unwrap()];
    let text = stdout(launch_as_nobody(&words).args(["--connect", &name]));
    (text, listener)
}

#[test]
fn an_isolated_server_rules_its_own_children() {
    let script = "sleep 600 & cat /proc/$!/environ >/dev/null && kill -TERM $!; wait $!; echo $?";
    let mut server = launch_as_nobody(&["--isolate", "required", "--", "/bin/sh", "-c", script]);
    assert_eq!(stdout(&mut server), "143\n");
}

#[test]
fn an_isolated_server_uses_files_as_before() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("a")).unwrap();
    std::fs::create_dir(folder.path().join("b")).unwrap();
    let script = "echo text >a/file && mv a/file b/moved && ln b/moved a/linked && cat a/linked";
    let mut server = launch(&["--isolate", "required", "--", "/bin/sh", "-c", script]);
    server.current_dir(&folder);
    assert_eq!(stdout(&mut server), "text\n");
}

/// While it resolves, the launcher is itself closed to others of its user.
#[test]
fn the_launcher_is_closed_to_others_until_it_is_the_server() {
    use std::io::{BufRead, BufReader};

    let attack = |options: &[&str]| {
        let words = [options, &["--isolate", "off", "--pause", "--", "/bin/cat"]].concat();
        let mut launcher = launch_as_nobody(&words)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(launcher.stderr.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "paused\n");
        let snoop = stage::example("snoop");
        let seen = ways(as_nobody(&snoop.to_string_lossy()).arg(launcher.id().to_string()));
        drop(launcher.stdin.take());
        assert!(launcher.wait().unwrap().success());
        seen
    };
    let without = attack(&["--unprotected"]);
    assert!(
        without.values().all(|outcome| outcome == "open"),
        "{without:?}"
    );

    let with = attack(&[]);
    assert!(sees_nothing(&with), "{with:?}");
}

#[test]
fn privileges_are_given_up_only_with_isolation() {
    for (isolate, expected) in [("off", "0"), ("if-possible", "1"), ("required", "1")] {
        let words = [
            "--isolate",
            isolate,
            "--",
            "/bin/grep",
            "NoNewPrivs",
            "/proc/self/status",
        ];
        let text = stdout(&mut launch(&words));
        assert_eq!(text.trim_end(), format!("NoNewPrivs:\t{expected}"));
    }
}

#[test]
fn a_program_that_takes_privileges_is_refused_with_isolation_and_works_without() {
    stage::need_root();
    let folder = world_readable_folder();
    let file = folder.path().join("id");
    let path = file.to_str().unwrap();
    for (mode, what) in [("4755", "a setuid program"), ("2755", "a setgid program")] {
        std::fs::copy("/usr/bin/id", &file).unwrap();
        assert!(direct("chmod", &[mode, path]).status().unwrap().success());

        let (code, text) = failure(&mut launch_as_nobody(&["--", path]));
        assert_eq!(code, 125);
        assert_eq!(
            text,
            format!(
                "error: {path} is {what}, and an isolated server cannot gain \
                 privileges; start it with --no-isolate\n"
            )
        );
        let id = stdout(&mut launch_as_nobody(&["--isolate", "off", "--", path]));
        assert!(
            id.contains("euid=0(root)") || id.contains("egid=0(root)"),
            "{id}"
        );

        // Where privileges were given up before us, isolation withholds nothing.
        let mut client = direct(
            "setpriv",
            &["--no-new-privs", "--reuid=65534", "--regid=65534"],
        );
        client
            .args(["--clear-groups", "--"])
            .arg(stage::example("launch"));
        let id = stdout(client.args(["--isolate", "required", "--", path]));
        assert!(!id.contains("root"), "{id}");

        // Root gains nothing from root's program.
        assert!(launch(&["--", path]).output().unwrap().status.success());
    }
}

#[test]
fn a_program_with_file_capabilities_is_refused_with_isolation() {
    stage::need_root();
    let folder = world_readable_folder();
    let file = folder.path().join("id");
    std::fs::copy("/usr/bin/id", &file).unwrap();
    let path = file.to_str().unwrap();
    // `struct vfs_cap_data` of linux/capability.h, second revision, effective: CAP_NET_RAW permitted.
    let mut capabilities = [0_u8; 20];
    capabilities[..4].copy_from_slice(&0x0200_0001_u32.to_le_bytes());
    capabilities[4..8].copy_from_slice(&(1_u32 << 13).to_le_bytes());
    let none = rustix::fs::XattrFlags::empty();
    rustix::fs::setxattr(path, "security.capability", &capabilities, none).unwrap();

    let (code, text) = failure(&mut launch_as_nobody(&["--", path]));
    assert_eq!(code, 125);
    assert!(text.contains("a program with file capabilities"), "{text}");
    assert!(
        launch_as_nobody(&["--isolate", "off", "--", path])
            .output()
            .unwrap()
            .status
            .success()
    );
}

/// Never silently weaker: said when it is not required, an error when it is.
#[test]
fn a_kernel_that_cannot_isolate_is_told_of() {
    let strace = tool("strace");
    let cases = [
        (
            "landlock_create_ruleset:error=ENOSYS",
            "this kernel has no Landlock",
        ),
        (
            "landlock_create_ruleset:error=EOPNOTSUPP",
            "Landlock is not switched on",
        ),
        (
            "landlock_create_ruleset:retval=1",
            "only the first version of Landlock",
        ),
        (
            "landlock_restrict_self:error=E2BIG",
            "the kernel refused a Landlock domain",
        ),
    ];
    for (fault, expected) in cases {
        let fault = format!("inject={fault}");
        let start = |isolate| {
            let mut command = direct(&strace, &["-f", "-o", "/dev/null", "-e", &fault]);
            command.arg(stage::example("launch"));
            command.args(["--isolate", isolate, "--", "/bin/true"]);
            failure(&mut command)
        };
        let (code, text) = start("if-possible");
        assert_eq!(code, 0, "{text}");
        assert!(text.starts_with("notice: the server can read"), "{text}");
        assert!(text.contains(expected), "{text}");
        assert_eq!(text.lines().count(), 1);

        let (code, text) = start("required");
        assert_eq!(code, 125);
        assert!(
            text.starts_with("error: the server cannot be isolated: "),
            "{text}"
        );
        assert!(
            text.contains(expected) && text.contains("--no-isolate"),
            "{text}"
        );

        let (code, text) = start("off");
        assert_eq!((code, text.as_str()), (0, ""));
    }
}

#[test]
fn this_kernel_isolates() {
    let support = isolation_support();
    assert!(support.domain().is_ok(), "{support}");
}

fn plain() -> Command {
    as_nobody("/usr/bin/env")
}

/// A folder that another user can enter.
fn world_readable_folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    folder
}
