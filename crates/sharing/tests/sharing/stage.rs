//! A user with a scratch home, and the example program at work for it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use mcp_launch_testkit::{Scratch, example};

pub(crate) struct Stage {
    pub(crate) scratch: Scratch,
    program: PathBuf,
    /// Whom the processes belong to, where that is another user.
    uid: Option<u32>,
}

impl Stage {
    /// The user who runs the tests.
    pub(crate) fn new() -> Self {
        Self {
            scratch: Scratch::new(),
            program: example("share"),
            uid: None,
        }
    }

    /// The user of this number, whom no other test is, so that its keyring may be filled and cleared.
    pub(crate) fn of_user(uid: u32) -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "this test needs root, to act as a user of its own: see tests/run"
        );
        let scratch = Scratch::ordinary();
        let program = scratch.install(&example("share"));
        for folder in [scratch.home(), scratch.temp(), scratch.runtime()] {
            std::os::unix::fs::chown(folder, Some(uid), Some(uid)).unwrap();
        }
        let stage = Self {
            scratch,
            program,
            uid: Some(uid),
        };
        // What an earlier run that failed has left there would be in the way.
        run(&mut stage.tool("keyctl", &["clear", "@u"])).text();
        stage
    }

    /// A tool of this machine, as the stage's user.
    pub(crate) fn tool(&self, tool: &str, words: &[&str]) -> Command {
        let mut command = self.scratch.command(tool);
        command
            .args(words)
            .env("XDG_RUNTIME_DIR", self.scratch.runtime());
        if let Some(uid) = self.uid {
            command.uid(uid).gid(uid);
        }
        command
    }

    /// The example with these words, for the store of this name, without a cache.
    pub(crate) fn command(&self, store: &str, words: &[&str]) -> Command {
        self.cached(store, [0, 0], words)
    }

    /// The same with a cache, in seconds, and stale answers, in seconds.
    pub(crate) fn cached(&self, store: &str, spans: [u32; 2], words: &[&str]) -> Command {
        self.with_login("login", store, spans, words)
    }

    /// The same with another login.
    pub(crate) fn with_login(
        &self,
        login: &str,
        store: &str,
        spans: [u32; 2],
        words: &[&str],
    ) -> Command {
        let mut command = self.tool(self.program.to_str().unwrap(), &[]);
        command
            .args([&self.store(store), login])
            .args(spans.map(|span| span.to_string()))
            .args(words);
        command
    }

    /// A store that is only this stage's: the scratch is nobody else's.
    pub(crate) fn store(&self, name: &str) -> String {
        format!("{name} of {}", self.scratch.root().display())
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }
}

/// What a process did.
#[must_use]
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) succeeded: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    /// What it printed, without the last line end.
    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        assert!(self.succeeded, "{self:?}");
        self.out.strip_suffix('\n').unwrap_or(&self.out)
    }

    /// Fails the test unless it found nothing.
    #[track_caller]
    pub(crate) fn nothing(&self) {
        assert!(!self.succeeded && self.out.is_empty(), "{self:?}");
        assert_eq!(self.err, "nothing\n");
    }
}

pub(crate) fn run(command: &mut Command) -> Done {
    run_with(command, "")
}

pub(crate) fn run_with(command: &mut Command, input: &str) -> Done {
    let mut child = piped(command);
    // A process that ends before it reads leaves a broken pipe, which is its own business.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    done(child)
}

pub(crate) fn piped(command: &mut Command) -> Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()))
}

pub(crate) fn done(child: Child) -> Done {
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    Done {
        succeeded: status.success(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// The first line that a process prints, which it does when it is ready.
pub(crate) fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    let read = BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line);
    assert!(read.is_ok_and(|length| length > 0), "it printed nothing");
    line.trim_end().to_owned()
}
