//! Values that are written: merged, over one version and no other, each once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Locator, Over, Secret, Source as _, SourceErrorKind, Store as _};
use mcp_launch_source_vault::{Engine, Settings, VaultSource};
use mcp_launch_testkit::{Answer, FaultServer, OpenBao, Relay, Script};
use serde_json::{Value, json};

use crate::stage::{
    asked, counted, failure, locators, put, secret, soon, source, text, value, with_token, write,
};

fn document(bao: &OpenBao, path: &str) -> Value {
    bao.api("GET", path, None)["data"]["data"].clone()
}

fn version(bao: &OpenBao, path: &str) -> u64 {
    let path = format!("secret/metadata/{path}");
    bao.api("GET", &path, None)["data"]["current_version"]
        .as_u64()
        .unwrap()
}

#[test]
fn a_new_secret_is_made_and_read_back() {
    let bao = OpenBao::start();
    let source = source(with_token(bao.address(), bao.root_token()));
    failure(&source, "secret/mcp/new#k");
    let names = [
        ("secret/mcp/new#k", "v\n \"ü"),
        ("secret/mcp/new#other", ""),
    ];
    assert_eq!(put(&source, &names, Over::Nothing), [None, None]);
    assert_eq!(value(&source, "secret/mcp/new#k"), "v\n \"ü");
    assert_eq!(value(&source, "secret/mcp/new#other"), "");
    assert_eq!(version(&bao, "mcp/new"), 1);
}

#[test]
fn what_is_not_written_stays_as_it_is() {
    let bao = OpenBao::start();
    // As text: a test that went through numbers of its own could not tell.
    let fields = r#"{"big":12345678901234567890123,"list":[1,{"a":null}],"none":null,"ratio":1.10,"text":"<&>\u2028"}"#;
    let document: Value = serde_json::from_str(&format!(r#"{{"data":{fields}}}"#)).unwrap();
    bao.api("POST", "secret/data/app", Some(document));
    let source = source(with_token(bao.address(), bao.root_token()));
    let before: Vec<String> = ["big", "list", "ratio", "text"]
        .map(|field| value(&source, &format!("secret/app#{field}")))
        .to_vec();
    let mark = bao.mark();
    assert_eq!(
        put(&source, &[("secret/app#k", "v")], Over::Nothing),
        [None]
    );
    assert_eq!(
        asked(&bao, mark),
        ["read secret/data/app", "update secret/data/app"]
    );
    let after: Vec<String> = ["big", "list", "ratio", "text"]
        .map(|field| value(&source, &format!("secret/app#{field}")))
        .to_vec();
    assert_eq!(before, after);
    assert_eq!(
        failure(&source, "secret/app#none").0.kind(),
        SourceErrorKind::Malformed
    );
    assert_eq!(value(&source, "secret/app#k"), "v");
}

#[test]
fn a_thousand_fields_are_one_version_and_two_requests() {
    let bao = OpenBao::start();
    bao.put("many", json!({ "there": 1 }));
    let source = source(with_token(bao.address(), bao.root_token()));
    let names: Vec<String> = (0..1000)
        .map(|index| format!("secret/many#F{index}"))
        .collect();
    let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "v")).collect();
    let mark = bao.mark();
    let outcomes = write(&source, &pairs, |_| Over::Nothing, soon());
    assert_eq!(outcomes, vec![Ok(()); 1000]);
    assert_eq!(
        asked(&bao, mark),
        ["read secret/data/many", "update secret/data/many"]
    );
    let fields = document(&bao, "secret/data/many");
    assert_eq!(fields.as_object().unwrap().len(), 1001);
    assert_eq!(fields["there"], json!(1));
}

/// The time is told with `--nocapture`. A machine that is busy does not fail this test.
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
    let written = begun.elapsed();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let wanted: Vec<Locator> = names.iter().map(Locator::new).collect();
    let answers = source.fetch(&wanted, Deadline::after(Duration::from_secs(60)));
    println!(
        "1000 secrets: written in {written:?}, and read back by {:?}",
        begun.elapsed()
    );
    for (name, answer) in names.iter().zip(answers) {
        assert_eq!(text(&answer.unwrap()), *name);
    }
    let counts = counted(&bao, mark);
    for index in 0..1000 {
        assert_eq!(counts[&format!("create secret/data/app/NAME_{index}")], 1);
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
fn a_write_over_what_it_was_not_told_of_is_none() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "a": "1", "port": 5432 }));
    let source = source(with_token(bao.address(), bao.root_token()));
    let conflict = Some(SourceErrorKind::Conflict);
    assert_eq!(
        put(
            &source,
            &[("secret/app#a", "2"), ("secret/app#b", "2")],
            Over::Nothing
        ),
        [conflict, None]
    );
    let wrong = secret("0");
    assert_eq!(
        put(&source, &[("secret/app#a", "2")], Over::Value(&wrong)),
        [conflict]
    );
    assert_eq!(
        put(&source, &[("secret/none#a", "2")], Over::Value(&wrong)),
        [conflict]
    );
    assert_eq!(
        document(&bao, "secret/data/app"),
        json!({ "a": "1", "b": "2", "port": 5432 })
    );
    let port = secret("5432");
    assert_eq!(
        put(&source, &[("secret/app#port", "1")], Over::Value(&port)),
        [None]
    );
    // One name twice: in their order.
    let twice = [("secret/app#a", "3"), ("secret/app#a", "4")];
    assert_eq!(put(&source, &twice, Over::Anything), [None, None]);
    assert_eq!(
        document(&bao, "secret/data/app"),
        json!({ "a": "4", "b": "2", "port": "1" })
    );
}

#[test]
fn what_is_there_already_makes_no_version() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "a": "1", "port": 5432 }));
    let source = source(with_token(bao.address(), bao.root_token()));
    let same = [("secret/app#a", "1"), ("secret/app#port", "5432")];
    let mark = bao.mark();
    assert_eq!(put(&source, &same, Over::Anything), [None, None]);
    assert_eq!(asked(&bao, mark), ["read secret/data/app"]);
    assert_eq!(document(&bao, "secret/data/app")["port"], json!(5432));
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

#[test]
fn a_version_that_is_gone_is_followed_by_the_next() {
    let bao = OpenBao::start();
    let source = source(with_token(bao.address(), bao.root_token()));
    for path in ["deleted", "destroyed"] {
        bao.put(path, json!({ "k": "1", "old": 1 }));
        bao.put(path, json!({ "k": "2", "old": 1 }));
    }
    bao.api("DELETE", "secret/data/deleted", None);
    bao.api(
        "PUT",
        "secret/destroy/destroyed",
        Some(json!({ "versions": [2] })),
    );
    for path in ["deleted", "destroyed"] {
        let name = format!("secret/{path}#k");
        let old = secret("2");
        assert_eq!(
            put(&source, &[(&name, "3")], Over::Value(&old)),
            [Some(SourceErrorKind::Conflict)]
        );
        assert_eq!(put(&source, &[(&name, "3")], Over::Nothing), [None]);
        assert_eq!(version(&bao, path), 3);
        assert_eq!(
            document(&bao, &format!("secret/data/{path}")),
            json!({ "k": "3" })
        );
    }
}

#[test]
fn a_secret_without_versions_is_merged_and_read_back() {
    let bao = OpenBao::start();
    bao.bao(&["secrets", "enable", "-version=1", "-path=old", "kv"]);
    bao.api("POST", "old/app", Some(json!({ "there": 1.5, "k": "1" })));
    let with = |mounts: &[(&str, Engine)]| {
        let mounts = mounts
            .iter()
            .map(|(mount, engine)| ((*mount).to_owned(), *engine));
        source(Settings {
            mounts: BTreeMap::from_iter(mounts),
            ..with_token(bao.address(), bao.root_token())
        })
    };
    let source = with(&[]);
    let pairs = [("old/app#k", "2"), ("old/team/new#k", "3")];
    assert_eq!(put(&source, &pairs, Over::Anything), [None, None]);
    assert_eq!(
        put(&source, &[("old/app#k", "x")], Over::Nothing),
        [Some(SourceErrorKind::Conflict)]
    );
    assert_eq!(
        bao.api("GET", "old/app", None)["data"],
        json!({ "there": 1.5, "k": "2" })
    );
    assert_eq!(value(&source, "old/team/new#k"), "3");
    assert_eq!(source.names("old/", soon()).unwrap(), ["app", "team/"]);
    assert_eq!(source.names("old/app", soon()).unwrap(), ["k", "there"]);
    source.remove("old/app#k", soon()).unwrap();
    assert_eq!(
        bao.api("GET", "old/app", None)["data"],
        json!({ "there": 1.5 })
    );
    source.remove("old/team/new#k", soon()).unwrap();
    assert_eq!(
        failure(&source, "old/team/new#k").0.kind(),
        SourceErrorKind::Missing
    );

    let known = with(&[("old", Engine::KvV1)]);
    let mark = bao.mark();
    assert_eq!(put(&known, &[("old/app#x", "y")], Over::Nothing), [None]);
    assert_eq!(
        asked(&bao, mark),
        ["read old/app", "update old/app", "read old/app"]
    );
    // Settings that are wrong about it must not put a document without versions over one that has them.
    bao.put("app", json!({ "k": "v" }));
    let wrong = with(&[("secret", Engine::KvV1)]);
    assert_eq!(
        put(&wrong, &[("secret/data/app#x", "y")], Over::Nothing),
        [Some(SourceErrorKind::Unavailable)]
    );
    assert_eq!(document(&bao, "secret/data/app"), json!({ "k": "v" }));
}

#[test]
fn the_next_read_gives_the_new_value() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "k": "1" }));
    let cached = || Settings {
        cache: Some(Duration::from_secs(60)),
        stale: Some(Duration::from_secs(60)),
        ..with_token(bao.address(), bao.root_token())
    };
    let (writer, other): (VaultSource, VaultSource) = (source(cached()), source(cached()));
    assert_eq!(value(&writer, "secret/app#k"), "1");
    assert_eq!(value(&other, "secret/data/app#k"), "1");
    assert_eq!(
        put(&writer, &[("secret/app#k", "2")], Over::Anything),
        [None]
    );
    for path in ["secret/app#k", "secret/data/app#k"] {
        assert_eq!(value(&other, path), "2");
    }
    // What another launch lends meanwhile is not what the writer is told.
    bao.put("app", json!({ "k": "3" }));
    assert_eq!(value(&other, "secret/app#k"), "2");
    assert_eq!(value(&writer, "secret/app#k"), "3");
    bao.seal();
    let answers = writer.fetch(&locators(&["secret/app#k"]), soon());
    assert_eq!(
        answers[0].as_ref().err().unwrap().kind(),
        SourceErrorKind::Locked
    );
}

#[test]
fn a_value_that_is_no_text_is_refused_and_the_others_are_written() {
    let bao = OpenBao::start();
    let source = source(with_token(bao.address(), bao.root_token()));
    let (bytes, good) = (Secret::new(vec![0xff]), secret("v"));
    let write = |name, value| mcp_launch_core::Write {
        name,
        value,
        over: Over::Anything,
    };
    let outcomes = source.write(
        &[write("secret/app#a", &bytes), write("secret/app#b", &good)],
        soon(),
    );
    assert_eq!(outcomes[0].unwrap_err().kind(), SourceErrorKind::Malformed);
    assert_eq!(outcomes[1], Ok(()));
    assert_eq!(document(&bao, "secret/data/app"), json!({ "b": "v" }));
}
