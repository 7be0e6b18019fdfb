//! Twilio SendGrid: API keys.

use std::time::Duration;

use serde_json::json;

use super::{Options, Preset, Setting};
use crate::{Auth, Call, Listing, Making, Probing, Retiring, Template, Verb};

pub(super) const PRESET: Preset = Preset {
    name: "sendgrid",
    about: "SendGrid API keys",
    source: "https://www.twilio.com/docs/sendgrid/api-reference/api-keys/create-api-keys",
    base: Some("https://api.sendgrid.com"),
    settings: &[Setting {
        name: "scopes",
        about: "the list of scopes of a new key, such as [\"mail.send\"]",
        optional: false,
    }],
    administrator: &[""],
    run_against_vendor: false,
    build,
};

fn build(options: &Options) -> Template {
    Template {
        auth: Auth::bearer(&options.field),
        administrator: Some(Auth::bearer("")),
        headers: Vec::new(),
        variables: options.settings.clone(),
        // Its keys do not end by themselves.
        lifetime: None,
        propagation: Duration::from_secs(10),
        making: Making::Issue {
            call: Call::new(Verb::Post, "/v3/api_keys")
                .with_json(json!({ "name": "{{name}}", "scopes": "{{scopes}}" })),
            fields: options.fields("/api_key"),
            handle: "/api_key_id".to_owned(),
            expiry: None,
            idempotency: None,
            occupied: Vec::new(),
            // An account has 100 keys; the hundred-and-first is refused with 403, as a missing permission is.
            max_live: Some(100),
            listing: Listing {
                call: Call::new(Verb::Get, "/v3/api_keys"),
                items: "/result".to_owned(),
                name: "/name".to_owned(),
                handle: "/api_key_id".to_owned(),
                dead_when: Vec::new(),
                pages: None,
            },
            retiring: Retiring {
                call: Call::new(Verb::Delete, "/v3/api_keys/{{handle}}"),
                gone: vec![404],
            },
        },
        probing: Probing::get("/v3/scopes"),
        privileges: "the administrator's key needs `api_keys.create`, `api_keys.read` and `api_keys.delete`, and each scope of \
                     the new key"
            .to_owned(),
    }
}
