//! OpenAI: keys of service accounts of a project. Each rotation makes a service account, because its key comes with it.

use std::time::Duration;

use serde_json::json;

use super::{Options, Preset, Setting};
use crate::{Auth, Call, Listing, Making, Pages, Probing, Retiring, Template, Verb};

pub(super) const PRESET: Preset = Preset {
    name: "openai",
    about: "keys of OpenAI service accounts of a project: a service account for each",
    source: "https://platform.openai.com/docs/api-reference/project-service-accounts",
    base: Some("https://api.openai.com"),
    settings: &[Setting {
        name: "project",
        about: "the id of the project: proj_…",
        optional: false,
    }],
    administrator: &[""],
    run_against_vendor: false,
    build,
};

fn build(options: &Options) -> Template {
    let accounts = "/v1/organization/projects/{{project}}/service_accounts";
    let mut body = json!({ "name": "{{name}}" });
    if options.lifetime.is_some() {
        body["expires_in_seconds"] = json!("{{ttl}}");
    }
    Template {
        auth: Auth::bearer(&options.field),
        administrator: Some(Auth::bearer("")),
        headers: Vec::new(),
        variables: options.settings.clone(),
        lifetime: options.lifetime,
        propagation: Duration::from_secs(10),
        making: Making::Issue {
            call: Call::new(Verb::Post, accounts).with_json(body),
            fields: options.fields("/api_key/value"),
            handle: "/id".to_owned(),
            expiry: Some("/api_key/expires_at".to_owned()),
            idempotency: None,
            occupied: Vec::new(),
            max_live: None,
            listing: Listing {
                call: Call::new(Verb::Get, &format!("{accounts}?limit=100")),
                items: "/data".to_owned(),
                name: "/name".to_owned(),
                handle: "/id".to_owned(),
                dead_when: Vec::new(),
                pages: Some(Pages::After {
                    parameter: "after".to_owned(),
                    cursor: "/last_id".to_owned(),
                    more: Some("/has_more".to_owned()),
                }),
            },
            retiring: Retiring {
                call: Call::new(Verb::Delete, &format!("{accounts}/{{{{handle}}}}")),
                gone: vec![404],
            },
        },
        probing: Probing::get("/v1/models"),
        privileges: "an admin key of the organization, made by an owner; it reaches every project, so keep it apart".to_owned(),
    }
}
