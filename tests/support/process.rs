//! Processes as their client sees them: how they end, and what goes through their pipes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

/// What a finished command said, as text.
#[derive(Debug)]
#[must_use]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// Runs `command` without input.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("cannot start {:?}: {error}", command.get_program()));
        Self::from(&output)
    }

    /// What it said that has ended.
    pub(crate) fn from(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// What it wrote, when it went well.
    #[track_caller]
    pub(crate) fn success(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// What it wrote to standard error, when nothing was started and nothing was written to stdout.
    #[track_caller]
    pub(crate) fn not_started(self) -> String {
        assert_eq!(self.code, Some(125), "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "", "stdout belongs to the server");
        self.stderr
    }
}

/// Runs `command` with `input` as all that it can read.
pub(crate) fn with_input(command: &mut Command, input: &str) -> Finished {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {:?}: {error}", command.get_program()));
    let mut stdin = child.stdin.take().expect("stdin is piped");
    match stdin.write_all(input.as_bytes()) {
        // It ended without reading; what it said is what the test is about.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        outcome => outcome.expect("its input can be written"),
    }
    drop(stdin);
    Finished::from(&child.wait_with_output().expect("it ends"))
}

/// A running command with the client's ends of its pipes.
pub(crate) struct ClientPipe {
    pub(crate) child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl ClientPipe {
    pub(crate) fn open(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {:?}: {error}", command.get_program()));
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Self {
            child,
            input,
            output,
        }
    }

    /// Writes one message.
    pub(crate) fn send(&mut self, message: &Value) {
        let input = self.input.as_mut().expect("stdin is open");
        writeln!(input, "{message}").expect("the server reads");
    }

    /// The next line, or an empty one at the end.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("lines are text");
        line.trim_end().to_owned()
    }

    /// The next message.
    #[track_caller]
    pub(crate) fn message(&mut self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// Closes stdin, as clients do first when they end a server.
    pub(crate) fn close(&mut self) {
        self.input = None;
    }
}

impl Drop for ClientPipe {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end and its status was taken.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// A server that says it is there, and then waits for input.
pub(crate) fn ready(command: &mut Command) -> ClientPipe {
    let mut pipe = ClientPipe::open(command);
    assert_eq!(pipe.line(), "ready");
    pipe
}

/// Sends a signal by its name; to the process group when `target` begins with `-`.
#[expect(
    clippy::disallowed_methods,
    reason = "the shell's kill, with no value near it"
)]
pub(crate) fn signal(name: &str, target: &str) {
    let sent = Command::new("/bin/sh")
        .args(["-c", "kill -s \"$0\" -- \"$1\"", name, target])
        .status()
        .expect("a shell");
    assert!(sent.success());
}
