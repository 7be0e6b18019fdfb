//! Many writers lose nothing, and a writer that hangs or dies stops nobody for ever.

use std::fs::File;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Secret, SourceErrorKind, Store};

use crate::stage::Stage;

#[test]
fn twenty_writers_at_once_lose_nothing() {
    for stage in Stage::both() {
        let children: Vec<Child> = (0..20)
            .map(|number| {
                // All want the first write, which makes the key.
                let mut command = stage.command(&["put", &format!("N{number:02}")]);
                command.stdin(Stdio::null()).spawn().unwrap()
            })
            .collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let names = stage.run(&["names"], "");
        let expected: Vec<String> = (0..20).map(|number| format!("N{number:02}")).collect();
        assert_eq!(names.text(), expected.join("\n"));
    }
}

#[test]
fn removers_and_writers_do_not_undo_each_other() {
    let stage = Stage::new();
    for number in 0..6 {
        stage.run(&["put", &format!("OLD{number}")], "x").text();
    }
    let children: Vec<Child> = (0..6)
        .flat_map(|number| {
            [
                vec!["remove".to_owned(), format!("OLD{number}")],
                vec!["put".to_owned(), format!("NEW{number}")],
            ]
        })
        .map(|words| {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            stage.command(&words).stdin(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(
        stage.run(&["names"], "").text(),
        "NEW0\nNEW1\nNEW2\nNEW3\nNEW4\nNEW5"
    );
}

#[test]
fn a_writer_that_hangs_is_waited_for_until_the_deadline() {
    let stage = Stage::new();
    stage.run(&["put", "A"], "x").text();
    let held = File::open(stage.file("sealed.age.lock")).unwrap();
    held.lock().unwrap();

    let started = Instant::now();
    let deadline = Deadline::after(Duration::from_millis(200));
    let error = stage
        .source()
        .put("B", &Secret::new(b"y".to_vec()), deadline)
        .unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::TimedOut);
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(
        stage.run(&["get", "A"], "").text(),
        "x",
        "readers wait for no one"
    );

    drop(held);
    stage.run(&["put", "B"], "y").text();
}
