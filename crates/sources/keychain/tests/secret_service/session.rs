//! A session of its own for each test: a bus, a keyring, a home.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Environment, Locator, Secret, Source, SourceError, Store};
use mcp_launch_source_keychain::Keychain;
use mcp_launch_testkit::tools;

/// A session bus, and what runs on it. Everything ends when it is dropped.
pub(crate) struct Session {
    home: tempfile::TempDir,
    children: Vec<Child>,
}

/// What the programs of a test session must be started by.
const PROGRAMS: [&str; 4] = [
    "dbus-daemon",
    "gdbus",
    "gnome-keyring-daemon",
    "secret-tool",
];

impl Session {
    /// A bus with an unlocked GNOME Keyring.
    pub(crate) fn with_keyring() -> Self {
        let mut session = Self::with_bus(SERVICES_OF_THE_SYSTEM);
        session.start_keyring(Some("test"));
        session
    }

    /// The same, locked again. Nothing can show a prompt here.
    pub(crate) fn locked(names: &[&str]) -> Self {
        let session = Self::with_keyring();
        for name in names {
            session.put(name, name.as_bytes()).unwrap();
        }
        session.lock();
        session
    }

    /// A bus on which nothing can be started.
    pub(crate) fn without_services() -> Self {
        Self::with_bus("")
    }

    /// A home and a runtime directory, without a bus.
    pub(crate) fn without_bus() -> Self {
        for program in PROGRAMS {
            assert!(
                on_path(program),
                "`{program}` is missing: `tests/run` installs what the tests need"
            );
        }
        let home = tempfile::tempdir().unwrap();
        for part in ["run", "data", "config", "cache"] {
            std::fs::create_dir(home.path().join(part)).unwrap();
        }
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(home.path().join("run"), mode).unwrap();
        Self {
            home,
            children: Vec::new(),
        }
    }

    fn with_bus(services: &str) -> Self {
        let mut session = Self::without_bus();
        let config = session.path("bus.conf");
        let text = format!(
            "<busconfig><type>session</type><keep_umask/><listen>unix:path={}</listen>{services}\
             <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
             <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
            session.socket().display()
        );
        write(&config, &text);
        let mut command = session.command("dbus-daemon");
        command.arg("--nofork").arg("--config-file").arg(&config);
        session.start(command);
        // There is a file a moment before there is somebody who listens.
        session.until("the bus", |session| {
            UnixStream::connect(session.socket()).is_ok()
        });
        session
    }

    /// Starts GNOME Keyring, unlocked with `password` or as it is.
    pub(crate) fn start_keyring(&mut self, password: Option<&str>) {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        if password.is_some() {
            command.arg("--unlock").stdin(Stdio::piped());
        }
        let index = self.start(command);
        if let Some(password) = password {
            let mut input = self.children[index].stdin.take().unwrap();
            input.write_all(password.as_bytes()).unwrap();
        }
        self.wait_for_service();
    }

    /// Starts the stand-in for the Secret Service. Its prompts do as `arguments` say; the file
    /// `prompts` in the home gets a line for each.
    pub(crate) fn start_stand_in(&mut self, arguments: &[&str]) {
        let (python, modules) = python();
        let mut command = self.command(python);
        command
            .args(["-c", include_str!("stand_in.py")])
            .arg(self.path("prompts"))
            .args(arguments);
        if let Some(modules) = modules {
            command.env("PYTHONPATH", modules);
        }
        self.start(command);
        self.wait_for_service();
    }

    fn wait_for_service(&self) {
        let waited = self
            .command("gdbus")
            .args(["wait", "--session", "--timeout", "10"])
            .arg("org.freedesktop.secrets")
            .status()
            .unwrap();
        assert!(waited.success(), "no Secret Service came up");
    }

    pub(crate) fn start(&mut self, mut command: Command) -> usize {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path("log"))
            .unwrap();
        self.children.push(command.stderr(log).spawn().unwrap());
        self.children.len() - 1
    }

    /// The last program that was started.
    pub(crate) fn last(&self) -> &Child {
        self.children.last().unwrap()
    }

    /// Ends the last program that was started.
    pub(crate) fn end_last(&mut self) {
        let mut child = self.children.pop().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Locks the collection that new entries go to.
    pub(crate) fn lock(&self) {
        let locked = self
            .command("gdbus")
            .args(["call", "--session", "--dest", "org.freedesktop.secrets"])
            .args(["--object-path", "/org/freedesktop/secrets"])
            .args(["--method", "org.freedesktop.Secret.Service.Lock"])
            .arg("['/org/freedesktop/secrets/collection/login']")
            .output()
            .unwrap();
        assert!(locked.status.success(), "the keyring could not be locked");
    }

    /// A program in this session, with nothing else of the environment but `PATH`.
    #[expect(
        clippy::disallowed_methods,
        reason = "the programs that the tests are about, in an environment of their own"
    )]
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", search_path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for (name, value) in self.variables() {
            command.env(name, value);
        }
        command
    }

    /// What a login would have set.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let path = |part: &str| self.path(part).display().to_string();
        vec![
            ("HOME", path("")),
            ("XDG_RUNTIME_DIR", path("run")),
            ("XDG_DATA_HOME", path("data")),
            ("XDG_CONFIG_HOME", path("config")),
            ("XDG_CACHE_HOME", path("cache")),
            (
                "DBUS_SESSION_BUS_ADDRESS",
                format!("unix:path={}", self.socket().display()),
            ),
        ]
    }

    pub(crate) fn environment(&self) -> Environment {
        Environment::from_pairs(self.variables())
    }

    pub(crate) fn keychain(&self) -> Keychain {
        Keychain::new(&self.environment())
    }

    pub(crate) fn path(&self, part: &str) -> PathBuf {
        self.home.path().join(part)
    }

    /// Where the bus is: `bus` in the runtime directory, as systemd has it.
    pub(crate) fn socket(&self) -> PathBuf {
        self.path("run/bus")
    }

    pub(crate) fn put(&self, name: &str, value: &[u8]) -> Result<(), SourceError> {
        let value = Secret::new(value.to_vec());
        self.keychain().put(name, &value, seconds(10))
    }

    pub(crate) fn fetch(&self, names: &[&str]) -> Vec<Result<Vec<u8>, SourceError>> {
        fetch(&self.keychain(), names, seconds(10))
    }

    /// What `secret-tool` answers, with `input` on its stdin.
    pub(crate) fn secret_tool(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut command = self.command("secret-tool");
        command.args(arguments);
        with_input(command, input)
    }

    pub(crate) fn until(&self, what: &str, done: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !done(self) {
            assert!(start.elapsed() < Duration::from_secs(10), "{what} is late");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// How many prompts the stand-in has shown.
    pub(crate) fn prompts(&self) -> usize {
        std::fs::read_to_string(self.path("prompts")).map_or(0, |text| text.lines().count())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            // A stopped daemon is ended too; one that has already ended is no failure of the test.
            child.kill().ok();
            child.wait().ok();
        }
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
            #[expect(clippy::print_stdout, reason = "what a failed test has to show")]
            {
                println!("the programs of the session said:\n{log}");
            }
        }
    }
}

/// Where the bus may find services to start, as a desktop's bus does.
const SERVICES_OF_THE_SYSTEM: &str = "<standard_session_servicedirs/>";

pub(crate) fn seconds(seconds: u64) -> Deadline {
    Deadline::after(Duration::from_secs(seconds))
}

#[expect(clippy::disallowed_methods, reason = "the values under test")]
pub(crate) fn fetch(
    keychain: &Keychain,
    names: &[&str],
    deadline: Deadline,
) -> Vec<Result<Vec<u8>, SourceError>> {
    let locators: Vec<_> = names.iter().copied().map(Locator::new).collect();
    keychain
        .fetch(&locators, deadline)
        .into_iter()
        .map(|answer| answer.map(|secret| secret.expose().to_vec()))
        .collect()
}

/// Runs `command` to its end with `input` on stdin.
pub(crate) fn with_input(mut command: Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// A Python that has jeepney, and where that is to be found if not in its own place.
fn python() -> (PathBuf, Option<PathBuf>) {
    let own = tools().join("venv/bin/python");
    if own.exists() {
        return (own, None);
    }
    let modules = tools().join("modules");
    assert!(
        modules.join("jeepney").exists(),
        "the test tools have no Python environment: `tests/run` makes it"
    );
    ("python3".into(), Some(modules))
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the programs of the tests are"
)]
pub(crate) fn search_path() -> String {
    std::env::var("PATH").unwrap()
}

fn on_path(program: &str) -> bool {
    search_path()
        .split(':')
        .any(|folder| Path::new(folder).join(program).exists())
}

#[expect(clippy::disallowed_methods, reason = "a file of the test alone")]
pub(crate) fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

/// What is on `child`'s stderr so far and until its end.
pub(crate) fn stderr_of(child: &mut Child) -> String {
    let mut text = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}
