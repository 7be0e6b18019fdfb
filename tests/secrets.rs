//! `secrets set`, `get`, `list`, `rm`, and the sealed store's passphrase.

use std::process::Command;

use mcp_launch_testkit::{Canary, Scratch};

use crate::support::{Finished, at_terminal, launch, with_input};

fn secrets(scratch: &Scratch, arguments: &[&str]) -> Command {
    let mut command = launch(scratch, ["secrets"]);
    command.args(arguments).args(["--store", "sealed"]);
    command
}

fn set(scratch: &Scratch, name: &str, value: &str) {
    let said = with_input(&mut secrets(scratch, &["set", name]), value);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert_eq!(said.stdout, "");
}

fn get(scratch: &Scratch, name: &str) -> String {
    Finished::of(&mut secrets(scratch, &["get", name])).success()
}

#[test]
fn what_was_set_is_what_is_got() {
    let scratch = Scratch::new();
    for value in [
        "plain",
        "two words ",
        "mit Umlaut ä",
        "a\nb\n",
        "'\"$`\\#",
        "{\"k\": 1}",
    ] {
        set(&scratch, "A", value);
        assert_eq!(get(&scratch, "A"), value);
    }
}

#[test]
fn the_end_of_a_single_line_is_not_part_of_the_value() {
    let scratch = Scratch::new();
    for input in ["value\n", "value\r\n", "value"] {
        set(&scratch, "A", input);
        assert_eq!(get(&scratch, "A"), "value", "{input:?}");
    }
    let said = with_input(&mut secrets(&scratch, &["set", "A", "--raw"]), "value\n");
    assert_eq!(said.code, Some(0));
    assert_eq!(get(&scratch, "A"), "value\n");
}

#[test]
fn a_list_has_names_and_no_values() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    set(&scratch, "SECOND", canary.value());
    set(&scratch, "FIRST", canary.value());
    let list = Finished::of(&mut secrets(&scratch, &["list"])).success();
    let names: Vec<&str> = list
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(names, ["FIRST", "SECOND"]);
    let json = Finished::of(&mut secrets(&scratch, &["list", "--json"])).success();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["names"], serde_json::json!(["FIRST", "SECOND"]));
    canary.assert_absent("the list", list + &json.to_string());
}

#[test]
fn what_was_removed_is_gone() {
    let scratch = Scratch::new();
    set(&scratch, "A", "one");
    set(&scratch, "B", "two");
    let removed = Finished::of(&mut secrets(&scratch, &["rm", "A"]));
    assert_eq!(removed.code, Some(0), "{}", removed.stderr);
    let gone = Finished::of(&mut secrets(&scratch, &["get", "A"]));
    assert_eq!(gone.code, Some(1));
    assert!(gone.stderr.contains("secrets set A"), "{}", gone.stderr);
    assert_eq!(get(&scratch, "B"), "two");
}

#[test]
fn an_empty_value_is_refused_and_the_older_one_kept() {
    let scratch = Scratch::new();
    set(&scratch, "A", "older");
    let said = with_input(&mut secrets(&scratch, &["set", "A"]), "");
    assert_eq!(said.code, Some(1));
    assert_eq!(get(&scratch, "A"), "older");
}

#[test]
fn a_value_typed_at_a_terminal_is_not_shown() {
    let (scratch, canary) = (Scratch::new(), Canary::shaped_like("aaaaAAAA0000aaaaAAAA"));
    let said = at_terminal(
        &scratch,
        &["secrets", "set", "A", "--store", "sealed"],
        canary.value(),
    );
    assert_eq!(said.code, Some(0), "{}", said.stdout);
    canary.assert_absent("the terminal", &said.stdout);
    assert_eq!(get(&scratch, "A"), canary.value());
}

#[test]
fn a_passphrase_locks_the_store_until_it_is_given() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    set(&scratch, "A", canary.value());
    let phrase = "correct horse";
    let launched = || {
        let mut command = launch(&scratch, ["--", "/bin/sh", "-c", "printf %s \"$X\""]);
        Finished::of(command.env("X", "$<sealed:A>"))
    };

    let twice = format!("{phrase}\n{phrase}\n");
    let said = at_terminal(&scratch, &["secrets", "protect"], &twice);
    assert_eq!(said.code, Some(0), "{}", said.stdout);
    let report = launched().not_started();
    assert!(report.contains("mcp-launch unlock"), "{report}");
    canary.assert_absent("the report", report);

    let said = at_terminal(&scratch, &["unlock", "--for", "5m"], "wrong\n");
    assert_ne!(said.code, Some(0), "{}", said.stdout);
    launched().not_started();

    let said = at_terminal(&scratch, &["unlock", "--for", "5m"], phrase);
    assert_eq!(said.code, Some(0), "{}", said.stdout);
    assert_eq!(launched().success(), canary.value());

    Finished::of(&mut launch(&scratch, ["lock"])).success();
    launched().not_started();
    assert_eq!(canary.find_under(&scratch.home()), []);
}
