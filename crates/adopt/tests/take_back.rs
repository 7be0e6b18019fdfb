//! Taking back in a file that somebody has written since.
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use mcp_launch_adopt::{Edits, Moved, rewrite, sightings, take_back};
use mcp_launch_clients::{client, servers};
use mcp_launch_lossless::{Document, Format};

const BEFORE: &str = r#"{
  "mcpServers": {
    "a": {
      "command": "npx",
      "args": ["-y", "pkg", "--token", "Zk39fLq0PwT7xB2mVn"],
      "env": { "API_KEY": "q8Zt5vLm2Xr9Yw4Kp7Nc", "MODE": "x" }
    }
  }
}
"#;

fn document(text: &str) -> Document {
    Document::parse(text.as_bytes(), Format::Json).unwrap()
}

/// The config after adopting, and what was done.
fn adopted(text: &str) -> (String, Edits) {
    let document = document(text);
    let client = client("cursor").unwrap();
    let entry = servers(&document, client).remove(0);
    let sightings = sightings(&entry);
    let moved: Vec<Moved<'_>> = sightings
        .iter()
        .enumerate()
        .map(|(number, sighting)| Moved {
            sighting,
            placeholder: format!("$<S{number}>"),
        })
        .collect();
    let rewritten = rewrite(&document, client, &entry, &moved, "/bin/mcp-launch").unwrap();
    let after = String::from_utf8(rewritten.document.bytes().to_vec()).unwrap();
    (after, rewritten.edits)
}

fn taken_back(text: &str, edits: &Edits) -> (String, Vec<String>) {
    let back = take_back(document(text), edits);
    (
        String::from_utf8(back.document.bytes().to_vec()).unwrap(),
        back.left.iter().map(ToString::to_string).collect(),
    )
}

#[test]
fn what_nobody_has_written_since_goes_back_to_the_byte() {
    let (after, edits) = adopted(BEFORE);
    assert!(after.contains(r#""args": ["--", "npx", "-y", "pkg", "--token", "$<S1>"]"#));
    assert_eq!(taken_back(&after, &edits), (BEFORE.to_owned(), Vec::new()));
}

#[test]
fn an_argument_that_somebody_added_stays_and_ours_go() {
    let (after, edits) = adopted(BEFORE);
    let written = after.replace(r#""pkg","#, r#""pkg", "--verbose","#);
    let expected = BEFORE.replace(r#""pkg","#, r#""pkg", "--verbose","#);
    assert_eq!(taken_back(&written, &edits), (expected, Vec::new()));
}

#[test]
fn a_variable_that_somebody_changed_stays_and_is_told() {
    let (after, edits) = adopted(BEFORE);
    let written = after.replace("$<S0>", "theirs");
    let (back, left) = taken_back(&written, &edits);
    assert_eq!(back, BEFORE.replace("q8Zt5vLm2Xr9Yw4Kp7Nc", "theirs"));
    assert_eq!(left, ["mcpServers.a.env.API_KEY"]);
}

#[test]
fn an_entry_whose_command_somebody_changed_stays_as_a_whole() {
    let (after, edits) = adopted(BEFORE);
    for (ours, theirs) in [
        ("/bin/mcp-launch", "/opt/other"),
        (r#""--", "npx""#, r#""--server", "a", "--", "npx""#),
    ] {
        let written = after.replace(ours, theirs);
        let (back, left) = taken_back(&written, &edits);
        assert_eq!(back, written);
        assert_eq!(left.len(), 1, "{left:?}");
    }
}

#[test]
fn a_shell_of_windows_that_was_unwrapped_comes_back() {
    let before = BEFORE
        .replace(r#""npx""#, r#""cmd""#)
        .replace(r#""-y""#, r#""/c", "npx", "-y""#);
    let (after, edits) = adopted(&before);
    assert!(after.contains(r#""args": ["--", "npx", "-y""#), "{after}");
    assert_eq!(taken_back(&after, &edits), (before.clone(), Vec::new()));
    let written = after.replace(r#""pkg","#, r#""pkg", "-v","#);
    let expected = before.replace(r#""pkg","#, r#""pkg", "-v","#);
    assert_eq!(taken_back(&written, &edits), (expected, Vec::new()));
}

#[test]
fn an_argument_of_ours_that_somebody_changed_keeps_the_whole_entry_as_it_is() {
    let (after, edits) = adopted(BEFORE);
    for theirs in [r#", "theirs""#, r#", "x$<S1>""#, ""] {
        let written = after.replace(r#", "$<S1>""#, theirs);
        assert_ne!(written, after);
        let (back, left) = taken_back(&written, &edits);
        assert_eq!(back, written);
        assert_eq!(left, ["mcpServers.a.args"]);
    }
}

#[test]
fn a_second_time_only_what_is_still_to_do_is_told() {
    let (after, edits) = adopted(BEFORE);
    let written = after.replace("$<S0>", "theirs");
    let (once, _) = taken_back(&written, &edits);
    let (twice, left) = taken_back(&once, &edits);
    assert_eq!(twice, once);
    assert_eq!(left, ["mcpServers.a.env.API_KEY"]);
    assert_eq!(taken_back(BEFORE, &edits), (BEFORE.to_owned(), Vec::new()));
}

#[test]
fn a_line_of_several_commands_is_left_to_its_shell() {
    let before = BEFORE
        .replace(r#""npx""#, r#""cmd""#)
        .replace(r#""-y""#, r#""/c", "npx", "-y", "a", "&&""#);
    let (after, edits) = adopted(&before);
    assert!(after.contains(r#""args": ["--", "cmd", "/c""#), "{after}");
    assert_eq!(taken_back(&after, &edits), (before, Vec::new()));
}
