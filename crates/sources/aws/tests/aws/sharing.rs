//! What launches of one user share, and what stands in for AWS.

use std::time::Duration;

use mcp_launch_testkit::{Answer, FaultServer, Relay, Scratch, Script};
use serde_json::json;

use crate::stage::{Stage, program, told};

#[test]
fn launches_that_start_together_ask_once() {
    let stage = Stage::new();
    stage.moto.create("a", "1");
    stage.moto.create("b", "2");
    let asked = stage.asked_by(|| {
        let running: Vec<_> = (0..8)
            .map(|_| {
                let mut command = stage.command(&["a", "b"]);
                command
                    .stdout(std::process::Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for child in running {
            let output = child.wait_with_output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(text.starts_with("value 1\n1\nvalue 1\n2\n"), "{text}");
        }
    });
    assert_eq!(asked, ["BatchGetSecretValue"]);
}

#[test]
fn another_login_is_asked_for_by_itself() {
    let stage = Stage::new();
    stage.moto.create("a", "1");
    let asked = stage.asked_by(|| {
        for id in ["AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7ANOTHER"] {
            let mut command = stage.command(&["a"]);
            assert_eq!(told(command.env("AWS_ACCESS_KEY_ID", id)).values(), ["1"]);
        }
    });
    assert_eq!(asked, ["GetSecretValue", "GetSecretValue"]);
}

#[test]
fn who_knows_the_key_id_and_not_the_secret_is_asked_for_by_itself() {
    let stage = Stage::new();
    stage.moto.create("a", "1");
    let asked = stage.asked_by(|| {
        for (secret, token) in [("one", ""), ("two", ""), ("two", "session"), ("two", "")] {
            let mut command = stage.command(&["a"]);
            command
                .env("AWS_SECRET_ACCESS_KEY", secret)
                .env("AWS_SESSION_TOKEN", token);
            assert_eq!(told(&mut command).values(), ["1"]);
        }
    });
    // The last one logs in as the second did.
    assert_eq!(asked, ["GetSecretValue"; 3]);
}

#[test]
fn an_old_answer_stands_in_when_aws_cannot_answer_and_never_when_it_says_no() {
    let stage = Stage::new();
    stage.moto.create("a", "1");
    let relay = Relay::to(stage.moto.endpoint(), None);
    let answered = std::sync::atomic::AtomicU32::new(0);
    let server = FaultServer::start(Script::from_fn(move |request| {
        match answered.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => relay.answer(request),
            1..=4 | 6.. => Answer::status(503),
            _ => Answer::json(400, &json!({ "__type": "AccessDeniedException" })),
        }
    }));
    let scratch = Scratch::new();
    let ask = || {
        let mut command = program(&scratch, &server.address());
        told(command.args(["--stale", "60", "a"]))
    };
    assert_eq!(ask().values(), ["1"]);
    std::thread::sleep(mcp_launch_sharing::WINDOW + Duration::from_millis(500));
    let stale = ask();
    assert_eq!(stale.values(), ["1"]);
    assert!(
        stale
            .line("notice: ")
            .contains("AWS cannot be reached; `a` is as it was"),
        "{}",
        stale.text
    );
    let denied = ask();
    assert!(denied.error().starts_with("denied"), "{}", denied.text);
    // Nor does what AWS denied come back when it cannot answer again.
    let gone = ask();
    assert!(gone.error().starts_with("unavailable"), "{}", gone.text);
}

#[test]
fn a_cache_answers_without_aws() {
    let stage = Stage::new();
    stage.moto.create("a", "1");
    let asked = stage.asked_by(|| {
        let ask = || told(&mut stage.command(&["--cache", "60", "a"]));
        assert_eq!(ask().values(), ["1"]);
        std::thread::sleep(mcp_launch_sharing::WINDOW + Duration::from_millis(500));
        assert_eq!(ask().values(), ["1"]);
    });
    assert_eq!(asked, ["GetSecretValue"]);
}
