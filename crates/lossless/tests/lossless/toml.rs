//! TOML: settings on lines, sections under headers, dotted keys, inline tables.

use crate::laws::{Allowed, Tape, hold};
use mcp_launch_lossless::{
    Change, ChangeErrorKind, Document, Flaw, FlawKind, Format, Kind, Place, Value,
};
use proptest::prelude::*;

/// A text cannot become a key of a table that stands only in the headers of others, nor an item of a list of tables;
/// a dotted key within an inline table is left alone; and a file does not lose its last key.
const SOMETIMES: Allowed = Allowed(&[
    ChangeErrorKind::NotInOnePiece,
    ChangeErrorKind::Layout,
    ChangeErrorKind::NothingLeft,
]);

const CODEX: &str = r##"# Codex
model = "gpt-5"   # the model

[mcp_servers.github]
command = 'npx'
args = [
  "-y",   # yes
  "pkg",
]

# the environment
[mcp_servers.github.env]
"GITHUB_TOKEN" = "ghp"

[mcp_servers.flat]
command = "uvx"
env.TOKEN = """
two
lines"""
env.OTHER = 'b'
extra = { a.b = 1, c = 1979-05-27 }

[[hooks]]
run = "x"
"##;

fn parse(text: &str) -> Document {
    Document::parse(text.as_bytes(), Format::Toml).unwrap()
}

fn flaw(text: &str) -> Flaw {
    Document::parse(text.as_bytes(), Format::Toml)
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
    let document = parse(CODEX);
    let text = |keys: &[&str]| document.at(&at(keys)).unwrap().text();
    assert_eq!(text(&["mcp_servers", "github", "command"]), Some("npx"));
    assert_eq!(
        text(&["mcp_servers", "github", "env", "GITHUB_TOKEN"]),
        Some("ghp")
    );
    assert_eq!(
        text(&["mcp_servers", "flat", "env", "TOKEN"]),
        Some("two\nlines")
    );
    let extra = document.at(&at(&["mcp_servers", "flat", "extra"])).unwrap();
    assert_eq!(extra.get("c").unwrap().kind(), Kind::Other);
    assert_eq!(extra.line(), 21);
    assert_eq!(
        document
            .root()
            .get("hooks")
            .unwrap()
            .index(0)
            .unwrap()
            .get("run")
            .unwrap()
            .text(),
        Some("x")
    );
    assert_eq!(
        document.source(&at(&["mcp_servers", "github", "command"])),
        Some(&b"'npx'"[..])
    );
    assert_eq!(document.source(&at(&["mcp_servers", "github"])), None);
    assert_eq!(document.source(&at(&["mcp_servers", "flat", "env"])), None);
}

#[test]
fn what_is_no_toml_is_refused_with_its_line() {
    let dotted = format!("{}a = 1", "a.".repeat(200));
    let arrays = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (text, kind, line) in [
        (" \n", FlawKind::Empty, 1),
        ("a = 1\nb = \n", FlawKind::Syntax, 2),
        ("a = 1\n[t]\nb = 2\n\"b\" = 3\n", FlawKind::DuplicateKey, 4),
        ("a = 1\na.b = 2\n", FlawKind::Syntax, 2),
        ("[a]\n[a]\n", FlawKind::DuplicateKey, 2),
        (dotted.as_str(), FlawKind::TooDeep, 1),
        (arrays.as_str(), FlawKind::TooDeep, 1),
    ] {
        let flaw = flaw(text);
        assert_eq!(
            (flaw.kind, flaw.line),
            (kind, line),
            "{:?}",
            &text[..text.len().min(40)]
        );
    }
}

#[test]
fn a_setting_goes_behind_the_last_of_its_table() {
    let env = || map(&[("A", text("$<x/A>"))]);
    for (before, change, expected) in [
        (
            "[s.a]\ncommand = \"npx\" # c\n\n[s.b]\n",
            insert(&["s", "a"], "env", env()),
            "[s.a]\ncommand = \"npx\" # c\nenv = { A = \"$<x/A>\" }\n\n[s.b]\n",
        ),
        (
            "[s.a]\r\nx=1",
            insert(&["s", "a"], "y", text("b")),
            "[s.a]\r\nx=1\r\ny=\"b\"",
        ),
        (
            "[s.a]\n\n[s.b]\n",
            insert(&["s", "a"], "y", text("b")),
            "[s.a]\ny = \"b\"\n\n[s.b]\n",
        ),
        (
            "s.a.env.X = 1\ns.a.env.Y = 2\ns.a.n = 3\n",
            insert(&["s", "a", "env"], "Z", text("z")),
            "s.a.env.X = 1\ns.a.env.Y = 2\ns.a.env.Z = \"z\"\ns.a.n = 3\n",
        ),
        (
            "[s]\na.\"e f\".X = 1\n",
            insert(&["s", "a", "e f"], "Z g", text("z")),
            "[s]\na.\"e f\".X = 1\na.\"e f\".\"Z g\" = \"z\"\n",
        ),
        (
            "a = { x = 1 }\n",
            insert(&["a"], "y", env()),
            "a = { x = 1, y = { A = \"$<x/A>\" } }\n",
        ),
        (
            "a = {}\n",
            insert(&["a"], "y", text("b")),
            "a = {y = \"b\"}\n",
        ),
        (
            "# c\n[s]\n",
            insert(&[], "y", text("b")),
            "y = \"b\"\n# c\n[s]\n",
        ),
        (
            "[s.a]\nx = 1\n\n[t]\n",
            insert(
                &["s"],
                "new",
                map(&[("command", text("npx")), ("env", env())]),
            ),
            "[s.a]\nx = 1\n\n[s.new]\ncommand = \"npx\"\nenv = { A = \"$<x/A>\" }\n\n[t]\n",
        ),
        (
            "x = 1",
            insert(&[], "s", map(&[("new", map(&[("command", text("npx"))]))])),
            "x = 1\n\n[s.new]\ncommand = \"npx\"",
        ),
    ] {
        let there = after(before, change);
        assert_eq!(there, expected);
    }
}

#[test]
fn quotes_stay_what_they_were_where_they_can() {
    for (before, to, expected) in [
        ("a = 'x' # c", "$<y>", "a = '$<y>' # c"),
        ("a = 'x'", "it's", "a = \"it's\""),
        ("a = \"x\"", "é\u{7f}\\", "a = \"é\\u007F\\\\\""),
        ("a = '''\nx'''", "y", "a = '''y'''"),
        ("a = \"\"\"x\"\"\"", "y\"", "a = \"\"\"y\\\"\"\"\""),
    ] {
        let set = Change::Set {
            at: at(&["a"]),
            to: text(to),
        };
        assert_eq!(after(before, set), expected);
    }
}

#[test]
fn a_table_goes_with_all_its_sections() {
    let without = after(
        CODEX,
        Change::Remove {
            at: at(&["mcp_servers", "github"]),
        },
    );
    assert!(
        without.contains("# the environment\n\n[mcp_servers.flat]"),
        "{without}"
    );
    assert!(!without.contains("github"));
}

#[test]
fn a_file_of_a_user_obeys_every_law() {
    hold(CODEX, Format::Toml, &SOMETIMES);
    hold(&CODEX.replace('\n', "\r\n"), Format::Toml, &SOMETIMES);
    hold(
        &format!("\u{feff}{}", CODEX.trim_end()),
        Format::Toml,
        &SOMETIMES,
    );
}

fn value(tape: &mut Tape<'_>, depth: usize, out: &mut String) {
    let choice = tape.below(if depth == 0 { 6 } else { 9 });
    match choice {
        0 => out.push_str("\"text \\u00e9 # no\""),
        1 => out.push_str("'li\\teral'"),
        2 => out.push_str("1_000"),
        3 => out.push_str("true"),
        4 => out.push_str("\"\"\"\ntwo\nlines\"\"\""),
        5 => out.push_str("'''one'''"),
        6 => {
            out.push('{');
            out.push_str(tape.pick(&["", " "]));
            for number in 0..tape.below(3) {
                if number > 0 {
                    out.push_str(tape.pick(&[", ", ",", " , "]));
                }
                out.push_str(&format!("k{number} = "));
                value(tape, depth - 1, out);
            }
            out.push_str(tape.pick(&["", " "]));
            out.push('}');
        }
        _ => array(tape, depth, out),
    }
}

fn array(tape: &mut Tape<'_>, depth: usize, out: &mut String) {
    let lines = tape.below(2) == 1;
    let space = |tape: &mut Tape<'_>| {
        if lines {
            tape.pick(&["\n  ", "", " # c0mment\n  ", "\r\n\t", "\n  # c0mment\n  "])
        } else {
            tape.pick(&["", " "])
        }
    };
    out.push('[');
    let count = tape.below(4);
    for number in 0..count {
        out.push_str(space(tape));
        value(tape, depth - 1, out);
        if lines && tape.below(4) == 1 {
            out.push_str(space(tape));
        }
        if number + 1 < count || tape.below(3) == 1 {
            out.push(',');
        }
    }
    out.push_str(space(tape));
    out.push(']');
}

fn settings(tape: &mut Tape<'_>, newline: &str, out: &mut String) {
    let dotted = tape.below(3) == 1;
    for number in 0..tape.below(4) {
        out.push_str(tape.pick(&["", "", "  ", "# c0mment\n", "\n"]));
        if dotted && number > 0 {
            out.push_str("d . \"e.f\" .");
        }
        out.push_str(&format!("k{number}"));
        out.push_str(tape.pick(&[" = ", "=", "   = "]));
        value(tape, 2, out);
        out.push_str(tape.pick(&["", "", " # c0mment"]));
        out.push_str(newline);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_but_the_change_is_left_and_nothing_once_it_is_undone(
        choices in proptest::collection::vec(any::<u8>(), 0..120)
    ) {
        let mut tape = Tape(choices.iter());
        let newline = tape.pick(&["\n", "\r\n"]);
        let mut out = String::from(tape.pick(&["", "\u{feff}", "# c0mment\n"]));
        settings(&mut tape, newline, &mut out);
        for number in 0..tape.below(4) {
            out.push_str(tape.pick(&["", newline, "\n# c0mment\n"]));
            let header = tape.pick(&["[s.t#]", "[ s . \"t#\" ]", "[s.t#.u]", "[[l]]", "[t#]"]);
            out.push_str(&header.replace('#', &number.to_string()));
            out.push_str(tape.pick(&["", " # c0mment"]));
            out.push_str(newline);
            settings(&mut tape, newline, &mut out);
        }
        out.push_str(tape.pick(&["", "", newline, "# c0mment"]));
        if tape.below(3) == 1 {
            out.truncate(out.trim_end().len());
        }
        if out.trim_start_matches('\u{feff}').trim().is_empty() {
            out.push_str("a = 1");
        }
        hold(&out, Format::Toml, &SOMETIMES);
    }
}
