//! Servers that fail as told: what is tried again, what is not, and where no token goes.

use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Source as _, SourceErrorKind};
use mcp_launch_testkit::{Answer, FaultServer, Script};
use serde_json::{Value, json};

use crate::stage::{approle, failure, locators, source, value, with_token};

fn secret() -> Value {
    let metadata =
        json!({ "created_time": "t", "deletion_time": "", "destroyed": false, "version": 1 });
    json!({ "lease_id": "", "lease_duration": 0, "data": { "data": { "k": "v" }, "metadata": metadata } })
}

fn found() -> Answer {
    Answer::json(200, &secret())
}

#[test]
fn a_busy_vault_is_asked_again_when_it_wants_to_be() {
    let busy = Answer::status(429).header("Retry-After", "1").body("{}");
    let server = FaultServer::start(vec![busy, Answer::status(503).body("busy"), found()]);
    let begun = Instant::now();
    assert_eq!(
        value(&source(with_token(&server.address(), "s.t")), "secret/a#k"),
        "v"
    );
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_busy_vault_is_not_waited_for_beyond_the_deadline() {
    let busy = Answer::status(429).header("Retry-After", "3600").body("{}");
    let server = FaultServer::start(busy);
    let (error, _) = failure(&source(with_token(&server.address(), "s.t")), "secret/a#k");
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
    assert!(
        error.explanation().unwrap().contains("too many requests"),
        "{error}"
    );
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_vault_that_fails_is_asked_four_times() {
    let server = FaultServer::start(Answer::json(500, &json!({ "errors": ["x"] })));
    let (error, _) = failure(&source(with_token(&server.address(), "s.t")), "secret/a#k");
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
    assert!(error.to_string().contains("500"), "{error}");
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn what_makes_a_credential_is_asked_once() {
    let server = FaultServer::start(Answer::json(500, &json!({ "errors": ["x"] })));
    let source = source(with_token(&server.address(), "s.t"));
    failure(&source, "database/creds/app#password");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_redirect_is_not_followed_and_the_other_host_gets_no_token() {
    let other = FaultServer::start(found());
    let to = format!("{}/v1/secret/data/a", other.named_address());
    let server = FaultServer::start(Answer::redirect(&to));
    let (error, remedy) = failure(&source(with_token(&server.address(), "s.t")), "secret/a#k");
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
    assert!(remedy.contains(&other.named_address()), "{remedy}");
    assert_eq!(server.requests()[0].header("X-Vault-Token"), Some("s.t"));
    assert!(other.requests().is_empty() && other.connections() == 0);
}

#[test]
fn what_is_no_vault_is_told() {
    for (answer, note) in [
        (
            Answer::status(200).body("<html>Welcome</html>"),
            "not what a Vault says",
        ),
        (
            Answer::status(404).body("<html>not here</html>"),
            "no Vault",
        ),
        (
            Answer::json(200, &json!({ "data": { "data": "x" } })),
            "not what a Vault says",
        ),
    ] {
        let server = FaultServer::start(answer);
        let (error, _) = failure(&source(with_token(&server.address(), "s.t")), "secret/a#k");
        assert!(
            error.explanation().unwrap().contains(note),
            "{note}: {error}"
        );
        assert!(!error.lets_next_answer());
    }
}

/// A gateway whose route is gone says "not found" too, and must not turn a secret into its default.
#[test]
fn what_is_not_found_by_no_vault_is_not_missing() {
    let gateway = json!({ "message": "no Route matched with those values" });
    let empty = json!({ "errors": [] });
    let not_even_the_mount = Script::from_fn({
        let (gateway, empty) = (gateway.clone(), empty.clone());
        move |request| match request.path.contains("sys/internal/ui/mounts") {
            true => Answer::json(404, &gateway),
            false => Answer::json(404, &empty),
        }
    });
    let refusing_the_mount =
        Script::from_fn(
            move |request| match request.path.contains("sys/internal/ui/mounts") {
                true => Answer::json(403, &json!({ "errors": ["permission denied"] })),
                false => Answer::json(404, &json!({ "errors": [] })),
            },
        );
    for (script, note) in [
        (Script::from(Answer::json(404, &gateway)), "no Vault"),
        (Answer::json(404, &json!({})).into(), "no Vault"),
        (Answer::json(403, &gateway).into(), "no Vault"),
        (not_even_the_mount, "no Vault"),
        (refusing_the_mount, "does not say what is mounted"),
        (
            Answer::json(404, &empty).into(),
            "does not say what is mounted",
        ),
    ] {
        let server = FaultServer::start(script);
        for path in ["secret/a#k", "database/creds/a#k"] {
            let (error, _) = failure(&source(with_token(&server.address(), "s.t")), path);
            assert!(
                error.explanation().unwrap().contains(note),
                "{note}: {path}: {error}"
            );
            assert!(!error.lets_next_answer(), "{path}: {error}");
        }
    }
}

/// What real ones answer whose cluster has lost its active server.
#[test]
fn a_cluster_without_an_active_server_is_asked_again() {
    for (status, error) in [
        (
            500,
            "local node not active but active cluster node not found",
        ),
        (503, "no active Vault instance found"),
    ] {
        let passive = || Answer::json(status, &json!({ "errors": [error] }));
        let server = FaultServer::start(vec![passive(), found()]);
        let of = |address: &str| source(with_token(address, "s.t"));
        assert_eq!(value(&of(&server.address()), "secret/a#k"), "v");
        assert_eq!(server.requests().len(), 2);
        let server = FaultServer::start(passive());
        // One that makes a credential too: nothing was done.
        for path in ["secret/a#k", "database/creds/app#password"] {
            let (error, _) = failure(&of(&server.address()), path);
            assert!(
                error.explanation().unwrap().contains("no active server"),
                "{error}"
            );
            assert!(error.to_string().contains(&status.to_string()), "{error}");
        }
        assert_eq!(server.requests().len(), 8);
    }
}

#[test]
fn silence_ends_at_the_deadline() {
    for answer in [
        Answer::half_open(),
        Answer::stall(),
        found().slowly(Duration::from_millis(200)),
    ] {
        let server = FaultServer::start(answer);
        let source = source(with_token(&server.address(), "s.t"));
        let begun = Instant::now();
        let deadline = Deadline::after(Duration::from_millis(400));
        let answers = source.fetch(&locators(&["secret/a#k", "secret/b#k"]), deadline);
        assert!(begun.elapsed() < Duration::from_secs(5));
        for answer in answers {
            assert_eq!(answer.err().unwrap().kind(), SourceErrorKind::TimedOut);
        }
    }
}

#[test]
fn one_path_that_hangs_does_not_take_the_others_along() {
    let server = FaultServer::start(Script::from_fn(|request| {
        if request.path.contains("slow") {
            Answer::stall()
        } else {
            found()
        }
    }));
    let source = source(with_token(&server.address(), "s.t"));
    let deadline = Deadline::after(Duration::from_millis(500));
    let answers = source.fetch(&locators(&["secret/slow#k", "secret/quick#k"]), deadline);
    assert_eq!(
        answers[0].as_ref().err().unwrap().kind(),
        SourceErrorKind::TimedOut
    );
    assert!(answers[1].is_ok());
}

#[test]
fn an_answer_that_is_cut_off_or_endless_is_no_value() {
    let endless = Answer::status(200).body(vec![b' '; (8 << 20) + 1]);
    let cut = Answer::json(200, &secret()).cut_body(20);
    for (answer, kind) in [
        (endless, SourceErrorKind::Malformed),
        (cut, SourceErrorKind::Unavailable),
        (Answer::hang_up(), SourceErrorKind::Unavailable),
    ] {
        let server = FaultServer::start(answer);
        let (error, _) = failure(&source(with_token(&server.address(), "s.t")), "secret/a#k");
        assert_eq!(error.kind(), kind, "{error}");
    }
}

#[test]
fn sealed_without_ever_being_set_up_is_told_as_that() {
    let server = FaultServer::start(Script::from_fn(|request| {
        if request.path.ends_with("sys/seal-status") {
            Answer::json(200, &json!({ "sealed": true, "initialized": false }))
        } else {
            Answer::sealed()
        }
    }));
    let (error, _) = failure(&source(with_token(&server.address(), "s.t")), "secret/a#k");
    assert!(
        error.explanation().unwrap().contains("not initialised"),
        "{error}"
    );
    assert!(error.to_string().contains("503"), "{error}");
}

#[test]
fn an_address_with_a_path_before_the_api() {
    let server = FaultServer::start(found());
    let address = format!("{}/team/vault/", server.address());
    assert_eq!(
        value(&source(with_token(&address, "s.t")), "secret/a#k"),
        "v"
    );
    let path = &server.requests()[0].path;
    assert_eq!(path.trim_end_matches('?'), "/team/vault/v1/secret/data/a");
}

#[test]
fn a_login_is_not_repeated_when_it_may_have_been_done() {
    let server = FaultServer::start(Answer::json(500, &json!({ "errors": ["x"] })));
    failure(
        &source(approle(&server.address(), "role", "id")),
        "secret/a#k",
    );
    assert_eq!(server.requests().len(), 1);
}
