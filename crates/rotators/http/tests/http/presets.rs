//! Each preset that issues, against a server that answers as the page of its source says.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcp_launch_core::Secret;
use mcp_launch_rotation::{Bundle, End, Liveness, Rotator, Unobserved, Wish};
use mcp_launch_rotator_http::presets::{self, Options};
use mcp_launch_rotator_http::{HttpRotator, Making, Mark};
use mcp_launch_testkit::{Answer, FaultServer, HttpRequest, MemoryStore, Script};
use serde_json::{Value, json};

use crate::vendor::{Token, bare, connection, deadline, run, text};

/// How a vendor speaks.
struct Speech {
    preset: &'static str,
    settings: Value,
    /// Where tokens are made and, without the query, listed.
    tokens: &'static str,
    name_in: &'static str,
    made: fn(&Token) -> Value,
    listed: fn(Vec<Value>) -> Value,
    item: fn(&Token) -> Value,
    probe: &'static str,
    probed: fn(&Token) -> Value,
    refused: u16,
}

const SPEECHES: [fn() -> Speech; 9] = [
    || Speech {
        preset: "cloudflare",
        settings: json!({ "policies": [{ "effect": "allow" }] }),
        tokens: "/client/v4/user/tokens",
        name_in: "/name",
        made: |token| json!({ "result": { "id": token.id.to_string(), "value": token.value, "expires_on": "2027-01-01T00:00:00Z" }, "success": true }),
        listed: |items| json!({ "result": items, "success": true }),
        item: |token| json!({ "id": token.id.to_string(), "name": token.name, "status": "active" }),
        probe: "/client/v4/user/tokens/verify",
        probed: |token| json!({ "result": { "id": token.id.to_string(), "status": "active" }, "success": true }),
        refused: 401,
    },
    || Speech {
        preset: "datadog",
        settings: json!({}),
        tokens: "/api/v2/api_keys",
        name_in: "/data/attributes/name",
        made: |token| json!({ "data": { "id": token.id.to_string(), "type": "api_keys", "attributes": { "key": token.value, "name": token.name } } }),
        listed: |items| json!({ "data": items }),
        item: |token| json!({ "id": token.id.to_string(), "type": "api_keys", "attributes": { "name": token.name, "last4": "x" } }),
        probe: "/api/v1/validate",
        probed: |_| json!({ "valid": true }),
        refused: 403,
    },
    || Speech {
        preset: "gitlab-group",
        settings: json!({ "group": "a/b", "scopes": ["read_api"] }),
        tokens: "/api/v4/groups/a%2Fb/access_tokens",
        ..gitlab()
    },
    gitlab,
    || Speech {
        preset: "grafana",
        settings: json!({ "sa": 7 }),
        tokens: "/api/serviceaccounts/7/tokens",
        name_in: "/name",
        made: |token| json!({ "id": token.id, "name": token.name, "key": token.value }),
        listed: |items| json!(items),
        item: |token| json!({ "id": token.id, "name": token.name, "hasExpired": false }),
        probe: "/api/org",
        probed: |_| json!({ "id": 1, "name": "Main Org." }),
        refused: 401,
    },
    || Speech {
        preset: "neon",
        settings: json!({}),
        tokens: "/api/v2/api_keys",
        name_in: "/key_name",
        made: |token| json!({ "id": token.id, "key": token.value }),
        listed: |items| json!(items),
        item: |token| json!({ "id": token.id, "name": token.name }),
        probe: "/api/v2/users/me",
        probed: |_| json!({ "id": "u" }),
        refused: 401,
    },
    || Speech {
        preset: "openai",
        settings: json!({ "project": "proj_abc" }),
        tokens: "/v1/organization/projects/proj_abc/service_accounts",
        name_in: "/name",
        made: |token| json!({ "id": format!("svc_{}", token.id), "name": token.name, "api_key": { "id": "key_abc", "value": token.value, "expires_at": 1_900_000_000 } }),
        listed: |items| json!({ "object": "list", "data": items, "first_id": "a", "last_id": "b", "has_more": false }),
        item: |token| json!({ "id": format!("svc_{}", token.id), "name": token.name, "role": "member" }),
        probe: "/v1/models",
        probed: |_| json!({ "data": [] }),
        refused: 401,
    },
    || Speech {
        preset: "openrouter",
        settings: json!({ "limit": 5 }),
        tokens: "/api/v1/keys",
        name_in: "/name",
        made: |token| json!({ "data": { "hash": format!("h{}", token.id), "name": token.name }, "key": token.value }),
        listed: |items| json!({ "data": items }),
        item: |token| json!({ "hash": format!("h{}", token.id), "name": token.name, "disabled": false }),
        probe: "/api/v1/key",
        probed: |_| json!({ "data": { "label": "l" } }),
        refused: 401,
    },
    || Speech {
        preset: "sendgrid",
        settings: json!({ "scopes": ["mail.send"] }),
        tokens: "/v3/api_keys",
        name_in: "/name",
        made: |token| json!({ "api_key": token.value, "api_key_id": token.id.to_string(), "name": token.name, "scopes": ["mail.send"] }),
        listed: |items| json!({ "result": items }),
        item: |token| json!({ "name": token.name, "api_key_id": token.id.to_string() }),
        probe: "/v3/scopes",
        probed: |_| json!({ "scopes": ["mail.send"] }),
        refused: 401,
    },
];

fn gitlab() -> Speech {
    Speech {
        preset: "gitlab-project",
        settings: json!({ "project": 42, "scopes": ["read_api"], "access_level": 20 }),
        tokens: "/api/v4/projects/42/access_tokens",
        name_in: "/name",
        made: |token| json!({ "id": token.id, "name": token.name, "token": token.value, "expires_at": "2027-01-31" }),
        listed: |items| json!(items),
        item: |token| json!({ "id": token.id, "name": token.name, "revoked": false, "active": true }),
        probe: "/api/v4/personal_access_tokens/self",
        probed: |token| json!({ "id": token.id, "revoked": false, "active": true, "expires_at": "2027-01-31" }),
        refused: 401,
    }
}

fn answer(speech: &Speech, tokens: &mut Vec<Token>, request: &HttpRequest) -> Answer {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let shows = |value: &str| {
        request
            .headers
            .iter()
            .any(|(_, text)| text == value || *text == format!("Bearer {value}"))
    };
    if path == speech.probe {
        return match tokens.iter().find(|token| shows(&token.value)) {
            Some(token) => Answer::json(200, &(speech.probed)(token)),
            None => Answer::status(speech.refused),
        };
    }
    if !shows("administrator") || (speech.preset == "datadog" && !shows("application")) {
        return Answer::status(401);
    }
    match (request.method.as_str(), path.strip_prefix(speech.tokens)) {
        ("POST", Some("")) => {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            let id = tokens.len() as u64 + 100;
            let token = Token {
                id,
                name: body
                    .pointer(speech.name_in)
                    .unwrap()
                    .as_str()
                    .unwrap()
                    .to_owned(),
                value: format!("value-{id}"),
            };
            tokens.push(token.clone());
            Answer::json(201, &(speech.made)(&token))
        }
        ("GET", Some("")) => {
            // The second page is empty.
            let second = ["page=2", "page[number]=1", "offset=100"];
            let is_second = second.iter().any(|page| query.ends_with(page));
            let items = tokens
                .iter()
                .filter(|token| !is_second && !token.value.is_empty());
            Answer::json(200, &(speech.listed)(items.map(speech.item).collect()))
        }
        ("DELETE", Some(id)) => {
            let of = |token: &&mut Token| {
                id.trim_start_matches(|sign: char| !sign.is_ascii_digit()) == token.id.to_string()
            };
            match tokens
                .iter_mut()
                .filter(|token| !token.value.is_empty())
                .find(of)
            {
                Some(token) => {
                    token.value.clear();
                    Answer::status(204)
                }
                None => Answer::status(404),
            }
        }
        _ => Answer::status(404),
    }
}

#[test]
fn each_preset_that_issues_rotates_twice_as_its_documentation_says() {
    let mut tried = Vec::new();
    for speech in SPEECHES {
        let speech = speech();
        let name = speech.preset;
        let preset = presets::named(name).unwrap();
        let Value::Object(settings) = speech.settings.clone() else {
            unreachable!()
        };
        let options = Options {
            settings: settings.into_iter().collect(),
            lifetime: Some(Duration::from_secs(86_400 * 30)),
            ..Options::default()
        };
        let template = preset.template(&options).unwrap();
        assert!(matches!(template.making, Making::Issue { .. }));
        let first = Token {
            id: 1,
            name: "by hand".to_owned(),
            value: "value-1".to_owned(),
        };
        let tokens = Arc::new(Mutex::new(vec![first]));
        let shared = Arc::clone(&tokens);
        let server = FaultServer::start(Script::from_fn(move |request| {
            answer(&speech, &mut shared.lock().unwrap(), request)
        }));
        let secret = |text: &str| Secret::new(text.as_bytes().to_vec());
        let values = ["administrator", "application"].map(secret);
        let fields = preset.administrator.iter().map(|name| (*name).to_owned());
        let administrator = Bundle::new(fields.zip(values)).unwrap();
        let mut template = template;
        template.propagation = Duration::ZERO;
        let rotator = HttpRotator::new(
            template,
            connection(&server.address()),
            Some(administrator),
            Mark::new(name, "m"),
        )
        .unwrap();
        let store = MemoryStore::new(&bare("value-1"));
        for round in 0..2 {
            let outcome = run(&store, &rotator, &Unobserved, Wish::Forced);
            assert_eq!(
                outcome.end,
                End::Done,
                "{name} {:?}",
                rotator.remedy(outcome_error(&outcome))
            );
            let current = text(&store.current());
            assert_eq!(current, format!("value-{}", 101 + round), "{name}");
        }
        assert_eq!(
            rotator.probe(&bare("value-101"), deadline()),
            Liveness::Dead,
            "{name}: the first one is revoked"
        );
        assert_eq!(
            rotator.probe(&bare("value-102"), deadline()),
            Liveness::Live,
            "{name}"
        );
        let live: Vec<u64> = {
            let tokens = tokens.lock().unwrap();
            tokens
                .iter()
                .filter(|token| !token.value.is_empty() && token.id >= 100)
                .map(|token| token.id)
                .collect()
        };
        assert_eq!(live, [102], "{name}");
        tried.push(name);
    }
    let issuing = presets::ALL
        .iter()
        .filter(|preset| !preset.administrator.is_empty());
    assert_eq!(tried, issuing.map(|preset| preset.name).collect::<Vec<_>>());
}

fn outcome_error(outcome: &mcp_launch_rotation::Outcome) -> mcp_launch_rotation::RotatorError {
    match outcome.end.reason() {
        Some(mcp_launch_rotation::Reason::Vendor(_, error)) => error,
        _ => mcp_launch_rotation::RotatorError::Failed,
    }
}
