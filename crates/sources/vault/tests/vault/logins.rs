//! Every way to log in, what it costs, and what is told when it fails.

use std::time::Duration;

use mcp_launch_core::{Lender as _, Locator, Source as _, SourceErrorKind};
use mcp_launch_source_vault::{Auth, Settings, VaultSource};
use mcp_launch_testkit::{Certificates, Kubernetes, OpenBao, Scratch, TokenIssuer};
use serde_json::json;

use crate::stage::{
    approle, asked, credential, credential_of_a_store, failure, locators, soon, source, value,
    variables, with_auth,
};

const READ: &str = r#"path "secret/data/app" { capabilities = ["read"] }"#;

fn filled() -> OpenBao {
    let bao = OpenBao::start();
    fill(&bao);
    bao
}

fn fill(bao: &OpenBao) {
    bao.put("app", json!({ "k": "v" }));
    bao.write_policy("app", READ);
}

#[test]
fn approle_is_two_requests() {
    let bao = filled();
    let (role_id, secret_id) = bao.enable_approle("app", "1m");
    let source = source(approle(bao.address(), &role_id, &format!("{secret_id}\n")));
    let mark = bao.mark();
    assert_eq!(value(&source, "secret/app#k"), "v");
    assert_eq!(
        asked(&bao, mark),
        ["update auth/approle/login", "read secret/data/app"]
    );
    // What launches share must not be ended by one of them.
    source.give_back();
    assert!(source.letter().unwrap().is_none());
    assert_eq!(bao.requests_since(mark).len(), 2);
}

#[test]
fn approle_refused_or_not_there_is_told() {
    let bao = filled();
    let (role_id, _) = bao.enable_approle("app", "1m");
    let (error, remedy) = failure(
        &source(approle(bao.address(), &role_id, "wrong")),
        "secret/app#k",
    );
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert!(
        error.explanation().unwrap().contains("login was refused"),
        "{error}"
    );
    assert!(
        remedy.contains("auth/approle") && remedy.contains("secret_id"),
        "{remedy}"
    );

    let elsewhere = Auth::AppRole {
        mount: "other".to_owned(),
        role_id: credential(&role_id),
        secret_id: None,
        wrapped: false,
    };
    let (error, remedy) = failure(&source(with_auth(bao.address(), elsewhere)), "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert!(
        remedy.contains("auth/other") && remedy.contains("mounted"),
        "{remedy}"
    );
}

#[test]
fn a_wrapped_secret_id_is_unwrapped_once() {
    let bao = filled();
    let (role_id, _) = bao.enable_approle("app", "1m");
    let wrapping = bao.bao(&[
        "write",
        "-wrap-ttl=60s",
        "-f",
        "-field=wrapping_token",
        "auth/approle/role/app/secret-id",
    ]);
    let settings = || {
        let auth = Auth::AppRole {
            mount: "approle".to_owned(),
            role_id: credential(&role_id),
            secret_id: Some(credential(&wrapping)),
            wrapped: true,
        };
        with_auth(bao.address(), auth)
    };
    // A preview does not use it up.
    let preview = source(settings());
    assert_eq!(preview.look(&locators(&["secret/app#k"]), soon()), [Ok(())]);
    let unseen = preview.unseen(&Locator::new("secret/app#k")).unwrap();
    assert!(unseen.contains("still wrapped"), "{unseen}");
    let mark = bao.mark();
    assert_eq!(value(&source(settings()), "secret/app#k"), "v");
    assert_eq!(
        asked(&bao, mark),
        [
            "update sys/wrapping/unwrap",
            "update auth/approle/login",
            "read secret/data/app"
        ]
    );
    // Another path, so that nothing that was lent meanwhile answers; another namespace setting, so that no session does.
    let late = source(Settings {
        namespace: Some("/".to_owned()),
        ..settings()
    });
    let (error, _) = failure(&late, "secret/other#k");
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert!(
        error.explanation().unwrap().contains("unwrapped before"),
        "{error}"
    );
    let looked = late.look(&locators(&["secret/app#k"]), soon());
    assert_eq!(looked[0].unwrap_err().kind(), SourceErrorKind::Denied);
}

#[test]
fn a_plain_secret_id_is_not_taken_for_a_wrapped_one() {
    let bao = filled();
    let (role_id, secret_id) = bao.enable_approle("app", "1m");
    let auth = Auth::AppRole {
        mount: "approle".to_owned(),
        role_id: credential(&role_id),
        secret_id: Some(credential(&secret_id)),
        wrapped: true,
    };
    let (error, remedy) = failure(&source(with_auth(bao.address(), auth)), "secret/app#k");
    let told = error.explanation().unwrap();
    assert!(told.contains("or it is no wrapping token"), "{error}");
    assert!(remedy.contains("needs no `wrapped = true`"), "{remedy}");
}

#[cfg(unix)]
#[test]
fn the_token_of_a_pod_that_others_may_write_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    let path = scratch.write("token", "aaaa.bbbb.cccc");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let auth = Auth::Kubernetes {
        mount: "kubernetes".to_owned(),
        role: "mcp".to_owned(),
        token_file: Some(path.clone()),
    };
    let (error, remedy) = failure(
        &source(with_auth("http://127.0.0.1:1", auth)),
        "secret/app#k",
    );
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert_eq!(remedy, format!("chmod go-w {}", path.display()));
}

#[test]
fn userpass_logs_in() {
    let bao = filled();
    bao.bao(&["auth", "enable", "-path=people", "userpass"]);
    bao.bao(&[
        "write",
        "auth/people/users/me",
        "password=pw",
        "token_policies=app",
    ]);
    let with = |password: &str| {
        let auth = Auth::Userpass {
            mount: "people".to_owned(),
            username: "me".to_owned(),
            password: credential(password),
        };
        source(with_auth(bao.address(), auth))
    };
    let (error, _) = failure(&with("wrong"), "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert_eq!(value(&with("pw"), "secret/app#k"), "v");
}

#[test]
fn what_logs_in_may_stand_in_a_store_that_drives_a_runtime() {
    let bao = filled();
    bao.bao(&["auth", "enable", "userpass"]);
    bao.bao(&[
        "write",
        "auth/userpass/users/me",
        "password=pw",
        "token_policies=app",
    ]);
    let auth = Auth::Userpass {
        mount: "userpass".to_owned(),
        username: "me".to_owned(),
        password: credential_of_a_store("pw"),
    };
    assert_eq!(
        value(&source(with_auth(bao.address(), auth)), "secret/app#k"),
        "v"
    );
    let auth = Auth::Token {
        token: Some(credential_of_a_store("wrong")),
    };
    let (error, _) = failure(&source(with_auth(bao.address(), auth)), "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Denied);
}

#[test]
fn jwt_logs_in() {
    let bao = filled();
    let issuer = TokenIssuer::new();
    bao.enable_jwt(&issuer, "app");
    let with = |audience: &str| {
        let claims = json!({ "sub": "me", "aud": audience });
        let auth = Auth::Jwt {
            mount: "jwt".to_owned(),
            role: Some("app".to_owned()),
            jwt: credential(&issuer.sign(claims, Duration::from_secs(60))),
        };
        source(with_auth(bao.address(), auth))
    };
    let (error, _) = failure(&with("others"), "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert_eq!(value(&with("openbao"), "secret/app#k"), "v");
}

#[test]
fn kubernetes_logs_in_with_the_pods_token() {
    let bao = filled();
    let kubernetes = Kubernetes::start();
    bao.enable_kubernetes(&kubernetes, "app");
    let scratch = Scratch::new();
    let token = kubernetes.service_account_token("prod", "app");
    let file = scratch.write("token", format!("{token}\n"));
    let with = |file| {
        let auth = Auth::Kubernetes {
            mount: "kubernetes".to_owned(),
            role: "app".to_owned(),
            token_file: Some(file),
        };
        source(with_auth(bao.address(), auth))
    };
    let (error, remedy) = failure(&with(scratch.home().join("none")), "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
    assert!(
        remedy.contains("none") && remedy.contains("auth.token_file"),
        "{remedy}"
    );
    assert_eq!(value(&with(file), "secret/app#k"), "v");
}

#[test]
fn a_client_certificate_logs_in() {
    let certificates = Certificates::new();
    let bao = OpenBao::builder().tls(&certificates.server()).start();
    fill(&bao);
    let client = certificates.client("app");
    let authority = std::fs::read_to_string(client.ca()).unwrap();
    bao.enable_cert(&authority, "app", "app");
    let with = |role: Option<&str>| {
        let auth = Auth::Cert {
            mount: "cert".to_owned(),
            role: role.map(ToOwned::to_owned),
        };
        source(Settings {
            ca_cert: Some(certificates.ca().to_owned()),
            client_cert: Some(client.certificate().to_owned()),
            client_key: Some(client.key().to_owned()),
            ..with_auth(bao.address(), auth)
        })
    };
    let (error, _) = failure(&with(Some("other")), "secret/app#k");
    assert_eq!(
        error.kind(),
        SourceErrorKind::Denied,
        "the role is asked for: {error}"
    );
    assert_eq!(value(&with(Some("app")), "secret/app#k"), "v");
    assert_eq!(value(&with(None), "secret/app#k"), "v");
    // The same by the variables that `vault` reads.
    let auth = Auth::Cert {
        mount: "cert".to_owned(),
        role: Some("app".to_owned()),
    };
    let scratch = Scratch::new();
    let by_variables = variables(
        &scratch,
        &[
            ("VAULT_CACERT", certificates.ca().to_str().unwrap()),
            ("VAULT_CLIENT_CERT", client.certificate().to_str().unwrap()),
            ("VAULT_CLIENT_KEY", client.key().to_str().unwrap()),
        ],
    );
    let settings = with_auth(bao.address(), auth);
    let source = VaultSource::new(settings, &by_variables);
    assert_eq!(value(&source, "secret/app#k"), "v");
}

#[test]
fn the_variables_and_files_of_the_field_are_read() {
    let bao = filled();
    let scratch = Scratch::new();
    scratch.write(".vault-token", format!("{}\n", bao.root_token()));
    let address = [("VAULT_ADDR", bao.address())];
    let of = |more: &[(&str, &str)]| {
        let environment = variables(&scratch, more);
        VaultSource::new(Settings::default(), &environment)
    };
    let found = of(&address);
    assert_eq!(value(&found, "secret/app#k"), "v");
    let nowhere = of(&[]);
    let (error, remedy) = failure(&nowhere, "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
    assert!(
        remedy.contains("VAULT_ADDR") && remedy.contains("[stores.vault]"),
        "{remedy}"
    );

    scratch.write(".vault-token", "");
    let (error, remedy) = failure(&of(&address), "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Malformed);
    assert!(remedy.contains(".vault-token"), "{remedy}");
    std::fs::remove_file(scratch.home().join(".vault-token")).unwrap();
    let (error, _) = failure(&of(&address), "secret/app#k");
    assert!(error.explanation().unwrap().contains("no token"), "{error}");
    let with_token = of(&[
        address[0],
        ("BAO_TOKEN", bao.root_token()),
        ("VAULT_TOKEN", "wrong"),
    ]);
    assert_eq!(value(&with_token, "secret/app#k"), "v");
}

#[test]
fn a_login_that_stands_nowhere_is_no_missing_value() {
    let bao = filled();
    let auth = Auth::Token {
        token: Some(credential("$<VAULT_LOGIN>")),
    };
    let (error, remedy) = failure(&source(with_auth(bao.address(), auth)), "secret/app#k");
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
    assert!(!error.lets_next_answer());
    assert!(remedy.contains("$<VAULT_LOGIN>"), "{remedy}");
}
