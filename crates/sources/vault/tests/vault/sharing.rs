//! What launches of the same time share, and what is used when the Vault cannot be asked.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use mcp_launch_core::{Source as _, SourceErrorKind};
use mcp_launch_source_vault::{Auth, Settings};
use mcp_launch_testkit::{Canary, Certificates, Identity, OpenBao, Scratch, TokenIssuer, example};
use serde_json::json;

use crate::stage::{
    approle, counted, credential, failure, locators, soon, source, token, value, with_auth,
    with_token,
};

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

/// The answer that this login gets when another one was given it just now.
fn after(right: Settings, wrong: Settings) -> SourceErrorKind {
    assert_eq!(value(&source(right), "secret/app#k"), "v");
    failure(&source(wrong), "secret/app#k").0.kind()
}

#[test]
fn who_knows_the_name_and_not_the_credential_is_lent_nothing() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "k": "v" }));
    bao.write_policy("app", r#"path "secret/data/*" { capabilities = ["read"] }"#);
    let (role_id, secret_id) = bao.enable_approle("app", "1m");
    let with = |secret_id: &str| approle(bao.address(), &role_id, secret_id);
    assert_eq!(
        after(with(&secret_id), with("wrong")),
        SourceErrorKind::Denied
    );

    bao.bao(&["auth", "enable", "userpass"]);
    let user = [
        "write",
        "auth/userpass/users/me",
        "password=pw",
        "token_policies=app",
    ];
    bao.bao(&user);
    let with = |password: &str| {
        let auth = Auth::Userpass {
            mount: "userpass".to_owned(),
            username: "me".to_owned(),
            password: credential(password),
        };
        with_auth(bao.address(), auth)
    };
    assert_eq!(after(with("pw"), with("wrong")), SourceErrorKind::Denied);
    // Of the right one the login and the answer are shared.
    let mark = bao.mark();
    assert_eq!(value(&source(with("pw")), "secret/app#k"), "v");
    assert_eq!(counted(&bao, mark), HashMap::new());

    let issuer = TokenIssuer::new();
    bao.enable_jwt(&issuer, "app");
    let with = |audience: &str| {
        let claims = json!({ "sub": "me", "aud": audience });
        let auth = Auth::Jwt {
            mount: "jwt".to_owned(),
            role: Some("app".to_owned()),
            jwt: credential(&issuer.sign(claims, Duration::from_secs(60))),
        };
        with_auth(bao.address(), auth)
    };
    assert_eq!(
        after(with("openbao"), with("others")),
        SourceErrorKind::Denied
    );
}

#[test]
fn another_certificate_is_another_login_and_another_ca_another_way() {
    let certificates = Certificates::new();
    let others = Certificates::new();
    let bao = OpenBao::builder().tls(&certificates.server()).start();
    bao.put("app", json!({ "k": "v" }));
    bao.write_policy("app", r#"path "secret/data/*" { capabilities = ["read"] }"#);
    let [client, foreign] = [certificates.client("app"), others.client("app")];
    let authority = std::fs::read_to_string(client.ca()).unwrap();
    bao.enable_cert(&authority, "app", "app");
    let with = |ca: &Path, client: &Identity| {
        let auth = Auth::Cert {
            mount: "cert".to_owned(),
            role: Some("app".to_owned()),
        };
        Settings {
            ca_cert: Some(ca.to_owned()),
            client_cert: Some(client.certificate().to_owned()),
            client_key: Some(client.key().to_owned()),
            ..with_auth(bao.address(), auth)
        }
    };
    let ca = certificates.ca();
    assert_eq!(
        after(with(ca, &client), with(ca, &foreign)),
        SourceErrorKind::Denied
    );
    // Who trusts another CA would not have got that answer from this server.
    assert_eq!(
        after(with(ca, &client), with(others.ca(), &client)),
        SourceErrorKind::Unavailable
    );
}

#[test]
fn what_the_vault_denied_since_does_not_come_back() {
    let bao = OpenBao::start();
    let readable = r#"path "secret/data/*" { capabilities = ["read"] }"#;
    for path in ["denied", "removed", "revoked"] {
        bao.put(path, json!({ "k": "v" }));
    }
    bao.write_policy("app", readable);
    let login = || token(&bao, "app", readable);
    let settings = |token: &str| Settings {
        stale: Some(Duration::from_secs(60)),
        ..with_token(bao.address(), token)
    };
    let asked = |token: &str, locator: &str| {
        let source = source(settings(token));
        let answers = source.fetch(&locators(&[locator]), soon());
        answers[0].as_ref().map(drop).map_err(|error| error.kind())
    };
    let (kept, revoked) = (login(), login());
    for (token, locator) in [
        (&kept, "secret/denied#k"),
        (&kept, "secret/removed#k"),
        (&revoked, "secret/revoked#k"),
    ] {
        assert_eq!(asked(token, locator), Ok(()));
    }
    // So long that what was lent just now is no longer fresh.
    std::thread::sleep(mcp_launch_sharing::WINDOW + Duration::from_millis(500));
    bao.api("DELETE", "secret/metadata/removed", None);
    bao.bao(&["token", "revoke", &revoked]);
    assert_eq!(
        asked(&kept, "secret/removed#k"),
        Err(SourceErrorKind::Missing)
    );
    assert_eq!(
        asked(&revoked, "secret/revoked#k"),
        Err(SourceErrorKind::Denied)
    );
    bao.write_policy("app", r#"path "other" { capabilities = ["read"] }"#);
    assert_eq!(
        asked(&kept, "secret/denied#k"),
        Err(SourceErrorKind::Denied)
    );
    bao.seal();
    for (token, locator) in [
        (&kept, "secret/denied#k"),
        (&kept, "secret/removed#k"),
        (&revoked, "secret/revoked#k"),
    ] {
        assert_eq!(asked(token, locator), Err(SourceErrorKind::Locked));
    }
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
    let minute = Some(Duration::from_secs(60));
    assert_eq!(
        value(&source(settings(minute)), "secret/app#k"),
        canary.value()
    );
    // So long that what was lent just now is no longer fresh.
    std::thread::sleep(mcp_launch_sharing::WINDOW + Duration::from_millis(500));
    bao.seal();
    let late = source(settings(minute));
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
    let (error, _) = failure(&source(settings(minute)), "secret/other#k");
    assert_eq!(error.kind(), SourceErrorKind::Locked);
    bao.unseal();
    // The Vault says that it is gone: that is an answer.
    bao.api("DELETE", "secret/metadata/app", None);
    let (error, _) = failure(&source(settings(minute)), "secret/app#k");
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
    let minute = Some(Duration::from_secs(60));
    assert_eq!(value(&source(settings(minute)), "secret/app#k"), "old");
    bao.put("app", json!({ "k": "new" }));
    std::thread::sleep(mcp_launch_sharing::WINDOW + Duration::from_millis(500));
    assert_eq!(value(&source(settings(minute)), "secret/app#k"), "old");
    assert_eq!(value(&source(settings(None)), "secret/app#k"), "new");
}
