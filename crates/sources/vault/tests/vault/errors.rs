//! What a person is told when the Vault refuses, is sealed, or is another server than was meant.

use std::collections::BTreeMap;

use mcp_launch_core::{Source as _, SourceErrorKind};
use mcp_launch_source_vault::{Engine, Settings, VaultSource};
use mcp_launch_testkit::{
    Answer, Certificates, FaultServer, OpenBao, RefusedAddress, Scratch, example,
};
use serde_json::json;

use crate::stage::{approle, failure, locators, soon, source, token, value, variables, with_token};

#[test]
fn a_denied_path_is_told_with_the_lines_that_are_missing() {
    let bao = OpenBao::start();
    bao.put("mcp/pg", json!({ "k": "v" }));
    let other = token(
        &bao,
        "other",
        r#"path "secret/data/mcp/pg" { capabilities = ["create"] }"#,
    );
    let (error, remedy) = failure(
        &source(with_token(bao.address(), &other)),
        "secret/mcp/pg#k",
    );
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert!(error.explanation().unwrap().contains("policies"), "{error}");
    let lines = r#"path "secret/data/mcp/pg" { capabilities = ["read"] }"#;
    assert!(
        remedy.contains(lines) && remedy.contains("it has create"),
        "{remedy}"
    );

    // Nothing at all below the mount: then the Vault does not even tell what is mounted.
    let nothing = token(
        &bao,
        "nothing",
        r#"path "sys/x" { capabilities = ["read"] }"#,
    );
    let (error, remedy) = failure(
        &source(with_token(bao.address(), &nothing)),
        "secret/mcp/pg#k",
    );
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert!(remedy.contains(lines), "{remedy}");
}

#[test]
fn a_revoked_token_is_told_from_a_denied_path() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "k": "v" }));
    let token = token(
        &bao,
        "app",
        r#"path "secret/data/*" { capabilities = ["read"] }"#,
    );
    bao.bao(&["token", "revoke", &token]);
    let (error, _) = failure(&source(with_token(bao.address(), &token)), "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert!(
        error.explanation().unwrap().contains("expired or revoked"),
        "{error}"
    );
    assert!(!error.lets_next_answer());
}

#[test]
fn a_session_that_was_ended_meanwhile_is_made_anew() {
    let bao = OpenBao::start();
    bao.put("one", json!({ "k": "1" }));
    bao.put("two", json!({ "k": "2" }));
    bao.write_policy("app", r#"path "secret/data/*" { capabilities = ["read"] }"#);
    let (role_id, secret_id) = bao.enable_approle("app", "1m");
    let of_a_launch = || source(approle(bao.address(), &role_id, &secret_id));
    assert_eq!(value(&of_a_launch(), "secret/one#k"), "1");
    bao.bao(&["lease", "revoke", "-prefix", "auth/approle/login"]);
    assert_eq!(value(&of_a_launch(), "secret/two#k"), "2");
}

#[test]
fn sealed_and_not_initialised_are_told_apart() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "k": "v" }));
    bao.seal();
    let (error, _) = failure(
        &source(with_token(bao.address(), bao.root_token())),
        "secret/app#k",
    );
    assert_eq!(error.kind(), SourceErrorKind::Locked);
    assert!(error.explanation().unwrap().contains("sealed"), "{error}");
    bao.unseal();
    assert_eq!(
        value(
            &source(with_token(bao.address(), bao.root_token())),
            "secret/app#k"
        ),
        "v"
    );
}

#[test]
fn nobody_listening_is_told_and_not_asked_again() {
    let refused = RefusedAddress::new();
    let source = source(with_token(&refused.http(), "s.token"));
    let (error, remedy) = failure(&source, "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
    assert!(remedy.contains("runs at 127.0.0.1:"), "{remedy}");

    // What a launch does, seen by the kernel.
    let scratch = Scratch::new();
    let calls = scratch.home().join("calls");
    let mut launch = scratch.command("strace");
    launch.args(["-f", "-qq", "-e", "trace=connect", "-o"]);
    launch.arg(&calls).arg(example("vault_value"));
    launch.args([&refused.http(), "secret/app#k"]);
    let token = scratch.write("token", "s.token");
    launch.stdin(std::fs::File::open(token).unwrap());
    let ended = launch.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(said.contains("nothing listens"), "{said}");
    let calls = std::fs::read_to_string(calls).unwrap();
    let address = refused.http();
    let (_, port) = address.rsplit_once(':').unwrap();
    let attempts = calls.matches(&format!("htons({port})")).count();
    assert_eq!(attempts, 1, "{calls}");
}

#[test]
fn the_certificate_is_checked_whatever_a_variable_says() {
    let certificates = Certificates::new();
    let bao = OpenBao::builder().tls(&certificates.server()).start();
    bao.put("app", json!({ "k": "v" }));
    let with = |ca: Option<&Certificates>, more: &[(&str, &str)]| {
        let settings = Settings {
            ca_cert: ca.map(|ca| ca.ca().to_owned()),
            ..with_token(bao.address(), bao.root_token())
        };
        let scratch = Scratch::new();
        VaultSource::new(settings, &variables(&scratch, more))
    };
    // What is lent was read with the right authority: other fields of other paths, so that none of it answers here.
    for (index, no) in ["0", "f", "F", "FALSE", "false", "False"]
        .into_iter()
        .enumerate()
    {
        let (error, remedy) = failure(
            &with(None, &[("VAULT_SKIP_VERIFY", no)]),
            &format!("secret/{index}#k"),
        );
        assert_eq!(error.kind(), SourceErrorKind::Unavailable, "{no}");
        assert!(remedy.contains("ca_cert"), "{no}: {remedy}");
    }
    for unclear in ["no", "off", "yes", "2"] {
        let (error, _) = failure(
            &with(None, &[("VAULT_SKIP_VERIFY", unclear)]),
            "secret/app#k",
        );
        assert_eq!(error.kind(), SourceErrorKind::Malformed, "{unclear}");
    }
    let (error, _) = failure(&with(Some(&Certificates::new()), &[]), "secret/b#k");
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
    assert_eq!(value(&with(Some(&certificates), &[]), "secret/app#k"), "v");
    let cacert = certificates.ca().to_str().unwrap();
    assert_eq!(
        value(&with(None, &[("VAULT_CACERT", cacert)]), "secret/app#k"),
        "v"
    );
    // Loopback alone may go unchecked.
    assert_eq!(
        value(
            &with(None, &[("VAULT_SKIP_VERIFY", "true")]),
            "secret/app#k"
        ),
        "v"
    );
}

#[test]
fn a_vault_of_tls_that_is_asked_without_is_told() {
    let certificates = Certificates::new();
    let bao = OpenBao::builder().tls(&certificates.server()).start();
    let plain = bao.address().replace("https://", "http://");
    let (error, remedy) = failure(
        &source(with_token(&plain, bao.root_token())),
        "secret/app#k",
    );
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
    assert!(
        error.explanation().unwrap().contains("speaks https"),
        "{error}"
    );
    assert!(remedy.contains("https://"), "{remedy}");
}

#[test]
fn another_machine_is_never_asked_without_a_check_or_over_plain_http() {
    let scratch = Scratch::new();
    let skip = variables(&scratch, &[("VAULT_SKIP_VERIFY", "1")]);
    let elsewhere = VaultSource::new(with_token("https://vault.invalid:8200", "s.t"), &skip);
    let (error, remedy) = failure(&elsewhere, "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert!(remedy.contains("ca_cert"), "{remedy}");
    let (error, remedy) = failure(
        &source(with_token("http://vault.invalid", "s.t")),
        "secret/app#k",
    );
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
    assert!(remedy.contains("allow_http"), "{remedy}");
}

#[test]
fn a_preview_judges_without_making_a_credential() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "k": "v" }));
    bao.put("creds/x", json!({ "k": "v" }));
    let policy = r#"path "secret/data/*" { capabilities = ["read"] }
        path "database/creds/app" { capabilities = ["read"] }"#;
    let token = token(&bao, "app", policy);
    let source = source(with_token(bao.address(), &token));
    let mark = bao.mark();
    let looked = source.look(
        &locators(&[
            "secret/app#k",
            "secret/app#x",
            "database/creds/app#password",
            "database/creds/admin#password",
            "secret/creds/x#k",
        ]),
        soon(),
    );
    let kinds: Vec<_> = looked
        .iter()
        .map(|answer| answer.err().map(|error| error.kind()))
        .collect();
    assert_eq!(
        kinds,
        [
            None,
            Some(SourceErrorKind::Missing),
            None,
            Some(SourceErrorKind::Denied),
            None
        ]
    );
    assert!(
        bao.requests_since(mark)
            .iter()
            .all(|request| !request.path.starts_with("database/"))
    );
}

#[test]
fn a_certificate_for_another_name_needs_that_name() {
    let certificates = Certificates::new();
    let server = FaultServer::start_tls(
        &certificates.server_for(&["vault.example"]),
        Answer::json(200, &json!({ "lease_duration": 1, "data": { "k": "v" } })),
    );
    let with = |name: Option<&str>| {
        source(Settings {
            ca_cert: Some(certificates.ca().to_owned()),
            tls_server_name: name.map(ToOwned::to_owned),
            mounts: BTreeMap::from([("old".to_owned(), Engine::KvV1)]),
            ..with_token(&server.address(), "s.t")
        })
    };
    let (error, remedy) = failure(&with(None), "old/a#k");
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
    assert!(remedy.contains("tls_server_name"), "{remedy}");
    assert_eq!(value(&with(Some("vault.example")), "old/a#k"), "v");
    // The same by the variables that `vault` reads; the folder is that of the authority alone.
    let scratch = Scratch::new();
    let authority = std::fs::read(certificates.ca()).unwrap();
    let authority = scratch.write("authorities/ca.pem", authority);
    let folder = authority.parent().unwrap().to_str().unwrap();
    let address = server.address();
    let reached = |name: &str| {
        let variables = variables(
            &scratch,
            &[
                ("VAULT_ADDR", &address),
                ("VAULT_TOKEN", "s.t"),
                ("VAULT_CAPATH", folder),
                ("VAULT_TLS_SERVER_NAME", name),
            ],
        );
        let mounts = BTreeMap::from([("old".to_owned(), Engine::KvV1)]);
        let settings = Settings {
            mounts,
            ..Settings::default()
        };
        VaultSource::new(settings, &variables)
    };
    assert_eq!(value(&reached("vault.example"), "old/b#k"), "v");
    let (error, _) = failure(&reached("other.example"), "old/c#k");
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
}

#[test]
fn a_secure_connection_that_breaks_off_is_no_value() {
    let certificates = Certificates::new();
    let whole = Answer::json(200, &json!({ "lease_duration": 1, "data": { "k": "v" } }));
    for answer in [
        Answer::broken_handshake(),
        whole.clone().cut_record(),
        whole.cut_body(20),
    ] {
        let server = FaultServer::start_tls(&certificates.server(), answer);
        let settings = Settings {
            ca_cert: Some(certificates.ca().to_owned()),
            mounts: BTreeMap::from([("old".to_owned(), Engine::KvV1)]),
            ..with_token(&server.address(), "s.t")
        };
        let (error, _) = failure(&source(settings), "old/a#k");
        assert_eq!(error.kind(), SourceErrorKind::Unavailable, "{error}");
        assert!(!error.lets_next_answer());
    }
}
