//! GitLab: access tokens of a project or a group, made by an administrator's token; and any token that rotates itself.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Options, Preset, Setting};
use crate::{Auth, Call, ExpirySource, Listing, Making, Pages, Probing, Retiring, Template, Verb};

const SCOPES: Setting = Setting {
    name: "scopes",
    about: "the list of scopes of a new token, such as [\"read_api\"]",
    optional: false,
};
const ACCESS_LEVEL: Setting = Setting {
    name: "access_level",
    about: "the role of a new token: 10 guest, 20 reporter, 30 developer, 40 maintainer",
    optional: true,
};

pub(super) const PROJECT: Preset = Preset {
    name: "gitlab-project",
    about: "GitLab access tokens of a project",
    source: "https://docs.gitlab.com/api/project_access_tokens/",
    base: Some("https://gitlab.com"),
    settings: &[
        Setting {
            name: "project",
            about: "the number of the project, or its path",
            optional: false,
        },
        SCOPES,
        ACCESS_LEVEL,
    ],
    administrator: &[""],
    run_against_vendor: false,
    build: |options| issued(options, "/api/v4/projects/{{project}}/access_tokens"),
};

pub(super) const GROUP: Preset = Preset {
    name: "gitlab-group",
    about: "GitLab access tokens of a group",
    source: "https://docs.gitlab.com/api/group_access_tokens/",
    base: Some("https://gitlab.com"),
    settings: &[
        Setting {
            name: "group",
            about: "the number of the group, or its path",
            optional: false,
        },
        SCOPES,
        ACCESS_LEVEL,
    ],
    administrator: &[""],
    run_against_vendor: false,
    build: |options| issued(options, "/api/v4/groups/{{group}}/access_tokens"),
};

pub(super) const ITSELF: Preset = Preset {
    name: "gitlab-self",
    about: "a GitLab token that rotates itself; a lost answer loses it",
    source: "https://docs.gitlab.com/api/personal_access_tokens/",
    base: Some("https://gitlab.com"),
    settings: &[],
    administrator: &[],
    run_against_vendor: false,
    build: itself,
};

/// GitLab lets a token end after a year at most, and wants to be told when.
const LONGEST: Duration = Duration::from_secs(364 * 86_400);

fn lifetime(options: &Options) -> Option<Duration> {
    Some(options.lifetime.unwrap_or(LONGEST).min(LONGEST))
}

/// `/personal_access_tokens/self` tells of whichever token asks. One that may not ask that is refused with 403.
fn probing() -> Probing {
    Probing {
        dead_when: vec![
            ("/active".to_owned(), json!(false)),
            ("/revoked".to_owned(), json!(true)),
        ],
        handle: Some("/id".to_owned()),
        expiry: Some(ExpirySource::Pointer("/expires_at".to_owned())),
        ..Probing::get("/api/v4/personal_access_tokens/self")
    }
}

fn issued(options: &Options, tokens: &str) -> Template {
    let mut body =
        json!({ "name": "{{name}}", "scopes": "{{scopes}}", "expires_at": "{{expires_on}}" });
    if options.settings.contains_key("access_level") {
        body["access_level"] = json!("{{access_level}}");
    }
    let is = |pointer: &str, value: Value| (pointer.to_owned(), value);
    Template {
        auth: Auth::header("PRIVATE-TOKEN", &options.field),
        administrator: Some(Auth::header("PRIVATE-TOKEN", "")),
        headers: Vec::new(),
        variables: options.settings.clone(),
        lifetime: lifetime(options),
        propagation: Duration::ZERO,
        making: Making::Issue {
            call: Call::new(Verb::Post, tokens).with_json(body),
            fields: options.fields("/token"),
            handle: "/id".to_owned(),
            expiry: Some("/expires_at".to_owned()),
            idempotency: None,
            occupied: Vec::new(),
            max_live: None,
            listing: Listing {
                call: Call::new(Verb::Get, &format!("{tokens}?state=active&per_page=100")),
                items: String::new(),
                name: "/name".to_owned(),
                handle: "/id".to_owned(),
                dead_when: vec![is("/revoked", json!(true)), is("/active", json!(false))],
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
        probing: probing(),
        privileges: "the administrator's token needs the scope `api` and the role Maintainer of the project, or Owner of the \
                     group; a token of a project or a group cannot make others"
            .to_owned(),
    }
}

fn itself(options: &Options) -> Template {
    Template {
        auth: Auth::header("PRIVATE-TOKEN", &options.field),
        administrator: None,
        headers: Vec::new(),
        variables: options.settings.clone(),
        lifetime: lifetime(options),
        propagation: Duration::ZERO,
        making: Making::Roll {
            call: Call::new(Verb::Post, "/api/v4/personal_access_tokens/self/rotate")
                .with_json(json!({ "expires_at": "{{expires_on}}" })),
            fields: options.fields("/token"),
            handle: Some("/id".to_owned()),
            expiry: Some("/expires_at".to_owned()),
            accepts_loss: options.accepts_loss,
        },
        probing: probing(),
        privileges: "the token needs the scope `api` or `self_rotate`".to_owned(),
    }
}
