//! Values that are written: merged, over one version and no other, each once.

use std::collections::BTreeMap;
use std::time::Duration;

use mcp_launch_core::{Locator, Over, Secret, Source as _, SourceErrorKind, Store as _};
use mcp_launch_source_vault::{Engine, Settings, VaultSource};
use mcp_launch_testkit::OpenBao;
use serde_json::{Value, json};

use crate::stage::{
    asked, document, failure, locators, put, secret, soon, source, value, version, with_token,
    write,
};

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

/// Where a Vault takes them. `parts` has what is done where it does not.
#[test]
fn a_thousand_fields_are_one_version_and_two_requests() {
    let bao = OpenBao::builder().json_strings(4096).start();
    bao.put("many", json!({ "there": 1 }));
    let source = source(with_token(bao.address(), bao.root_token()));
    let names: Vec<String> = (0..1000)
        .map(|index| format!("secret/many#F{index}"))
        .collect();
    let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "v")).collect();
    let mark = bao.mark();
    assert_eq!(put(&source, &pairs, Over::Nothing), vec![None; 1000]);
    let requests = ["read secret/data/many", "update secret/data/many"];
    assert_eq!(asked(&bao, mark), requests);
    let fields = document(&bao, "secret/data/many");
    assert_eq!(fields.as_object().unwrap().len(), 1001);
    assert_eq!(fields["there"], json!(1));
}

/// Without versions there is no part of a secret that could be written.
#[test]
fn a_secret_without_versions_that_is_too_large_is_told() {
    let bao = OpenBao::start();
    bao.bao(&["secrets", "enable", "-version=1", "-path=old", "kv"]);
    let source = source(with_token(bao.address(), bao.root_token()));
    let names: Vec<String> = (0..1000)
        .map(|index| format!("old/many#F{index}"))
        .collect();
    let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "v")).collect();
    let outcomes = write(&source, &pairs, |_| Over::Nothing, soon());
    let error = outcomes[0].unwrap_err();
    assert!(
        error
            .to_string()
            .contains("more in it than its Vault takes"),
        "{error}"
    );
    let remedy = source.remedy(&Locator::new(pairs[0].0), error).unwrap();
    assert!(remedy.contains("several secrets"), "{remedy}");
    assert_eq!(put(&source, &pairs[..490], Over::Nothing), vec![None; 490]);
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

/// Once the mount is known, what is to replace nothing is written without a look.
#[test]
fn what_is_there_is_not_written_over_without_a_look() {
    let bao = OpenBao::start();
    bao.put("there", json!({ "k": "1" }));
    bao.put("gone", json!({ "k": "1" }));
    bao.api("DELETE", "secret/data/gone", None);
    let settings = Settings {
        mounts: BTreeMap::from([("secret".to_owned(), Engine::KvV2)]),
        ..with_token(bao.address(), bao.root_token())
    };
    let source = source(settings);
    let conflict = Some(SourceErrorKind::Conflict);
    let pairs = [
        ("secret/there#k", "2"),
        ("secret/there#x", "2"),
        ("secret/gone#k", "2"),
        ("secret/new#k", "2"),
    ];
    let mark = bao.mark();
    assert_eq!(
        put(&source, &pairs, Over::Nothing),
        [conflict, None, None, None]
    );
    let asked = asked(&bao, mark);
    assert!(
        !asked.contains(&"read secret/data/new".to_owned()),
        "{asked:?}"
    );
    assert_eq!(
        document(&bao, "secret/data/there"),
        json!({ "k": "1", "x": "2" })
    );
    assert_eq!(document(&bao, "secret/data/gone"), json!({ "k": "2" }));
    assert_eq!(document(&bao, "secret/data/new"), json!({ "k": "2" }));
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
