//! OpenRouter: API keys, made by a management key.

use std::time::Duration;

use serde_json::json;

use super::{Options, Preset, Setting};
use crate::{Auth, Call, ExpirySource, Listing, Making, Pages, Probing, Retiring, Template, Verb};

pub(super) const PRESET: Preset = Preset {
    name: "openrouter",
    about: "OpenRouter API keys",
    source: "https://openrouter.ai/docs/features/provisioning-api-keys",
    base: Some("https://openrouter.ai"),
    settings: &[Setting {
        name: "limit",
        about: "how much a new key may spend, in US dollars",
        optional: true,
    }],
    administrator: &[""],
    run_against_vendor: false,
    build,
};

fn build(options: &Options) -> Template {
    let mut body = json!({ "name": "{{name}}" });
    if options.settings.contains_key("limit") {
        body["limit"] = json!("{{limit}}");
    }
    if options.lifetime.is_some() {
        body["expires_at"] = json!("{{expires_at}}");
    }
    Template {
        auth: Auth::bearer(&options.field),
        administrator: Some(Auth::bearer("")),
        headers: Vec::new(),
        variables: options.settings.clone(),
        lifetime: options.lifetime,
        propagation: Duration::from_secs(10),
        making: Making::Issue {
            call: Call::new(Verb::Post, "/api/v1/keys").with_json(body),
            fields: options.fields("/key"),
            handle: "/data/hash".to_owned(),
            expiry: Some("/data/expires_at".to_owned()),
            idempotency: None,
            occupied: Vec::new(),
            max_live: None,
            listing: Listing {
                call: Call::new(Verb::Get, "/api/v1/keys"),
                items: "/data".to_owned(),
                name: "/name".to_owned(),
                handle: "/hash".to_owned(),
                dead_when: Vec::new(),
                pages: Some(Pages::Number {
                    parameter: "offset".to_owned(),
                    first: 0,
                    step: 100,
                }),
            },
            retiring: Retiring {
                call: Call::new(Verb::Delete, "/api/v1/keys/{{handle}}"),
                gone: vec![404],
            },
        },
        probing: Probing {
            expiry: Some(ExpirySource::Pointer("/data/expires_at".to_owned())),
            ..Probing::get("/api/v1/key")
        },
        privileges: "a management key, from https://openrouter.ai/settings/management-keys; it cannot be used for completions".to_owned(),
    }
}
