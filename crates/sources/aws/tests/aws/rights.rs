//! What those who write must be allowed, and what is told where they are not.

use mcp_launch_core::{Locator, Over, Source, SourceErrorKind, Store};
use mcp_launch_testkit::{Answer, Canary, FaultServer, Moto, Relay, Scratch, Script};
use serde_json::{Value, json};

use crate::calls::of_page;
use crate::conformance::{source, source_of};
use crate::races::action;
use crate::writing::{Desk, soon, told, write, write_over};

#[test]
fn the_actions_of_the_pages_policy_are_enough_and_each_is_needed() {
    let policy = of_page("Writing");
    let mut actions: Vec<Value> = Vec::new();
    for statement in policy["Statement"].as_array().unwrap() {
        match &statement["Action"] {
            Value::Array(several) => actions.extend(several.iter().cloned()),
            one => actions.push(one.clone()),
        }
    }
    let users = u32::try_from(actions.len()).unwrap() + 1;
    let moto = Moto::builder().enforcing_after(4 * users).start();
    // Moto takes every call to the store for one on everything.
    let user = |number: usize, actions: &[Value]| {
        moto.create(&format!("db{number}"), r#"{"a":"1"}"#);
        let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
        moto.create_user(&format!("user{number}"), &policy)
    };
    let users: Vec<_> = (0..=actions.len())
        .map(|left_out| {
            let mut some = actions.clone();
            let action = (left_out < some.len()).then(|| some.remove(left_out));
            (user(left_out, &some), action)
        })
        .collect();
    let scratch = Scratch::new();
    for (number, ((id, key), left_out)) in users.iter().enumerate() {
        let source = source_of(moto.endpoint(), id, key, &scratch);
        let old = format!("db{number}");
        let (field, new) = (format!("{old}#a"), format!("new{number}#a"));
        let outcomes = [
            (
                field.as_str(),
                write_over(&source, &field, "2", Over::Anything),
            ),
            (&new, write_over(&source, &new, "2", Over::Anything)),
            ("", source.names("", soon()).map(drop)),
            (&old, source.remove(&old, soon())),
        ];
        let mut failed = outcomes.into_iter().filter(|(_, outcome)| outcome.is_err());
        let Some(action) = left_out else {
            assert!(failed.next().is_none());
            continue;
        };
        let (name, outcome) = failed
            .next()
            .unwrap_or_else(|| panic!("{action} is not needed"));
        let (error, remedy) = told(&source, name, outcome);
        assert_eq!(error.kind(), SourceErrorKind::Denied, "{action}");
        assert!(
            remedy.contains(&format!("\"Action\":{action}")),
            "{action}: {remedy}"
        );
    }
}

#[test]
fn a_denial_names_the_action_and_the_secret() {
    let actions = [
        ("GetSecretValue", "GetSecretValue", "db#a"),
        ("PutSecretValue", "PutSecretValue", "db#a"),
        (
            "UpdateSecretVersionStage",
            "UpdateSecretVersionStage",
            "db#a",
        ),
        ("CreateSecret", "CreateSecret", "new#a"),
    ];
    for (denied, named, name) in actions {
        let desk = Desk::new();
        desk.moto.create("db", r#"{"a":"1"}"#);
        let relay = Relay::to(desk.moto.endpoint(), None);
        let canary = Canary::new();
        let message = format!("not authorized: {}", canary.value());
        let refusal = json!({ "__type": "AccessDeniedException", "Message": message });
        let server = FaultServer::start(Script::from_fn(move |request| {
            if action(request) == denied {
                return Answer::json(400, &refusal);
            }
            relay.answer(request)
        }));
        let source = source(&server.address(), "secret", &desk.scratch);
        let error = write(&source, &[(name, canary.value())])
            .remove(0)
            .unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Denied, "{denied}");
        let remedy = source.remedy(&Locator::new(name), error).unwrap();
        let (secret, _) = name.split_once('#').unwrap();
        let statement = format!(
            r#""Action":"secretsmanager:{named}","Resource":"arn:aws:secretsmanager:us-east-1:*:secret:{secret}-??????""#
        );
        assert!(remedy.contains(&statement), "{remedy}");
        canary.assert_absent("what is told", format!("{error} {error:?} {remedy}"));
        assert_eq!(desk.there("db"), r#"{"a":"1"}"#);
    }
}
