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
fn a_list_of_nothing_says_so_beside_the_data() {
    let scratch = Scratch::new();
    let list = Finished::of(&mut launch(&scratch, ["secrets", "list"]));
    assert_eq!((list.code, list.stdout.as_str()), (Some(0), ""));
    assert_eq!(list.stderr, "no store has a value yet\n");
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
fn what_is_set_says_which_placeholder_finds_it() {
    let scratch = Scratch::new();
    let said = |value| with_input(&mut secrets(&scratch, &["set", "A"]), value).stderr;
    assert_eq!(said("one"), "A is in the sealed store; use it as $<A>\n");
    assert!(said("two").starts_with("A was replaced in the sealed store;"));
    for (settings, why) in [
        ("order = [\"dotenv\"]\n", "`sealed` is not in `order` ("),
        ("[secrets]\nA = \"keychain:B\"\n", "$<A> is keychain:B ("),
    ] {
        let settings = settings.replace("\"keychain:B\"", "{ from = \"keychain:B\" }");
        scratch.write(".config/mcp-launch/config.toml", settings);
        let said = said("three");
        assert!(said.contains("use it as $<sealed:A>; "), "{said}");
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_keychain_that_is_not_there_is_called_so() {
    let scratch = Scratch::new();
    for arguments in [&["list"][..], &["get", "A"], &["rm", "A"]] {
        let mut command = launch(&scratch, ["secrets"]);
        let said = Finished::of(command.args(arguments).args(["--store", "keychain"]));
        assert_eq!(said.code, Some(1));
        assert!(
            said.stderr.contains("there is no keychain here: ")
                && said.stderr.contains("--store sealed"),
            "{}",
            said.stderr
        );
    }
    let said = Finished::of(&mut launch(&scratch, ["secrets", "get", "A"])).stderr;
    assert!(
        said.contains("A is not in the sealed store, and there is no keychain here"),
        "{said}"
    );
}

#[test]
fn an_entry_of_another_program_is_only_read() {
    let scratch = Scratch::new();
    for (action, part) in [
        ("set", "is only read"),
        ("rm", "is only read"),
        ("get", "only entries of mcp-launch"),
    ] {
        let said = Finished::of(&mut launch(&scratch, ["secrets", action, "jira/me"])).stderr;
        assert!(said.contains(part), "{said}");
        let sealed = Finished::of(&mut secrets(&scratch, &[action, "jira/me"])).stderr;
        assert!(sealed.contains("a name has letters"), "{sealed}");
    }
    let said = Finished::of(&mut secrets(&scratch, &["rm", "1x"])).stderr;
    assert!(said.contains("secrets list"), "{said}");
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

    let said = at_terminal(&scratch, &["secrets", "set", "B", "--store", "sealed"], "x");
    assert!(said.stdout.contains("mcp-launch unlock"), "{}", said.stdout);
    assert!(!said.stdout.contains("Value of B"), "{}", said.stdout);

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

#[test]
fn how_the_key_stands_is_known_before_anything_is_asked() {
    let scratch = Scratch::new();
    let said = |arguments: &[&str]| Finished::of(&mut launch(&scratch, arguments));
    assert!(said(&["unlock"]).stderr.contains("no sealed store yet"));
    set(&scratch, "A", "one");
    for (arguments, code, part) in [
        (&["unlock"][..], 0, "not needed"),
        (&["lock"], 0, "nothing to close"),
        (&["secrets", "protect", "--remove"], 0, "not needed"),
        (&["secrets", "protect", "--change"], 1, "has no passphrase"),
    ] {
        let said = said(arguments);
        assert_eq!(said.code, Some(code), "{}", said.stderr);
        assert!(said.stderr.contains(part), "{}", said.stderr);
    }
    let typed = |arguments: &[&str], keys: &str| at_terminal(&scratch, arguments, keys);
    let alone = with_input(&mut launch(&scratch, ["secrets", "protect"]), "");
    assert!(
        alone.stderr.ends_with("hint: run it in a terminal\n"),
        "{}",
        alone.stderr
    );
    let short = typed(&["secrets", "protect"], "short\nshort\n");
    assert!(short.stdout.contains("less than 8"), "{}", short.stdout);
    let protected = typed(&["secrets", "protect"], "correct horse\ncorrect horse\n");
    assert_eq!(protected.code, Some(0), "{}", protected.stdout);
    let again = said(&["secrets", "protect"]);
    assert!(
        again.stderr.contains("protect --change"),
        "{}",
        again.stderr
    );
    let nothing = with_input(&mut launch(&scratch, ["unlock"]), "");
    assert!(
        nothing.stderr.contains("no passphrase on"),
        "{}",
        nothing.stderr
    );

    let ended = typed(&["unlock"], "\u{4}");
    assert!(
        ended.stdout.contains("nothing was typed"),
        "{}",
        ended.stdout
    );

    let keys = "correct horse\nbattery staple\nbattery staple\n";
    let changed = typed(&["secrets", "protect", "--change"], keys);
    assert_eq!(changed.code, Some(0), "{}", changed.stdout);
    let old = with_input(&mut launch(&scratch, ["unlock"]), "correct horse");
    assert_eq!(old.code, Some(1), "{}", old.stderr);
    let open = with_input(&mut launch(&scratch, ["unlock"]), "battery staple");
    assert_eq!(open.code, Some(0), "{}", open.stderr);
    assert!(open.stderr.contains("open for 8 h"), "{}", open.stderr);
    Finished::of(&mut launch(&scratch, ["lock"])).success();
}
