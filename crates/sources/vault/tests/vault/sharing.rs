//! What launches of the same time share, and what is used when the Vault cannot be asked.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use mcp_launch_core::{Source as _, SourceErrorKind};
use mcp_launch_source_vault::Settings;
use mcp_launch_testkit::{Canary, OpenBao, Scratch};
use serde_json::json;

use crate::stage::{counted, failure, source, token, value, with_token};

#[test]
fn twenty_launches_at_once_log_in_once_and_fetch_each_path_once() {
    let bao = OpenBao::start();
    for path in ["0", "1", "2"] {
        bao.put(path, json!({ "k": format!("value {path}") }));
    }
    bao.write_policy("app", r#"path "secret/data/*" { capabilities = ["read"] }"#);
    let (role_id, secret_id) = bao.enable_approle("app", "1m");
    let scratch = Scratch::new();
    let mark = bao.mark();
    let launches: Vec<Child> = (0..20)
        .map(|index| {
            let mut launch = scratch.command(example("vault_value"));
            launch.args([bao.address(), &format!("secret/{}#k", index % 3)]);
            let mut child = launch
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let login = format!("{role_id}\n{secret_id}\n");
            child
                .stdin
                .take()
                .unwrap()
                .write_all(login.as_bytes())
                .unwrap();
            child
        })
        .collect();
    for (index, launch) in launches.into_iter().enumerate() {
        let said = String::from_utf8(launch.wait_with_output().unwrap().stdout).unwrap();
        assert_eq!(said, format!("value {}", index % 3));
    }
    let counts = counted(&bao, mark);
    let expected = HashMap::from([
        ("update auth/approle/login".to_owned(), 1),
        ("read secret/data/0".to_owned(), 1),
        ("read secret/data/1".to_owned(), 1),
        ("read secret/data/2".to_owned(), 1),
    ]);
    assert_eq!(counts, expected);
}

/// An example of this crate. `cargo test -p mcp-launch-source-vault` builds it; `--test NAME` does not.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().unwrap().parent().unwrap();
    let path = profile.join("examples").join(name);
    assert!(
        path.exists(),
        "{} is not built: cargo build -p mcp-launch-source-vault --examples",
        path.display()
    );
    path
}

#[test]
fn who_logs_in_otherwise_is_lent_nothing() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "k": "v" }));
    assert_eq!(
        value(
            &source(with_token(bao.address(), bao.root_token())),
            "secret/app#k"
        ),
        "v"
    );
    let other = token(
        &bao,
        "other",
        r#"path "secret/data/x" { capabilities = ["read"] }"#,
    );
    let (error, _) = failure(&source(with_token(bao.address(), &other)), "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Denied);
}

#[test]
fn an_older_answer_stands_in_for_a_sealed_vault_and_is_told() {
    let canary = Canary::new();
    let bao = OpenBao::start();
    bao.put("app", json!({ "k": canary.value() }));
    let settings = |stale| Settings {
        stale,
        ..with_token(bao.address(), bao.root_token())
    };
    let day = Some(Duration::from_secs(86_400));
    assert_eq!(
        value(&source(settings(day)), "secret/app#k"),
        canary.value()
    );
    // So long that what was lent just now is no longer fresh.
    std::thread::sleep(mcp_launch_sharing::WINDOW + Duration::from_millis(500));
    bao.seal();
    let late = source(settings(day));
    assert_eq!(value(&late, "secret/app#k"), canary.value());
    let notices = late.notices();
    assert_eq!(notices.len(), 1);
    assert!(
        notices[0].contains("secret/app") && notices[0].contains("seconds ago"),
        "{notices:?}"
    );
    canary.assert_absent("the notice", &notices[0]);
    // Without the setting, and for what was never read, a sealed Vault is a sealed Vault.
    let (error, _) = failure(&source(settings(None)), "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Locked);
    let (error, _) = failure(&source(settings(day)), "secret/other#k");
    assert_eq!(error.kind(), SourceErrorKind::Locked);
    bao.unseal();
    // The Vault says that it is gone: that is an answer.
    bao.api("DELETE", "secret/metadata/app", None);
    let (error, _) = failure(&source(settings(day)), "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Missing);
}

#[test]
fn a_cache_answers_while_it_holds() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "k": "old" }));
    let settings = |cache| Settings {
        cache,
        ..with_token(bao.address(), bao.root_token())
    };
    let hour = Some(Duration::from_secs(3600));
    assert_eq!(value(&source(settings(hour)), "secret/app#k"), "old");
    bao.put("app", json!({ "k": "new" }));
    std::thread::sleep(mcp_launch_sharing::WINDOW + Duration::from_millis(500));
    assert_eq!(value(&source(settings(hour)), "secret/app#k"), "old");
    assert_eq!(value(&source(settings(None)), "secret/app#k"), "new");
}
