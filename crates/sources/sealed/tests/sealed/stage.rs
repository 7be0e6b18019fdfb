//! A store in a scratch home, and the example program and other tools at work on it.

use std::io::Write;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use mcp_launch_core::Deadline;
use mcp_launch_source_sealed::SealedSource;
use mcp_launch_testkit::{ORDINARY_UID, Scratch, example};

pub(crate) const PASSPHRASE: &str = "correct horse battery";

pub(crate) struct Stage {
    pub(crate) scratch: Scratch,
    program: PathBuf,
    ordinary: bool,
}

impl Stage {
    /// One stage as the user who runs the tests, one as an ordinary user.
    pub(crate) fn both() -> [Self; 2] {
        [
            Self::of(Scratch::new(), false),
            Self::of(Scratch::ordinary(), true),
        ]
    }

    pub(crate) fn new() -> Self {
        Self::of(Scratch::new(), false)
    }

    fn of(scratch: Scratch, ordinary: bool) -> Self {
        let mut program = example("sealed_store");
        if ordinary && is_root() {
            // By a process of its own: the descriptor that writes the copy would otherwise be inherited by
            // whatever another test starts, and a file that is open for writing cannot be executed.
            let copy = scratch.temp().join("sealed_store");
            let mut cp = scratch.command("/bin/cp");
            cp.arg(&program).arg(&copy).uid(0).gid(0);
            done(&mut cp, b"").text();
            program = copy;
        }
        Self {
            scratch,
            program,
            ordinary,
        }
    }

    /// Where the store is; a path with a space and a quote.
    pub(crate) fn directory(&self) -> PathBuf {
        self.scratch.home().join("it's a store")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory().join(name)
    }

    /// The store, in this process.
    pub(crate) fn source(&self) -> SealedSource {
        SealedSource::new(self.directory())
    }

    /// The example with `words`, not started.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = self.scratch.command(&self.program);
        command.arg(self.directory()).args(words);
        command
    }

    /// A tool of this machine in front of the example with `words`.
    pub(crate) fn under(&self, tool: &[&str], words: &[&str]) -> Command {
        let mut command = self.scratch.command(tool[0]);
        command
            .args(&tool[1..])
            .arg(&self.program)
            .arg(self.directory())
            .args(words);
        command
    }

    pub(crate) fn run(&self, words: &[&str], input: &str) -> Done {
        done(&mut self.command(words), input.as_bytes())
    }

    /// Writes a file of the store that belongs to the stage's user.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let relative = self.file(name);
        let relative = relative.strip_prefix(self.scratch.home()).unwrap();
        self.scratch.write(relative, bytes);
    }

    /// Gives `path` to the stage's user.
    pub(crate) fn hand_over(&self, path: &Path) {
        if self.ordinary && is_root() {
            chown(path, Some(ORDINARY_UID), Some(ORDINARY_UID)).unwrap();
        }
    }
}

/// What a process did.
#[must_use]
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) succeeded: bool,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Done {
    /// What it printed, without the last line end.
    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        assert!(self.succeeded, "{}", self.err);
        let text = std::str::from_utf8(&self.out).unwrap();
        text.strip_suffix('\n').unwrap_or(text)
    }

    /// What it complained of.
    #[track_caller]
    pub(crate) fn error(&self) -> &str {
        assert!(!self.succeeded, "it succeeded");
        &self.err
    }
}

pub(crate) fn done(command: &mut Command, input: &[u8]) -> Done {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()));
    // A process that ends before it reads leaves a broken pipe, which is its own business.
    drop(child.stdin.take().unwrap().write_all(input));
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    Done {
        succeeded: status.success(),
        out: stdout,
        err: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// Fails the test unless all of `tools` are here.
#[expect(clippy::disallowed_methods, reason = "settings of the test run")]
pub(crate) fn need(tools: &[&str]) {
    let path = std::env::var_os("PATH").unwrap();
    for tool in tools {
        let mut folders = std::env::split_paths(&path);
        assert!(
            folders.any(|folder| folder.join(tool).is_file()),
            "this test needs {tool}, which is not on PATH: see tests/run"
        );
    }
}

/// Fails the test unless it runs as root.
pub(crate) fn need_root() {
    assert!(
        is_root(),
        "this test needs root, to act as two users: see tests/run"
    );
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub(crate) fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(10))
}
