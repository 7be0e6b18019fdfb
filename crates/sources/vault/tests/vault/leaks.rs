//! No value, token or password is in an error, a remedy, a place or a notice.

use mcp_launch_core::{Lender as _, Locator, Source as _};
use mcp_launch_source_vault::Auth;
use mcp_launch_testkit::{Answer, Canary, FaultServer, OpenBao};
use serde_json::json;

use crate::stage::{approle, credential, locators, soon, source, with_auth, with_token};

fn texts(source: &mcp_launch_source_vault::VaultSource, wanted: &[&str]) -> String {
    let wanted = locators(wanted);
    let mut texts = String::new();
    for (locator, answer) in wanted.iter().zip(source.fetch(&wanted, soon())) {
        texts += &source.place(locator);
        if let Err(error) = answer {
            texts += &format!("{error} {error:?} {:?}", source.remedy(locator, error));
        }
    }
    texts + &source.notices().join("\n")
}

#[test]
fn errors_beside_a_value_do_not_show_it() {
    let canary = Canary::new();
    let bao = OpenBao::start();
    bao.put(
        "app",
        json!({ "k": canary.value(), "object": { "inner": canary.value() }, "none": null }),
    );
    let source = source(with_token(bao.address(), bao.root_token()));
    let wanted = [
        "secret/app",
        "secret/app#missing",
        "secret/app#none",
        "secret/app#object.missing",
        "secret/app#k.x",
        "secret/app?version=7#k",
        "secret/#k",
    ];
    canary.assert_absent("what is told", texts(&source, &wanted));
}

#[test]
fn logins_that_fail_do_not_show_what_they_sent() {
    let canary = Canary::shaped_like("s.aaaaAAAA0000aaaaAAAA0000aaaa");
    let bao = OpenBao::start();
    let secret = || credential(canary.value());
    bao.bao(&["auth", "enable", "userpass"]);
    bao.bao(&["auth", "enable", "jwt"]);
    for settings in [
        with_token(bao.address(), canary.value()),
        with_token(
            bao.address(),
            &format!("{}\n{}", canary.value(), canary.value()),
        ),
        approle(bao.address(), canary.value(), canary.value()),
        with_auth(
            bao.address(),
            Auth::Userpass {
                mount: "userpass".to_owned(),
                username: "me".to_owned(),
                password: secret(),
            },
        ),
        with_auth(
            bao.address(),
            Auth::Jwt {
                mount: "jwt".to_owned(),
                role: None,
                jwt: secret(),
            },
        ),
    ] {
        let source = source(settings);
        canary.assert_absent(
            "what is told",
            texts(&source, &["secret/app#k", "database/creds/app#p"]),
        );
        source.give_back();
    }
    let hidden = with_token(&format!("http://me:{}@127.0.0.1:1", canary.value()), "s.t");
    canary.assert_absent("what is told", texts(&source(hidden), &["secret/app#k"]));
}

#[test]
fn an_answer_that_cannot_be_read_is_not_shown() {
    let canary = Canary::new();
    for answer in [
        Answer::status(200).body(canary.value()),
        Answer::status(500).body(canary.value()),
        Answer::json(200, &json!({ "data": canary.value() })),
        Answer::json(
            200,
            &json!({ "data": { "data": [canary.value()], "metadata": canary.value() } }),
        ),
        Answer::json(403, &json!({ "errors": [canary.value()] })),
        Answer::json(
            404,
            &json!({ "errors": [canary.value()], "data": canary.value() }),
        ),
        Answer::json(400, &json!({ "errors": [canary.value()] })),
    ] {
        let server = FaultServer::start(answer);
        let source = source(with_token(&server.address(), "s.t"));
        let told = texts(&source, &["secret/app#k", "database/creds/app#p"]);
        canary.assert_absent("what is told", told);
        assert!(
            source
                .remedy(
                    &Locator::new("x"),
                    mcp_launch_core::SourceError::new(mcp_launch_core::SourceErrorKind::Denied)
                )
                .is_none()
        );
    }
}
