//! The Vault source keeps what every source promises, with a token and with a login.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "that is how a test fails")]

use std::ffi::OsString;
use std::sync::Arc;

use mcp_launch_core::{
    Connect, Credential, Environment, PlannedText, Site, Source, SourceError, SourceErrorKind,
    Syntax, Template,
};
use mcp_launch_source_vault::{Auth, Settings, VaultSource};
use mcp_launch_testkit::{Canary, OpenBao, conformance, store_conformance};
use serde_json::json;

struct Nowhere;

impl Connect for Nowhere {
    fn connect(&self, _: &str) -> Result<Box<dyn Source>, SourceError> {
        Err(SourceError::new(SourceErrorKind::Absent))
    }
}

fn credential(text: &str) -> Credential {
    let template = Template::parse(text.as_bytes(), Syntax::Angle).unwrap();
    let site = Site::Setting("stores.vault.auth".to_owned());
    Credential::new(
        PlannedText::new(&site, template, |_| Vec::new()),
        Arc::new(Nowhere),
    )
}

fn filled(canary: &Canary) -> OpenBao {
    let bao = OpenBao::start();
    bao.put("present", json!({ "field": canary.value() }));
    bao
}

fn conforms(bao: &OpenBao, auth: Auth, canary: &Canary) {
    let settings = Settings {
        address: Some(bao.address().to_owned()),
        auth: Some(auth),
        ..Settings::default()
    };
    let environment = Environment::from_pairs::<OsString, OsString>([]);
    let source = VaultSource::new(settings, &Arc::new(environment));
    conformance(
        &source,
        "secret/present#field",
        "secret/missing#field",
        canary,
    );
    conformance(
        &source,
        "secret/present#field",
        "secret/present#other",
        canary,
    );
    for within in ["secret/kept", "secret/present"] {
        store_conformance(&source, within, |name| format!("{within}#{name}"));
    }
}

#[test]
fn conforms_with_a_token() {
    let canary = Canary::new();
    let bao = filled(&canary);
    let token = Some(credential(bao.root_token()));
    conforms(&bao, Auth::Token { token }, &canary);
}

#[test]
fn conforms_with_a_login() {
    let canary = Canary::new();
    let bao = filled(&canary);
    bao.write_policy(
        "app",
        r#"
        path "secret/data/*" { capabilities = ["create", "read", "update"] }
        path "secret/delete/*" { capabilities = ["update"] }"#,
    );
    let (role_id, secret_id) = bao.enable_approle("app", "1m");
    let auth = Auth::AppRole {
        mount: "approle".to_owned(),
        role_id: credential(&role_id),
        secret_id: Some(credential(&secret_id)),
        wrapped: false,
    };
    conforms(&bao, auth, &canary);
}
