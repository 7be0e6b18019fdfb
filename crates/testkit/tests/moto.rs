//! The Moto fixture, asked as the tests of a store ask it.

use mcp_launch_testkit::{Certificates, Moto, Scratch};
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
fn it_checks_who_asks_and_for_what_when_it_is_told_to() {
    let moto = Moto::builder().enforcing_after(4).start();
    moto.create("app", "hunter2");
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*" }
    ] });
    let (id, key) = moto.create_user("app", &policy);

    let ask = |key: &str, action: &str, request: &str| {
        let output = Scratch::new()
            .command("curl")
            .args(["--disable", "--silent", "--include"])
            .args(["--aws-sigv4", "aws:amz:us-east-1:secretsmanager"])
            .arg("--user")
            .arg(format!("{id}:{key}"))
            .args([
                "--header",
                "Content-Type: application/x-amz-json-1.1",
                "--header",
            ])
            .arg(format!("X-Amz-Target: secretsmanager.{action}"))
            .args(["--data", request, moto.endpoint()])
            .output()
            .expect("`curl` is missing: tests/setup/system.sh installs it");
        String::from_utf8(output.stdout).unwrap()
    };
    let read = ask(&key, "GetSecretValue", r#"{"SecretId":"app"}"#);
    assert!(read.contains(" 200 ") && read.contains("hunter2"), "{read}");
    let batch = ask(&key, "BatchGetSecretValue", r#"{"SecretIdList":["app"]}"#);
    assert!(batch.contains(" 403 "), "{batch}");
    let forged = ask("wrong", "GetSecretValue", r#"{"SecretId":"app"}"#);
    assert!(forged.contains(" 403 "), "{forged}");
    let last = moto.requests().pop().unwrap();
    assert_eq!(
        (last.access_key, last.region),
        (id.clone(), "us-east-1".to_owned())
    );
}
