//! The server's process is the one that the client started: nothing of it is changed, and nothing of the
//! launcher is left.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(unsafe_code, reason = "the tests make and read the state of a process")]

mod stage;

use std::collections::BTreeMap;
use std::io::{Error, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};

use stage::{direct, launch, stdout};

#[test]
fn the_server_has_the_process_id_that_the_client_got() {
    let script = "echo $$ $PPID; exec cat";
    let mut server = launch(&["--", "/bin/sh", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(server.stdin.take());
    let mut text = String::new();
    server
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, format!("{} {}\n", server.id(), std::process::id()));
    assert!(server.wait().unwrap().success());
}

#[test]
fn the_exit_code_is_the_servers_own() {
    for code in [0, 1, 42, 125, 255] {
        let exit = format!("exit {code}");
        let status = launch(&["--", "/bin/sh", "-c", &exit]).status().unwrap();
        assert_eq!(status.code(), Some(code));
    }
}

#[test]
fn the_client_sees_which_signal_ended_the_server() {
    let signals = [
        libc::SIGTERM,
        libc::SIGINT,
        libc::SIGKILL,
        libc::SIGSEGV,
        libc::SIGPIPE,
    ];
    for signal in signals {
        let mut server = launch(&["--", "/bin/sh", "-c", "echo ready; exec sleep 60"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = [0; 6];
        server
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut ready)
            .unwrap();
        let pid = i32::try_from(server.id()).unwrap();
        // SAFETY: a child of ours that was not waited for.
        unsafe { libc::kill(pid, signal) };
        let status = server.wait().unwrap();
        assert_eq!(status.signal(), Some(signal));
        assert!(!status.core_dumped());
    }
}

/// The guard against the runtime: it ignores SIGPIPE, and the server is to have what the client gave.
#[test]
fn sigpipe_is_what_the_client_made_it() {
    for disposition in [libc::SIG_DFL, libc::SIG_IGN] {
        let expected = u64::from(disposition == libc::SIG_IGN);
        let mut server = launch(&["--", "/bin/cat", "/proc/self/status"]);
        prepare(&mut server, move || {
            // SAFETY: runs no code of ours.
            unsafe { libc::signal(libc::SIGPIPE, disposition) };
        });
        let status = stdout(&mut server);
        let ignored = field(&status, "SigIgn:");
        let ignored = u64::from_str_radix(&ignored, 16).unwrap();
        assert_eq!(ignored >> (libc::SIGPIPE - 1) & 1, expected);
    }
}

#[test]
fn a_writer_whose_reader_is_gone_ends_silently() {
    let script = "yes | head -n 1; exit 0";
    let output = launch(&["--", "/bin/sh", "-c", script]).output().unwrap();
    assert_eq!(output.stdout, b"y\n");
    assert_eq!(output.stderr, b"");
}

#[test]
fn the_state_of_the_process_is_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        "/proc/self/status",
        "/proc/self/stat",
        "/proc/self/limits",
        "/proc/self/timerslack_ns",
        "/proc/self/oom_score_adj",
        "/proc/self/cgroup",
    ];
    let cat = ["--isolate", "off", "--", "/bin/cat"];
    let through = [&cat[..], &files[..]].concat();
    let mut direct = direct("/bin/cat", &files);
    let mut through = launch(&through);
    let [direct, through] = [&mut direct, &mut through].map(|command| {
        command.current_dir(&folder);
        prepare(command, unusual);
        Snapshot::of(&stdout(command))
    });
    assert_eq!(direct, through);
    assert_eq!(direct.status["Umask"], "0027");
    assert_eq!(direct.status["SigBlk"], "0000000000000200");
    let ignored = u64::from_str_radix(&direct.status["SigIgn"], 16).unwrap();
    assert_eq!(ignored & 1, 1, "SIGHUP");
    assert!(direct.rest.contains("12345"), "timer slack");

    let mut cwd = launch(&["--", "/bin/readlink", "/proc/self/cwd"]);
    cwd.current_dir(&folder);
    let cwd = stdout(&mut cwd);
    assert_eq!(
        cwd.trim_end(),
        folder.path().canonicalize().unwrap().to_str().unwrap()
    );
}

#[test]
fn isolation_changes_privileges_and_nothing_else() {
    let status = ["/proc/self/status"];
    let through = [
        "--isolate",
        "required",
        "--",
        "/bin/cat",
        "/proc/self/status",
    ];
    let mut direct = direct("/bin/cat", &status);
    let mut through = launch(&through);
    let [direct, through] = [&mut direct, &mut through].map(|command| {
        prepare(command, unusual);
        Snapshot::of(&stdout(command)).status
    });
    let changed: Vec<_> = direct
        .keys()
        .filter(|key| direct[*key] != through[*key])
        .collect();
    assert_eq!(changed, ["NoNewPrivs"]);
    assert_eq!(through["NoNewPrivs"], "1");
    assert_eq!(through["Threads"], "1");
}

#[test]
fn no_core_file_and_no_core_handler_gets_the_servers_memory() {
    for isolate in ["off", "required"] {
        let limits = stdout(&mut launch(&[
            // The limit is the server's right, whatever the launcher did for itself.
            "--unprotected",
            "--isolate",
            isolate,
            "--",
            "/bin/cat",
            "/proc/self/limits",
        ]));
        let core = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let words: Vec<_> = core.unwrap().split_whitespace().collect();
        assert_eq!(words[4..6], ["1", "1"]);
    }
}

/// Where the hard limit is 0 and we may not raise it, it stays 0.
#[test]
fn a_core_limit_of_zero_is_kept() {
    let mut server = stage::launch_as_nobody(&["--", "/bin/cat", "/proc/self/limits"]);
    prepare(&mut server, || {
        let zero = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: reads the limit given.
        unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const zero) };
    });
    let limits = stdout(&mut server);
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = core.unwrap().split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"]);
}

#[test]
fn the_servers_memory_is_its_users_again_after_exec() {
    let script = "cat /proc/$$/environ >/dev/null && echo readable";
    let mut server = stage::launch_as_nobody(&["--", "/bin/sh", "-c", script]);
    assert_eq!(stdout(&mut server), "readable\n");
}

#[test]
fn every_byte_of_an_argument_and_a_variable_arrives() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let odd = OsStr::from_bytes(b"\xff\n \"'$\\\x01\xc3(");
    let mut server = launch(&["--clear", "--argv0", "called so", "--env"]);
    let mut variable = b"NAME=".to_vec();
    variable.extend_from_slice(odd.as_bytes());
    server.arg(OsStr::from_bytes(&variable));
    server.args([
        "--",
        "/bin/cat",
        "/proc/self/cmdline",
        "/proc/self/environ",
        "--",
    ]);
    server.args([OsStr::new(""), odd]);
    let output = server.output().unwrap();

    // cat fails for the last two, which are no files; the first two are what is compared.
    let mut expected = b"called so\0/proc/self/cmdline\0/proc/self/environ\0--\0\0".to_vec();
    expected.extend_from_slice(odd.as_bytes());
    expected.push(0);
    expected.extend_from_slice(&variable);
    expected.push(0);
    assert_eq!(output.stdout, expected);
}

#[test]
fn a_variable_reaches_the_server_once() {
    let words = [
        "--clear", "--env", "A=1", "--env", "A=2", "--env", "B=", "--", "/bin/cat",
    ];
    let words = [&words[..], &["/proc/self/environ"]].concat();
    assert_eq!(stdout(&mut launch(&words)), "A=1\0B=\0");
}

/// What a client could have set up that few do.
fn unusual() {
    // SAFETY: system calls on this process alone, with memory that outlives them.
    unsafe {
        libc::umask(0o027);
        libc::setsid();
        libc::signal(libc::SIGHUP, libc::SIG_IGN);
        let mut mask = std::mem::zeroed();
        libc::sigemptyset(&raw mut mask);
        libc::sigaddset(&raw mut mask, libc::SIGUSR1);
        libc::sigprocmask(libc::SIG_BLOCK, &raw const mask, std::ptr::null_mut());
        let files = libc::rlimit {
            rlim_cur: 201,
            rlim_max: 301,
        };
        libc::setrlimit(libc::RLIMIT_NOFILE, &raw const files);
        let core = libc::rlimit {
            rlim_cur: 1,
            rlim_max: 1,
        };
        libc::setrlimit(libc::RLIMIT_CORE, &raw const core);
        libc::prctl(libc::PR_SET_TIMERSLACK, 12_345, 0, 0, 0);
        libc::setpriority(libc::PRIO_PROCESS, 0, 3);
    }
}

fn prepare(command: &mut Command, set_up: impl Fn() + Send + Sync + 'static) {
    // SAFETY: only system calls between fork and exec.
    unsafe {
        command.pre_exec(move || -> Result<(), Error> {
            set_up();
            Ok(())
        });
    }
}

/// What of a process must be the same whoever started it.
#[derive(Debug, Eq, PartialEq)]
struct Snapshot {
    status: BTreeMap<String, String>,
    stat: Vec<String>,
    rest: String,
}

impl Snapshot {
    /// From the text of `/proc/self/status`, and whatever follows it.
    fn of(text: &str) -> Self {
        // Process ids and memory differ from start to start, and CPU affinity is not ours to fix.
        const OF_THE_MOMENT: [&str; 14] = [
            "HugetlbPages",
            "Mems_allowed",
            "NSpgid",
            "NSpid",
            "NSsid",
            "NStgid",
            "Ngid",
            "Pid",
            "Tgid",
            "RssAnon",
            "RssFile",
            "RssShmem",
            "nonvoluntary_ctxt_switches",
            "voluntary_ctxt_switches",
        ];
        let mut status = BTreeMap::new();
        let mut lines = text.lines();
        for line in lines.by_ref() {
            let Some((key, value)) = line.split_once(":\t") else {
                break;
            };
            let moment = OF_THE_MOMENT.contains(&key) || key.starts_with("Vm") || key == "FDSize";
            if !moment {
                status.insert(key.to_owned(), value.trim().to_owned());
            }
            if key == "nonvoluntary_ctxt_switches" {
                break;
            }
        }
        // Parent, terminal, priority, nice, threads: fields of proc_pid_stat(5), from 1. The group and the
        // session are the process itself here.
        let stat: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
        let chosen = [4, 7, 18, 19, 20];
        let own = stat.first().copied();
        let mut stat_fields: Vec<String> = chosen
            .iter()
            .filter_map(|&number| stat.get(number - 1).map(|field| (*field).to_owned()))
            .collect();
        stat_fields.push(format!("leads its group: {}", stat.get(4).copied() == own));
        stat_fields.push(format!(
            "leads its session: {}",
            stat.get(5).copied() == own
        ));
        Self {
            status,
            stat: stat_fields,
            rest: lines.collect::<Vec<_>>().join("\n"),
        }
    }
}

fn field(status: &str, name: &str) -> String {
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line[name.len()..].trim().to_owned()
}
