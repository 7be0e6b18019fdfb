//! Neon: API keys of a person.

use std::time::Duration;

use serde_json::json;

use super::{Options, Preset};
use crate::{Auth, Call, Listing, Making, Probing, Retiring, Template, Verb};

pub(super) const PRESET: Preset = Preset {
    name: "neon",
    about: "personal Neon API keys",
    source: "https://neon.com/docs/reference/api/api-keys",
    base: Some("https://console.neon.tech"),
    settings: &[],
    administrator: &[""],
    run_against_vendor: false,
    build,
};

fn build(options: &Options) -> Template {
    Template {
        auth: Auth::bearer(&options.field),
        administrator: Some(Auth::bearer("")),
        headers: vec![("Accept".to_owned(), "application/json".to_owned())],
        variables: options.settings.clone(),
        // Its keys do not end by themselves.
        lifetime: None,
        propagation: Duration::ZERO,
        making: Making::Issue {
            call: Call::new(Verb::Post, "/api/v2/api_keys")
                .with_json(json!({ "key_name": "{{name}}" })),
            fields: options.fields("/key"),
            handle: "/id".to_owned(),
            expiry: None,
            idempotency: None,
            occupied: Vec::new(),
            max_live: None,
            listing: Listing {
                call: Call::new(Verb::Get, "/api/v2/api_keys"),
                items: String::new(),
                name: "/name".to_owned(),
                handle: "/id".to_owned(),
                dead_when: Vec::new(),
                pages: None,
            },
            retiring: Retiring {
                call: Call::new(Verb::Delete, "/api/v2/api_keys/{{handle}}"),
                gone: vec![404],
            },
        },
        probing: Probing::get("/api/v2/users/me"),
        privileges: "the administrator's key is a personal key of the same person".to_owned(),
    }
}
