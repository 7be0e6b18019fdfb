//! Cloudflare: API tokens of a user, or of an account.

use std::time::Duration;

use serde_json::json;

use super::{Options, Preset, Setting};
use crate::{Auth, Call, ExpirySource, Listing, Making, Pages, Probing, Retiring, Template, Verb};

pub(super) const PRESET: Preset = Preset {
    name: "cloudflare",
    about: "Cloudflare API tokens of a user, or with `account` of an account",
    source: "https://developers.cloudflare.com/fundamentals/api/how-to/create-via-api/",
    base: Some("https://api.cloudflare.com"),
    settings: &[
        Setting {
            name: "policies",
            about: "the list of policies of a new token, as the API takes it: effect, resources, permission_groups",
            optional: false,
        },
        Setting {
            name: "account",
            about: "the id of the account, for tokens of an account",
            optional: true,
        },
    ],
    administrator: &[""],
    run_against_vendor: false,
    build,
};

fn build(options: &Options) -> Template {
    let tokens = match options.settings.contains_key("account") {
        true => "/client/v4/accounts/{{account}}/tokens",
        false => "/client/v4/user/tokens",
    };
    let mut body = json!({ "name": "{{name}}", "policies": "{{policies}}" });
    if options.lifetime.is_some() {
        body["expires_on"] = json!("{{expires_at}}");
    }
    let status = |status: &str| ("/result/status".to_owned(), json!(status));
    Template {
        auth: Auth::bearer(&options.field),
        administrator: Some(Auth::bearer("")),
        headers: Vec::new(),
        variables: options.settings.clone(),
        lifetime: options.lifetime,
        propagation: Duration::from_secs(10),
        making: Making::Issue {
            call: Call::new(Verb::Post, tokens).with_json(body),
            fields: options.fields("/result/value"),
            handle: "/result/id".to_owned(),
            expiry: Some("/result/expires_on".to_owned()),
            idempotency: None,
            occupied: Vec::new(),
            // https://developers.cloudflare.com/fundamentals/api/reference/limits/: 50 tokens of a user.
            max_live: None,
            listing: Listing {
                call: Call::new(Verb::Get, &format!("{tokens}?per_page=50")),
                items: "/result".to_owned(),
                name: "/name".to_owned(),
                handle: "/id".to_owned(),
                dead_when: vec![("/status".to_owned(), json!("expired"))],
                pages: Some(Pages::Number {
                    parameter: "page".to_owned(),
                    first: 1,
                    step: 1,
                }),
            },
            retiring: Retiring {
                call: Call::new(Verb::Delete, &format!("{tokens}/{{{{handle}}}}")),
                gone: vec![404],
            },
        },
        probing: Probing {
            live_when: vec![status("active")],
            dead_when: vec![status("disabled"), status("expired")],
            live: vec![200],
            handle: Some("/result/id".to_owned()),
            expiry: Some(ExpirySource::Pointer("/result/expires_on".to_owned())),
            ..Probing::get(&format!("{tokens}/verify"))
        },
        privileges: "the administrator's token needs the permission User > API Tokens > Edit (template \"Create additional \
                     tokens\"), or Account > API Tokens > Edit for tokens of an account"
            .to_owned(),
    }
}
