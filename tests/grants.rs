//! A value that is granted to one server reaches no other, by whatever way it is asked for.

use mcp_launch_testkit::Scratch;

use crate::support::{Finished, launch};

const SETTINGS: &str = ".config/mcp-launch/config.toml";

/// A launch with `A=placeholder` of a server that prints it.
fn asked(scratch: &Scratch, placeholder: &str, arguments: &[&str]) -> Finished {
    let mut command = launch(scratch, arguments);
    command.args(["--", "/bin/sh", "-c", "printf %s \"$A\""]);
    Finished::of(command.env("A", placeholder))
}

#[track_caller]
fn assert_withheld(scratch: &Scratch, placeholder: &str) {
    for arguments in [&[][..], &["--server", "other"]] {
        let report = asked(scratch, placeholder, arguments).not_started();
        assert!(report.contains("granted"), "{placeholder}: {report}");
    }
}

#[test]
fn a_file_is_withheld_in_every_spelling() {
    let scratch = Scratch::new();
    let path = scratch.write("keys/secret", "value");
    let path = path.display();
    scratch.write(
        SETTINGS,
        format!("[secrets.S]\nfrom = \"file:{path}\"\ngrant = [\"github\"]"),
    );
    let folder = scratch.home().join("keys");
    for placeholder in [
        "$<S>".to_owned(),
        "${S}".to_owned(),
        "$<fd:S>".to_owned(),
        format!("$<file:{path}>"),
        format!("$<file:{}/./secret>", folder.display()),
        format!("$<file:{}/../keys//secret>", folder.display()),
        format!("$<fd:file:/{path}>"),
        "$<file:~/keys/secret>".to_owned(),
        // Where a launch is, is its home here.
        "$<file:./keys/secret>".to_owned(),
        "$<file:keys/secret>".to_owned(),
    ] {
        assert_withheld(&scratch, &placeholder);
    }
    for granted in ["$<S>", "$<file:~/keys/./secret>"] {
        assert_eq!(
            asked(&scratch, granted, &["--server", "github"]).success(),
            "value"
        );
    }
    scratch.write("keys/other", "another");
    assert_eq!(
        asked(&scratch, "$<file:~/keys/other>", &[]).success(),
        "another"
    );
}

#[test]
fn a_commands_output_is_withheld_however_the_command_is_written() {
    let scratch = Scratch::new();
    scratch.write("secret", "value");
    scratch.write(
        SETTINGS,
        "[stores.exec]\nallow = [\"cat\"]\n\
         [secrets.S]\nfrom = \"exec:cat secret\"\ngrant = [\"github\"]",
    );
    for placeholder in [
        "$<exec:cat secret>",
        "$<exec:cat  secret>",
        "$<exec:cat 'secret'>",
        "$<exec: c\\at secret >",
    ] {
        assert_withheld(&scratch, placeholder);
    }
    assert_eq!(
        asked(&scratch, "$<S>", &["--server", "github"]).success(),
        "value"
    );
}

#[test]
fn a_keychain_entry_is_withheld_with_and_without_its_service() {
    let scratch = Scratch::new();
    for bound in ["github", "mcp-launch/github"] {
        scratch.write(
            SETTINGS,
            format!("[secrets.S]\nfrom = \"keychain:{bound}\"\ngrant = [\"x\"]"),
        );
        assert_withheld(&scratch, "$<keychain:github>");
        assert_withheld(&scratch, "$<keychain:mcp-launch/github>");
        // The order leads to it too.
        assert_withheld(&scratch, "$<github>");
    }
}

#[test]
fn another_name_for_the_same_value_is_withheld() {
    let scratch = Scratch::new();
    let path = scratch.write("secret", "value");
    let path = path.display();
    let granted = format!("[secrets.S]\nfrom = \"file:{path}\"\ngrant = [\"github\"]\n");
    let alias = format!("[secrets.MINE]\nfrom = \"file:/{path}\"\n");
    scratch.write(SETTINGS, format!("{granted}{alias}"));
    assert_withheld(&scratch, "$<MINE>");

    scratch.write(SETTINGS, granted);
    scratch.write("mcp-launch.toml", alias);
    Finished::of(&mut launch(&scratch, ["trust"])).success();
    assert_withheld(&scratch, "$<MINE>");
    assert_eq!(
        asked(&scratch, "$<MINE>", &["--server", "github"]).success(),
        "value"
    );
}

#[test]
fn a_name_of_the_settings_does_not_stand_for_another_command() {
    let scratch = Scratch::new();
    let path = scratch.write("secret", "value");
    scratch.write(
        SETTINGS,
        format!(
            "[secrets.S]\nfrom = \"file:{}\"\ngrant = [\"github\", \"named-only\"]\n\
             [servers.github]\ncommand = [\"/bin/echo\", \"got $<S>\"]\n\
             [servers.named-only]\ninherit = \"minimal\"",
            path.display()
        ),
    );
    let start = |arguments: &[&str]| Finished::of(&mut launch(&scratch, arguments));
    assert_eq!(start(&["--server", "github"]).success(), "got value\n");
    let known = ["--server", "github", "--", "/bin/echo", "got $<S>"];
    assert_eq!(start(&known).success(), "got value\n");
    for other in [
        &["/bin/sh", "-c", "cat ~/secret"][..],
        &["/bin/echo"],
        &["/bin/echo", "got $<S>", "more"],
        &["/bin/echo", "other $<S>"],
        &["/bin/echo", "got value"],
        &["echo", "got $<S>"],
    ] {
        let report = start(&[&known[..3], other].concat()).not_started();
        assert!(report.contains("leave the command out"), "{report}");
    }
    assert_eq!(
        start(&["--server", "named-only", "--", "/bin/echo", "$<S>"]).success(),
        "value\n"
    );
}
