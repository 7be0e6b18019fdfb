//! Homes with secrets in files, and what must be true of them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use mcp_launch_testkit::Scratch;

use super::{Command, Finished};
use crate::support::{installed, python, with_input};

/// The secrets by the names that they get. Made up, and shaped like real ones.
pub(super) const VALUES: [(&str, &str); 3] = [
    (
        "GITHUB_PERSONAL_ACCESS_TOKEN",
        "ghp_Zk3Qw9Lm2Xv7Bn4Tc8Rj6Hy1Pd5Gs0Fa3Ue",
    ),
    ("BRAVE_API_KEY", "BSAq7Lw2Xn9Vt4Kc6Zr1Hm8Pj3Fd5Gy"),
    ("DB_PASSWORD", "c0rrect h0rse\tbattery"),
];

/// A server with a secret as the config of Cursor has it, the comma of the last line too many.
const CURSOR: &str = r#"{
  // Mine.
  "mcpServers": {
    "github": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-github"],
      "env": { "GITHUB_PERSONAL_ACCESS_TOKEN": "ghp_Zk3Qw9Lm2Xv7Bn4Tc8Rj6Hy1Pd5Gs0Fa3Ue" },
    },
  }
}"#;

/// The same of Codex.
const CODEX: &str = r#"model = "o4"  # mine

[mcp_servers.brave]
command = "npx"
args = ["-y", "@modelcontextprotocol/server-brave-search"]
env = { "BRAVE_API_KEY" = "BSAq7Lw2Xn9Vt4Kc6Zr1Hm8Pj3Fd5Gy" }
"#;

const DOTENV: &str = "# mine\r\nexport GITHUB_PERSONAL_ACCESS_TOKEN=ghp_Zk3Qw9Lm2Xv7Bn4Tc8Rj6Hy1Pd5Gs0Fa3Ue\r\n\nDB_PASSWORD=\"c0rrect h0rse\tbattery\" # old\nEMPTY=\n";

/// A command, and the files that it is about.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) name: &'static str,
    pub(super) words: &'static [&'static str],
    files: &'static [(&'static str, &'static str)],
    /// Which of the values it moves.
    values: &'static [usize],
    /// What is done before.
    first: Option<&'static [&'static str]>,
    /// What is typed at its prompt, on a terminal.
    typed: Option<&'static str>,
}

pub(super) const IMPORT: Work = Work {
    name: "import",
    words: &[
        "secrets",
        "import",
        ".env",
        "--to",
        "sealed",
        "--delete-source",
        "--yes",
    ],
    files: &[(".env", DOTENV)],
    values: &[0, 2],
    first: None,
    typed: None,
};

pub(super) const ADOPT: Work = Work {
    name: "adopt",
    words: &["adopt", "--all", "--to", "sealed", "--yes"],
    files: &[(".codex/config.toml", CODEX), (".cursor/mcp.json", CURSOR)],
    values: &[0, 1],
    first: None,
    typed: None,
};

pub(super) const ADD: Work = Work {
    name: "add",
    words: &[
        "add",
        "more",
        "--client",
        "cursor",
        "--env",
        "HOST=$<HOST:-x>",
        "--yes",
        "--",
        "npx",
        "-y",
        "more",
    ],
    files: &[(".cursor/mcp.json", CURSOR)],
    values: &[],
    first: None,
    typed: None,
};

/// The same of a server with a secret, which is asked for.
pub(super) const ADD_SECRET: Work = Work {
    name: "add --secret",
    words: &[
        "add",
        "more",
        "--client",
        "cursor",
        "--secret",
        "BRAVE_API_KEY",
        "--to",
        "sealed",
        "--yes",
        "--",
        "npx",
        "-y",
        "more",
    ],
    values: &[1],
    typed: Some(VALUES[1].1),
    ..ADD
};

pub(super) const RESTORE: Work = Work {
    name: "restore",
    words: &["restore", ".cursor/mcp.json", "--yes"],
    files: &[(".cursor/mcp.json", CURSOR)],
    values: &[0],
    first: Some(&["adopt", "cursor", "--to", "sealed", "--yes"]),
    typed: None,
};

pub(super) const RESTORE_ALL: Work = Work {
    name: "restore --all",
    words: &["restore", "--all", "--yes"],
    files: ADOPT.files,
    values: ADOPT.values,
    first: Some(ADOPT.words),
    typed: None,
};

/// The mode of the files before, which no program of ours would choose.
const MODE: u32 = 0o640;

/// What each command makes of its files.
static FINISHED: Mutex<BTreeMap<&'static str, Vec<Vec<u8>>>> = Mutex::new(BTreeMap::new());

/// A home before a command, or after it was killed.
pub(super) struct Stage {
    pub(super) scratch: Scratch,
    /// The files with their original content.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// What the files become.
    finished: Vec<Vec<u8>>,
    values: Vec<(&'static str, &'static str)>,
    is_typed: bool,
}

impl Stage {
    /// The home in which `work` is to be done.
    pub(super) fn before(work: &Work) -> Self {
        let scratch = Scratch::new();
        for (file, text) in work.files {
            let path = scratch.write(file, text);
            fs::set_permissions(path, fs::Permissions::from_mode(MODE)).expect("a mode");
        }
        let mut stage = Self {
            scratch,
            files: work.files,
            finished: Vec::new(),
            values: work.values.iter().map(|&index| VALUES[index]).collect(),
            is_typed: work.typed.is_some(),
        };
        if let Some(first) = work.first {
            let first = Work {
                words: first,
                ..*work
            };
            let _said = stage.end(&first, stage.run(&first)).success();
            stage.finished = stage.contents();
        } else {
            stage.finished = outcome(work);
        }
        stage
    }

    fn contents(&self) -> Vec<Vec<u8>> {
        let files = self.files.iter();
        files
            .map(|(file, _)| fs::read(self.scratch.home().join(file)).expect("the file is there"))
            .collect()
    }

    /// The launcher with these words.
    pub(super) fn launch(&self, words: &[&str]) -> Command {
        let mut command = self.scratch.command(installed(&self.scratch));
        command.args(words);
        command
    }

    /// What `work` asks to be started.
    pub(super) fn run(&self, work: &Work) -> Command {
        self.run_under(&[], work)
    }

    /// The same under another program.
    pub(super) fn run_under(&self, program: &[&str], work: &Work) -> Command {
        let mut words: Vec<OsString> = Vec::new();
        if work.typed.is_some() {
            let script = include_str!("../clients/terminal.py");
            let path = self.scratch.temp().join("terminal.py");
            #[expect(clippy::disallowed_methods, reason = "a script of the test's")]
            fs::write(&path, script).expect("a file in the scratch");
            words.extend([python().into(), path.into()]);
            // It starts nothing by its name alone.
            words.extend(program.first().map(|_| "/usr/bin/env".into()));
        }
        words.extend(program.iter().map(OsString::from));
        words.push(installed(&self.scratch).into());
        words.extend(work.words.iter().map(OsString::from));
        let mut command = self.scratch.command(&words[0]);
        command.args(&words[1..]);
        command
    }

    /// Lets `command`, which is of `work`, come to its end.
    pub(super) fn end(&self, work: &Work, mut command: Command) -> Finished {
        match work.typed {
            Some(typed) => with_input(&mut command, &format!("{typed}\n")),
            None => Finished::of(&mut command),
        }
    }

    /// Each file is as it was or as it is to be, with the mode that it had.
    #[track_caller]
    pub(super) fn assert_no_half_file(&self, place: &str) {
        let contents = self.contents();
        for (((file, text), finished), now) in self.files.iter().zip(&self.finished).zip(contents) {
            assert!(
                now == text.as_bytes() || now == *finished,
                "{place}: {file} is neither as before nor as after: {}",
                String::from_utf8_lossy(&now)
            );
            let metadata = self.scratch.home().join(file).metadata().expect("a file");
            let mode = metadata.permissions().mode() & 0o7777;
            assert_eq!(mode, MODE, "{place}: {file}");
        }
    }

    /// Each value is in a file, or the store gives it.
    #[track_caller]
    pub(super) fn assert_no_value_is_lost(&self, place: &str) {
        let contents = self.contents().concat();
        let contents = String::from_utf8(contents).expect("files that are text");
        for (name, value) in &self.values {
            let is_referred_to = contents.contains(&format!("$<{name}>"));
            if is_referred_to {
                self.assert_stored_value(name, value, place);
            }
            // One that is typed is in no file before.
            assert!(
                is_referred_to || self.is_typed || contents.contains(value),
                "{place}: {name} is lost"
            );
        }
    }

    /// The store has all values.
    #[track_caller]
    pub(super) fn assert_stored(&self, place: &str) {
        for (name, value) in &self.values {
            self.assert_stored_value(name, value, place);
        }
    }

    #[track_caller]
    fn assert_stored_value(&self, name: &str, value: &str, place: &str) {
        let got = self.launch(&["secrets", "get", name, "--store", "sealed"]);
        let got = Finished::of(&mut { got });
        assert_eq!(got.stdout, value, "{place}: {name}: {}", got.stderr);
    }

    /// What `work` was to do is done.
    #[track_caller]
    pub(super) fn assert_finished(&self, work: &Work, place: &str) {
        match work.first {
            Some(_) => self.assert_original(place),
            None => assert!(self.contents() == self.finished, "{place}: not finished"),
        }
    }

    #[track_caller]
    pub(super) fn assert_original(&self, place: &str) {
        for ((file, text), now) in self.files.iter().zip(self.contents()) {
            assert_eq!(String::from_utf8_lossy(&now), *text, "{place}: {file}");
        }
        self.assert_no_half_file(place);
    }

    /// How many changes are on record.
    pub(super) fn records(&self) -> usize {
        let paths = self.paths();
        let records = paths.iter().filter(|path| {
            path.parent()
                .is_some_and(|folder| folder.ends_with("changes"))
                && path.extension().is_some_and(|end| end == "json")
        });
        records.count()
    }

    /// No file that only a killed writer has left.
    #[track_caller]
    pub(super) fn assert_nothing_left_beside(&self, place: &str) {
        for path in self.paths() {
            let is_left = path
                .extension()
                .is_some_and(|end| end == "tmp" || end == "new");
            assert!(!is_left, "{place}: {} is left", path.display());
        }
    }

    /// Nothing but the files.
    #[track_caller]
    pub(super) fn assert_no_trace(&self, place: &str) {
        let home = self.scratch.home();
        for path in self.paths() {
            let relative = path.strip_prefix(&home).expect("a path in the home");
            let is_own = self
                .files
                .iter()
                .any(|(file, _)| Path::new(file) == relative);
            // The folders that every program shares stay.
            let is_shared = path.is_dir() && !relative.ends_with("mcp-launch");
            assert!(is_own || is_shared, "{place}: {} is left", path.display());
        }
    }

    /// All files of the home, with what is in them.
    pub(super) fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let paths = self.paths().into_iter().filter(|path| path.is_file());
        paths
            .map(|path| (path.clone(), fs::read(path).expect("a file of the home")))
            .collect()
    }

    fn paths(&self) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        let mut folders = vec![self.scratch.home()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder of the home") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path.clone());
                }
                paths.push(path);
            }
        }
        paths
    }
}

/// What `work` makes of its files when nothing is in its way.
fn outcome(work: &Work) -> Vec<Vec<u8>> {
    let mut finished = FINISHED.lock().expect("no test failed while it had it");
    let known = finished.entry(work.name).or_insert_with(|| {
        let stage = Stage::before(&Work {
            first: Some(work.words),
            ..*work
        });
        assert!(
            stage
                .files
                .iter()
                .zip(&stage.finished)
                .all(|((_, text), now)| now != text.as_bytes()),
            "{} changed nothing",
            work.name
        );
        stage.finished
    });
    known.clone()
}
