//! A server of a test's own: a process that does not outlive the test, however that ends.

use std::fs::{self, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Scratch;

/// Starts `$@` and ends it with the signal `$0` when standard input ends: by dropping, or with the test's process.
const KEEPER: &str = r#"
exec 3<&0
"$@" 3<&- </dev/null & server=$!
{ read -r _ <&3; kill -s "$0" "$server"; } 2>/dev/null &
exec 3<&-
wait "$server"
"#;

/// How long a server may take to be ready on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a server is asked whether it is ready.
const PAUSE: Duration = Duration::from_millis(10);

/// How many ports are tried.
const ATTEMPTS: usize = 5;

/// A running server. Dropping it ends it.
pub(crate) struct Server {
    keeper: Child,
    log: PathBuf,
}

/// What asking a server once has shown.
pub(crate) enum Readiness<T> {
    Ready(T),
    /// Ask again.
    NotYet,
    /// Somebody else's server has the port.
    Foreign,
}

impl Server {
    /// Starts what `command` makes for a port, and asks `ready` until it says that the server at this port is ours and
    /// ready. Where the port turns out to be taken, another is tried.
    ///
    /// # Panics
    /// With the server's own words, when none becomes ready.
    pub(crate) fn start<T>(
        scratch: &Scratch,
        signal: &str,
        command: impl Fn(u16) -> Command,
        ready: impl Fn(u16) -> Readiness<T>,
    ) -> (Self, T) {
        let mut words = String::new();
        for _ in 0..ATTEMPTS {
            let port = free_port();
            let mut server = Self::spawn(scratch, signal, &command(port));
            let until = Instant::now() + PATIENCE;
            while server.is_running() {
                assert!(Instant::now() < until, "not ready:\n{}", server.words());
                match ready(port) {
                    Readiness::Ready(answer) => return (server, answer),
                    Readiness::NotYet => thread::sleep(PAUSE),
                    Readiness::Foreign => break,
                }
            }
            words = server.words();
        }
        panic!("a server of the test did not start:\n{words}");
    }

    fn spawn(scratch: &Scratch, signal: &str, command: &Command) -> Self {
        let log = scratch.root().join("server.log");
        let output = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .open(&log)
            .expect("a log in the scratch");
        let keeper = scratch
            .command("/bin/sh")
            .args(["-c", KEEPER, signal])
            .arg(command.get_program())
            .args(command.get_args())
            .envs(
                command
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .stdin(Stdio::piped())
            .stdout(output.try_clone().expect("one more descriptor"))
            .stderr(output)
            .spawn()
            .expect("a shell");
        Self { keeper, log }
    }

    /// What the server has written.
    pub(crate) fn words(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    fn is_running(&mut self) -> bool {
        matches!(self.keeper.try_wait(), Ok(None))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // The keeper ends with its server; there is nobody to tell when it was gone before.
        let _ended = self.keeper.wait();
    }
}

/// Asks again until it is so.
///
/// # Panics
/// When it does not become so.
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}: not in {PATIENCE:?}");
        thread::sleep(PAUSE);
    }
}

/// A port that nobody has, below those that the kernel hands out by itself: another test's connection or server does
/// not take it by chance in the meantime.
fn free_port() -> u16 {
    loop {
        let random = getrandom::u32().expect("the system's random source");
        let port = 10_000 + u16::try_from(random % 22_000).expect("below 22 000");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
