//! Where values may be written, what is listed and removed, and what is told when it fails.

use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Locator, Over, Source as _, SourceErrorKind, Store as _};
use mcp_launch_testkit::{Answer, Canary, FaultServer, OpenBao, RefusedAddress};
use serde_json::json;

use crate::stage::{
    approle, asked, failure, put, secret, soon, source, token, value, with_token, write,
};

#[test]
fn fields_secrets_and_folders_are_listed() {
    let bao = OpenBao::start();
    bao.put("b", json!({ "z": 1, "a": null, "o": {}, "x#y": "" }));
    bao.put("a", json!({ "k": "v" }));
    bao.put("team/one", json!({ "k": "v" }));
    bao.put("team/x%23y", json!({ "k": "v" }));
    bao.put("team/gone", json!({ "k": "v" }));
    bao.api("DELETE", "secret/data/team/gone", None);
    let source = source(with_token(bao.address(), bao.root_token()));
    for (within, names) in [
        ("secret/b", &["a", "o", "x%23y", "z"][..]),
        ("secret/data/b", &["a", "o", "x%23y", "z"]),
        ("secret/", &["a", "b", "team/"]),
        ("secret/team/", &["gone", "one", "x%23y"]),
        ("secret/metadata/team/", &["gone", "one", "x%23y"]),
    ] {
        assert_eq!(source.names(within, soon()).unwrap(), names, "{within}");
    }
    assert_eq!(value(&source, "secret/team/x%23y#k"), "v");
    for missing in ["secret/none", "secret/none/", "secret/team/gone"] {
        let error = source.names(missing, soon()).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Missing, "{missing}: {error}");
    }
    for malformed in ["", "/", "secret", "secret/b#a", "secret/b?version=1"] {
        let error = source.names(malformed, soon()).unwrap_err();
        assert_eq!(
            error.kind(),
            SourceErrorKind::Malformed,
            "{malformed}: {error}"
        );
    }
}

#[test]
fn the_last_field_takes_the_newest_version_with_it_and_no_other() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "a": "1", "b": 2.50 }));
    let source = source(with_token(bao.address(), bao.root_token()));
    source.remove("secret/app#a", soon()).unwrap();
    assert_eq!(source.names("secret/app", soon()).unwrap(), ["b"]);
    let missing = source.remove("secret/app#a", soon()).unwrap_err();
    assert_eq!(missing.kind(), SourceErrorKind::Missing);
    source.remove("secret/app#b", soon()).unwrap();
    let (error, _) = failure(&source, "secret/app#b");
    assert_eq!(error.kind(), SourceErrorKind::Missing);
    assert_eq!(value(&source, "secret/app?version=1#a"), "1");
    assert_eq!(value(&source, "secret/app?version=1#b"), "2.5");
    bao.bao(&["kv", "undelete", "-mount=secret", "-versions=2", "app"]);
    assert_eq!(value(&source, "secret/app#b"), "2.5");
    for name in ["secret/none#a", "secret/app#none"] {
        let error = source.remove(name, soon()).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Missing, "{name}");
    }
}

#[test]
fn only_a_field_of_a_secret_is_written() {
    let bao = OpenBao::start();
    bao.put(
        "app",
        json!({ "db": { "password": "p" }, "a.b": "1", "list": [1] }),
    );
    bao.put("creds/x", json!({ "k": "v" }));
    let source = source(with_token(bao.address(), bao.root_token()));
    bao.bao(&["secrets", "enable", "totp"]);
    let mark = bao.mark();
    for name in [
        "secret/app",
        "secret/app?version=1#k",
        "secret#k",
        "v1/secret/app#k",
        "secret/../app#k",
        "secret/app#db.password",
        "secret/app#db.new",
        "secret/app#list[0]",
    ] {
        let outcome = put(&source, &[(name, "x")], Over::Anything);
        assert_eq!(outcome, [Some(SourceErrorKind::Malformed)], "{name}");
    }
    // What is a path to nobody is a name, and reads back as one.
    for name in [
        "secret/app#a.b",
        "secret/app#x.y",
        "secret/app#[0]",
        "secret/creds/x#k",
        "secret/a%23b#c%3Fd",
    ] {
        assert_eq!(
            put(&source, &[(name, "x")], Over::Anything),
            [None],
            "{name}"
        );
        assert_eq!(value(&source, name), "x");
    }
    assert_eq!(value(&source, "secret/app#db.password"), "p");
    for name in ["totp/code/x#k", "totp/creds/x#k", "database/creds/app#k"] {
        let outcome = put(&source, &[(name, "x")], Over::Anything);
        assert_eq!(outcome, [Some(SourceErrorKind::Unavailable)], "{name}");
    }
    assert_eq!(
        source.names("totp/", soon()).unwrap_err().kind(),
        SourceErrorKind::Unavailable
    );
    let written: Vec<String> = asked(&bao, mark)
        .into_iter()
        .filter(|asked| asked.contains("date ") && !asked.contains("secret/"))
        .collect();
    assert!(written.is_empty(), "{written:?}");
}

#[test]
fn the_capability_that_is_missing_is_told() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "k": "v" }));
    let read = r#"path "secret/data/*" { capabilities = ["read"] }"#;
    let reader = token(&bao, "reader", read);
    let source_of = |token: &str| source(with_token(bao.address(), token));
    let told = |name: &str,
                outcome: Result<(), mcp_launch_core::SourceError>,
                source: &mcp_launch_source_vault::VaultSource| {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Denied, "{error}");
        source.remedy(&Locator::new(name), error).unwrap()
    };
    let reader = source_of(&reader);
    for (name, path, capability) in [
        ("secret/app#k", "secret/data/app", "update"),
        ("secret/new#k", "secret/data/new", "create"),
    ] {
        let outcomes = write(&reader, &[(name, "x")], |_| Over::Anything, soon());
        let remedy = told(name, outcomes[0], &reader);
        let line = format!(r#"path "{path}" {{ capabilities = ["{capability}"] }}"#);
        assert!(remedy.contains(&line), "{remedy}");
    }
    let remedy = told(
        "secret/app#k",
        reader.remove("secret/app#k", soon()),
        &reader,
    );
    assert!(
        remedy.contains(r#"path "secret/delete/app" { capabilities = ["update"] }"#),
        "{remedy}"
    );
    for (within, path) in [
        ("secret/", "secret/metadata"),
        ("secret/team/", "secret/metadata/team"),
    ] {
        let remedy = told(within, reader.names(within, soon()).map(drop), &reader);
        assert!(
            remedy.contains(&format!(r#"path "{path}" {{ capabilities = ["list"] }}"#)),
            "{remedy}"
        );
    }
    let writer = token(
        &bao,
        "writer",
        r#"path "secret/data/*" { capabilities = ["create", "update"] }"#,
    );
    let writer = source_of(&writer);
    let outcomes = write(
        &writer,
        &[("secret/app#k", "x")],
        |_| Over::Anything,
        soon(),
    );
    let remedy = told("secret/app#k", outcomes[0], &writer);
    assert!(
        remedy.contains(r#"path "secret/data/app" { capabilities = ["read"] }"#),
        "{remedy}"
    );
}

/// As docs/sources/vault.md has it.
#[test]
fn the_policy_for_writing_is_enough() {
    let bao = OpenBao::start();
    let page = include_str!("../../../../../docs/sources/vault.md");
    let from = page.find("# for writing").unwrap();
    let policy = &page[from..from + page[from..].find("```").unwrap()];
    bao.write_policy("app", policy);
    let (role_id, secret_id) = bao.enable_approle("app", "1m");
    let source = source(approle(bao.address(), &role_id, &secret_id));
    let pairs = [("secret/mcp/a#k", "1"), ("secret/mcp/b#k", "2")];
    assert_eq!(put(&source, &pairs, Over::Nothing), [None, None]);
    assert_eq!(put(&source, &pairs[..1], Over::Anything), [None]);
    assert_eq!(source.names("secret/mcp/", soon()).unwrap(), ["a", "b"]);
    assert_eq!(source.names("secret/mcp/a", soon()).unwrap(), ["k"]);
    assert_eq!(value(&source, "secret/mcp/b#k"), "2");
    source.remove("secret/mcp/a#k", soon()).unwrap();
    let many: Vec<String> = (0..600)
        .map(|index| format!("secret/mcp/many#F{index}"))
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "v")).collect();
    assert_eq!(put(&source, &many, Over::Nothing), vec![None; 600]);
}

#[test]
fn a_session_that_was_ended_meanwhile_writes_all_the_same() {
    let bao = OpenBao::start();
    bao.write_policy(
        "app",
        r#"path "secret/data/*" { capabilities = ["create", "read", "update"] }"#,
    );
    let (role_id, secret_id) = bao.enable_approle("app", "1m");
    let of_a_launch = || source(approle(bao.address(), &role_id, &secret_id));
    let revoke = || drop(bao.bao(&["lease", "revoke", "-prefix", "auth/approle/login"]));
    assert_eq!(
        put(&of_a_launch(), &[("secret/a#k", "1")], Over::Nothing),
        [None]
    );
    revoke();
    let pairs = [("secret/a#x", "2"), ("secret/b#k", "3")];
    assert_eq!(put(&of_a_launch(), &pairs, Over::Nothing), [None, None]);
    revoke();
    assert_eq!(of_a_launch().names("secret/a", soon()).unwrap(), ["k", "x"]);
}

#[test]
fn what_keeps_a_vault_from_being_written_is_told_apart() {
    let bao = OpenBao::start();
    bao.seal();
    let sealed = source(with_token(bao.address(), bao.root_token()));
    let refused = source(with_token(&RefusedAddress::new().http(), "s.t"));
    for (source, kind) in [
        (sealed, SourceErrorKind::Locked),
        (refused, SourceErrorKind::Unavailable),
    ] {
        let pairs = [("secret/a#k", "1"), ("secret/b#k", "2")];
        assert_eq!(put(&source, &pairs, Over::Anything), [Some(kind); 2]);
        assert_eq!(source.names("secret/", soon()).unwrap_err().kind(), kind);
        assert_eq!(
            source.remove("secret/a#k", soon()).unwrap_err().kind(),
            kind
        );
    }
    let silent = FaultServer::start(Answer::stall());
    let source = source(with_token(&silent.address(), "s.t"));
    let begun = Instant::now();
    let deadline = Deadline::after(Duration::from_millis(400));
    let outcomes = write(
        &source,
        &[("secret/a#k", "1"), ("secret/b#k", "2")],
        |_| Over::Anything,
        deadline,
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
    for outcome in outcomes {
        assert_eq!(outcome.unwrap_err().kind(), SourceErrorKind::TimedOut);
    }
    assert_eq!(
        source
            .names("secret/", Deadline::after(Duration::ZERO))
            .unwrap_err()
            .kind(),
        SourceErrorKind::TimedOut
    );
}

#[test]
fn no_value_is_told_by_what_fails() {
    let canary = Canary::new();
    let bao = OpenBao::start();
    bao.put(
        "app",
        json!({ "k": canary.value(), "o": { "x": canary.value() } }),
    );
    let reader = token(
        &bao,
        "reader",
        r#"path "secret/data/*" { capabilities = ["read"] }"#,
    );
    let quoting = FaultServer::start(Answer::json(400, &json!({ "errors": [canary.value()] })));
    let mut told = String::new();
    for source in [
        source(with_token(bao.address(), bao.root_token())),
        source(with_token(bao.address(), &reader)),
        source(with_token(&quoting.address(), "s.t")),
    ] {
        for name in [
            "secret/app#k",
            "secret/app#o.x",
            "secret/app?version=1#k",
            "secret/new#k",
            "database/creds/x#k",
        ] {
            for over in [Over::Nothing, Over::Value(&secret("no"))] {
                let outcomes = write(&source, &[(name, canary.value())], |_| over, soon());
                for error in outcomes.into_iter().filter_map(Result::err) {
                    told += &format!(
                        "{error} {error:?} {:?}",
                        source.remedy(&Locator::new(name), error)
                    );
                }
            }
            for error in [
                source.remove(name, soon()).err(),
                source.names(name, soon()).err(),
            ]
            .into_iter()
            .flatten()
            {
                told += &format!(
                    "{error} {error:?} {:?}",
                    source.remedy(&Locator::new(name), error)
                );
            }
        }
        told += &source.notices().join("\n");
    }
    assert!(told.contains("another value is there"), "{told}");
    canary.assert_absent("what is told", told);
}
