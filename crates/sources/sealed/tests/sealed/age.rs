//! Files go both ways between the store and the real `age`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use mcp_launch_core::{Secret, Store};

use crate::stage::{PASSPHRASE, Stage, done, need, soon};

/// `words` by a shell with a terminal of its own, on which `input` is typed.
fn on_terminal(stage: &Stage, words: &str) -> Command {
    let mut command = stage.scratch.command("script");
    command
        .args(["-qec", words, "/dev/null"])
        .current_dir(stage.directory());
    command
}

#[test]
fn age_opens_what_is_written_here() {
    need(&["age"]);
    for stage in Stage::both() {
        stage.run(&["put", "TEXT"], "päss \"word\"\\").text();
        let bytes = Secret::new(vec![0, 255, 10]);
        if stage.source().put("BYTES", &bytes, soon()).is_ok() {
            for name in ["sealed.age", "sealed.age.lock"] {
                stage.hand_over(&stage.file(name));
            }
        } else {
            stage.run(&["put", "BYTES"], "x").text();
        }
        let opened = done(
            stage
                .scratch
                .command("age")
                .args(["-d", "-i", "sealed.key", "sealed.age"])
                .current_dir(stage.directory()),
            b"",
        );
        let text = opened.text();
        assert!(
            text.starts_with(r#"{"version":1,"secrets":{"BYTES":{"#)
                && text.ends_with(r#","TEXT":{"text":"päss \"word\"\\"}}}"#),
            "{text}"
        );
    }
}

#[test]
fn what_age_wrote_is_read_and_written_on() {
    need(&["age", "age-keygen"]);
    for stage in Stage::both() {
        stage.write(
            "payload",
            br#"{"version":1,"secrets":{"A":{"text":"x\u00e9\n"}}}"#,
        );
        let script = "age-keygen -o sealed.key 2>public && chmod 600 sealed.key \
            && age -r $(cut -d' ' -f3 public) -o sealed.age payload && rm payload";
        let mut shell = stage.scratch.command("sh");
        shell.args(["-c", script]).current_dir(stage.directory());
        done(&mut shell, b"").text();

        assert_eq!(stage.run(&["get", "A"], "").text(), "xé\n");
        let key = fs::read(stage.file("sealed.key")).unwrap();
        stage.run(&["put", "B"], "y").text();
        assert_eq!(stage.run(&["names"], "").text(), "A\nB");
        assert_eq!(fs::read(stage.file("sealed.key")).unwrap(), key);
    }
}

#[test]
fn age_opens_the_store_with_the_protected_key() {
    need(&["age", "script"]);
    let stage = Stage::new();
    stage.run(&["put", "A"], "the value").text();
    stage.run(&["protect"], PASSPHRASE).text();
    let mut age = on_terminal(&stage, "age -d -i sealed.key.age -o opened sealed.age");
    let said = done(&mut age, format!("{PASSPHRASE}\n").as_bytes());
    assert!(said.succeeded, "{said:?}");
    assert_eq!(
        fs::read_to_string(stage.file("opened")).unwrap(),
        r#"{"version":1,"secrets":{"A":{"text":"the value"}}}"#
    );
}

#[test]
fn a_key_that_age_protected_is_unlocked() {
    need(&["age", "script"]);
    let stage = Stage::new();
    stage.run(&["put", "A"], "the value").text();
    let mut age = on_terminal(&stage, "age -p -o sealed.key.age sealed.key");
    let said = done(&mut age, format!("{PASSPHRASE}\n{PASSPHRASE}\n").as_bytes());
    assert!(said.succeeded, "{said:?}");
    fs::remove_file(stage.file("sealed.key")).unwrap();

    assert!(stage.run(&["get", "A"], "").error().contains("[locked]"));
    stage.run(&["unlock", "60"], PASSPHRASE).text();
    assert_eq!(stage.run(&["get", "A"], "").text(), "the value");
    stage.run(&["unprotect"], PASSPHRASE).text();
    assert_eq!(stage.run(&["get", "A"], "").text(), "the value");
    let mode = fs::metadata(stage.file("sealed.key"))
        .unwrap()
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
}
