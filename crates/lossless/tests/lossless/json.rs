//! JSON with comments, in every layout.

use crate::laws::{Allowed, Tape, hold};
use mcp_launch_lossless::{Change, Document, Flaw, FlawKind, Format, Kind, Place, Value};
use proptest::prelude::*;

const NEVER: Allowed = Allowed(&[]);

fn parse(text: &str) -> Document {
    Document::parse(text.as_bytes(), Format::Json).unwrap()
}

fn flaw(text: &str) -> Flaw {
    Document::parse(text.as_bytes(), Format::Json)
        .err()
        .unwrap()
}

fn at(keys: &[&str]) -> Place {
    keys.iter().fold(Place::root(), |place, key| place.key(key))
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn after(before: &str, change: Change) -> String {
    String::from_utf8(parse(before).change(&change).unwrap().bytes().to_vec()).unwrap()
}

fn insert(into: &[&str], key: &str, value: Value, after: Option<&str>) -> Change {
    Change::Insert {
        into: at(into),
        key: key.into(),
        value,
        after: after.map(Into::into),
    }
}

#[test]
fn values_are_read_with_their_places() {
    let document =
        parse("\u{feff}// Zed\n{\n\t\"a\": [1.50, \"x\\u00e9\\ud83d\\ude00\", null,],\r\n}");
    let list = document.root().get("a").unwrap();
    assert_eq!(list.kind(), Kind::List);
    assert_eq!(list.line(), 3);
    assert_eq!(list.index(1).unwrap().text(), Some("xé😀"));
    assert_eq!(list.index(0).unwrap().kind(), Kind::Number);
    assert_eq!(list.index(0).unwrap().text(), None);
    assert_eq!(document.source(&at(&["a"]).index(0)), Some(&b"1.50"[..]));
    assert_eq!(list.index(2).unwrap().place(), at(&["a"]).index(2));
    assert!(!document.is_strict_json());
    assert!(parse("{\"a\": [1]}").is_strict_json());
    assert!(!parse("[1,]").is_strict_json());
}

#[test]
fn what_is_no_json_is_refused_with_its_line() {
    for (text, kind, line) in [
        ("", FlawKind::Empty, 1),
        ("\u{feff} \n", FlawKind::Empty, 1),
        ("{\n'a': 1}", FlawKind::Syntax, 2),
        ("{a: 1}", FlawKind::Syntax, 1),
        ("{\"a\": 01}", FlawKind::Syntax, 1),
        ("{\"a\": .5}", FlawKind::Syntax, 1),
        ("{\"a\": +5}", FlawKind::Syntax, 1),
        ("{\"a\": 0x5}", FlawKind::Syntax, 1),
        ("{\"a\": 1,,}", FlawKind::Syntax, 1),
        ("{,}", FlawKind::Syntax, 1),
        ("[1 2]", FlawKind::Syntax, 1),
        ("[1}", FlawKind::Syntax, 1),
        ("{\"a\"}", FlawKind::Syntax, 1),
        ("{\"a\": \n\"x\ny\"}", FlawKind::Syntax, 2),
        ("{\"a\": \"\\x41\"}", FlawKind::Syntax, 1),
        ("{\"a\": 1} 2", FlawKind::Syntax, 1),
        ("{\"a\": 1", FlawKind::Syntax, 1),
        ("{\"a\": 1} /*", FlawKind::Syntax, 1),
        ("{\u{a0}}", FlawKind::Syntax, 1),
        ("{\"a\": 1,\n\n\"\\u0061\": 2}", FlawKind::DuplicateKey, 3),
    ] {
        let flaw = flaw(text);
        assert_eq!((flaw.kind, flaw.line), (kind, line), "{text:?}");
    }
    let bytes = b"{\n\"a\": \"\xff\"}";
    let flaw = Document::parse(bytes, Format::Json).err().unwrap();
    assert_eq!(
        (flaw.kind, flaw.line, flaw.column),
        (FlawKind::NotUtf8, 2, 7)
    );
}

#[test]
fn depth_is_limited_and_size_is_read_in_one_pass() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Document::parse(nested(128).as_bytes(), Format::Json).is_ok());
    assert_eq!(flaw(&nested(129)).kind, FlawKind::TooDeep);
    assert_eq!(flaw(&"[".repeat(1_000_000)).kind, FlawKind::TooDeep);
    let large = format!("[{}0]", "\"\\ud83d half\", ".repeat(200_000));
    assert_eq!(parse(&large).root().len(), 200_001);
}

#[test]
fn half_a_surrogate_pair_is_kept_but_is_no_text() {
    let document = parse(r#"{"cut": "x\ud83d", "a": "b"}"#);
    assert_eq!(document.root().get("cut").unwrap().kind(), Kind::Other);
    let set = Change::Set {
        at: at(&["a"]),
        to: text("c"),
    };
    assert_eq!(
        after(r#"{"cut": "x\ud83d", "a": "b"}"#, set),
        r#"{"cut": "x\ud83d", "a": "c"}"#
    );
}

#[test]
fn a_key_goes_where_its_siblings_stand() {
    let map = Value::Map(vec![("A".into(), text("x"))]);
    for (before, change, expected) in [
        (
            "{\r\n\t\"command\": \"npx\", // c\r\n\t\"type\": \"stdio\"\r\n}",
            insert(&[], "env", map.clone(), Some("command")),
            "{\r\n\t\"command\": \"npx\", // c\r\n\t\"env\": {\r\n\t\t\"A\": \"x\"\r\n\t},\r\n\t\"type\": \"stdio\"\r\n}",
        ),
        (
            "{\n  \"a\": 1 // c\n}",
            insert(&[], "b", text("x"), None),
            "{\n  \"a\": 1, // c\n  \"b\": \"x\"\n}",
        ),
        (
            "{\n  \"a\": 1,\n}",
            insert(&[], "b", text("x"), None),
            "{\n  \"a\": 1,\n  \"b\": \"x\",\n}",
        ),
        (
            "{\"a\":1,\"c\":2}",
            insert(&[], "b", map.clone(), Some("a")),
            "{\"a\":1,\"b\":{\"A\":\"x\"},\"c\":2}",
        ),
        (
            "{ \"a\": 1 }",
            insert(&[], "b", text("x"), None),
            "{ \"a\": 1, \"b\": \"x\" }",
        ),
        (
            "{\n    \"a\": {}\n}",
            insert(&["a"], "b", map, None),
            "{\n    \"a\": {\n        \"b\": {\n            \"A\": \"x\"\n        }\n    }\n}",
        ),
        (
            "{}",
            insert(&[], "b", text("x"), None),
            "{\n  \"b\": \"x\"\n}",
        ),
    ] {
        assert_eq!(after(before, change), expected);
    }
}

#[test]
fn a_launcher_goes_in_front_of_the_arguments() {
    let splice = |remove, with: &[&str]| Change::Splice {
        list: at(&["args"]),
        at: 0,
        remove,
        with: with.iter().map(|item| text(item)).collect(),
    };
    assert_eq!(
        after(r#"{"args": ["-y", "x"]}"#, splice(0, &["--", "npx"])),
        r#"{"args": ["--", "npx", "-y", "x"]}"#
    );
    assert_eq!(
        after("{\"args\": [\n  \"-y\"\n]}", splice(0, &["--", "npx"])),
        "{\"args\": [\n  \"--\",\n  \"npx\",\n  \"-y\"\n]}"
    );
    assert_eq!(
        after(r#"{"args": []}"#, splice(0, &["--", "npx"])),
        r#"{"args": ["--", "npx"]}"#
    );
    assert_eq!(
        after(r#"{"args": ["a", "b", "c"]}"#, splice(2, &["z"])),
        r#"{"args": ["z", "c"]}"#
    );
    assert_eq!(
        after(
            "{\"args\": [\n  \"a\", // one\n  \"b\", // two\n  \"c\"\n]}",
            splice(2, &[])
        ),
        "{\"args\": [\n  // one\n  // two\n  \"c\"\n]}"
    );
}

fn trivia(tape: &mut Tape<'_>, out: &mut String) {
    out.push_str(tape.pick(&[
        "",
        " ",
        "",
        "\n  ",
        "\r\n\t",
        " /* c0mment */ ",
        " // c0mment\n",
        "/* c0mment\n */",
        "\n\n  // c0mment\n  ",
    ]));
}

fn value(tape: &mut Tape<'_>, depth: usize, indent: usize, out: &mut String) {
    let choice = tape.below(if depth == 0 { 4 } else { 8 });
    match choice {
        0 => out.push_str("\"text \\u00e9 // no\""),
        1 => out.push_str("1.50e3"),
        2 => out.push_str("null"),
        3 => out.push_str("true"),
        _ => collection(tape, depth, indent, choice.is_multiple_of(2), out),
    }
}

fn collection(tape: &mut Tape<'_>, depth: usize, indent: usize, map: bool, out: &mut String) {
    let style = tape.below(3);
    let count = tape.below(4);
    let newline = tape.pick(&["\n", "\n", "\r\n"]);
    let step = tape.pick(&["  ", "\t"]);
    let inner = indent + 1;
    out.push(if map { '{' } else { '[' });
    for number in 0..count {
        match style {
            0 => out.push_str(&format!("{newline}{}", step.repeat(inner))),
            1 if number > 0 => out.push(' '),
            1 => {}
            _ => trivia(tape, out),
        }
        if map {
            out.push_str(&format!("\"k{number}\""));
            out.push_str(tape.pick(&[": ", ":", " : ", ": /* c0mment */ "]));
        }
        value(tape, depth - 1, inner, out);
        if style == 2 {
            trivia(tape, out);
        }
        if number + 1 < count || tape.below(3) == 1 {
            out.push(',');
        }
        if style == 0 {
            out.push_str(tape.pick(&["", "", " // c0mment", " /* c0mment */"]));
        }
    }
    match style {
        0 => out.push_str(&format!("{newline}{}", step.repeat(indent))),
        1 if count == 0 => out.push_str(tape.pick(&["", " "])),
        1 => {}
        _ => trivia(tape, out),
    }
    out.push(if map { '}' } else { ']' });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_but_the_change_is_left_and_nothing_once_it_is_undone(
        choices in proptest::collection::vec(any::<u8>(), 0..120)
    ) {
        let mut tape = Tape(choices.iter());
        let mut out = String::from(tape.pick(&["", "\u{feff}", "// c0mment\n"]));
        let map = tape.below(4) != 3;
        collection(&mut tape, 3, 0, map, &mut out);
        out.push_str(tape.pick(&["\n", "", "\r\n", " // c0mment"]));
        hold(&out, Format::Json, &NEVER);
    }
}
