//! How a Vault stands, as `doctor` tells it.

use std::time::Duration;

use mcp_launch_core::{
    Deadline, Lender as _, Source as _, SourceError, SourceErrorKind, StandingError,
};
use mcp_launch_source_vault::{Auth, Settings, VaultSource};
use mcp_launch_testkit::{Answer, Canary, FaultServer, OpenBao, RefusedAddress, Scratch, Script};
use serde_json::json;

use crate::stage::{
    approle, asked, credential, failure, nothing, soon, source, value, variables, with_auth,
    with_token,
};

/// How it stands.
#[track_caller]
fn good(source: &VaultSource) -> String {
    match source.standing(soon()).unwrap() {
        Ok(told) => told,
        Err(StandingError { error, remedy }) => panic!("{error}; {remedy:?}"),
    }
}

/// Why it does not stand well, and what a person does about it.
#[track_caller]
fn bad(source: &VaultSource) -> (SourceError, String) {
    match source.standing(soon()).unwrap() {
        Ok(told) => panic!("it stands well: {told}"),
        Err(StandingError { error, remedy }) => (error, remedy.unwrap_or_default()),
    }
}

#[test]
fn it_is_told_where_as_whom_and_for_how_long() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "k": "v" }));
    bao.write_policy(
        "app",
        r#"path "secret/data/app" { capabilities = ["read"] }"#,
    );
    let (role_id, secret_id) = bao.enable_approle("app", "1h");
    let of_role = source(approle(bao.address(), &role_id, &secret_id));
    let told = good(&of_role);
    let expected = format!("{}, logged in by approle as app, token for ", bao.address());
    assert!(
        told.starts_with(&expected) && told.ends_with(" minutes, policies app, default"),
        "{told}"
    );
    // The session of a standing is one that launches share, and nothing of it is this one's to end.
    let mark = bao.mark();
    assert_eq!(value(&of_role, "secret/app#k"), "v");
    assert_eq!(asked(&bao, mark), ["read secret/data/app"]);
    assert!(of_role.letter().unwrap().is_none());

    let of_root = source(with_token(bao.address(), bao.root_token()));
    assert_eq!(
        good(&of_root),
        format!(
            "{}, logged in by the token of the settings as root, token without an end, policies root",
            bao.address()
        )
    );
    bao.api("POST", "sys/namespaces/team", Some(json!({})));
    let of_team = source(Settings {
        namespace: Some("team".to_owned()),
        ..with_token(bao.address(), bao.root_token())
    });
    let told = good(&of_team);
    assert!(told.contains(", namespace team, logged in by "), "{told}");
}

#[test]
fn a_token_that_may_not_look_itself_up_is_logged_in() {
    let bao = OpenBao::start();
    let poor = bao.bao(&[
        "token",
        "create",
        "-field=token",
        "-no-default-policy",
        "-policy=nothing",
    ]);
    let told = good(&source(with_token(bao.address(), &poor)));
    assert_eq!(
        told,
        format!(
            "{}, logged in by the token of the settings; its policies do not let it be asked as whom",
            bao.address()
        )
    );
    // Nor is it taken for one that has ended.
    let reading = source(with_token(bao.address(), &poor));
    let (error, _) = failure(&reading, "secret/app#k");
    assert!(error.explanation().unwrap().contains("policies"), "{error}");

    bao.api("POST", "auth/token/revoke", Some(json!({ "token": poor })));
    let (error, remedy) = bad(&source(with_token(bao.address(), &poor)));
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert!(
        error.explanation().unwrap().contains("expired or revoked"),
        "{error}"
    );
    assert!(remedy.contains("auth.token"), "{remedy}");

    // Where it is the person's own, it is told whose it is and what replaces it.
    let scratch = Scratch::new();
    scratch.write(".vault-token", &poor);
    let of = |more: &[(&str, &str)]| {
        let settings = Settings {
            address: Some(bao.address().to_owned()),
            ..Settings::default()
        };
        VaultSource::new(settings, &variables(&scratch, more))
    };
    for (variable, whose, renewal) in [
        (Some("VAULT_TOKEN"), "of VAULT_TOKEN", "unset it"),
        (Some("BAO_TOKEN"), "of BAO_TOKEN", "unset it"),
        (None, "of ~/.vault-token", "log in anew"),
    ] {
        let more: Vec<_> = variable
            .map(|name| (name, poor.as_str()))
            .into_iter()
            .collect();
        for (error, remedy) in [bad(&of(&more)), failure(&of(&more), "secret/app#k")] {
            let told = format!("the token {whose} is expired or revoked");
            assert_eq!(error.explanation(), Some(told.as_str()));
            assert!(remedy.contains(renewal), "{remedy}");
        }
    }
    let root = bao.root_token();
    let told = good(&of(&[("VAULT_TOKEN", root)]));
    assert!(
        told.contains("logged in by the token of VAULT_TOKEN as root"),
        "{told}"
    );
}

#[test]
fn a_session_that_has_ended_is_not_taken_for_the_login() {
    let bao = OpenBao::start();
    let (role_id, secret_id) = bao.enable_approle("app", "1h");
    let source = source(approle(bao.address(), &role_id, &secret_id));
    good(&source);
    bao.bao(&["token", "revoke", "-mode=path", "auth/approle"]);
    let mark = bao.mark();
    let told = good(&source);
    assert!(told.contains("logged in by approle as app"), "{told}");
    let logins = asked(&bao, mark)
        .iter()
        .filter(|request| *request == "update auth/approle/login")
        .count();
    assert_eq!(logins, 1);
}

#[test]
fn a_wrapped_secret_id_stays_wrapped() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "k": "v" }));
    bao.write_policy(
        "app",
        r#"path "secret/data/app" { capabilities = ["read"] }"#,
    );
    let (role_id, _) = bao.enable_approle("app", "1m");
    let wrapping = bao.bao(&[
        "write",
        "-wrap-ttl=60s",
        "-f",
        "-field=wrapping_token",
        "auth/approle/role/app/secret-id",
    ]);
    let auth = Auth::AppRole {
        mount: "approle".to_owned(),
        role_id: credential(&role_id),
        secret_id: Some(credential(&wrapping)),
        wrapped: true,
    };
    let source = source(with_auth(bao.address(), auth));
    assert_eq!(
        good(&source),
        format!(
            "{}, login by a wrapped secret-id is not tried",
            bao.address()
        )
    );
    assert_eq!(value(&source, "secret/app#k"), "v");
    let (error, _) = bad(&source);
    assert!(
        error.explanation().unwrap().contains("unwrapped before"),
        "{error}"
    );
}

#[test]
fn what_keeps_it_from_standing_is_told_with_what_to_do() {
    let nobody = RefusedAddress::new();
    let (error, remedy) = bad(&source(with_token(&nobody.http(), "t")));
    assert_eq!(error.kind(), SourceErrorKind::Unavailable);
    assert!(remedy.contains("check that the store runs"), "{remedy}");

    let unset = VaultSource::new(Settings::default(), &nothing());
    let (_, remedy) = bad(&unset);
    assert!(
        remedy.contains("in the settings: [stores.vault]"),
        "{remedy}"
    );
    let file = Settings {
        file: Some("/home/me/.config/mcp-launch/config.toml".into()),
        ..Settings::default()
    };
    let (_, remedy) = bad(&VaultSource::new(file, &nothing()));
    assert!(
        remedy.contains("in /home/me/.config/mcp-launch/config.toml: [stores.vault]"),
        "{remedy}"
    );
    for end in ["/v1", "/v1/", "/ui", "/team/ui/"] {
        let (error, remedy) = bad(&source(with_token(&format!("{}{end}", nobody.http()), "t")));
        assert!(
            error.explanation().unwrap().contains("path of the API"),
            "{end}: {error}"
        );
        assert!(remedy.starts_with("leave out /"), "{end}: {remedy}");
    }

    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000aaaa");
    let bao = OpenBao::start();
    let (role_id, _) = bao.enable_approle("app", "1m");
    let refused = source(approle(bao.address(), &role_id, canary.value()));
    let (error, remedy) = bad(&refused);
    assert_eq!(error.kind(), SourceErrorKind::Denied);
    assert!(remedy.contains("auth/approle"), "{remedy}");
    canary.assert_absent("what is told", format!("{error} {error:?} {remedy}"));

    bao.seal();
    let (error, remedy) = bad(&source(with_token(bao.address(), canary.value())));
    assert_eq!(error.kind(), SourceErrorKind::Locked);
    assert!(remedy.contains("unseal"), "{remedy}");
    canary.assert_absent("what is told", format!("{error} {error:?} {remedy}"));
}

#[test]
fn nothing_of_the_answer_but_names_is_told() {
    let canary = Canary::shaped_like("s.aaaaAAAA0000aaaaAAAA0000");
    let looked = json!({ "data": {
        "id": canary.value(), "accessor": canary.value(), "display_name": "token-me", "ttl": 90,
        "expire_time": "2099-01-01T00:00:00Z", "policies": ["a"], "meta": { "other": canary.value() },
    }});
    let vault = FaultServer::start(Answer::json(200, &looked));
    let told = good(&source(with_token(&vault.address(), canary.value())));
    assert!(
        told.ends_with(
            "logged in by the token of the settings as me, token for 90 seconds, policies a"
        ),
        "{told}"
    );
    canary.assert_absent("what is told", &told);
    for spoiled in [
        json!({ "data": { "id": canary.value(), "ttl": canary.value() } }),
        json!({ "data": canary.value() }),
        json!({}),
    ] {
        let vault = FaultServer::start(Answer::json(200, &spoiled));
        let (error, remedy) = bad(&source(with_token(&vault.address(), canary.value())));
        assert_eq!(error.kind(), SourceErrorKind::Malformed);
        canary.assert_absent("what is told", format!("{error} {error:?} {remedy}"));
    }
}

#[test]
fn a_silent_one_is_told_by_the_deadline() {
    let silent = FaultServer::start(Answer::half_open());
    let source = source(with_token(&silent.address(), "t"));
    let deadline = Deadline::after(Duration::from_millis(300));
    let StandingError { error, remedy } = source.standing(deadline).unwrap().unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::TimedOut);
    let remedy = remedy.unwrap();
    assert!(remedy.contains("check the network"), "{remedy}");
}

#[test]
fn a_session_that_nobody_can_borrow_is_ended() {
    // More than the keyring holds, so that it cannot be shared.
    let long = "t".repeat(40_000);
    let login = json!({ "auth": { "client_token": long, "lease_duration": 60 } });
    let looked = json!({ "data": { "display_name": "approle", "ttl": 60 } });
    let vault = FaultServer::start(Script::from_fn(move |request| {
        match request.path.as_str() {
            "/v1/auth/approle/login" => Answer::json(200, &login),
            "/v1/auth/token/lookup-self" => Answer::json(200, &looked),
            _ => Answer::status(204),
        }
    }));
    let told = good(&source(approle(&vault.address(), "role", "secret")));
    assert!(
        told.ends_with("logged in by approle, token for 60 seconds, no policies"),
        "{told}"
    );
    let asked = vault.requests();
    let paths: Vec<&str> = asked.iter().map(|request| request.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "/v1/auth/approle/login",
            "/v1/auth/token/lookup-self",
            "/v1/auth/token/revoke-self"
        ]
    );
}
