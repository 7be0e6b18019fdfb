//! What is written, read by the programs that it is written for.
//!
//! The folder of [`tools`] holds them: `npm/node_modules` with the packages `dotenv` and `yaml` (run by `node`), `venv` with
//! `python-dotenv` and `PyYAML`. `bash` and `sh` are the system's. Docker, whose files have the fewest rules, is not asked.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mcp_launch_core::Secret;
use mcp_launch_exchange::{Target, WriteOptions, write};
use mcp_launch_testkit::tools;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

type Values = BTreeMap<Vec<u8>, Vec<u8>>;

const NAMES: [&str; 10] = [
    "TOKEN",
    "DB_PASSWORD",
    "_x",
    "N1",
    "y",
    "No",
    "ON",
    "NULL",
    "true",
    "aB",
];

#[test]
fn node_reads_what_is_written() {
    for target in [Target::Env, Target::Json, Target::K8sSecret, Target::Yaml] {
        let folder = Folder::written(target, 400);
        let output = run(reader("node")
            .arg(script("node.js"))
            .arg(tools().join("npm/node_modules"))
            .arg(target.as_str())
            .arg(&folder.path)
            .arg(folder.values.len().to_string()));
        folder.compare("node", &answers(&output));
    }
}

#[test]
fn python_reads_what_is_written() {
    for target in [Target::Env, Target::Json, Target::K8sSecret, Target::Yaml] {
        let folder = Folder::written(target, 400);
        let output = run(reader(tools().join("venv/bin/python"))
            .arg(script("python.py"))
            .arg(target.as_str())
            .arg(&folder.path)
            .arg(folder.values.len().to_string()));
        folder.compare("python", &answers(&output));
    }
}

#[test]
fn shells_read_what_is_written() {
    for shell in ["bash", "sh"] {
        let folder = Folder::written(Target::Shell, 150);
        let output = run(reader(shell)
            .arg(script("shell.sh"))
            .arg(&folder.path)
            .arg(folder.values.len().to_string()));
        let mut fields = output.split(|&byte| byte == 0);
        let answers: Vec<Values> = folder
            .values
            .iter()
            .map(|_| {
                let own = fields.by_ref().take_while(|field| !field.is_empty());
                let pairs = own.map(|field| {
                    let equals = field.iter().position(|&byte| byte == b'=').unwrap();
                    (field[..equals].to_vec(), field[equals + 1..].to_vec())
                });
                // The shell has variables of its own.
                let asked = |name: &[u8]| NAMES.iter().any(|own| own.as_bytes() == name);
                pairs.filter(|(name, _)| asked(name)).collect()
            })
            .collect();
        folder.compare(shell, &answers);
    }
}

/// A folder of files `0`, `1`, …, and what they should be read as.
struct Folder {
    path: PathBuf,
    target: Target,
    values: Vec<Values>,
    _scratch: tempfile::TempDir,
}

impl Folder {
    /// `count` files of values that can be written for `target`, the same ones in each run.
    #[expect(
        clippy::disallowed_methods,
        reason = "files of a test, without a secret"
    )]
    fn written(target: Target, count: usize) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().to_owned();
        let mut runner = TestRunner::deterministic();
        let entry = (proptest::sample::select(NAMES.to_vec()), value(target));
        let entries = proptest::collection::vec(entry, 0..5);
        let mut values = Vec::new();
        let mut written_values = 0;
        for index in 0..count {
            let drawn: BTreeMap<&str, Vec<u8>> = entries
                .new_tree(&mut runner)
                .unwrap()
                .current()
                .into_iter()
                .collect();
            let own: Vec<(String, Secret)> = drawn
                .into_iter()
                .map(|(name, value)| (name.to_owned(), Secret::new(value)))
                .filter(|(name, value)| written(&[(name.clone(), value)], target).is_some())
                .collect();
            let borrowed: Vec<(String, &Secret)> = own
                .iter()
                .map(|(name, value)| (name.clone(), value))
                .collect();
            let bytes = written(&borrowed, target).expect("each of them alone was written");
            std::fs::write(path.join(index.to_string()), bytes).unwrap();
            written_values += own.len();
            let own = own
                .iter()
                .map(|(name, value)| (name.clone().into_bytes(), value.expose().to_vec()));
            values.push(own.collect());
        }
        assert!(
            written_values > count / 2,
            "{written_values} values for {target:?}"
        );
        Self {
            path,
            target,
            values,
            _scratch: scratch,
        }
    }

    #[track_caller]
    fn compare(&self, reader: &str, answers: &[Values]) {
        assert_eq!(answers.len(), self.values.len());
        for (index, (answer, expected)) in answers.iter().zip(&self.values).enumerate() {
            let file = std::fs::read(self.path.join(index.to_string())).unwrap();
            assert_eq!(
                shown(answer),
                shown(expected),
                "{reader} reads this {:?} file otherwise:\n{}",
                self.target,
                file.escape_ascii()
            );
        }
    }
}

fn shown(values: &Values) -> Vec<String> {
    let pairs = values.iter();
    pairs
        .map(|(name, value)| format!("{}={}", name.escape_ascii(), value.escape_ascii()))
        .collect()
}

fn written(entries: &[(String, &Secret)], target: Target) -> Option<Vec<u8>> {
    let written = write(entries, target, &WriteOptions::default()).ok()?;
    Some(written.to_vec())
}

/// Values in which what the format acts on is frequent.
fn value(target: Target) -> BoxedStrategy<Vec<u8>> {
    let piece = prop_oneof![
        4 => "[ -~]{0,8}",
        3 => proptest::sample::select(vec![
            "'", "\"", "\\", "$", "`", "#", " #", " ", "\n", "\n\n", "\r", "\t", "=", "{", "}", "!", "&", "*", ": ",
            "- ", "%", "---\n", "...\n", "~", "0x1F", "1e3", "yes", "\u{1}", "\u{7f}", "\u{85}", "\u{a0}", "\u{2028}",
            "\u{feff}", "\u{fffe}", "\u{10ffff}", "ü", "鍵", "😀",
        ])
        .prop_map(str::to_owned),
    ];
    let text =
        proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat().into_bytes());
    let bytes = proptest::collection::vec(1..=255_u8, 0..12);
    match target {
        Target::K8sSecret | Target::Shell => prop_oneof![3 => text, 1 => bytes].boxed(),
        _ => text.boxed(),
    }
}

/// JSON lines of names with values, all in base64.
fn answers(output: &[u8]) -> Vec<Values> {
    let decoded = |text: &str| STANDARD.decode(text).unwrap();
    std::str::from_utf8(output)
        .unwrap()
        .lines()
        .map(|line| {
            let values: BTreeMap<String, String> = serde_json::from_str(line).unwrap();
            let values = values
                .iter()
                .map(|(name, value)| (decoded(name), decoded(value)));
            values.collect()
        })
        .collect()
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/readers")
        .join(name)
}

/// A real reader with an empty environment, but for where programs are found.
#[expect(clippy::disallowed_methods, reason = "the readers themselves")]
fn reader(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().expect("the reader starts");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}
