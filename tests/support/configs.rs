//! Clients' configs, adopted and started as their client would.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use mcp_launch_clients::{Entry as ConfigEntry, Machine, Stdio, Transport, of_path, servers};
use mcp_launch_core::Environment;
use mcp_launch_lossless::Document;
use mcp_launch_testkit::Scratch;
use serde_json::Value;

use super::{Entry, Finished, launch};

/// The launcher with the arguments of one of the commands beside `run`, which is done or told.
pub(crate) fn told(scratch: &Scratch, arguments: &[&str]) -> Finished {
    Finished::of(&mut launch(scratch, arguments))
}

/// `adopt FILE` into the sealed store, without questions, with these options; what it did, as JSON.
#[track_caller]
pub(crate) fn adopted(scratch: &Scratch, file: &Path, options: &[&str]) -> Value {
    let file = file.to_str().expect("a path that is text");
    let mut arguments = vec!["adopt", file, "--to", "sealed", "--yes", "--json"];
    arguments.extend(options);
    let said = told(scratch, &arguments).success();
    serde_json::from_str(&said).expect("--json prints JSON")
}

/// A secret that `adopt` moved.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Moved {
    pub(crate) server: String,
    pub(crate) site: String,
    pub(crate) name: String,
}

/// The secrets that `adopt --json` says it moved.
pub(crate) fn moved(told: &Value) -> Vec<Moved> {
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut all = Vec::new();
    for server in list(&told["files"])
        .iter()
        .flat_map(|file| list(&file["servers"]))
    {
        all.extend(list(&server["secrets"]).iter().map(|secret| Moved {
            server: text(&server["name"]),
            site: text(&secret["site"]),
            name: text(&secret["name"]),
        }));
    }
    all
}

/// What the sealed store has under this name.
#[track_caller]
pub(crate) fn stored(scratch: &Scratch, name: &str) -> String {
    let arguments = ["secrets", "get", name, "--store", "sealed"];
    told(scratch, &arguments).success()
}

/// The config at `path`, as it is now.
pub(crate) fn document(path: &Path) -> Document {
    let bytes = fs::read(path).expect("the config");
    let format = of_path(path, &machine(path)).format;
    Document::parse(&bytes, format).unwrap_or_else(|flaw| panic!("{}: {flaw}", path.display()))
}

/// The servers of the config at `path`, as it is now.
pub(crate) fn entries(path: &Path) -> Vec<ConfigEntry> {
    servers(&document(path), of_path(path, &machine(path)).client)
}

fn machine(path: &Path) -> Machine {
    let nobody = Environment::from_pairs::<&str, &str>([]);
    Machine::new(&nobody, path.parent().expect("a folder"))
}

/// How the client starts the server, which it does.
#[track_caller]
pub(crate) fn stdio(entry: &ConfigEntry) -> &Stdio {
    match &entry.transport {
        Transport::Stdio(stdio) => stdio,
        _ => panic!("{} is not started", entry.name),
    }
}

/// The server `name` of the config at `path`, as its client starts it: with these arguments and variables, and the
/// launcher as the program.
#[track_caller]
pub(crate) fn started_as_written(scratch: &Scratch, path: &Path, name: &str) -> Entry {
    let entries = entries(path);
    let entry = entries
        .iter()
        .find(|entry| entry.name == name)
        .unwrap_or_else(|| panic!("no server {name} in {}", path.display()));
    let stdio = stdio(entry);
    assert_eq!(
        Path::new(&stdio.program),
        super::installed(scratch),
        "the launcher is named by its absolute path"
    );
    let arguments: Vec<&str> = stdio
        .arguments
        .iter()
        .map(|argument| argument.text.as_str())
        .collect();
    let started = Entry::as_written(&arguments);
    stdio.variables.iter().fold(started, |started, variable| {
        started.variable(&variable.name, &variable.text)
    })
}

/// A program that does nothing, for a client that is to find one of this name in PATH.
pub(crate) fn stand_in(scratch: &Scratch, name: &str) {
    let path = scratch
        .home()
        .parent()
        .expect("the scratch")
        .join("stand-ins")
        .join(name);
    if !path.exists() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder in the scratch");
        std::os::unix::fs::symlink("/bin/true", path).expect("a link in the scratch");
    }
}

/// PATH with the stand-ins first.
pub(crate) fn path_with_stand_ins(scratch: &Scratch) -> String {
    format!("{}/stand-ins:/usr/bin:/bin", scratch.root().display())
}

/// Every file, folder and link under the home, with mode and content.
pub(crate) fn snapshot(scratch: &Scratch) -> Vec<(String, u32, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folders = vec![scratch.home()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder under the home") {
            let path = entry.expect("a listed file").path();
            let metadata = path.symlink_metadata().expect("a listed file");
            let content = if metadata.is_file() {
                fs::read(&path).expect("a file under the home")
            } else {
                Vec::new()
            };
            if metadata.is_dir() {
                folders.push(path.clone());
            }
            let mode = metadata.permissions().mode();
            all.push((path.display().to_string(), mode, content));
        }
    }
    all.sort();
    all
}

/// Sets the mode of a file or folder.
pub(crate) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("its mode");
}
