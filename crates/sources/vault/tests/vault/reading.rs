//! Secrets with versions, without, in other places than usual; and how often the Vault is asked.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use mcp_launch_core::{Locator, Source as _, SourceErrorKind};
use mcp_launch_source_vault::{Engine, Settings};
use mcp_launch_testkit::{Answer, FaultServer, OpenBao, Script};
use serde_json::json;

use crate::stage::{
    approle, asked, failure, locators, soon, source, text, token, value, with_token,
};

#[test]
fn one_path_is_one_request_however_many_fields() {
    let bao = OpenBao::start();
    bao.put(
        "mcp/pg",
        json!({ "user": "u", "password": "p\n", "port": 5432, "more": { "a": [1] } }),
    );
    let source = source(with_token(bao.address(), bao.root_token()));
    let mark = bao.mark();
    let asked_for = locators(&[
        "secret/mcp/pg#password",
        "secret/mcp/pg#user",
        "/secret//mcp/pg#port",
        "secret/data/mcp/pg#more",
        "secret/mcp/pg#more.a",
    ]);
    // Two spellings of the path are two questions: where the mount ends, only the Vault knows.
    let answers = source.fetch(&asked_for[..3], soon());
    let values: Vec<String> = answers
        .iter()
        .map(|answer| text(answer.as_ref().unwrap()))
        .collect();
    assert_eq!(values, ["p\n", "u", "5432"]);
    assert_eq!(asked(&bao, mark), ["read secret/data/mcp/pg"]);

    let answers = source.fetch(&asked_for[3..], soon());
    let values: Vec<String> = answers
        .iter()
        .map(|answer| text(answer.as_ref().unwrap()))
        .collect();
    assert_eq!(values, [r#"{"a":[1]}"#, "[1]"]);
}

#[test]
fn many_paths_cost_one_login_and_a_request_each() {
    let bao = OpenBao::start();
    let paths: Vec<String> = (0..12).map(|index| format!("many/{index}")).collect();
    for path in &paths {
        bao.put(path, json!({ "v": path }));
    }
    bao.write_policy("app", r#"path "secret/data/*" { capabilities = ["read"] }"#);
    let (role_id, secret_id) = bao.enable_approle("app", "1m");
    let source = source(approle(bao.address(), &role_id, &secret_id));
    let mark = bao.mark();
    let wanted: Vec<Locator> = paths
        .iter()
        .map(|path| Locator::new(format!("secret/{path}#v")))
        .collect();
    let answers = source.fetch(&wanted, soon());
    let values: Vec<String> = answers
        .iter()
        .map(|answer| text(answer.as_ref().unwrap()))
        .collect();
    assert_eq!(values, paths);
    let asked = asked(&bao, mark);
    assert_eq!(asked[0], "update auth/approle/login");
    assert_eq!(asked.len(), 13, "{asked:?}");
}

/// A server that answers none before it was asked for all.
#[test]
fn paths_are_read_side_by_side() {
    const PATHS: usize = 8;
    let all_asked = (Mutex::new(0), Condvar::new());
    let server = FaultServer::start(Script::from_fn(move |_| {
        let (count, more) = &all_asked;
        let mut count = count.lock().unwrap();
        *count += 1;
        more.notify_all();
        let waited =
            more.wait_timeout_while(count, Duration::from_secs(30), |count| *count < PATHS);
        assert!(!waited.unwrap().1.timed_out(), "one after the other");
        Answer::json(200, &json!({ "lease_duration": 1, "data": { "k": "v" } }))
    }));
    let source = source(Settings {
        mounts: BTreeMap::from([("old".to_owned(), Engine::KvV1)]),
        ..with_token(&server.address(), "s.t")
    });
    let wanted: Vec<String> = (0..PATHS).map(|index| format!("old/{index}#k")).collect();
    let wanted: Vec<Locator> = wanted.iter().map(Locator::new).collect();
    for answer in source.fetch(&wanted, soon()) {
        assert_eq!(text(&answer.unwrap()), "v");
    }
}

#[test]
fn versions_are_told_apart_from_what_is_missing() {
    let bao = OpenBao::start();
    for number in 1..=4 {
        bao.put("v", json!({ "n": number }));
    }
    bao.api("POST", "secret/delete/v", Some(json!({ "versions": [2] })));
    bao.api("PUT", "secret/destroy/v", Some(json!({ "versions": [3] })));
    let source = source(with_token(bao.address(), bao.root_token()));
    assert_eq!(value(&source, "secret/v#n"), "4");
    assert_eq!(value(&source, "secret/v?version=1#n"), "1");
    for (locator, note, remedy) in [
        (
            "secret/v?version=2#n",
            "deleted",
            "undelete -mount=secret -versions=2 v",
        ),
        ("secret/v?version=3#n", "destroyed", ""),
        (
            "secret/v?version=9#n",
            "no such version",
            "newest is version 4",
        ),
        ("secret/w?version=1#n", "no secret at that path", ""),
        (
            "secret/w#n",
            "no secret at that path",
            "bao kv list secret lists",
        ),
        (
            "secret/v/n",
            "no secret at that path",
            "did you mean `secret/v#n`?",
        ),
        (
            "secret/v/n#n",
            "no secret at that path",
            "bao kv list secret/v lists",
        ),
        ("secret/v#m", "no such field", "its fields are: n"),
    ] {
        let (error, told) = failure(&source, locator);
        assert_eq!(error.kind(), SourceErrorKind::Missing, "{locator}: {error}");
        assert!(
            error.explanation().unwrap().contains(note),
            "{locator}: {error}"
        );
        assert!(told.contains(remedy), "{locator}: {told}");
    }
    bao.api("DELETE", "secret/data/v", None);
    let (error, _) = failure(&source, "secret/v?#n");
    assert_eq!(error.kind(), SourceErrorKind::Malformed);
}

#[test]
fn a_whole_secret_is_answered_with_the_names_of_its_fields() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "user": "u", "password": "p" }));
    let source = source(with_token(bao.address(), bao.root_token()));
    let (error, remedy) = failure(&source, "secret/app");
    assert_eq!(error.kind(), SourceErrorKind::Malformed);
    assert_eq!(remedy, "its fields are: password, user");
}

#[test]
fn a_secret_without_versions_is_found_out_by_asking() {
    let bao = OpenBao::start();
    bao.bao(&["secrets", "enable", "-version=1", "-path=old", "kv"]);
    bao.api("POST", "old/app", Some(json!({ "k": "v1" })));
    // One that looks like a secret with versions, where such a secret would be.
    let metadata =
        json!({ "created_time": "t", "deletion_time": "", "destroyed": false, "version": 1 });
    let lookalike = json!({ "data": { "k": "inner" }, "metadata": metadata, "k": "outer" });
    bao.api("POST", "old/data/trap", Some(lookalike));
    let source = source(with_token(bao.address(), bao.root_token()));

    let mark = bao.mark();
    assert_eq!(value(&source, "old/app#k"), "v1");
    let expected = [
        "read old/data/app",
        "read sys/internal/ui/mounts/old/app",
        "read old/app",
    ];
    assert_eq!(asked(&bao, mark), expected);
    assert_eq!(value(&source, "old/data/trap#k"), "outer");
    assert_eq!(
        failure(&source, "old/trap#k").0.kind(),
        SourceErrorKind::Missing
    );
    let (error, _) = failure(&source, "old/app?version=1#k");
    assert!(
        error.explanation().unwrap().contains("no versions"),
        "{error}"
    );
}

#[test]
fn a_mount_of_several_segments_is_found_out_or_set() {
    let bao = OpenBao::start();
    bao.bao(&["secrets", "enable", "-version=2", "-path=team/a/kv", "kv"]);
    bao.bao(&["secrets", "enable", "-version=1", "-path=team/b", "kv"]);
    bao.api(
        "POST",
        "team/a/kv/data/x/y",
        Some(json!({ "data": { "k": "deep" } })),
    );
    bao.api("POST", "team/b/creds/x", Some(json!({ "k": "creds" })));
    let policy = r#"path "team/a/kv/data/*" { capabilities = ["read"] }
        path "team/b/*" { capabilities = ["read"] }"#;
    let token = token(&bao, "team", policy);
    let asking = source(with_token(bao.address(), &token));
    assert_eq!(value(&asking, "team/a/kv/x/y#k"), "deep");
    assert_eq!(value(&asking, "team/a/kv/data/x/y#k"), "deep");
    assert_eq!(value(&asking, "team/b/creds/x#k"), "creds");

    let told = source(Settings {
        mounts: BTreeMap::from([
            ("team/a/kv/".to_owned(), Engine::KvV2),
            ("team/b".to_owned(), Engine::KvV1),
        ]),
        ..with_token(bao.address(), bao.root_token())
    });
    let mark = bao.mark();
    assert_eq!(value(&told, "team/a/kv/x/y#k"), "deep");
    assert_eq!(value(&told, "team/b/creds/x#k"), "creds");
    assert_eq!(
        asked(&bao, mark),
        ["read team/a/kv/data/x/y", "read team/b/creds/x"]
    );
}

#[test]
fn a_secret_called_data_or_creds_is_found() {
    let bao = OpenBao::start();
    bao.put("data/inner", json!({ "k": "in data" }));
    bao.put("creds/app", json!({ "k": "in creds" }));
    let source = source(with_token(bao.address(), bao.root_token()));
    assert_eq!(value(&source, "secret/data/inner#k"), "in data");
    assert_eq!(value(&source, "secret/creds/app#k"), "in creds");
}

#[test]
fn names_that_a_url_must_escape_arrive() {
    let bao = OpenBao::start();
    let name = "a b/ü?#%\\/x>y:-z";
    bao.bao(&["kv", "put", "-mount=secret", name, "k%:-=v"]);
    let source = source(with_token(bao.address(), bao.root_token()));
    assert_eq!(
        value(&source, "secret/a b/ü%3F%23%25\\/x%3Ey%3A-z#k%25%3A-"),
        "v"
    );
}

#[test]
fn a_namespace_and_an_address_with_a_path() {
    let bao = OpenBao::start();
    bao.bao(&["namespace", "create", "team"]);
    bao.bao(&[
        "secrets",
        "enable",
        "-namespace=team",
        "-version=2",
        "-path=secret",
        "kv",
    ]);
    bao.bao(&[
        "kv",
        "put",
        "-namespace=team",
        "-mount=secret",
        "x",
        "k=of the team",
    ]);
    bao.put("x", json!({ "k": "of the root" }));
    let of = |namespace: &str| {
        source(Settings {
            namespace: Some(namespace.to_owned()),
            ..with_token(bao.address(), bao.root_token())
        })
    };
    assert_eq!(value(&of("team"), "secret/x#k"), "of the team");
    assert_eq!(value(&of("team/"), "secret/x#k"), "of the team");
    let (error, _) = failure(&of("nobody"), "secret/x#k");
    assert_eq!(error.kind(), SourceErrorKind::Unavailable, "{error}");
    assert!(
        error.explanation().unwrap().contains("namespace"),
        "{error}"
    );
    let (error, _) = failure(&of("te\nam"), "secret/x#k");
    assert_eq!(error.kind(), SourceErrorKind::Malformed, "{error}");
}

/// The blocks of HCL in the page for users.
fn documented_policies() -> Vec<&'static str> {
    let page = include_str!("../../../../../docs/sources/vault.md");
    let blocks = page.split("```hcl\n").skip(1);
    blocks
        .filter_map(|block| Some(block.split_once("```")?.0))
        .collect()
}

#[test]
fn the_policy_of_the_page_for_users_is_enough() {
    let bao = OpenBao::start();
    bao.put("mcp/pg", json!({ "k": "new" }));
    bao.bao(&["secrets", "enable", "-version=1", "-path=old", "kv"]);
    bao.api("POST", "old/mcp/pg", Some(json!({ "k": "old" })));
    let policies = documented_policies();
    assert_eq!(policies.len(), 4, "{policies:?}");
    let with = |name: &str, policy: &str| {
        bao.write_policy(name, policy);
        let policy = format!("-policy={name}");
        let token = bao.bao(&[
            "token",
            "create",
            "-field=token",
            "-no-default-policy",
            &policy,
        ]);
        source(with_token(bao.address(), &token))
    };
    let least = with("least", policies[0]);
    assert_eq!(value(&least, "secret/mcp/pg#k"), "new");
    assert_eq!(value(&least, "old/mcp/pg#k"), "old");
    // With the rest of it, refusals are told better.
    let all = with("all", &policies.concat());
    let (error, remedy) = failure(&all, "secret/other#k");
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert!(remedy.contains("path \"secret/data/other\""), "{remedy}");
    let looked = all.look(&locators(&["database/creds/app#password"]), soon());
    assert_eq!(looked, [Ok(())]);
    // Only what was not shown has a reason for it.
    let unseen = |locator: &str| all.unseen(&Locator::new(locator));
    assert_eq!(
        unseen("database/creds/app#password"),
        Some("a dry run makes no credential; the token is allowed to")
    );
    assert_eq!(all.look(&locators(&["secret/mcp/pg#k"]), soon()), [Ok(())]);
    assert_eq!(unseen("secret/mcp/pg#k"), None);
}
