//! Others who write at the same time, and answers that are lost.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use mcp_launch_core::{Deadline, Locator, Over, Secret, Source, SourceErrorKind, Store};
use mcp_launch_testkit::{Answer, Canary, FaultServer, HttpRequest, Moto, Relay, Scratch, Script};
use serde_json::json;

use crate::conformance::{source, source_of};
use crate::writing::{Desk, secret, soon, there, versions, write, write_over};

pub(crate) fn action(request: &HttpRequest) -> &str {
    let target = request.header("x-amz-target").unwrap_or_default();
    target.strip_prefix("secretsmanager.").unwrap_or_default()
}

/// Whether it moves AWSCURRENT.
fn moves(request: &HttpRequest) -> bool {
    action(request) == "UpdateSecretVersionStage"
        && String::from_utf8_lossy(&request.body).contains("AWSCURRENT")
}

/// A server in front of Moto, before which somebody else writes `foreign` to the secret `db`, just before AWSCURRENT is
/// moved for the first time.
fn overtaken(moto: &Moto, foreign: &'static str) -> FaultServer {
    let relay = Relay::to(moto.endpoint(), None);
    let other = source_of(
        moto.endpoint(),
        "AKIAIOSFODNN7ANOTHER",
        "x",
        &Scratch::new(),
    );
    let done = AtomicBool::new(false);
    FaultServer::start(Script::from_fn(move |request| {
        if moves(request) && !done.swap(true, Ordering::Relaxed) {
            assert_eq!(write(&other, &[("db", foreign)]), [Ok(())]);
        }
        relay.answer(request)
    }))
}

#[test]
fn what_somebody_else_writes_in_between_is_not_lost() {
    let desk = Desk::new();
    desk.moto.create("db", r#"{"a":"1"}"#);
    let server = overtaken(&desk.moto, r#"{"a":"1","other":"x"}"#);
    let source = source(&server.address(), "secret", &desk.scratch);
    assert_eq!(
        write_over(&source, "db#a", "2", Over::Value(&secret("1"))),
        Ok(())
    );
    assert_eq!(desk.there("db"), r#"{"a":"2","other":"x"}"#);
    // The version that came too late has no label left.
    let labels: [&[&str]; 4] = [&[], &[], &["AWSCURRENT"], &["AWSPREVIOUS"]];
    assert_eq!(versions(&desk.moto, "db"), labels);
}

#[test]
fn what_may_be_replaced_is_asked_again_after_somebody_else() {
    for over in [Over::Value(&secret("1")), Over::Nothing] {
        let desk = Desk::new();
        let before = match over {
            Over::Nothing => "{}",
            _ => r#"{"a":"1"}"#,
        };
        desk.moto.create("db", before);
        let server = overtaken(&desk.moto, r#"{"a":"theirs"}"#);
        let source = source(&server.address(), "secret", &desk.scratch);
        let error = write_over(&source, "db#a", "ours", over).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Conflict);
        assert_eq!(desk.there("db"), r#"{"a":"theirs"}"#);
    }
}

#[test]
fn who_creates_a_secret_at_the_same_time_keeps_what_is_in_it() {
    let desk = Desk::new();
    let relay = Relay::to(desk.moto.endpoint(), None);
    let other = source_of(
        desk.moto.endpoint(),
        "AKIAIOSFODNN7ANOTHER",
        "x",
        &desk.scratch,
    );
    let server = FaultServer::start(Script::from_fn(move |request| {
        if action(request) == "CreateSecret" {
            assert_eq!(write(&other, &[("db#theirs", "1")]), [Ok(())]);
        }
        relay.answer(request)
    }));
    let source = source(&server.address(), "secret", &desk.scratch);
    assert_eq!(write_over(&source, "db#ours", "2", Over::Nothing), Ok(()));
    assert_eq!(desk.there("db"), r#"{"theirs":"1","ours":"2"}"#);
}

#[test]
fn twenty_who_write_at_the_same_time_lose_nothing() {
    let desk = Desk::new();
    desk.moto.create("db", r#"{"first":"0"}"#);
    let together = Barrier::new(20);
    std::thread::scope(|scope| {
        for number in 0..20 {
            let (desk, together) = (&desk, &together);
            scope.spawn(move || {
                // Each with a login of its own, so that they do not wait for each other.
                let id = format!("AKIAIOSFODNN7EXAMP{number:02}");
                let source = source_of(desk.moto.endpoint(), &id, "x", &desk.scratch);
                together.wait();
                let deadline = Deadline::after(std::time::Duration::from_secs(120));
                let value = secret(&number.to_string());
                let put = source.put(&format!("db#field{number}"), &value, deadline);
                assert_eq!(put, Ok(()), "{number}");
            });
        }
    });
    let after: serde_json::Value = serde_json::from_str(&desk.there("db")).unwrap();
    assert_eq!(after.as_object().unwrap().len(), 21, "{after}");
    for number in 0..20 {
        assert_eq!(after[format!("field{number}")], number.to_string());
    }
    let labels = versions(&desk.moto, "db").concat();
    assert_eq!(labels, ["AWSCURRENT", "AWSPREVIOUS"]);
}

#[test]
fn an_answer_that_is_lost_makes_no_second_version() {
    for lost in ["PutSecretValue", "UpdateSecretVersionStage", "CreateSecret"] {
        let desk = Desk::new();
        if lost != "CreateSecret" {
            desk.moto.create("db", r#"{"a":"1"}"#);
        }
        let is_lost = move |request: &HttpRequest| {
            action(request) == lost && (lost != "UpdateSecretVersionStage" || moves(request))
        };
        let relay = Relay::to(desk.moto.endpoint(), None);
        let times = AtomicU32::new(0);
        let server = FaultServer::start(Script::from_fn(move |request| {
            let answer = relay.answer(request);
            if is_lost(request) && times.fetch_add(1, Ordering::Relaxed) == 0 {
                return Answer::hang_up();
            }
            answer
        }));
        let source = source(&server.address(), "secret", &desk.scratch);
        let over = match lost {
            "CreateSecret" => Over::Nothing,
            _ => Over::Value(&secret("1")),
        };
        assert_eq!(write_over(&source, "db#a", "2", over), Ok(()), "{lost}");
        let requests = server.requests();
        let asked = requests.iter().filter(|request| is_lost(request));
        assert_eq!(asked.count(), 2, "{lost}");
        assert_eq!(desk.there("db"), r#"{"a":"2"}"#);
        let count = if lost == "CreateSecret" { 1 } else { 2 };
        assert_eq!(versions(&desk.moto, "db").len(), count, "{lost}");
    }
}

#[test]
fn throttling_is_waited_out_and_not_beyond_the_deadline() {
    let desk = Desk::new();
    desk.moto.create("db", "1");
    let relay = Relay::to(desk.moto.endpoint(), None);
    let throttled = json!({ "__type": "ThrottlingException", "message": "Rate exceeded" });
    let seen = AtomicU32::new(0);
    let server = FaultServer::start(Script::from_fn(move |request| {
        if seen.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            return Answer::json(400, &throttled);
        }
        relay.answer(request)
    }));
    let source = source(&server.address(), "secret", &desk.scratch);
    assert_eq!(write(&source, &[("db", "2")]), [Ok(())]);
    assert_eq!(there(&desk.moto, "db"), "2");

    let silent = FaultServer::start(Answer::stall());
    let source = crate::conformance::source(&silent.address(), "secret", &desk.scratch);
    let begun = std::time::Instant::now();
    let deadline = Deadline::after(std::time::Duration::from_millis(700));
    let error = source.put("db", &secret("3"), deadline).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::TimedOut);
    assert!(begun.elapsed() < std::time::Duration::from_secs(3));
}

#[test]
fn a_move_that_aws_refuses_for_good_is_told() {
    let desk = Desk::new();
    desk.moto.create("db", "1");
    let relay = Relay::to(desk.moto.endpoint(), None);
    let refusal = json!({ "__type": "InvalidParameterException", "message": "no" });
    let server = FaultServer::start(Script::from_fn(move |request| {
        if moves(request) {
            return Answer::json(400, &refusal);
        }
        relay.answer(request)
    }));
    let source = source(&server.address(), "secret", &desk.scratch);
    let error = write(&source, &[("db", "2")]).remove(0).unwrap_err();
    assert_eq!(error.explanation(), Some("AWS does not take the request"));
    assert_eq!(desk.there("db"), "1");
}

#[test]
fn a_value_is_in_no_error_and_in_no_head_of_a_request() {
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    let value = canary.value();
    for answer in [
        Answer::json(400, &json!({ "__type": value, "message": value })),
        Answer::status(200).body(format!(r#"{{"SecretString":"{value}"#)),
    ] {
        let scratch = Scratch::new();
        let moto = Moto::start();
        moto.create("db", &json!({ "a": value }).to_string());
        for faulty in [
            "GetSecretValue",
            "PutSecretValue",
            "UpdateSecretVersionStage",
        ] {
            let relay = Relay::to(moto.endpoint(), None);
            let answer = answer.clone();
            let server = FaultServer::start(Script::from_fn(move |request| {
                if action(request) == faulty {
                    return answer.clone();
                }
                relay.answer(request)
            }));
            let source = source(&server.address(), "secret", &scratch);
            let new = Secret::new(format!("{value}{faulty}").into_bytes());
            let Err(error) = source.put("db#a", &new, soon()) else {
                panic!("{faulty} failed unseen");
            };
            let remedy = source.remedy(&Locator::new("db#a"), error);
            canary.assert_absent("what is told", format!("{error} {error:?} {remedy:?}"));
            for request in server.requests() {
                let head = format!("{} {:?}", request.path, request.headers);
                canary.assert_absent("the head of a request", head);
            }
        }
    }
}
