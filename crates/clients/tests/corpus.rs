//! Configs of real people and projects give the servers that are in them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use mcp_launch_clients::{Client, Entry, Form, GENERIC, Transport, client, servers};
use mcp_launch_lossless::{Document, Format, Place};

/// Made by looking at every file: a line for each, with its servers in their order. A `-` after the
/// transport says that the entry is turned off.
const EXPECTED: &str = include_str!("corpus.txt");

fn corpus() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    assert!(folder.is_dir(), "{} is missing", folder.display());
    folder
}

/// What is in a folder, in the order of names.
fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().expect("a folder of the corpus");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry of the corpus").file_name())
        .map(|name| name.into_string().expect("names are UTF-8"))
        .collect();
    names.sort();
    names
}

/// The files of the corpus, relative to it, in order.
fn files() -> Vec<String> {
    let mut files = Vec::new();
    for folder in names(&corpus()) {
        let path = corpus().join(&folder);
        if path.is_dir() {
            let names = names(&path).into_iter();
            files.extend(names.map(|name| format!("{folder}/{name}")));
        }
    }
    files.sort();
    files
}

/// The client whose files are in this folder of the corpus.
fn client_of(file: &str) -> &'static Client {
    let id = match file.split('/').next() {
        Some("claude-code-plugin") => "claude-code",
        Some("windsurf-antigravity") => "windsurf",
        Some("generic-mcp-json") => return &GENERIC,
        folder => folder.unwrap_or_default(),
    };
    client(id).unwrap_or_else(|| panic!("no client has the id {id}"))
}

fn document(file: &str) -> Document {
    let format = match file.rsplit('.').next() {
        Some("toml") => Format::Toml,
        Some("yaml") => Format::Yaml,
        _ => Format::Json,
    };
    let bytes = std::fs::read(corpus().join(file)).expect("a file of the corpus");
    Document::parse(&bytes, format).unwrap_or_else(|flaw| panic!("{file}: {flaw}"))
}

fn shown(entry: &Entry) -> String {
    let transport = match entry.transport {
        Transport::Stdio(_) => "stdio",
        Transport::Remote(_) => "remote",
        Transport::Unknown => "unknown",
    };
    let switch = if entry.disabled { "-" } else { "" };
    format!("{transport}{switch} {}", entry.name)
}

#[test]
fn every_file_has_the_servers_that_are_in_it() {
    let mut found = String::new();
    for file in files() {
        let entries = servers(&document(&file), client_of(&file));
        let entries: Vec<_> = entries.iter().map(shown).collect();
        writeln!(found, "{file}: {}", entries.join(", ")).unwrap();
    }
    for (found, expected) in found.lines().zip(EXPECTED.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.lines().count(), EXPECTED.lines().count());
}

#[test]
fn every_text_stands_where_its_place_says() {
    let mut texts = 0;
    for file in files() {
        let document = document(&file);
        let mut check = |place: &Place, text: &str| {
            let node = document.at(place).unwrap();
            assert!(node.text() == Some(text), "{file}: {place}");
            texts += 1;
        };
        for entry in servers(&document, client_of(&file)) {
            match entry.transport {
                Transport::Stdio(stdio) => {
                    let is_line = stdio.form == Form::Line;
                    if !is_line {
                        check(&stdio.program_place, &stdio.program);
                        for argument in &stdio.arguments {
                            check(&argument.place, &argument.text);
                        }
                    }
                    for variable in &stdio.variables {
                        check(&variable.place, &variable.text);
                    }
                }
                Transport::Remote(remote) => {
                    check(&remote.url.place, &remote.url.text);
                    for header in &remote.headers {
                        check(&header.place, &header.text);
                    }
                }
                Transport::Unknown => {}
            }
        }
    }
    assert!(texts > 400, "{texts}");
}
