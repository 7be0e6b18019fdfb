//! Files of users: every one is read, and every law holds for it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::laws::{Allowed, hold};
use mcp_launch_lossless::{Change, ChangeErrorKind, Document, Format, Kind, Node, Place, Value};

/// What a layout may forbid, besides JSON, which forbids nothing.
const SOMETIMES: Allowed = Allowed(&[
    ChangeErrorKind::NotInOnePiece,
    ChangeErrorKind::Layout,
    ChangeErrorKind::NothingLeft,
]);

/// Over this size not every place is changed in turn, only the entries of servers.
const SMALL: usize = 1_500;

fn corpus() -> Vec<(PathBuf, Format)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    assert!(
        folder.is_dir(),
        "there is no folder tests/corpus with the files of users"
    );
    let mut folders = vec![folder];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let format = match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => {
                    folders.push(path);
                    continue;
                }
                Some("json" | "jsonc") => Format::Json,
                Some("toml") => Format::Toml,
                Some("yaml" | "yml") => Format::Yaml,
                _ => continue,
            };
            files.push((path, format));
        }
    }
    assert!(
        files.len() > 20,
        "tests/corpus holds only {} files",
        files.len()
    );
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    files
}

fn maps_with_command(node: Node<'_>, found: &mut Vec<Place>) {
    if node.get("command").is_some() || node.get("cmd").is_some() {
        found.push(node.place());
    }
    for child in node.entries().map(|(_, child)| child).chain(node.items()) {
        maps_with_command(child, found);
    }
}

#[test]
fn every_file_of_the_corpus_is_read() {
    for (path, format) in corpus() {
        let bytes = fs::read(&path).unwrap();
        let document = Document::parse(&bytes, format)
            .unwrap_or_else(|flaw| panic!("{}: {flaw}", path.display()));
        assert!(document.bytes() == bytes);
        assert!(matches!(document.root().kind(), Kind::Map | Kind::List));
    }
}

#[test]
fn every_law_holds_for_the_small_files_of_the_corpus() {
    for (path, format) in corpus() {
        let text = fs::read_to_string(&path).unwrap();
        if text.len() < SMALL {
            let allowed = if format == Format::Json {
                &Allowed(&[])
            } else {
                &SOMETIMES
            };
            hold(&text, format, allowed);
        }
    }
}

#[test]
fn a_server_is_adopted_and_restored_to_the_byte() {
    let mut servers = 0;
    for (path, format) in corpus() {
        let document = Document::parse(&fs::read(&path).unwrap(), format).unwrap();
        let mut places = Vec::new();
        maps_with_command(document.root(), &mut places);
        for place in places {
            let node = document.at(&place).unwrap();
            let key = if node.get("command").is_some() {
                "command"
            } else {
                "cmd"
            };
            let command = place.key(key);
            let Some(source) = document.source(&command) else {
                continue;
            };
            let text = |text: &str| Value::Text(text.to_owned());
            let mut there = vec![Change::Set {
                at: command.clone(),
                to: text("mcp-launch"),
            }];
            let mut back = vec![Change::SetSource {
                at: command,
                source: source.to_vec(),
            }];
            if node
                .get("args")
                .is_some_and(|args| args.kind() == Kind::List)
            {
                let list = place.key("args");
                let with = vec![text("--"), text("npx")];
                there.push(Change::Splice {
                    list: list.clone(),
                    at: 0,
                    remove: 0,
                    with,
                });
                back.push(Change::Splice {
                    list,
                    at: 0,
                    remove: 2,
                    with: vec![],
                });
            }
            let env = Value::Map(vec![("TOKEN".to_owned(), text("$<github/TOKEN>"))]);
            there.push(Change::Insert {
                into: place.clone(),
                key: "NEW".to_owned(),
                value: env,
                after: Some(key.to_owned()),
            });
            back.push(Change::Remove {
                at: place.key("NEW"),
            });
            let adopted = document
                .change_all(&there)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let restored = adopted.change_all(&back).unwrap();
            assert!(
                restored.bytes() == document.bytes(),
                "{}: {place}",
                path.display()
            );
            servers += 1;
        }
    }
    assert!(servers > 50, "only {servers} servers in tests/corpus");
}
