//! YAML: blocks, brackets, every kind of scalar, and what is shared within a file.

use crate::laws::{Allowed, Tape, hold};
use mcp_launch_lossless::{
    Change, ChangeErrorKind, Document, Flaw, FlawKind, Format, Kind, Place, Value,
};
use proptest::prelude::*;

/// Nothing is put behind a block text that ends with the file, a list flush with its key becomes no scalar, and first
/// entries behind a dash stay if comments stand between them.
const SOMETIMES: Allowed = Allowed(&[ChangeErrorKind::Layout]);

const GOOSE: &str = "# Goose
extensions:
  github:
    args:
    - -y
    - '@x/github' # the server
    cmd: npx
    envs: {}
    env_keys: []
    description: null
    note: |
      two
      lines

    # the end
    timeout: 300
  other:
    cmd: \"uvx\"
    args: [a, 'b', \"c\"]
    folded: >-
      one
      line
GOOSE_MODE: approve
";

const CONTINUE: &str = "---
name: x
mcpServers:
  - name: My MCP Server
    command: uvx
    args:
      - mcp-server-sqlite
      # where
      - --db-path
    env:
      TOKEN: a:b   # c

  -   name: second
      command:
  - - nested
    - list
";

fn parse(text: &str) -> Document {
    Document::parse(text.as_bytes(), Format::Yaml).unwrap()
}

fn flaw(text: &str) -> Flaw {
    Document::parse(text.as_bytes(), Format::Yaml)
        .err()
        .unwrap()
}

fn at(keys: &[&str]) -> Place {
    keys.iter().fold(Place::root(), |place, key| place.key(key))
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn map(entries: &[(&str, Value)]) -> Value {
    Value::Map(
        entries
            .iter()
            .map(|(key, value)| ((*key).into(), value.clone()))
            .collect(),
    )
}

fn after(before: &str, change: Change) -> String {
    String::from_utf8(parse(before).change(&change).unwrap().bytes().to_vec()).unwrap()
}

fn insert(into: &[&str], key: &str, value: Value) -> Change {
    Change::Insert {
        into: at(into),
        key: key.into(),
        value,
        after: None,
    }
}

#[test]
fn values_are_read_with_their_places() {
    let document = parse(GOOSE);
    let github = at(&["extensions", "github"]);
    let source = |place: &Place| std::str::from_utf8(document.source(place).unwrap()).unwrap();
    assert_eq!(source(&github.key("args").index(1)), "'@x/github'");
    assert_eq!(source(&github.key("args")), "- -y\n    - '@x/github'");
    assert_eq!(source(&github.key("note")), "|\n      two\n      lines");
    assert_eq!(
        document.at(&github.key("note")).unwrap().text(),
        Some("two\nlines\n")
    );
    assert_eq!(
        document.at(&github.key("timeout")).unwrap().kind(),
        Kind::Number
    );
    assert_eq!(document.at(&github.key("timeout")).unwrap().line(), 16);
    assert_eq!(
        document.at(&github.key("description")).unwrap().kind(),
        Kind::Null
    );
    let document = parse(CONTINUE);
    let second = at(&["mcpServers"]).index(1).key("command");
    assert_eq!(document.at(&second).unwrap().kind(), Kind::Null);
    assert_eq!(
        document
            .at(&at(&["mcpServers"]).index(2).index(1))
            .unwrap()
            .text(),
        Some("list")
    );
    assert_eq!(
        parse("é: \"ü\"   # c\nb: 'x'")
            .at(&at(&["é"]))
            .unwrap()
            .text(),
        Some("ü")
    );
    assert_eq!(parse("# nothing\n").root().kind(), Kind::Null);
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line() {
    let nested = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for (text, kind, line) in [
        ("\n", FlawKind::Empty, 1),
        ("a: 1\nb: [\n", FlawKind::Syntax, 3),
        ("a: 1\n---\nb: 2\n", FlawKind::SeveralDocuments, 2),
        ("a: 1\nb: 2\n\"a\": 3\n", FlawKind::DuplicateKey, 3),
        ("a: 1\n[b]: 3\n", FlawKind::KeyNotText, 2),
        ("a: &x b\n*x : 3\n", FlawKind::KeyNotText, 2),
        (nested.as_str(), FlawKind::TooDeep, 1),
    ] {
        let flaw = flaw(text);
        assert_eq!((flaw.kind, flaw.line), (kind, line), "{text:?}");
    }
}

#[test]
fn what_is_shared_is_left_alone_and_the_rest_is_not() {
    let shared = "base: &b\n  k: v\nuse:\n  <<: *b\n  m: 1\ntag: !t x\nfree:\n  e: f\nlist: [*b, g]\n? odd\n: h\n";
    for place in [
        at(&["base"]),
        at(&["base", "k"]),
        at(&["use", "m"]),
        at(&["use"]),
        at(&["tag"]),
        at(&["list"]).index(0),
        at(&["odd"]),
        Place::root(),
    ] {
        let set = Change::Set {
            at: place.clone(),
            to: text("x"),
        };
        let error = parse(shared).change(&set).err().unwrap();
        assert_eq!((error.kind, error.place), (ChangeErrorKind::Shared, place));
    }
    let inserted = after(shared, insert(&["free"], "new", text("x")));
    assert_eq!(inserted, shared.replace("e: f\n", "e: f\n  new: x\n"));
    let set = Change::Set {
        at: at(&["list"]).index(1),
        to: text("$<x>"),
    };
    assert_eq!(after(shared, set), shared.replace("g]", "\"$<x>\"]"));
}

#[test]
fn entries_take_over_the_indentation_of_their_siblings() {
    let env = || map(&[("A", text("$<x/A>"))]);
    let args = || Value::List(vec![text("--"), text("npx")]);
    for (before, change, expected) in [
        (
            "a:\n    b: 1 # c\n\nd: 2\n",
            insert(&["a"], "env", env()),
            "a:\n    b: 1 # c\n    env:\n        A: \"$<x/A>\"\n\nd: 2\n",
        ),
        (
            "a:\n  l:\n  - x\n",
            insert(&["a"], "args", args()),
            "a:\n  l:\n  - x\n  args:\n  - \"--\"\n  - npx\n",
        ),
        (
            "a:\r\n  b: 1",
            insert(&["a"], "args", args()),
            "a:\r\n  b: 1\r\n  args:\r\n    - \"--\"\r\n    - npx",
        ),
        (
            "- name: x\n  k: v\n- y\n",
            Change::Insert {
                into: Place::root().index(0),
                key: "e".into(),
                value: env(),
                after: Some("name".into()),
            },
            "- name: x\n  e:\n    A: \"$<x/A>\"\n  k: v\n- y\n",
        ),
        (
            "envs: {}\n",
            insert(&["envs"], "A", text("$<x/A>")),
            "envs: {A: \"$<x/A>\"}\n",
        ),
        (
            "a: {b: 1, c: 2}\n",
            insert(&["a"], "d", env()),
            "a: {b: 1, c: 2, d: {A: \"$<x/A>\"}}\n",
        ),
        (
            "a:\nb: 1\n",
            Change::Set {
                at: at(&["a"]),
                to: env(),
            },
            "a: {A: \"$<x/A>\"}\nb: 1\n",
        ),
        (
            "a:\n- x\n- y\nb: 1\n",
            Change::Splice {
                list: at(&["a"]),
                at: 0,
                remove: 1,
                with: vec![text("--"), env()],
            },
            "a:\n- \"--\"\n- A: \"$<x/A>\"\n- y\nb: 1\n",
        ),
        (
            "a:\n  - x # c\n  - y\n",
            Change::Splice {
                list: at(&["a"]),
                at: 0,
                remove: 2,
                with: vec![],
            },
            "a: []\n  # c\n",
        ),
        (
            "a:\n  b: 1\nc: 2\n",
            Change::Remove {
                at: at(&["a", "b"]),
            },
            "a: {}\nc: 2\n",
        ),
        (
            "- a: 1\n  b: 2\n",
            Change::Remove {
                at: Place::root().index(0).key("a"),
            },
            "- b: 2\n",
        ),
        (
            "- a: 1 # c\n  b: 2\n",
            Change::Remove {
                at: Place::root().index(0).key("a"),
            },
            "-  # c\n  b: 2\n",
        ),
        (
            "a: 'x'\n",
            Change::Set {
                at: at(&["a"]),
                to: text("it's $<x>"),
            },
            "a: 'it''s $<x>'\n",
        ),
        (
            "a: |\n  x\nb: 1\n",
            Change::Set {
                at: at(&["a"]),
                to: text("yes"),
            },
            "a: \"yes\"\nb: 1\n",
        ),
    ] {
        assert_eq!(after(before, change), expected);
    }
}

#[test]
fn files_of_users_obey_every_law() {
    for file in [GOOSE, CONTINUE] {
        hold(file, Format::Yaml, &SOMETIMES);
        hold(&file.replace('\n', "\r\n"), Format::Yaml, &SOMETIMES);
        hold(
            &format!("\u{feff}{}", file.trim_end()),
            Format::Yaml,
            &SOMETIMES,
        );
    }
}

fn scalar(tape: &mut Tape<'_>) -> &'static str {
    tape.pick(&[
        "plain",
        "'single # no'",
        "\"do\\u0041uble\"",
        "1.5",
        "true",
        "~",
        "two words",
        "http://x/y#z",
        "[]",
        "{}",
    ])
}

fn flow(tape: &mut Tape<'_>, depth: usize, out: &mut String) {
    if depth == 0 || tape.below(3) == 0 {
        out.push_str(scalar(tape));
        return;
    }
    let map = tape.below(2) == 0;
    let space = |tape: &mut Tape<'_>| tape.pick(&["", " ", "", "\n            "]);
    out.push(if map { '{' } else { '[' });
    let count = tape.below(4);
    for number in 0..count {
        out.push_str(space(tape));
        if map {
            out.push_str(&format!("k{number}: "));
        }
        flow(tape, depth - 1, out);
        if number + 1 < count || tape.below(4) == 1 {
            out.push(',');
        }
    }
    out.push_str(space(tape));
    out.push(if map { '}' } else { ']' });
}

/// A value behind a colon or dash, with its line end.
fn value(tape: &mut Tape<'_>, depth: usize, indent: usize, behind_dash: bool, out: &mut String) {
    let comment = ["", "", " # c0mment"];
    match tape.below(if depth == 0 { 5 } else { 9 }) {
        0 | 1 => out.push_str(&format!(" {}{}\n", scalar(tape), tape.pick(&comment))),
        2 => out.push_str(&format!("{}\n", tape.pick(&comment))),
        3 => {
            let header = tape.pick(&["|", ">-", "|+", "| # c0mment"]);
            let lines = tape.pick(&["one", "one\n\n  two", "one\n"]);
            out.push_str(&format!(" {header}\n"));
            for line in lines.split('\n') {
                out.push_str(&format!(
                    "{}{line}\n",
                    if line.is_empty() {
                        String::new()
                    } else {
                        " ".repeat(indent + 2)
                    }
                ));
            }
        }
        4 => {
            out.push(' ');
            flow(tape, 2, out);
            out.push_str(&format!("{}\n", tape.pick(&comment)));
        }
        5 | 6 if behind_dash => {
            out.push(' ');
            block(tape, depth - 1, indent, true, out);
        }
        choice => {
            out.push_str(&format!("{}\n", tape.pick(&comment)));
            let list = choice % 2 == 0;
            let step = if list && !behind_dash {
                tape.below(2) * 2
            } else {
                2
            };
            let indent = if behind_dash { indent } else { indent + step };
            if list {
                items(tape, depth - 1, indent, false, out)
            } else {
                block(tape, depth - 1, indent, false, out)
            }
        }
    }
}

fn block(tape: &mut Tape<'_>, depth: usize, indent: usize, begun: bool, out: &mut String) {
    for number in 0..=tape.below(3) {
        if number > 0 || !begun {
            out.push_str(tape.pick(&["", "", "\n", "# c0mment\n"]));
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(&format!(
            "{}:",
            tape.pick(&["k", "\"q\"", "w x"])
                .replace(['k', 'q', 'x'], &format!("k{number}"))
        ));
        value(tape, depth, indent, false, out);
    }
}

fn items(tape: &mut Tape<'_>, depth: usize, indent: usize, begun: bool, out: &mut String) {
    for number in 0..=tape.below(3) {
        if number > 0 || !begun {
            out.push_str(tape.pick(&["", "", "\n", "# c0mment\n"]));
            out.push_str(&" ".repeat(indent));
        }
        out.push('-');
        value(tape, depth, indent + 2, true, out);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_but_the_change_is_left_and_nothing_once_it_is_undone(
        choices in proptest::collection::vec(any::<u8>(), 0..100)
    ) {
        let mut tape = Tape(choices.iter());
        let mut out = String::from(tape.pick(&["", "\u{feff}", "# c0mment\n", "---\n"]));
        if tape.below(3) == 2 { items(&mut tape, 3, 0, false, &mut out) } else { block(&mut tape, 3, 0, false, &mut out) }
        out.push_str(tape.pick(&["", "", "\n", "# c0mment"]));
        match tape.below(4) {
            1 => out = out.replace('\n', "\r\n"),
            2 => out.truncate(out.trim_end().len()),
            _ => {}
        }
        hold(&out, Format::Yaml, &SOMETIMES);
    }
}
