//! A secret with more fields than its Vault takes in one request: written in parts, each over the version before.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Locator, Over, Source as _, SourceErrorKind, Store as _};
use mcp_launch_testkit::{Answer, FaultServer, HttpRequest, OpenBao, Relay, Script};
use serde_json::{Map, Value, json};

use crate::stage::{document, put, secret, source, text, token, value, version, with_token, write};

/// Busy machines do not fail these tests.
fn later() -> Deadline {
    Deadline::after(Duration::from_secs(60))
}

/// The names of fields `F0` and on in the secret `many`.
fn names(count: usize) -> Vec<String> {
    let names = (0..count).map(|index| format!("secret/many#F{index}"));
    names.collect()
}

/// Each name with a value that is told from the others.
fn pairs(names: &[String]) -> Vec<(&str, &str)> {
    let pairs = names.iter().map(|name| (name.as_str(), name.as_str()));
    pairs.collect()
}

/// What the secret `many` then has.
fn fields(names: &[String]) -> Map<String, Value> {
    let fields = names.iter().map(|name| {
        let (_, field) = name.split_once('#').unwrap();
        (field.to_owned(), json!(name))
    });
    fields.collect()
}

/// `POST` and `PATCH` of a secret, the first one for which the whole was too much among them.
fn writes(server: &FaultServer) -> Vec<String> {
    let requests = server.requests().into_iter();
    requests
        .filter(is_write)
        .map(|request| request.method)
        .collect()
}

fn is_write(request: &HttpRequest) -> bool {
    request.method != "GET" && request.path.contains("/secret/data/")
}

/// A server before `bao` that gives `meddle` each write of a part with its number, before and after the Vault made it.
fn between(
    bao: &OpenBao,
    meddle: impl Fn(usize, When) -> Option<Answer> + Send + Sync + 'static,
) -> FaultServer {
    let (relay, part) = (Relay::to(bao.address(), None), AtomicUsize::new(0));
    FaultServer::start(Script::from_fn(move |request| {
        if !is_write(request) {
            return relay.answer(request);
        }
        // The whole, which is too much, is number 0.
        let part = part.fetch_add(1, Ordering::SeqCst);
        if let Some(instead) = meddle(part, When::Before) {
            return instead;
        }
        let answer = relay.answer(request);
        meddle(part, When::After).unwrap_or(answer)
    }))
}

#[derive(Clone, Copy, PartialEq)]
enum When {
    Before,
    After,
}

/// The time and the requests are told with `--nocapture`.
#[test]
fn a_thousand_fields_of_a_new_secret_are_written_and_read_back() {
    let bao = OpenBao::start();
    let server = between(&bao, |_, _| None);
    let source = source(with_token(&server.address(), bao.root_token()));
    let names = names(1000);
    let begun = Instant::now();
    let outcomes = write(&source, &pairs(&names), |_| Over::Nothing, later());
    let written = begun.elapsed();
    assert_eq!(outcomes, vec![Ok(()); 1000]);
    let requests = server.requests();
    println!(
        "1000 fields: written in {written:?} with {} requests",
        requests.len()
    );
    assert_eq!(writes(&server), ["POST", "POST", "PATCH", "PATCH"]);
    assert_eq!(version(&bao, "many"), 3);
    let wanted: Vec<Locator> = names.iter().map(Locator::new).collect();
    for (name, answer) in names.iter().zip(source.fetch(&wanted, later())) {
        assert_eq!(text(&answer.unwrap()), *name);
    }
    // Once more is no version more.
    let same = write(&source, &pairs(&names), |_| Over::Anything, later());
    assert_eq!(same, vec![Ok(()); 1000]);
    assert_eq!(version(&bao, "many"), 3);
}

#[test]
fn six_hundred_fields_come_to_six_hundred_and_change_none_of_them() {
    let bao = OpenBao::start();
    let mut there: Map<String, Value> = (0..596)
        .map(|index| (format!("T{index}"), json!(index)))
        .collect();
    there.insert("F0".to_owned(), json!("theirs"));
    there.insert("none".to_owned(), Value::Null);
    there.insert("list".to_owned(), json!([1.5, { "a": null, "b": "<&>" }]));
    there.insert("object".to_owned(), json!({ "n": null, "x": { "y": [] } }));
    assert_eq!(there.len(), 600);
    bao.put("many", Value::Object(there.clone()));
    let server = between(&bao, |_, _| None);
    let source = source(with_token(&server.address(), bao.root_token()));
    let names = names(601);
    let outcomes = put(&source, &pairs(&names), Over::Nothing);
    assert_eq!(outcomes[0], Some(SourceErrorKind::Conflict));
    assert_eq!(outcomes[1..], vec![None; 600]);
    assert_eq!(writes(&server), ["POST", "PATCH", "PATCH"]);
    let mut wanted = fields(&names);
    wanted.extend(there);
    assert_eq!(wanted.len(), 1200);
    assert_eq!(
        document(&bao, "secret/data/many"),
        Value::Object(wanted.clone())
    );
    assert_eq!(version(&bao, "many"), 3);

    source.remove("secret/many#list", later()).unwrap();
    wanted.remove("list");
    assert_eq!(document(&bao, "secret/data/many"), Value::Object(wanted));
}

/// Before each part somebody else changes what is made already, what is not made yet, and something else.
#[test]
fn what_comes_between_two_parts_is_seen_and_kept() {
    let bao = Arc::new(OpenBao::start());
    let writer = Arc::clone(&bao);
    let server = between(&bao, move |part, when| {
        if when == When::Before && (part == 2 || part == 4) {
            let theirs = source(with_token(writer.address(), writer.root_token()));
            let names = [
                format!("secret/many#F{}", part - 2),
                format!("secret/many#F{}", 995 + part),
                format!("secret/many#theirs{part}"),
            ];
            let pairs: Vec<(&str, &str)> =
                names.iter().map(|name| (name.as_str(), "other")).collect();
            assert_eq!(put(&theirs, &pairs, Over::Anything), [None; 3]);
        }
        None
    });
    let source = source(with_token(&server.address(), bao.root_token()));
    let names = names(1000);
    let outcomes = write(&source, &pairs(&names), |_| Over::Nothing, later());
    for (index, outcome) in outcomes.iter().enumerate() {
        let kind = outcome.err().map(|error| error.kind());
        let conflict = [997, 999].contains(&index);
        assert_eq!(
            kind,
            conflict.then_some(SourceErrorKind::Conflict),
            "{index}"
        );
    }
    // The whole, the first part, and each of the others twice.
    let parts = ["POST", "POST", "PATCH", "PATCH", "PATCH", "PATCH"];
    assert_eq!(writes(&server), parts);
    let mut wanted = fields(&names);
    for theirs in ["F0", "F2", "F997", "F999", "theirs2", "theirs4"] {
        wanted.insert(theirs.to_owned(), json!("other"));
    }
    assert_eq!(document(&bao, "secret/data/many"), Value::Object(wanted));
    assert_eq!(version(&bao, "many"), 5);
}

/// A version that is deleted is no new one: a part has nothing then that it could be put into.
#[test]
fn a_secret_that_is_deleted_between_two_parts_is_begun_anew() {
    let bao = Arc::new(OpenBao::start());
    let writer = Arc::clone(&bao);
    let server = between(&bao, move |part, when| {
        if when == When::Before && part == 2 {
            writer.api("DELETE", "secret/data/many", None);
        }
        None
    });
    let source = source(with_token(&server.address(), bao.root_token()));
    let names = names(1000);
    let outcomes = write(&source, &pairs(&names), |_| Over::Nothing, later());
    assert_eq!(outcomes, vec![Ok(()); 1000]);
    // What was deleted stays so.
    let wanted = fields(&names[400..]);
    assert_eq!(document(&bao, "secret/data/many"), Value::Object(wanted));
}

#[test]
fn a_part_whose_answer_is_lost_is_found_out_and_not_made_twice() {
    for lost in 1..=3 {
        let bao = OpenBao::start();
        let server = between(&bao, move |part, when| {
            (part == lost && when == When::After).then(Answer::hang_up)
        });
        let source = source(with_token(&server.address(), bao.root_token()));
        let names = names(1000);
        let outcomes = write(&source, &pairs(&names), |_| Over::Nothing, later());
        assert_eq!(outcomes, vec![Ok(()); 1000], "{lost}");
        assert_eq!(writes(&server), ["POST", "POST", "PATCH", "PATCH"]);
        assert_eq!(version(&bao, "many"), 3, "{lost}");
        let wanted = Value::Object(fields(&names));
        assert_eq!(document(&bao, "secret/data/many"), wanted, "{lost}");
    }
}

#[test]
fn what_was_interrupted_between_two_parts_is_finished_by_the_next_run() {
    let bao = OpenBao::start();
    for answer in [
        Answer::json(500, &json!({ "errors": ["no storage"] })),
        Answer::stall(),
    ] {
        bao.api("DELETE", "secret/metadata/many", None);
        let server = between(&bao, move |part, _| (part >= 2).then(|| answer.clone()));
        let interrupted = source(with_token(&server.address(), bao.root_token()));
        let names = names(1000);
        let soon = Deadline::after(Duration::from_secs(8));
        let outcomes = write(&interrupted, &pairs(&names), |_| Over::Nothing, soon);
        assert!(outcomes[..400].iter().all(Result::is_ok), "{outcomes:?}");
        assert!(outcomes[400..].iter().all(Result::is_err), "{outcomes:?}");
        let begun = Value::Object(fields(&names[..400]));
        assert_eq!(document(&bao, "secret/data/many"), begun);

        let source = source(with_token(bao.address(), bao.root_token()));
        let there: Vec<_> = names[..400].iter().map(|name| secret(name)).collect();
        let over = |name: &str| {
            let index = names.iter().position(|other| other == name).unwrap();
            there.get(index).map_or(Over::Nothing, Over::Value)
        };
        let outcomes = write(&source, &pairs(&names), over, later());
        assert_eq!(outcomes, vec![Ok(()); 1000]);
        let whole = Value::Object(fields(&names));
        assert_eq!(document(&bao, "secret/data/many"), whole);
    }
}

#[test]
fn the_capability_for_parts_is_told_before_one_is_written() {
    let bao = OpenBao::start();
    let policy = r#"path "secret/data/*" { capabilities = ["create", "read", "update"] }"#;
    let source = source(with_token(bao.address(), &token(&bao, "writer", policy)));
    let names = names(1000);
    let there: Map<String, Value> = (0..600)
        .map(|index| (format!("T{index}"), json!(index)))
        .collect();
    for is_there in [false, true] {
        if is_there {
            bao.put("many", Value::Object(there.clone()));
        }
        let outcomes = write(&source, &pairs(&names), |_| Over::Nothing, later());
        for (name, outcome) in names.iter().zip(outcomes) {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), SourceErrorKind::Denied, "{error}");
            let remedy = source.remedy(&Locator::new(name), error).unwrap();
            let line = r#"path "secret/data/many" { capabilities = ["patch"] }"#;
            assert!(remedy.contains(line), "{remedy}");
            assert!(
                remedy.contains(r#"or write to "secret/many/", with a / at the end"#),
                "{remedy}"
            );
        }
    }
    assert_eq!(version(&bao, "many"), 1);
    assert_eq!(document(&bao, "secret/data/many"), Value::Object(there));
    // What one request has room for needs no more than before.
    assert_eq!(
        put(&source, &[("secret/few#k", "v")], Over::Nothing),
        [None]
    );
}

#[test]
fn a_vault_that_takes_less_is_sent_less() {
    let bao = OpenBao::builder().json_strings(130).start();
    let source = source(with_token(bao.address(), bao.root_token()));
    let names = names(200);
    assert_eq!(put(&source, &pairs(&names), Over::Nothing), vec![None; 200]);
    let wanted = Value::Object(fields(&names));
    assert_eq!(document(&bao, "secret/data/many"), wanted);
    assert_eq!(version(&bao, "many"), 4);
}

/// As a proxy refuses what is larger than it takes, with a page of its own.
#[test]
fn a_proxy_that_takes_less_is_sent_less() {
    let bao = OpenBao::start();
    let relay = Relay::to(bao.address(), None);
    let server = FaultServer::start(Script::from_fn(move |request| {
        if request.body.len() > 200_000 {
            return Answer::status(413).body("<html>Request Entity Too Large</html>");
        }
        relay.answer(request)
    }));
    let source = source(with_token(&server.address(), bao.root_token()));
    let large = "x".repeat(50_000);
    let names = names(8);
    let pairs: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), large.as_str()))
        .collect();
    assert_eq!(put(&source, &pairs, Over::Nothing), [None; 8]);
    for name in &names {
        assert_eq!(value(&source, name), large);
    }
}

#[test]
fn more_than_could_be_read_again_is_not_written() {
    let bao = OpenBao::start();
    let source = source(with_token(bao.address(), bao.root_token()));
    let large = "x".repeat(3 << 20);
    let names = names(3);
    let pairs: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), large.as_str()))
        .collect();
    let unavailable = Some(SourceErrorKind::Unavailable);
    assert_eq!(put(&source, &pairs, Over::Nothing), [unavailable; 3]);
    assert_eq!(put(&source, &pairs[..2], Over::Nothing), [None; 2]);
    assert_eq!(value(&source, &names[1]), large);
    assert_eq!(put(&source, &pairs[2..], Over::Nothing), [unavailable]);
    assert_eq!(version(&bao, "many"), 1);
}
