//! A store that is damaged, or does not belong to its key, gives nothing rather than something.

use std::fs;
use std::process::Command;

use mcp_launch_core::{Locator, Source, SourceErrorKind};

use crate::stage::{PASSPHRASE, Stage, done, need, soon};

fn kind_of(stage: &Stage) -> SourceErrorKind {
    let answers = stage.source().fetch(&[Locator::new("A")], soon());
    match answers.into_iter().next().unwrap() {
        Ok(_) => panic!("a value"),
        Err(error) => error.kind(),
    }
}

fn age(stage: &Stage) -> Command {
    let mut command = stage.scratch.command("age");
    command.current_dir(stage.directory());
    command
}

fn public_key(stage: &Stage) -> String {
    let text = fs::read_to_string(stage.file("sealed.key")).unwrap();
    let line = text.lines().find(|line| line.starts_with("# public key: "));
    line.unwrap().replace("# public key: ", "")
}

#[test]
fn no_store_lets_the_next_one_answer_and_a_broken_one_does_not() {
    let stage = Stage::new();
    assert_eq!(kind_of(&stage), SourceErrorKind::Absent);
    assert!(stage.run(&["names"], "").error().contains("[absent]"));
    assert!(
        stage
            .run(&["remove", "A"], "")
            .error()
            .contains("[missing]")
    );
    assert!(!stage.directory().exists(), "asking makes nothing");

    stage.run(&["put", "B"], "x").text();
    assert_eq!(kind_of(&stage), SourceErrorKind::Missing);
    stage.write("sealed.age", b"");
    assert_eq!(kind_of(&stage), SourceErrorKind::Malformed);
}

#[test]
fn a_cut_or_changed_file_is_malformed() {
    let stage = Stage::new();
    stage.run(&["put", "A"], &"x".repeat(300)).text();
    let whole = fs::read(stage.file("sealed.age")).unwrap();
    for length in (0..whole.len()).step_by(13) {
        stage.write("sealed.age", &whole[..length]);
        assert_eq!(
            kind_of(&stage),
            SourceErrorKind::Malformed,
            "cut at {length}"
        );
    }
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    stage.write("sealed.age", &changed);
    assert_eq!(kind_of(&stage), SourceErrorKind::Malformed);
    assert!(stage.run(&["put", "B"], "y").error().contains("damaged"));
    assert_eq!(
        fs::read(stage.file("sealed.age")).unwrap(),
        changed,
        "a damaged file is not written over"
    );
}

#[test]
fn a_lost_key_is_never_replaced_by_a_new_one() {
    let stage = Stage::new();
    stage.run(&["put", "A"], "x").text();
    let key = fs::read(stage.file("sealed.key")).unwrap();
    let sealed = fs::read(stage.file("sealed.age")).unwrap();
    fs::remove_file(stage.file("sealed.key")).unwrap();

    assert_eq!(kind_of(&stage), SourceErrorKind::Unavailable);
    let refused = stage.run(&["put", "B"], "y");
    assert!(refused.error().contains("missing"), "{refused:?}");
    assert!(
        stage
            .run(&["protect"], PASSPHRASE)
            .error()
            .contains("missing")
    );
    assert!(!stage.file("sealed.key").exists());
    assert_eq!(fs::read(stage.file("sealed.age")).unwrap(), sealed);

    stage.write("sealed.key", &key);
    assert_eq!(stage.run(&["get", "A"], "").text(), "x");
}

#[test]
fn the_key_of_another_store_is_denied() {
    let (stage, other) = (Stage::new(), Stage::new());
    stage.run(&["put", "A"], "x").text();
    other.run(&["put", "A"], "y").text();
    stage.write("sealed.key", &fs::read(other.file("sealed.key")).unwrap());
    assert_eq!(kind_of(&stage), SourceErrorKind::Denied);
    for broken in ["", "# nothing\n", "AGE-SECRET-KEY-1ABC\n"] {
        stage.write("sealed.key", broken.as_bytes());
        assert_eq!(kind_of(&stage), SourceErrorKind::Malformed, "{broken:?}");
    }
}

#[test]
fn a_write_does_not_shut_out_a_second_key() {
    need(&["age", "age-keygen"]);
    let stage = Stage::new();
    stage.run(&["put", "A"], "x").text();
    let second = done(
        stage
            .scratch
            .command("age-keygen")
            .current_dir(stage.directory()),
        b"",
    );
    let second = second.text();
    let line = second
        .lines()
        .find(|line| line.starts_with("# public key: "));
    let second = line.unwrap().replace("# public key: ", "");
    let payload = br#"{"version":1,"secrets":{"A":{"text":"z"}}}"#;
    let first = public_key(&stage);
    let words = ["-r", &first, "-r", &second, "-o", "sealed.age"];
    done(age(&stage).args(words), payload).text();

    assert_eq!(stage.run(&["get", "A"], "").text(), "z");
    let refused = stage.run(&["put", "B"], "y");
    assert!(refused.error().contains("other keys"), "{refused:?}");
}

#[test]
fn a_payload_of_a_later_version_is_not_touched() {
    need(&["age"]);
    let stage = Stage::new();
    stage.run(&["put", "A"], "x").text();
    let first = public_key(&stage);
    let words = ["-r", &first, "-o", "sealed.age"];
    done(age(&stage).args(words), br#"{"version":2,"else":[]}"#).text();
    let sealed = fs::read(stage.file("sealed.age")).unwrap();
    for refused in [stage.run(&["get", "A"], ""), stage.run(&["put", "B"], "y")] {
        assert!(refused.error().contains("newer"), "{refused:?}");
    }
    assert_eq!(fs::read(stage.file("sealed.age")).unwrap(), sealed);
}
