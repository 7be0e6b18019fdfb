//! Datadog: API keys of an organization.

use std::time::Duration;

use serde_json::json;

use super::{Options, Preset};
use crate::{Auth, Call, Listing, Making, Pages, Probing, Retiring, SecretHeader, Template, Verb};

pub(super) const PRESET: Preset = Preset {
    name: "datadog",
    about: "API keys of a Datadog organization",
    source: "https://docs.datadoghq.com/api/latest/key-management/",
    base: Some("https://api.datadoghq.com"),
    settings: &[],
    administrator: &["api_key", "application_key"],
    run_against_vendor: false,
    build,
};

fn build(options: &Options) -> Template {
    let header = |name: &str, field: &str| SecretHeader {
        name: name.to_owned(),
        prefix: String::new(),
        field: field.to_owned(),
    };
    Template {
        auth: Auth::header("DD-API-KEY", &options.field),
        administrator: Some(Auth::Headers(vec![
            header("DD-API-KEY", "api_key"),
            header("DD-APPLICATION-KEY", "application_key"),
        ])),
        headers: Vec::new(),
        variables: options.settings.clone(),
        // Its API keys do not end by themselves.
        lifetime: None,
        propagation: Duration::from_secs(30),
        making: Making::Issue {
            call: Call::new(Verb::Post, "/api/v2/api_keys").with_json(json!({
                "data": { "type": "api_keys", "attributes": { "name": "{{name}}" } }
            })),
            fields: options.fields("/data/attributes/key"),
            handle: "/data/id".to_owned(),
            expiry: None,
            idempotency: None,
            occupied: Vec::new(),
            max_live: None,
            listing: Listing {
                call: Call::new(Verb::Get, "/api/v2/api_keys?page[size]=100"),
                items: "/data".to_owned(),
                name: "/attributes/name".to_owned(),
                handle: "/id".to_owned(),
                dead_when: Vec::new(),
                pages: Some(Pages::Number {
                    parameter: "page[number]".to_owned(),
                    first: 0,
                    step: 1,
                }),
            },
            retiring: Retiring {
                call: Call::new(Verb::Delete, "/api/v2/api_keys/{{handle}}"),
                gone: vec![404],
            },
        },
        // https://docs.datadoghq.com/api/latest/authentication/: a key that is not valid is forbidden.
        probing: Probing {
            live: vec![200],
            dead: vec![401, 403],
            live_when: vec![("/valid".to_owned(), json!(true))],
            ..Probing::get("/api/v1/validate")
        },
        privileges: "the administrator's application key needs `api_keys_read`, `api_keys_write` and `api_keys_delete`, and its \
                     API key must be another than the one that is rotated"
            .to_owned(),
    }
}
