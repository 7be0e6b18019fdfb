//! What is refused before anything is asked, and what is put into requests.

use std::time::Duration;

use mcp_launch_core::Secret;
use mcp_launch_rotation::{Bundle, Issue, RotationId, Rotator, RotatorError};
use mcp_launch_rotator_http::presets::{self, Options};
use mcp_launch_rotator_http::{
    Auth, Call, Field, HttpRotator, Making, Mark, Template, TemplateError, Verb,
};
use mcp_launch_testkit::{Answer, FaultServer};
use serde_json::{Value, json};

use crate::vendor::{bare, connection, deadline, template};

fn refused(change: impl FnOnce(&mut Template)) -> Option<TemplateError> {
    let mut template = template();
    change(&mut template);
    let connection = connection("https://grafana.example");
    HttpRotator::new(template, connection, Some(bare("a")), Mark::new("c", "p")).err()
}

fn call(template: &mut Template) -> &mut Call {
    match &mut template.making {
        Making::Issue { call, .. } | Making::Roll { call, .. } => call,
    }
}

#[test]
fn a_template_that_cannot_be_filled_in_is_refused() {
    use TemplateError as E;
    assert_eq!(refused(|_| {}), None);
    assert_eq!(
        refused(|t| call(t).path = "/x/{{nobody}}".to_owned()),
        Some(E::Unknown("nobody".to_owned()))
    );
    assert_eq!(
        refused(|t| call(t).json = Some(json!({ "n": ["{{handle}} {{name}}"] }))),
        Some(E::Unknown("handle".to_owned()))
    );
    assert_eq!(
        refused(|t| call(t).path = "/x/{{name".to_owned()),
        Some(E::Unclosed)
    );
    assert_eq!(
        refused(|t| t.probing.call.path = "/x/{{sa".to_owned()),
        Some(E::Unclosed)
    );
    assert_eq!(
        refused(|t| call(t).json = Some(json!({ "n": "{{name}}", "t": "{{ttl}}" }))),
        Some(E::NoLifetime("ttl".to_owned()))
    );
    assert_eq!(refused(|t| call(t).json = None), Some(E::Nameless));
    for path in ["x", "https://evil.example/", "", "/a b", "/a#b", "/{a}"] {
        let error = refused(|t| t.probing.call.path = path.to_owned());
        assert_eq!(error, Some(E::Path(path.to_owned())), "{path}");
    }
    assert_eq!(
        refused(|t| t
            .variables
            .insert("name".to_owned(), json!("x"))
            .map_or((), drop)),
        Some(E::Taken("name".to_owned()))
    );
    assert_eq!(
        refused(|t| t.probing.handle = Some("id".to_owned())),
        Some(E::Pointer("id".to_owned()))
    );
    assert_eq!(
        refused(|t| t.headers = vec![("A b".to_owned(), "x".to_owned())]),
        Some(E::Header("A b".to_owned()))
    );
    assert_eq!(
        refused(|t| t.headers = vec![("A".to_owned(), "x\r\nB: y".to_owned())]),
        Some(E::Header("A".to_owned()))
    );
    assert_eq!(
        refused(|t| t.auth = Auth::header("", "f")),
        Some(E::Header(String::new()))
    );
    assert_eq!(
        refused(|t| t.administrator = Some(Auth::bearer("token"))),
        Some(E::MissingField("token".to_owned()))
    );
    assert_eq!(refused(|t| t.administrator = None), Some(E::Administrator));
    let listed = |t: &mut Template| {
        t.variables.insert("sa".to_owned(), json!(["a"]));
    };
    assert_eq!(refused(listed), Some(E::NoText("sa".to_owned())));
    for error in [
        E::Unclosed,
        E::Unknown("x".to_owned()),
        E::NoLifetime("ttl".to_owned()),
    ] {
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(
        E::Unknown("x".to_owned()).to_string(),
        "`{{x}}` stands for nothing here"
    );
}

#[test]
fn what_is_put_in_is_escaped_and_the_other_fields_stay() {
    let server = FaultServer::start(Answer::json(
        201,
        &json!({ "n": [{ "v": "new", "end": 1_800_000_000 }], "id": "a/b" }),
    ));
    let mut template = template();
    template.lifetime = Some(Duration::from_secs(3600));
    template
        .variables
        .insert("sa".to_owned(), json!("a/../\"\\{{name}}"));
    template.headers = vec![("X-Version".to_owned(), "7".to_owned())];
    template.administrator = Some(Auth::Basic {
        username: "u".to_owned(),
        password: "p".to_owned(),
    });
    if let Making::Issue {
        call,
        fields,
        handle,
        expiry,
        idempotency,
        ..
    } = &mut template.making
    {
        *call = Call::new(Verb::Post, "/t/{{sa}}?n={{name}}").with_json(json!({
            "text": "{{sa}}", "both": "x {{ttl}} {{sa}}", "ttl": "{{ttl}}", "on": "{{expires_on}}", "n": "{{name}}",
        }));
        *fields = vec![Field {
            name: "token".to_owned(),
            pointer: "/n/0/v".to_owned(),
        }];
        *handle = "/id".to_owned();
        *expiry = Some("/n/0/end".to_owned());
        *idempotency = Some("Idempotency-Key".to_owned());
    }
    let secret = |text: &str| Secret::new(text.as_bytes().to_vec());
    let administrator = Bundle::new([
        ("u".to_owned(), secret("me")),
        ("p".to_owned(), secret("a:b")),
    ])
    .unwrap();
    let mark = Mark::new("c", "p");
    let rotator = HttpRotator::new(
        template,
        connection(&server.address()),
        Some(administrator),
        mark.clone(),
    )
    .unwrap();
    let login = Bundle::new([
        ("token".to_owned(), secret("old")),
        ("url".to_owned(), secret("u")),
    ])
    .unwrap();
    let id = RotationId::new("i d").unwrap();
    let made = rotator.issue(&id, &login, deadline()).unwrap();
    assert_eq!(made.bundle.get("token").unwrap().expose(), b"new");
    assert_eq!(made.bundle.get("url").unwrap().expose(), b"u");
    assert_eq!(made.handle.unwrap().as_str(), "a/b");
    assert_eq!(made.expires_at.unwrap().as_second(), 1_800_000_000);

    let request = &server.requests()[0];
    let name = mark.name(&id);
    let encoded = name.replace(' ', "%20");
    assert_eq!(
        request.path,
        format!("/t/a%2F..%2F%22%5C%7B%7Bname%7D%7D?n={encoded}")
    );
    assert_eq!(request.header("authorization"), Some("Basic bWU6YTpi"));
    assert_eq!(request.header("x-version"), Some("7"));
    assert_eq!(request.header("idempotency-key"), Some("i d"));
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["text"], "a/../\"\\{{name}}");
    assert_eq!(body["both"], "x 3600 a/../\"\\{{name}}");
    assert_eq!((&body["ttl"], &body["n"]), (&json!(3600), &json!(name)));
    assert_eq!(body["on"].as_str().unwrap().len(), 10);

    // A credential without the field that is made is not asked for: nothing would be replaced.
    let error = rotator.issue(&id, &bare("x"), deadline()).err();
    assert_eq!(error, Some(RotatorError::Failed));
    assert!(
        rotator
            .remedy(RotatorError::Failed)
            .unwrap()
            .contains("no field `token`")
    );
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_preset_says_what_it_needs() {
    let grafana = presets::named("grafana").unwrap();
    let error = grafana.template(&Options::default()).err();
    assert_eq!(error, Some(TemplateError::MissingSetting("sa".to_owned())));
    let mut options = Options::default();
    options.settings.insert("sa".to_owned(), json!(1));
    options.settings.insert("s".to_owned(), json!(1));
    assert_eq!(
        grafana.template(&options).err(),
        Some(TemplateError::Unknown("s".to_owned()))
    );
    assert!(presets::named("nobody").is_none());
    assert!(presets::ALL.is_sorted_by_key(|preset| preset.name));
    for preset in presets::ALL {
        assert!(preset.source.starts_with("https://") && !preset.run_against_vendor);
    }
}
