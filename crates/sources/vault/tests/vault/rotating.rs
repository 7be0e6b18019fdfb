//! A secret with versions as the store of a rotation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Locator, Over, SourceErrorKind, Store as _};
use mcp_launch_rotation::{
    Bundle, Journalled, Opening, Owner, Promotion, RotatingStore as _, Scrubbed, Snapshot, Stage,
    StoreError, Successor,
};
use mcp_launch_source_vault::rotation::VaultCredential;
use mcp_launch_testkit::{
    Answer, Canary, FaultServer, OpenBao, RefusedAddress, Relay, Script, rotation_conformance,
};
use serde_json::json;

use crate::stage::{
    asked, document, failure, put, secret, soon, source, text, token, value, with_token, write,
};

type Store = Journalled<VaultCredential>;

fn store(bao: &OpenBao, path: &str) -> Store {
    store_at(bao.address(), bao.root_token(), path)
}

fn store_at(address: &str, token: &str, path: &str) -> Store {
    let source = source(with_token(address, token));
    source.credential(path).unwrap().rotating()
}

fn bundle(pairs: &[(&str, &str)]) -> Bundle {
    let pairs = pairs.iter();
    Bundle::new(pairs.map(|(name, value)| ((*name).to_owned(), secret(value)))).unwrap()
}

fn successor(pairs: &[(&str, &str)]) -> Successor {
    Successor {
        bundle: bundle(pairs),
        handle: None,
        expires_at: None,
    }
}

fn owner() -> Owner {
    Owner::new("a test").unwrap()
}

fn stage(store: &Store, pairs: &[(&str, &str)]) -> Snapshot {
    let seen = store.read(soon()).unwrap();
    let value = successor(pairs);
    let opening = Opening::Value(&value);
    store
        .begin(&seen.revision, opening, &owner(), soon())
        .unwrap();
    store.read(soon()).unwrap()
}

fn promote(store: &Store, seen: &Snapshot) -> Snapshot {
    let Stage::Staged(staged) = &seen.stage else {
        panic!("nothing is staged")
    };
    let promotion = Promotion {
        previous: None,
        retire_after: seen.read_at,
    };
    store
        .promote(&seen.revision, &staged.id, &promotion, soon())
        .unwrap();
    store.read(soon()).unwrap()
}

#[test]
fn it_keeps_every_promise_of_a_store() {
    let bao = OpenBao::start();
    bao.put("pg", json!({ "password": "old", "port": 5432 }));
    rotation_conformance(
        || store(&bao, "secret/pg"),
        |text| bundle(&[("password", text)]),
    );
    assert_eq!(document(&bao, "secret/data/pg")["port"], 5432);
}

#[test]
fn a_rotation_is_one_login_and_two_requests_for_each_step() {
    let bao = OpenBao::start();
    bao.put("pg", json!({ "password": "old" }));
    let store = store(&bao, "secret/pg");
    let mark = bao.mark();
    let seen = stage(&store, &[("password", "new")]);
    let seen = promote(&store, &seen);
    assert_eq!(
        store.scrub(&seen.revision, soon()),
        Ok(Scrubbed::Everything)
    );
    let read = "read secret/data/pg";
    let update = "update secret/data/pg";
    let scrub = ["read secret/metadata/pg", "update secret/destroy/pg"];
    assert_eq!(
        asked(&bao, mark),
        [
            read, read, update, read, // staged
            read, update, read, // promoted
            scrub[0], scrub[1], read, update,
        ]
    );
}

#[test]
fn old_versions_are_destroyed_and_what_is_in_force_stays() {
    let bao = OpenBao::start();
    for value in ["older", "old"] {
        bao.put("pg", json!({ "password": value }));
    }
    let store = store(&bao, "secret/pg");
    let seen = stage(&store, &[("password", "new")]);
    let seen = promote(&store, &seen);
    store.scrub(&seen.revision, soon()).unwrap();
    let versions = bao.api("GET", "secret/metadata/pg", None)["data"]["versions"].clone();
    let destroyed: Vec<_> = (1..=5)
        .map(|version| versions[version.to_string()]["destroyed"] == true)
        .collect();
    assert_eq!(destroyed, [true, true, true, false, false]);
    assert_eq!(document(&bao, "secret/data/pg")["password"], "new");
    // What was staged is in no version that is left.
    for version in [4, 5] {
        let path = format!("secret/data/pg?version={version}");
        let there = bao.api("GET", &path, None).to_string();
        assert!(!there.contains("old") && !there.contains("pending"));
    }
}

#[test]
fn without_the_permission_old_versions_stay_and_the_rotation_ends() {
    let bao = OpenBao::start();
    bao.put("pg", json!({ "password": "old" }));
    for (name, more) in [
        ("neither", ""),
        (
            "metadata",
            "path \"secret/metadata/pg\" { capabilities = [\"read\"] }",
        ),
    ] {
        let data = "path \"secret/data/pg\" { capabilities = [\"read\", \"update\"] }";
        let token = token(&bao, name, &format!("{data}\n{more}"));
        let store = store_at(bao.address(), &token, "secret/pg");
        let seen = stage(&store, &[("password", name)]);
        let seen = promote(&store, &seen);
        assert_eq!(
            store.scrub(&seen.revision, soon()),
            Ok(Scrubbed::OldVersionsStay),
            "{name}"
        );
        let seen = store.read(soon()).unwrap();
        assert!(matches!(seen.stage, Stage::Idle));
    }
}

#[test]
fn what_a_token_may_not_do_is_told_as_lines_of_a_policy() {
    let bao = OpenBao::start();
    bao.put("mcp/pg", json!({ "password": "old" }));
    let read = "path \"secret/data/mcp/pg\" { capabilities = [\"read\"] }";
    let update = "path \"secret/data/mcp/pg\" { capabilities = [\"update\"] }";
    let both = "path \"secret/data/mcp/pg\" { capabilities = [\"read\", \"update\"] }";
    let others = [
        "path \"secret/metadata/mcp/pg\" { capabilities = [\"read\"] }",
        "path \"secret/destroy/mcp/pg\" { capabilities = [\"update\"] }",
    ];
    let all = token(&bao, "all", &format!("{both}\n{}", others.join("\n")));
    let source = source(with_token(bao.address(), &all));
    let lines = source.credential("secret/mcp/pg").unwrap().policy(soon());
    assert_eq!(lines.unwrap(), format!("{both}\n{}", others.join("\n")));

    let reader = token(&bao, "reader", read);
    let store = store_at(bao.address(), &reader, "secret/mcp/pg");
    let seen = store.read(soon()).unwrap();
    let begun = store.begin(&seen.revision, Opening::Claim, &owner(), soon());
    assert_eq!(begun, Err(StoreError::Denied));
    let remedy = store.remedy(StoreError::Denied).unwrap();
    assert!(remedy.contains(update), "{remedy}");
    assert!(
        others.iter().all(|line| remedy.contains(line)) && !remedy.contains("\"read\", "),
        "{remedy}"
    );
    assert_eq!(store.remedy(StoreError::Missing), None);

    let nobody = token(
        &bao,
        "nobody",
        "path \"secret/data/other\" { capabilities = [\"read\"] }",
    );
    let store = store_at(bao.address(), &nobody, "secret/mcp/pg");
    assert_eq!(store.read(soon()).err(), Some(StoreError::Denied));
    let remedy = store.remedy(StoreError::Denied).unwrap();
    assert!(remedy.contains(both), "{remedy}");
}

#[test]
fn what_cannot_hold_a_rotation_is_told() {
    let bao = OpenBao::start();
    let kv1 = json!({ "type": "kv", "options": { "version": "1" } });
    bao.api("POST", "sys/mounts/old", Some(kv1));
    bao.api(
        "POST",
        "old/pg",
        Some(json!({ "password": "p", "data": { "x": "y" } })),
    );
    bao.put("gone", json!({ "password": "p" }));
    bao.api("DELETE", "secret/data/gone", None);
    bao.put("number", json!({ "port": 5432 }));
    bao.put("text", json!({ "password": "p", "_mcp_launch": "{}" }));
    for (path, error, told) in [
        ("old/pg", StoreError::Unfit, "bao kv enable-versioning old"),
        ("secret/none", StoreError::Missing, "bao kv list secret"),
        ("secret/gone", StoreError::Missing, "bao kv undelete"),
        (
            "secret/number",
            StoreError::Missing,
            "no field that is a text",
        ),
        ("secret/text", StoreError::Malformed, "no journal"),
        ("sys/leases/lookup", StoreError::Unfit, "version 2"),
    ] {
        let store = store(&bao, path);
        assert_eq!(store.read(soon()).err(), Some(error), "{path}");
        let remedy = store.remedy(error).unwrap();
        assert!(remedy.contains(told), "{path}: {remedy}");
    }
    let source = source(with_token(bao.address(), bao.root_token()));
    for path in ["secret/a#b", "secret/a?version=2", "secret"] {
        let kind = source.credential(path).err().unwrap().kind();
        assert_eq!(kind, SourceErrorKind::Malformed, "{path}");
    }
}

#[test]
fn a_secret_that_was_made_anew_is_another() {
    let bao = OpenBao::start();
    bao.put("pg", json!({ "password": "first" }));
    let store = store(&bao, "secret/pg");
    let seen = store.read(soon()).unwrap();
    bao.api("DELETE", "secret/metadata/pg", None);
    bao.put("pg", json!({ "password": "second" }));
    let begun = store.begin(&seen.revision, Opening::Claim, &owner(), soon());
    assert_eq!(begun, Err(StoreError::Conflict));
    let scrubbed = store.scrub(&seen.revision, soon());
    assert_eq!(scrubbed, Err(StoreError::Conflict));
}

#[test]
fn the_named_fields_alone_are_the_credential() {
    let bao = OpenBao::start();
    let fields = json!({ "username": "u", "password": "old", "host": "a" });
    bao.put("pg", fields);
    let source = source(with_token(bao.address(), bao.root_token()));
    let credential = || source.credential("secret/pg").unwrap();
    let store = credential().of(["username", "password"]).rotating();
    let seen = stage(&store, &[("username", "v"), ("password", "new")]);
    assert!(
        seen.current
            .bundle
            .is_same(&bundle(&[("username", "u"), ("password", "old")]))
    );
    // A person changes another field meanwhile.
    assert_eq!(
        put(&source, &[("secret/pg#host", "b")], Over::Anything),
        [None]
    );
    let seen = promote(&store, &store.read(soon()).unwrap());
    assert!(
        seen.current.id.is_some(),
        "it is still the one that was made"
    );
    drop(seen);
    let there = document(&bao, "secret/data/pg");
    assert_eq!(
        (&there["username"], &there["password"], &there["host"]),
        (&json!("v"), &json!("new"), &json!("b"))
    );
    let other = credential().of(["port"]).rotating();
    assert_eq!(other.read(soon()).err(), Some(StoreError::Missing));
}

#[test]
fn a_launch_is_given_no_journal_and_hears_of_what_is_pending() {
    let bao = OpenBao::start();
    let canary = Canary::new();
    bao.put("pg", json!({ "password": "old", "port": 5432 }));
    let source = source(with_token(bao.address(), bao.root_token()));
    let store = source.credential("secret/pg").unwrap().rotating();
    let locator = Locator::new("secret/pg#password");
    assert_eq!(value(&source, "secret/pg#password"), "old");
    assert!(!source.is_rotating(&locator));

    let seen = stage(&store, &[("password", canary.value())]);
    assert_eq!(value(&source, "secret/pg#password"), "old");
    assert!(source.is_rotating(&locator));
    assert!(!source.is_rotating(&Locator::new("secret/other#password")));
    for field in [
        "_mcp_launch",
        "_mcp_launch.pending.fields.password",
        "%5Fmcp_launch",
    ] {
        let (error, _) = failure(&source, &format!("secret/pg#{field}"));
        assert_eq!(error.kind(), SourceErrorKind::Malformed, "{field}");
    }
    for locator in ["secret/pg", "secret/pg#none"] {
        let (_, remedy) = failure(&source, locator);
        assert_eq!(remedy, "its fields are: password, port", "{locator}");
    }
    assert_eq!(
        source.names("secret/pg", soon()).unwrap(),
        ["password", "port"]
    );
    assert_eq!(
        put(&source, &[("secret/pg#_mcp_launch", "x")], Over::Anything),
        [Some(SourceErrorKind::Malformed)]
    );
    assert_eq!(
        put(&source, &[("secret/pg#more", "x")], Over::Nothing),
        [None]
    );
    let pending = document(&bao, "secret/data/pg")["_mcp_launch"]["pending"].clone();
    assert_eq!(pending["fields"]["password"], canary.value());

    drop(seen);
    let removed = source.remove("secret/pg#more", soon());
    assert_eq!(removed, Ok(()));
    promote(&store, &store.read(soon()).unwrap());
    assert_eq!(value(&source, "secret/pg#password"), canary.value());
    assert!(!source.is_rotating(&locator));
}

#[test]
fn a_lost_answer_may_have_been_done_and_one_that_never_went_out_was_not() {
    let bao = OpenBao::start();
    let canary = Canary::new();
    bao.put("pg", json!({ "password": canary.value() }));
    let (relay, lose) = (
        Relay::to(bao.address(), None),
        Arc::new(AtomicBool::new(false)),
    );
    let losing = Arc::clone(&lose);
    let server = FaultServer::start(Script::from_fn(move |request| {
        let answer = relay.answer(request);
        match request.method.as_str() {
            "POST" if losing.load(Ordering::SeqCst) => answer.cut_body(3),
            _ => answer,
        }
    }));
    let store = store_at(&server.address(), bao.root_token(), "secret/pg");
    let seen = store.read(soon()).unwrap();
    lose.store(true, Ordering::SeqCst);
    let begun = store.begin(&seen.revision, Opening::Claim, &owner(), soon());
    assert_eq!(begun, Err(StoreError::Unknown));
    let remedy = store.remedy(StoreError::Unknown).unwrap_or_default();
    canary.assert_absent("the remedy", &remedy);
    lose.store(false, Ordering::SeqCst);
    let seen = store.read(soon()).unwrap();
    assert!(matches!(seen.stage, Stage::Claimed(_)), "it was done");

    let nobody = RefusedAddress::new();
    let store = store_at(&nobody.http(), "s.t", "secret/pg");
    assert_eq!(store.read(soon()).err(), Some(StoreError::Unavailable));
}

#[test]
fn each_failure_of_a_write_says_whether_it_may_have_been_done() {
    let bao = OpenBao::start();
    bao.put("pg", json!({ "password": "old" }));
    for (fault, error) in [
        (Answer::status(502), StoreError::Unknown),
        (Answer::status(503).body("no upstream"), StoreError::Unknown),
        (Answer::status(200).body("<html>"), StoreError::Unknown),
        (
            Answer::json(500, &json!({ "errors": ["internal error"] })),
            StoreError::Unknown,
        ),
        (Answer::sealed(), StoreError::Locked),
        (
            Answer::json(429, &json!({ "errors": [] })),
            StoreError::Limited,
        ),
        (Answer::stall(), StoreError::Unknown),
    ] {
        let relay = Relay::to(bao.address(), None);
        let told = format!("{fault:?}");
        let server = FaultServer::start(Script::from_fn(move |request| {
            match request.method.as_str() {
                "POST" => fault.clone(),
                _ => relay.answer(request),
            }
        }));
        let store = store_at(&server.address(), bao.root_token(), "secret/pg");
        let seen = store.read(soon()).unwrap();
        let deadline = Deadline::after(Duration::from_secs(2));
        let begun = store.begin(&seen.revision, Opening::Claim, &owner(), deadline);
        assert_eq!(begun, Err(error), "{told}");
        let posts = server.requests().into_iter();
        let posts = posts.filter(|request| request.method == "POST").count();
        assert_eq!(posts, 1, "{told}: a write is sent once");
    }
}

#[test]
fn the_time_is_the_vaults() {
    let relay_to = OpenBao::start();
    relay_to.put("pg", json!({ "password": "old" }));
    let relay = Relay::to(relay_to.address(), None);
    let server = FaultServer::start(Script::from_fn(move |request| {
        relay
            .answer(request)
            .header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
    }));
    let store = store_at(&server.address(), relay_to.root_token(), "secret/pg");
    let seen = store.read(soon()).unwrap();
    assert_eq!(seen.read_at.as_second(), 784_111_777);
}

#[test]
fn a_session_that_was_ended_is_followed_by_another() {
    let bao = OpenBao::start();
    bao.put("pg", json!({ "password": "old" }));
    bao.write_policy(
        "app",
        "path \"secret/data/pg\" { capabilities = [\"read\", \"update\"] }",
    );
    let (role_id, secret_id) = bao.enable_approle("app", "1h");
    let source = source(crate::stage::approle(bao.address(), &role_id, &secret_id));
    let store = source.credential("secret/pg").unwrap().rotating();
    let seen = store.read(soon()).unwrap();
    bao.api("POST", "sys/leases/revoke-prefix/auth/approle", None);
    store
        .begin(&seen.revision, Opening::Claim, &owner(), soon())
        .unwrap();
    let requests = bao.requests();
    let logins = requests
        .iter()
        .filter(|request| request.path == "auth/approle/login");
    assert_eq!(logins.count(), 2);
}

#[test]
fn two_hundred_credentials_are_read_within_a_second_under_one_login() {
    let bao = OpenBao::start();
    bao.write_policy(
        "app",
        "path \"secret/data/*\" { capabilities = [\"read\"] }",
    );
    let (role_id, secret_id) = bao.enable_approle("app", "1h");
    let root = source(with_token(bao.address(), bao.root_token()));
    let names: Vec<String> = (0..200)
        .map(|index| format!("secret/app/c{index}#password"))
        .collect();
    let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "p")).collect();
    let long = Deadline::after(Duration::from_secs(60));
    let outcomes = write(&root, &pairs, |_| Over::Nothing, long);
    assert!(outcomes.iter().all(Result::is_ok));
    let source = source(crate::stage::approle(bao.address(), &role_id, &secret_id));
    let mark = bao.mark();
    let begun = Instant::now();
    for index in 0..200 {
        let path = format!("secret/app/c{index}");
        let store = source.credential(&path).unwrap().rotating();
        let seen = store.read(long).unwrap();
        assert_eq!(text(seen.current.bundle.get("password").unwrap()), "p");
    }
    let took = begun.elapsed();
    let asked = asked(&bao, mark);
    assert_eq!(asked.len(), 201, "a login and a read for each");
    let ports = bao.requests_since(mark);
    let ports: std::collections::BTreeSet<u16> = ports.iter().map(|request| request.port).collect();
    assert_eq!(ports.len(), 1, "one connection");
    println!("200 credentials were read in {took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}
