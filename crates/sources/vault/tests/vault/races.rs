//! Writers of one secret at the same time, answers that are lost, and many secrets at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Locator, Over, Source as _, SourceErrorKind};
use mcp_launch_testkit::{Answer, FaultServer, OpenBao, Relay, Script};
use serde_json::json;

use crate::stage::{
    asked, counted, document, put, secret, source, text, version, with_token, write,
};

/// The time and the requests are told with `--nocapture`. A machine that is busy does not fail this test.
#[test]
fn a_thousand_secrets_are_read_and_written_once_each_side_by_side() {
    let bao = OpenBao::start();
    let source = source(with_token(bao.address(), bao.root_token()));
    let names: Vec<String> = (0..1000)
        .map(|index| format!("secret/app/NAME_{index}#value"))
        .collect();
    let pairs: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), name.as_str()))
        .collect();
    let mark = bao.mark();
    let begun = Instant::now();
    let outcomes = write(
        &source,
        &pairs,
        |_| Over::Nothing,
        Deadline::after(Duration::from_secs(60)),
    );
    let (written, requests) = (begun.elapsed(), asked(&bao, mark).len());
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let wanted: Vec<Locator> = names.iter().map(Locator::new).collect();
    let answers = source.fetch(&wanted, Deadline::after(Duration::from_secs(60)));
    println!(
        "1000 secrets: written in {written:?} with {requests} requests, and read back by {:?}",
        begun.elapsed()
    );
    for (name, answer) in names.iter().zip(answers) {
        assert_eq!(text(&answer.unwrap()), *name);
    }
    let counts = counted(&bao, mark);
    for index in 0..1000 {
        let path = format!("secret/data/app/NAME_{index}");
        assert_eq!(counts[&format!("create {path}")], 1);
        // Those that came before the mount was known were looked at.
        assert!(counts[&format!("read {path}")] <= 2);
    }
    // Of those that were under way at once, each may have asked what is mounted there.
    let others: usize = counts
        .iter()
        .filter(|(asked, _)| asked.contains("sys/"))
        .map(|(_, count)| count)
        .sum();
    assert!((1..=8).contains(&others), "{others}");
}

#[test]
fn twenty_writers_of_one_secret_lose_nothing() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "there": 1 }));
    std::thread::scope(|scope| {
        for index in 0..20 {
            let settings = with_token(bao.address(), bao.root_token());
            scope.spawn(move || {
                let name = format!("secret/app#F{index}");
                assert_eq!(
                    put(&source(settings), &[(&name, "v")], Over::Nothing),
                    [None]
                );
            });
        }
    });
    let fields = document(&bao, "secret/data/app");
    assert_eq!(fields.as_object().unwrap().len(), 21);
    assert_eq!(version(&bao, "app"), 21);
}

/// Somebody else writes between every read and the write that follows it, three times.
#[test]
fn what_came_in_between_is_seen_and_kept() {
    let bao = std::sync::Arc::new(OpenBao::start());
    bao.put("app", json!({ "mine": "old" }));
    for (field, kind, left) in [
        ("theirs", None, "new"),
        // The field that is to be replaced itself: what it may be over is judged anew.
        ("mine", Some(SourceErrorKind::Conflict), "1"),
    ] {
        bao.put("app", json!({ "mine": "old" }));
        let relay = Relay::to(bao.address(), None);
        let (writer, times) = (std::sync::Arc::clone(&bao), AtomicUsize::new(0));
        let server = FaultServer::start(Script::from_fn(move |request| {
            if request.method == "POST" && times.load(Ordering::SeqCst) < 3 {
                let time = times.fetch_add(1, Ordering::SeqCst) + 1;
                let mut fields = json!({ "mine": "old" });
                fields[field] = json!(time.to_string());
                writer.put("app", fields);
            }
            relay.answer(request)
        }));
        let source = source(with_token(&server.address(), bao.root_token()));
        let old = secret("old");
        assert_eq!(
            put(&source, &[("secret/app#mine", "new")], Over::Value(&old)),
            [kind]
        );
        let fields = document(&bao, "secret/data/app");
        assert_eq!(fields["mine"], json!(left));
        if kind.is_none() {
            assert_eq!(fields["theirs"], json!("3"));
        }
    }
}

/// The Vault does what it is asked, and the answer never arrives.
#[test]
fn a_write_whose_answer_is_lost_is_found_out_and_not_made_twice() {
    let bao = OpenBao::start();
    for (path, lost) in [
        ("cut", Answer::json(200, &json!({ "data": {} })).cut_body(3)),
        (
            "failed",
            Answer::json(502, &json!({ "errors": ["gateway"] })),
        ),
        ("silent", Answer::stall()),
    ] {
        for method in ["new", "there"] {
            let path = format!("{path}/{method}");
            if method == "there" {
                bao.put(&path, json!({ "other": 1.5 }));
            }
            let before = if method == "there" { 1 } else { 0 };
            let relay = Relay::to(bao.address(), None);
            let (lost, is_lost) = (lost.clone(), AtomicUsize::new(0));
            let server = FaultServer::start(Script::from_fn(move |request| {
                let answer = relay.answer(request);
                if request.method == "POST" && is_lost.fetch_add(1, Ordering::SeqCst) == 0 {
                    return lost.clone();
                }
                answer
            }));
            let source = source(with_token(&server.address(), bao.root_token()));
            let name = format!("secret/{path}#k");
            let deadline = Deadline::after(Duration::from_secs(4));
            let outcomes = write(&source, &[(&name, "v")], |_| Over::Nothing, deadline);
            assert_eq!(outcomes, [Ok(())], "{path}");
            assert_eq!(version(&bao, &path), before + 1, "{path}");
            let posts = server
                .requests()
                .iter()
                .filter(|request| request.method == "POST")
                .count();
            assert_eq!(posts, 1, "{path}");
        }
    }
}

#[test]
fn a_vault_that_cannot_write_is_told_after_four_times() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "k": "v" }));
    let relay = Relay::to(bao.address(), None);
    let server = FaultServer::start(Script::from_fn(move |request| {
        match request.method.as_str() {
            "POST" => Answer::json(500, &json!({ "errors": ["no storage"] })),
            _ => relay.answer(request),
        }
    }));
    let source = source(with_token(&server.address(), bao.root_token()));
    let outcomes = put(&source, &[("secret/app#k", "w")], Over::Anything);
    assert_eq!(outcomes, [Some(SourceErrorKind::Unavailable)]);
    let posts = server
        .requests()
        .iter()
        .filter(|request| request.method == "POST")
        .count();
    assert_eq!(posts, 4);
    assert_eq!(document(&bao, "secret/data/app"), json!({ "k": "v" }));
}
