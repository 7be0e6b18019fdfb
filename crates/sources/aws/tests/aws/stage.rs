//! Moto with secrets in it, and the example program that reads them.

use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mcp_launch_testkit::{Moto, Scratch, example};

/// What Moto takes for the region if nobody says another.
pub(crate) const REGION: &str = "us-east-1";

pub(crate) struct Stage {
    pub(crate) scratch: Scratch,
    pub(crate) moto: Moto,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self {
            scratch: Scratch::new(),
            moto: Moto::start(),
        }
    }

    /// The program with static keys, and Moto as AWS.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = program(&self.scratch, self.moto.endpoint());
        command.args(words);
        command
    }

    /// The same without keys.
    pub(crate) fn command_without_keys(&self, words: &[&str]) -> Command {
        let mut command = self.command(words);
        command
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY");
        command
    }

    /// Runs it; what it got is not shared with the runs after it.
    pub(crate) fn ask(&self, words: &[&str]) -> Told {
        told(apart(&mut self.command(words)))
    }

    /// What Moto was asked by the program while `act` ran: the actions, in their order.
    pub(crate) fn asked_by(&self, act: impl FnOnce()) -> Vec<String> {
        let before = self.moto.requests().len();
        act();
        self.moto.requests()[before..]
            .iter()
            .map(|request| request.action.clone())
            .collect()
    }
}

/// The program under static keys, with `endpoint` as AWS.
pub(crate) fn program(scratch: &Scratch, endpoint: &str) -> Command {
    let mut command = scratch.command(example("aws_secrets"));
    command
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env(
            "AWS_SECRET_ACCESS_KEY",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        );
    command
}

/// Makes of it a login that no other run has, so that nothing is shared with it.
pub(crate) fn apart(command: &mut Command) -> &mut Command {
    static RUN: AtomicU32 = AtomicU32::new(0);
    let run = RUN.fetch_add(1, Ordering::Relaxed);
    // Decides nothing where there is no such endpoint in use.
    command.env(
        "AWS_ENDPOINT_URL_SSO",
        format!("http://127.0.0.1:9/{}/{run}", std::process::id()),
    )
}

/// What the program printed.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) text: String,
}

/// Runs it to its end.
#[track_caller]
pub(crate) fn told(command: &mut Command) -> Told {
    let Output { stdout, stderr, .. } = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&stderr);
    assert_eq!(stderr, "", "the program says nothing on stderr");
    Told {
        text: String::from_utf8_lossy(&stdout).into_owned(),
    }
}

/// Runs it to its end under `strace`; gives the system calls of these names too.
#[track_caller]
pub(crate) fn traced(scratch: &Scratch, command: &Command, calls: &str) -> (Told, String) {
    let log = scratch.temp().join("trace");
    let mut traced = scratch.command("strace");
    traced
        .args(["-f", "-e", &format!("trace={calls}"), "-o"])
        .arg(&log)
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => traced.env(name, value),
            None => traced.env_remove(name),
        };
    }
    let told = told(&mut traced);
    (told, std::fs::read_to_string(&log).unwrap())
}

impl Told {
    /// The values, all of them.
    #[track_caller]
    pub(crate) fn values(&self) -> Vec<&str> {
        assert!(!self.text.contains("error "), "{}", self.text);
        let mut values = Vec::new();
        let mut rest = self.text.as_str();
        while let Some(after) = rest.strip_prefix("value ") {
            let (length, after) = after.split_once('\n').unwrap();
            let (value, after) = after.split_at(length.parse().unwrap());
            values.push(value);
            rest = after.strip_prefix('\n').unwrap();
        }
        values
    }

    /// The first line that begins so, without the beginning.
    #[track_caller]
    pub(crate) fn line(&self, beginning: &str) -> &str {
        self.text
            .lines()
            .find_map(|line| line.strip_prefix(beginning))
            .unwrap_or_else(|| panic!("no `{beginning}` in\n{}", self.text))
    }

    /// The first error: `KIND: TEXT`.
    #[track_caller]
    pub(crate) fn error(&self) -> &str {
        self.line("error ")
    }

    /// The first hint.
    #[track_caller]
    pub(crate) fn hint(&self) -> &str {
        self.line("hint: ")
    }

    pub(crate) fn took(&self) -> Duration {
        Duration::from_millis(self.line("time ").parse().unwrap())
    }
}
