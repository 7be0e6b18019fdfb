//! How many calls it takes, from Moto's own log.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use mcp_launch_testkit::{Answer, FaultServer, Moto, Relay, Scratch, Script};
use serde_json::{Value, json};

use crate::stage::{Stage, apart, program, told};

fn named(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("s{number}")).collect()
}

#[test]
fn secrets_are_asked_for_by_twenty() {
    let stage = Stage::new();
    for name in named(45) {
        stage.moto.create(&name, &format!("value of {name}"));
    }
    for (count, batches, singles) in [(1, 0, 1), (2, 1, 0), (20, 1, 0), (21, 1, 1), (45, 3, 0)] {
        let names = named(count);
        let words: Vec<&str> = names.iter().map(String::as_str).collect();
        let asked = stage.asked_by(|| {
            let told = stage.ask(&words);
            let values = told.values();
            assert_eq!(values.len(), count);
            for (name, value) in names.iter().zip(values) {
                assert_eq!(value, format!("value of {name}"));
            }
        });
        let times = |action: &str| asked.iter().filter(|asked| *asked == action).count();
        assert_eq!(times("BatchGetSecretValue"), batches, "{count}: {asked:?}");
        assert_eq!(times("GetSecretValue"), singles, "{count}: {asked:?}");
        assert_eq!(asked.len(), batches + singles, "{count}: {asked:?}");
    }
}

#[test]
fn a_secret_with_several_fields_is_asked_for_once() {
    let stage = Stage::new();
    stage.moto.create("db", r#"{"a":"1","b":"2"}"#);
    let asked = stage.asked_by(|| {
        let told = stage.ask(&["db#a", "db#b", "db#a", "db"]);
        assert_eq!(told.values().len(), 4);
    });
    assert_eq!(asked, ["GetSecretValue"]);
}

#[test]
fn a_name_and_its_arn_may_be_asked_for_together() {
    let stage = Stage::new();
    let arn = stage.moto.create("prod/db", "1");
    let (partial, _) = arn.rsplit_once('-').unwrap();
    let told = stage.ask(&["prod/db", &arn, partial]);
    assert_eq!(told.values(), ["1", "1", "1"]);
}

#[test]
fn the_current_version_is_asked_for_by_its_label() {
    let stage = Stage::new();
    stage.moto.create("db", "1");
    stage.ask(&["db"]);
    let last = stage.moto.requests().pop().unwrap();
    assert!(last.body.contains("AWSCURRENT"), "{}", last.body);
}

#[test]
fn a_policy_without_batch_is_asked_one_by_one() {
    let stage = Stage::new();
    stage.moto.create("a", "1");
    stage.moto.create("b", "2");
    let relay = Relay::to(stage.moto.endpoint(), None);
    let server = FaultServer::start(Script::from_fn(move |request| {
        if request.header("x-amz-target") == Some("secretsmanager.BatchGetSecretValue") {
            let body = json!({ "__type": "AccessDeniedException", "Message": "not authorized" });
            return Answer::json(400, &body);
        }
        relay.answer(request)
    }));
    let scratch = Scratch::new();
    let mut command = program(&scratch, &server.address());
    let told = told(apart(command.args(["a", "b"])));
    assert_eq!(told.values(), ["1", "2"]);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_policy_that_allows_no_batch_is_enough_where_signatures_are_checked() {
    let moto = Moto::builder().enforcing_after(5).start();
    moto.create("a", "1");
    moto.create("b", "2");
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*" }
    ] });
    let (id, key) = moto.create_user("app", &policy);
    let scratch = Scratch::new();
    let ask = |key: &str, locators: &[&str]| {
        let mut command = program(&scratch, moto.endpoint());
        command
            .env("AWS_ACCESS_KEY_ID", &id)
            .env("AWS_SECRET_ACCESS_KEY", key)
            .args(locators);
        told(apart(&mut command))
    };
    assert_eq!(ask(&key, &["a", "b"]).values(), ["1", "2"]);
    let wrong = ask("wrong", &["a"]);
    assert!(wrong.error().starts_with("denied"), "{}", wrong.text);
}

#[test]
fn batches_are_under_way_side_by_side() {
    let stage = Stage::new();
    let names = named(40);
    for name in &names {
        stage.moto.create(name, name);
    }
    let relay = Relay::to(stage.moto.endpoint(), None);
    let arrived = Arc::new((Mutex::new(0), Condvar::new()));
    // No batch is answered before both are there; asked one after the other, the first would wait until the deadline.
    let server = FaultServer::start(Script::from_fn(move |request| {
        let (count, changed) = &*arrived;
        let mut count = count.lock().unwrap();
        *count += 1;
        changed.notify_all();
        let both = changed.wait_timeout_while(count, Duration::from_secs(20), |count| *count < 2);
        drop(both);
        relay.answer(request)
    }));
    let scratch = Scratch::new();
    let mut command = program(&scratch, &server.address());
    let told = told(apart(command.args(["--deadline", "15000"]).args(&names)));
    assert_eq!(told.values(), names);
    assert_eq!(server.requests().len(), 2);
}

/// The first JSON of the section of `docs/sources/aws.md` with this title.
pub(crate) fn of_page(title: &str) -> Value {
    let page = include_str!("../../../../../docs/sources/aws.md");
    let (_, section) = page.split_once(&format!("\n## {title}\n")).unwrap();
    let (_, json) = section.split_once("```json\n").unwrap();
    let (json, _) = json.split_once("```").unwrap();
    serde_json::from_str(json).unwrap()
}

#[test]
fn the_actions_of_the_pages_policy_are_enough_and_each_is_needed() {
    let moto = Moto::builder().enforcing_after(8).start();
    for name in ["prod/db", "prod/web"] {
        moto.create(name, name);
    }
    let policy = of_page("The policy");
    let statements = policy["Statement"].as_array().unwrap();
    let resource = statements[0]["Resource"].as_str().unwrap();
    assert!(resource.ends_with(":secret:prod/db-??????"), "{resource}");
    // Moto takes every call to the store for one on everything.
    let user = |name: &str, statements: &[Value]| {
        let mut statements = statements.to_vec();
        for statement in &mut statements {
            statement["Resource"] = json!("*");
        }
        let policy = json!({ "Version": policy["Version"], "Statement": statements });
        moto.create_user(name, &policy)
    };
    let (whole, batch) = (user("whole", statements), user("batch", &statements[1..]));
    let scratch = Scratch::new();
    let ask = |(id, key): &(String, String), locators: &[&str]| {
        let mut command = program(&scratch, moto.endpoint());
        command
            .env("AWS_ACCESS_KEY_ID", id)
            .env("AWS_SECRET_ACCESS_KEY", key)
            .args(locators);
        told(apart(&mut command))
    };
    assert_eq!(ask(&whole, &["prod/db"]).values(), ["prod/db"]);
    assert_eq!(
        ask(&whole, &["prod/db", "prod/web"]).values(),
        ["prod/db", "prod/web"]
    );
    let last = moto.requests().pop().unwrap();
    assert_eq!(last.action, "BatchGetSecretValue");
    let told = ask(&batch, &["prod/db"]);
    assert!(told.error().starts_with("denied"), "{}", told.text);
}
