//! The Moto fixture, asked as the tests of a store ask it.

use mcp_launch_testkit::{Certificates, Moto};
use serde_json::json;

#[test]
fn it_keeps_and_gives_secrets() {
    let moto = Moto::start();
    let arn = moto.create("prod/db", "hunter2");
    assert!(arn.starts_with("arn:aws:secretsmanager:us-east-1:"));
    for id in ["prod/db", &arn] {
        let read = moto.call("GetSecretValue", json!({ "SecretId": id }));
        assert_eq!(read["SecretString"], "hunter2");
    }
    let elsewhere = moto.call_in("eu-west-1", "ListSecrets", json!({}));
    assert_eq!(elsewhere["SecretList"], json!([]));
}

#[test]
fn its_log_has_every_request_in_order() {
    let moto = Moto::start();
    assert_eq!(moto.requests(), []);
    moto.create("a", "1");
    moto.call("BatchGetSecretValue", json!({ "SecretIdList": ["a"] }));
    moto.form(
        "sts",
        &[("Action", "GetCallerIdentity"), ("Version", "2011-06-15")],
    );
    let requests = moto.requests();
    let actions: Vec<&str> = requests.iter().map(|request| &*request.action).collect();
    assert_eq!(
        actions,
        ["CreateSecret", "BatchGetSecretValue", "GetCallerIdentity"]
    );
    assert_eq!(requests[1].body, r#"{"SecretIdList":["a"]}"#);
    assert_eq!(requests[1].region, "us-east-1");
    assert!(moto.endpoint().ends_with(&requests[1].host));
}

#[test]
fn a_moved_stage_is_what_is_read_as_on_aws() {
    let moto = Moto::start();
    moto.create("a", "first");
    let put = json!({ "SecretId": "a", "SecretString": "second", "VersionStages": ["AWSPENDING"],
        "ClientRequestToken": "11111111-1111-1111-1111-111111111111" });
    let second = moto.call("PutSecretValue", put)["VersionId"].clone();
    let first = moto.call("GetSecretValue", json!({ "SecretId": "a" }))["VersionId"].clone();
    let moved = json!({ "SecretId": "a", "VersionStage": "AWSCURRENT",
        "MoveToVersionId": second, "RemoveFromVersionId": first });
    moto.call("UpdateSecretVersionStage", moved);
    let read = moto.call("GetSecretValue", json!({ "SecretId": "a" }));
    assert_eq!(read["SecretString"], "second");
}

#[test]
fn it_speaks_tls() {
    let certificates = Certificates::new();
    let moto = Moto::builder().tls(&certificates.server()).start();
    assert!(moto.endpoint().starts_with("https://127.0.0.1:"));
    moto.create("a", "1");
    let read = moto.call("GetSecretValue", json!({ "SecretId": "a" }));
    assert_eq!(read["SecretString"], "1");
    assert!(moto.ca().is_some());
}

#[test]
#[should_panic(expected = "403")]
fn it_checks_who_asks_when_it_is_told_to() {
    let moto = Moto::builder().enforcing_after(1).start();
    moto.create("free", "1");
    moto.call("GetSecretValue", json!({ "SecretId": "free" }));
}
