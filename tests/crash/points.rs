//! Where a command can be killed: at every system call that changes a file or its standing.

use std::collections::HashMap;
use std::fmt;

use super::{Command, Stage, Work};

/// The calls. Of those with a question mark, an architecture has some.
const CALLS: &str = "openat,write,fsync,?rename,?renameat,?renameat2,?link,?linkat,?unlink,?unlinkat,?rmdir,?mkdir,?mkdirat,flock";

/// One call of a command.
pub(super) struct Point {
    pub(super) call: String,
    /// Which of the calls of this name it is, from 1: strace counts each name by itself.
    nth: usize,
    /// What was called, for whoever reads a failure.
    text: String,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} number {}: {}", self.call, self.nth, self.text)
    }
}

impl Point {
    /// `work` with `fault` at this call: `signal=KILL`.
    pub(super) fn inject(&self, stage: &Stage, work: &Work, fault: &str) -> Command {
        let trace = format!("trace={}", self.call);
        let inject = format!("inject={}:{fault}:when={}", self.call, self.nth);
        let strace = ["strace", "-f", "-qq", "-o", "/dev/null"];
        let strace = [&strace[..], &["-e", &trace, "-e", &inject]].concat();
        stage.run_under(&strace, work)
    }

    /// Whether it concerns a file, and not what a person is told.
    pub(super) fn is_of_file(&self) -> bool {
        !["write(1,", "write(2,"]
            .iter()
            .any(|told| self.text.starts_with(told))
    }
}

/// The calls of `work` that change something, as it runs on `stage` when nothing is in its way.
pub(super) fn points(stage: &Stage, work: &Work) -> Vec<Point> {
    let log = stage.scratch.temp().join("trace");
    let log = log.to_str().expect("a path that is text");
    let trace = format!("trace={}", CALLS);
    let strace = ["strace", "-f", "-qq", "-o", log, "-e", &trace];
    let _said = stage.end(work, stage.run_under(&strace, work)).success();
    stage.assert_finished(work, "not killed");
    let log = std::fs::read_to_string(log).expect("what strace wrote");
    let own = log.split(' ').next().expect("a process").to_owned();
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut points = Vec::new();
    for line in log.lines() {
        let Some((process, text)) = line.split_once(' ') else {
            continue;
        };
        let Some((call, _)) = text.trim_start().split_once('(') else {
            continue;
        };
        // A child such as git changes nothing of ours.
        if process != own {
            continue;
        }
        let count = counts.entry(call.to_owned()).or_default();
        *count += 1;
        if call != "openat" || text.contains("O_CREAT") {
            points.push(Point {
                call: call.to_owned(),
                nth: *count,
                text: text.trim_start().to_owned(),
            });
        }
    }
    points
}
