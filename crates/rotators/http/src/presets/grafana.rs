//! Grafana: tokens of a service account.

use std::time::Duration;

use serde_json::json;

use super::{Options, Preset, Setting};
use crate::{Auth, Call, Listing, Making, Probing, Retiring, Template, Verb};

pub(super) const PRESET: Preset = Preset {
    name: "grafana",
    about: "tokens of a Grafana service account",
    source: "https://grafana.com/docs/grafana/latest/developers/http_api/serviceaccount/",
    base: None,
    settings: &[Setting {
        name: "sa",
        about: "the number of the service account, from its address in Administration > Service accounts",
        optional: false,
    }],
    administrator: &[""],
    run_against_vendor: false,
    build,
};

fn build(options: &Options) -> Template {
    let tokens = "/api/serviceaccounts/{{sa}}/tokens";
    let mut body = json!({ "name": "{{name}}" });
    if options.lifetime.is_some() {
        body["secondsToLive"] = json!("{{ttl}}");
    }
    Template {
        auth: Auth::bearer(&options.field),
        administrator: Some(Auth::bearer("")),
        headers: Vec::new(),
        variables: options.settings.clone(),
        lifetime: options.lifetime,
        propagation: Duration::ZERO,
        making: Making::Issue {
            call: Call::new(Verb::Post, tokens).with_json(body),
            fields: options.fields("/key"),
            handle: "/id".to_owned(),
            expiry: None,
            idempotency: None,
            occupied: Vec::new(),
            max_live: None,
            listing: Listing {
                call: Call::new(Verb::Get, tokens),
                items: String::new(),
                name: "/name".to_owned(),
                handle: "/id".to_owned(),
                dead_when: vec![("/hasExpired".to_owned(), json!(true))],
                pages: None,
            },
            retiring: Retiring {
                call: Call::new(Verb::Delete, "/api/serviceaccounts/{{sa}}/tokens/{{handle}}"),
                gone: vec![404],
            },
        },
        probing: Probing::get("/api/org"),
        privileges: "the administrator's token needs `serviceaccounts:read` and `serviceaccounts:write` for this service \
                     account (the role Admin has them)"
            .to_owned(),
    }
}
