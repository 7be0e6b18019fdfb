//! The logins of OpenBao that need somebody else's word: a provider of tokens, a cluster, an authority.

use std::time::Duration;

use mcp_launch_testkit::{Certificates, Kubernetes, OpenBao, Scratch, TokenIssuer};
use serde_json::{Value, json};

const POLICY: &str = r#"path "secret/data/app" { capabilities = ["read"] }"#;

fn with_secret(bao: &OpenBao) {
    bao.put("app", json!({ "password": "hunter2" }));
    bao.write_policy("app", POLICY);
}

/// Whether the token of a login reads the secret, and nothing else.
fn is_let_in((status, login): &(u16, Value), bao: &OpenBao) -> bool {
    let Some(token) = login["auth"]["client_token"].as_str() else {
        assert!(*status >= 400, "{status} {login}");
        return false;
    };
    let read = |path| bao.ask("GET", path, None, Some(token)).0;
    assert_eq!(read("secret/data/other"), 403);
    read("secret/data/app") == 200
}

#[test]
fn by_approle() {
    let bao = OpenBao::start();
    with_secret(&bao);
    let (role_id, secret_id) = bao.enable_approle("app", "60s");
    let login = |secret_id: &str| {
        let body = json!({ "role_id": role_id, "secret_id": secret_id });
        let answer = bao.ask("POST", "auth/approle/login", Some(body), None);
        is_let_in(&answer, &bao)
    };
    assert!(login(&secret_id));
    assert!(!login("guessed"));
}

#[test]
fn by_a_signed_token() {
    let bao = OpenBao::start();
    with_secret(&bao);
    let issuer = TokenIssuer::new();
    bao.enable_jwt(&issuer, "app");
    let login = |issuer: &TokenIssuer, audience: &str| {
        let claims = json!({ "sub": "ci", "aud": audience });
        let token = issuer.sign(claims, Duration::from_secs(60));
        let body = json!({ "role": "app", "jwt": token });
        let answer = bao.ask("POST", "auth/jwt/login", Some(body), None);
        is_let_in(&answer, &bao)
    };
    assert!(login(&issuer, "openbao"));
    assert!(!login(&issuer, "elsewhere"));
    assert!(!login(&TokenIssuer::new(), "openbao"));
}

#[test]
fn by_a_service_account_of_kubernetes() {
    let bao = OpenBao::start();
    with_secret(&bao);
    let kubernetes = Kubernetes::start();
    bao.enable_kubernetes(&kubernetes, "app");
    let login = |token: String| {
        let body = json!({ "role": "app", "jwt": token });
        let answer = bao.ask("POST", "auth/kubernetes/login", Some(body), None);
        is_let_in(&answer, &bao)
    };
    assert!(login(kubernetes.service_account_token("prod", "app")));
    assert!(!kubernetes.requests().is_empty());
    assert!(!login(kubernetes.service_account_token("dev", "app")));
    let stranger = Kubernetes::start();
    assert!(!login(stranger.service_account_token("prod", "app")));
}

#[test]
fn by_a_certificate() {
    let certificates = Certificates::new();
    let bao = OpenBao::builder().tls(&certificates.server()).start();
    with_secret(&bao);
    let authority = std::fs::read_to_string(certificates.ca()).unwrap();
    bao.enable_cert(&authority, "app", "app");
    let login = |name: &str| {
        let identity = certificates.client(name);
        let output = Scratch::new()
            .command("curl")
            .args(["--disable", "--silent", "--request", "POST", "--cert"])
            .arg(identity.certificate())
            .arg("--key")
            .arg(identity.key())
            .arg("--cacert")
            .arg(identity.ca())
            .args(["--write-out", "\n%{http_code}"])
            .arg(format!("{}/v1/auth/cert/login", bao.address()))
            .output()
            .expect("`curl` is missing: tests/setup/system.sh installs it");
        let said = String::from_utf8(output.stdout).unwrap();
        let (body, status) = said.rsplit_once('\n').unwrap();
        let answer = (status.parse().unwrap(), serde_json::from_str(body).unwrap());
        is_let_in(&answer, &bao)
    };
    assert!(login("app"));
    assert!(!login("somebody"));
}
