//! The models of the readers against the real readers, on the same files.
//!
//! The folder of [`tools`](mcp_launch_testkit::tools) holds them:
//!
//! * `npm/node_modules`: the npm package `dotenv`, version 18.0.10 (run by `node`);
//! * `venv`: a Python environment with the PyPI package `python-dotenv`, version 1.2.4;
//! * `bin/docker-compose`: Docker Compose, version 2 or later.
//!
//! Docker Compose is asked one file at a time, so it gets fewer. What it reads before an error it does not tell; of that,
//! and for the others, there are the answers in `readers/compose.json`, recorded from a transcription of its parser
//! (compose-go v2.13.0, without the defaults of `${NAME:-…}`). `bin/compose-reader` is that parser itself, where it could be
//! built from `readers/compose`; it is asked about all files then.
//!
//! bash is the system's, version 5; dotenvy is this crate's own dependency.
//!
//! Where a model gives a value, the real reader must give the same bytes. Where a model refuses, the real reader may do
//! anything: the categories are those of [`Cause`](mcp_launch_source_dotenv::Cause). Where a model sees no assignment,
//! the real reader must see none.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod corpus;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mcp_launch_core::Secret;
use mcp_launch_source_dotenv::{Assignment, Cause, Dialect, Document};
use mcp_launch_testkit::tools;
use serde_json::Value;

/// What a real reader makes of one file. `None` where it refuses the file as a whole.
type Answer = Option<BTreeMap<Vec<u8>, Vec<u8>>>;

#[test]
fn bash_reads_as_modelled() {
    let folder = Folder::new("bash", corpus_files(GENERATED));
    std::fs::create_dir(folder.path.join("run")).unwrap();
    let output = run(reader("bash")
        .args([
            "--noprofile",
            "--norc",
            "-c",
            include_str!("readers/bash.sh"),
            "bash",
        ])
        .arg(&folder.path)
        .arg(folder.files.len().to_string())
        .args(corpus::NAMES));
    let mut fields = output.split(|&byte| byte == 0);
    let answers: Vec<Answer> = folder
        .files
        .iter()
        .map(|_| {
            let values = corpus::NAMES.iter().filter_map(|name| {
                let field = fields.next().expect("an answer for each name");
                let value = field.strip_prefix(b"+")?;
                Some((name.as_bytes().to_vec(), value.to_vec()))
            });
            Some(values.collect())
        })
        .collect();
    let asked = |name: &[u8]| corpus::NAMES.iter().any(|own| own.as_bytes() == name);
    compare_names("bash", &folder.files, &answers, asked);
}

/// Answers are recorded in `readers/compose.json` (see above); `MCP_LAUNCH_RECORD=1` writes them anew. Where the program
/// is there, it is asked about all the other files too.
#[test]
fn compose_reads_as_modelled() {
    let program = tools().join("bin/compose-reader");
    if asked_to_record() {
        record_compose(&program);
    }
    let recorded = std::fs::read(script("compose.json")).unwrap();
    let recorded: Vec<Value> = serde_json::from_slice(&recorded).unwrap();
    assert!(recorded.len() > 500, "{}", recorded.len());
    let files: Vec<Vec<u8>> = recorded.iter().map(|one| decode(&one["file"])).collect();
    let answers: Vec<Answer> = recorded.iter().map(compose_answer).collect();
    compare("compose", &files, &answers);

    if program.exists() {
        let folder = Folder::new("compose", corpus_files(GENERATED));
        let answers: Vec<Answer> = lines(&ask_compose(&program, &folder))
            .map(|answer| compose_answer(&answer))
            .collect();
        compare("compose", &folder.files, &answers);
    }
}

/// The program itself, on the files that the answers of its parser are recorded for. A file that it refuses as a whole
/// tells nothing of single names.
#[test]
fn docker_compose_reads_as_modelled() {
    let files: Vec<Vec<u8>> = corpus_files(600)
        .into_iter()
        // Its output is JSON, which has no other bytes.
        .filter(|file| std::str::from_utf8(file).is_ok())
        .collect();
    let program = tools().join("bin/docker-compose");
    assert!(
        program.exists(),
        "{} is missing: tests/run installs it",
        program.display()
    );
    let folder = Folder::new("docker", files);
    let output = run(reader("python3")
        .arg(script("docker_compose.py"))
        .arg(program)
        .arg(&folder.path)
        .arg(folder.files.len().to_string()));
    let (files, answers): (Vec<_>, Vec<_>) = lines(&output)
        .zip(folder.files.clone())
        .filter(|(answer, _)| answer["failed"] == Value::Bool(false))
        .map(|(answer, file)| (file, compose_answer(&answer)))
        .unzip();
    assert!(files.len() > 400, "{} files were read", files.len());
    compare("compose", &files, &answers);
}

#[test]
fn dotenvy_reads_as_modelled() {
    let files = corpus_files(GENERATED);
    let answers: Vec<Answer> = files
        .iter()
        .map(|file| {
            let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
            let pairs = dotenvy::from_read_iter(file).flatten();
            Some(
                pairs
                    .map(|(name, value)| (name.into_bytes(), value.into_bytes()))
                    .collect(),
            )
        })
        .collect();
    compare("dotenvy", &files, &answers);
}

#[test]
fn node_reads_as_modelled() {
    let folder = Folder::new("node", corpus_files(GENERATED));
    let output = run(reader("node")
        .arg(script("node.js"))
        .arg(tools().join("npm/node_modules"))
        .arg(&folder.path)
        .arg(folder.files.len().to_string()));
    compare("node", &folder.files, &plain_answers(&output));
}

#[test]
fn python_reads_as_modelled() {
    let folder = Folder::new("python", corpus_files(GENERATED));
    let output = run(reader(tools().join("venv/bin/python").to_str().unwrap())
        .arg(script("python.py"))
        .arg(&folder.path)
        .arg(folder.files.len().to_string()));
    compare("python", &folder.files, &plain_answers(&output));
}

const GENERATED: usize = 6000;

fn corpus_files(generated: usize) -> Vec<Vec<u8>> {
    let by_hand = corpus::BY_HAND.iter().map(|text| text.as_bytes());
    by_hand
        .chain(corpus::BY_HAND_BYTES.iter().copied())
        .map(<[u8]>::to_vec)
        .chain(corpus::generated(0x6D63_705F_6C61_756E, generated))
        .collect()
}

fn compare(dialect: &str, files: &[Vec<u8>], answers: &[Answer]) {
    // Some readers read `=x` for the name that is no name.
    compare_names(dialect, files, answers, |name| !name.is_empty());
}

/// Compares what a model and the real reader make of each file; every difference is shown.
fn compare_names(
    dialect: &str,
    files: &[Vec<u8>],
    answers: &[Answer],
    asked: impl Fn(&[u8]) -> bool,
) {
    let dialect = Dialect::parse(dialect).unwrap();
    assert_eq!(files.len(), answers.len());
    let mut given = 0;
    let mut differences = Vec::new();
    for (file, answer) in files.iter().zip(answers) {
        let model = Model::new(file, dialect);
        let nothing = BTreeMap::new();
        let real = answer.as_ref();
        let mut names = model.names(real.unwrap_or(&nothing));
        names.retain(|name| asked(name));
        for name in names {
            let value = real.and_then(|values| values.get(&name));
            match model.difference(file, &name, value, real.is_some()) {
                None => {}
                Some(Verdict::Given) => given += 1,
                Some(Verdict::Differs(why)) => differences.push(format!(
                    "{:?}: {:?} {why}; real {:?}",
                    String::from_utf8_lossy(file),
                    String::from_utf8_lossy(&name),
                    value.map(|value| String::from_utf8_lossy(value)),
                )),
            }
        }
    }
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        differences[..differences.len().min(40)].join("\n")
    );
    assert!(given * 4 > files.len(), "only {given} values were compared");
}

struct Model {
    assignments: Vec<Assignment>,
    gives_up_on: Option<usize>,
}

enum Verdict {
    Differs(String),
    /// Both give the same value.
    Given,
}

impl Model {
    fn new(file: &[u8], dialect: Dialect) -> Self {
        let readout = Document::parse(file).read_by(dialect);
        Self {
            assignments: readout.assignments,
            gives_up_on: readout.gives_up_on,
        }
    }

    fn names(&self, real: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<Vec<u8>> {
        let own = self.assignments.iter().map(|one| bytes(&one.key).to_vec());
        let mut names: Vec<Vec<u8>> = own.chain(real.keys().cloned()).collect();
        names.sort();
        names.dedup();
        names
    }

    fn difference(
        &self,
        file: &[u8],
        name: &[u8],
        real: Option<&Vec<u8>>,
        takes_file: bool,
    ) -> Option<Verdict> {
        let reached = |one: &&Assignment| self.gives_up_on.is_none_or(|line| one.line < line);
        let bound: Vec<&Assignment> = self
            .assignments
            .iter()
            .filter(|one| bytes(&one.key) == name)
            .filter(reached)
            .collect();
        // Behind the place where the reader gives up, or where shell code begins, nothing is claimed.
        let behind = self.gives_up_on.is_some_and(|line| {
            let mut lines = file.split(|&byte| byte == b'\n').skip(line - 1);
            line == 1 || lines.any(|line| line.windows(name.len().max(1)).any(|part| part == name))
        });
        let differs = |why: &str| Some(Verdict::Differs(why.to_owned()));
        match bound.last().map(|one| &one.value) {
            Some(Ok(value)) if real.is_some_and(|real| real == bytes(value)) => {
                Some(Verdict::Given)
            }
            _ if behind || (real.is_none() && !takes_file) => None,
            Some(Ok(value)) => differs(&format!(
                "is {:?} to the model",
                String::from_utf8_lossy(bytes(value))
            )),
            None => real.and_then(|_| differs("is no assignment to the model")),
            Some(Err(
                Cause::Backslash
                | Cause::Command
                | Cause::Control
                | Cause::Expansion
                | Cause::Name
                | Cause::NotUtf8,
            )) => None,
            // A line that is no assignment leaves an earlier value in place.
            Some(Err(cause)) => match (real, bound.len()) {
                (None, _) | (Some(_), 2..) => None,
                _ => differs(&format!("is refused by the model: {cause:?}")),
            },
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "made-up values, compared")]
fn bytes(secret: &Secret) -> &[u8] {
    secret.expose()
}

/// The files in a folder, named by their numbers.
struct Folder {
    path: PathBuf,
    files: Vec<Vec<u8>>,
}

impl Folder {
    #[expect(clippy::disallowed_methods, reason = "made-up files for the readers")]
    fn new(name: &str, files: Vec<Vec<u8>>) -> Self {
        let path = std::env::temp_dir().join(format!("dotenv-{name}-{}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        for (index, file) in files.iter().enumerate() {
            std::fs::write(path.join(index.to_string()), file).unwrap();
        }
        Self { path, files }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.path).ok();
    }
}

fn ask_compose(program: &Path, folder: &Folder) -> Vec<u8> {
    run(reader(program)
        .arg(&folder.path)
        .arg(folder.files.len().to_string()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a file of this repository, which holds no secret"
)]
fn record_compose(program: &Path) {
    let folder = Folder::new("record", corpus_files(600));
    let recorded: Vec<String> = lines(&ask_compose(program, &folder))
        .zip(&folder.files)
        .map(|(mut answer, file)| {
            answer["file"] = Value::String(STANDARD.encode(file));
            answer.to_string()
        })
        .collect();
    std::fs::write(
        script("compose.json"),
        format!("[{}]\n", recorded.join(",\n")),
    )
    .unwrap();
}

#[expect(clippy::disallowed_methods, reason = "asked for by hand")]
fn asked_to_record() -> bool {
    std::env::var_os("MCP_LAUNCH_RECORD").is_some()
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

fn lines(output: &[u8]) -> impl Iterator<Item = Value> {
    std::str::from_utf8(output)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
}

/// `null`, or names with values in base64.
fn plain_answers(output: &[u8]) -> Vec<Answer> {
    lines(output)
        .map(|answer| {
            let values = answer.as_object()?.iter();
            Some(
                values
                    .map(|(name, value)| (name.clone().into_bytes(), decode(value)))
                    .collect(),
            )
        })
        .collect()
}

/// Names and values in base64. What was read before an error counts, as it does in the model.
fn compose_answer(answer: &Value) -> Answer {
    let values = answer["values"].as_object().unwrap().iter();
    Some(
        values
            .map(|(name, value)| (STANDARD.decode(name).unwrap(), decode(value)))
            .collect(),
    )
}

fn decode(text: &Value) -> Vec<u8> {
    STANDARD.decode(text.as_str().unwrap()).unwrap()
}
