//! The companion of a launch: it sees the end of what it watches, and shares nothing with it.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use stage::{direct, example, tool};

mod stage;

/// A launcher that has tried to get a companion.
struct Launched {
    launcher: Child,
    output: BufReader<ChildStdout>,
    said: String,
}

fn launch(mode: &str, file: &Path) -> Launched {
    read(start(direct(
        example("companion"),
        &[mode, file.to_str().unwrap()],
    )))
}

fn start(mut command: Command) -> Launched {
    let mut launcher = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(launcher.stdout.take().unwrap());
    Launched {
        launcher,
        output,
        said: String::new(),
    }
}

fn read(mut launched: Launched) -> Launched {
    launched.output.read_line(&mut launched.said).unwrap();
    launched
}

impl Launched {
    fn said(&self) -> &str {
        self.said.trim_end()
    }

    /// Ends it, and waits until nobody has its output open.
    fn end(mut self) {
        drop(self.launcher.stdin.take());
        self.launcher.wait().unwrap();
        self.output.read_to_string(&mut String::new()).unwrap();
        let mut errors = String::new();
        let mut stderr = self.launcher.stderr.take().unwrap();
        stderr.read_to_string(&mut errors).unwrap();
        assert_eq!(errors, "");
    }
}

/// What the companion wrote, when it did.
fn told(file: &Path) -> String {
    let file = file.with_extension("told");
    let begun = Instant::now();
    while !file.exists() {
        assert!(begun.elapsed() < Duration::from_secs(30), "nothing told");
        std::thread::sleep(Duration::from_millis(10));
    }
    fs::read_to_string(file).unwrap()
}

/// The processes that are companions: which test's each one is, its arguments do not tell.
fn companions() -> BTreeSet<u32> {
    let named = |process: &u32| {
        let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let program = example("companion");
        line == [program.as_os_str().as_encoded_bytes(), b"\0keep\0"].concat()
    };
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok())
        .filter(named)
        .collect()
}

fn scratch() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    (folder, file)
}

#[test]
fn sees_the_end_however_it_comes_and_gets_all_of_a_long_letter() {
    for kill in [false, true] {
        let (_folder, file) = scratch();
        let mut launched = launch("watch", &file);
        assert_eq!(launched.said(), "kept");
        assert!(!file.with_extension("told").exists());
        if kill {
            launched.launcher.kill().unwrap();
        }
        launched.end();
        assert_eq!(told(&file), "300000");
    }
}

#[test]
fn is_no_child_of_the_server_and_shares_no_descriptor() {
    let (_folder, file) = scratch();
    // What a client leaks: another server's pipe, say.
    let script = "exec 7</dev/zero 8>&1; exec \"$0\" watch \"$1\"";
    let program = example("companion");
    let mut command = direct("/bin/sh", &["-c", script]);
    command.arg(program).arg(&file);
    let before = companions();
    let launched = read(start(command));
    assert_eq!(launched.said(), "kept");
    let launcher = launched.launcher.id();
    let children = fs::read_to_string(format!("/proc/{launcher}/task/{launcher}/children"));
    assert_eq!(children.unwrap(), "");

    let new: Vec<u32> = companions().difference(&before).copied().collect();
    assert!(!new.is_empty());
    for companion in new {
        let Ok(folder) = fs::read_dir(format!("/proc/{companion}/fd")) else {
            // One of another test that has ended, or not ours to read.
            continue;
        };
        let open: BTreeSet<String> = folder
            .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
            .map(|target| target.to_string_lossy().into_owned())
            .collect();
        assert!(!open.contains("/dev/zero"), "{open:?}");
    }
    // Also the end of both pipes is seen at once.
    launched.end();
    assert_eq!(told(&file), "300000");
}

#[test]
fn one_that_does_not_watch_is_no_companion() {
    for (mode, said) in [
        ("refuse", "it does not want to"),
        ("die", "it ended without a word"),
        ("hang", "it did not get ready in time"),
        (
            "long",
            "the letter is too long: File too large (os error 27)",
        ),
    ] {
        let (_folder, file) = scratch();
        let launched = launch(mode, &file);
        assert_eq!(launched.said(), said);
        let launcher = launched.launcher.id();
        let children = fs::read_to_string(format!("/proc/{launcher}/task/{launcher}/children"));
        assert_eq!(children.unwrap(), "", "{mode}");
        launched.end();
    }
}

#[test]
fn notices_that_the_launcher_was_killed_before_it_was_ready() {
    let (_folder, file) = scratch();
    let mut launched = start(direct(
        example("companion"),
        &["late", file.to_str().unwrap()],
    ));
    let launcher = launched.launcher.id();
    let children = format!("/proc/{launcher}/task/{launcher}/children");
    // It has a child, which has detached when that is a zombie or gone.
    let begun = Instant::now();
    while !is_detached(&children) {
        assert!(begun.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(10));
    }
    launched.launcher.kill().unwrap();
    launched.launcher.wait().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a file of the test")]
    fs::write(&file, "go").unwrap();
    assert_eq!(told(&file), "nobody waited");
}

fn is_detached(children: &str) -> bool {
    let Ok(child) = fs::read_to_string(children) else {
        return false;
    };
    let Some(child) = child.split(' ').next().filter(|child| !child.is_empty()) else {
        return false;
    };
    let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
    stat.contains(") Z ")
}

/// Some clients ignore the ends of their children, and so do their servers from the start.
#[test]
fn works_where_ends_of_children_are_ignored() {
    let (_folder, file) = scratch();
    let mut command = direct(tool("env"), &["--ignore-signal=CHLD"]);
    command.arg(example("companion")).arg("watch").arg(&file);
    let launched = read(start(command));
    assert_eq!(launched.said(), "kept");
    launched.end();
    assert_eq!(told(&file), "300000");
}
