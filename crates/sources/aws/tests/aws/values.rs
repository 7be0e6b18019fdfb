//! What a reference gives: whole secrets, fields, versions, bytes.

use mcp_launch_testkit::Canary;
use serde_json::json;

use crate::stage::Stage;

#[test]
fn a_secret_is_given_as_it_is() {
    let stage = Stage::new();
    stage.moto.create("prod/db", "hunter2\n");
    stage.moto.create("empty", "{}");
    assert_eq!(
        stage.ask(&["prod/db", "empty"]).values(),
        ["hunter2\n", "{}"]
    );
}

#[test]
fn fields_are_cut_out_of_json() {
    let stage = Stage::new();
    let json = r#"{"user": "me", "port": 5432, "a": {"b": [1.10]}, "a.c": "literal", "empty": ""}"#;
    stage.moto.create("db", json);
    let words = [
        "db#user",
        "db#port",
        "db#a.b[0]",
        "db#a.c",
        "db#a",
        "db#empty",
        "db",
    ];
    let values = stage.ask(&words);
    assert_eq!(
        values.values(),
        ["me", "5432", "1.10", "literal", r#"{"b":[1.10]}"#, "", json]
    );
}

#[test]
fn bytes_are_given_as_bytes_and_their_fields_too() {
    let stage = Stage::new();
    for (name, base64) in [("key", "AGhpCg=="), ("json", "eyJhIjogImIifQ==")] {
        let secret = json!({ "Name": name, "SecretBinary": base64 });
        stage.moto.call("CreateSecret", secret);
    }
    let told = stage.ask(&["key", "json#a"]);
    assert_eq!(told.values(), ["\0hi\n", "b"]);
}

#[test]
fn versions_are_given_by_label_and_id() {
    let stage = Stage::new();
    stage.moto.create("db", "first");
    let put = |value: &str, stages: &[&str], token: &str| {
        let request = json!({ "SecretId": "db", "SecretString": value, "VersionStages": stages,
            "ClientRequestToken": token });
        stage.moto.call("PutSecretValue", request);
    };
    let (second, blue) = (
        "11111111-2222-3333-4444-555555555555",
        "aaaaaaaa-2222-3333-4444-555555555555",
    );
    put("second", &["AWSCURRENT"], second);
    put("blue", &["BLUE"], blue);
    let by_id = format!("db@{blue}");
    let label = json!({ "SecretId": "db", "VersionStage": "of/me", "MoveToVersionId": blue });
    stage.moto.call("UpdateSecretVersionStage", label);
    let told = stage.ask(&[
        "db",
        "db@AWSCURRENT",
        "db@AWSPREVIOUS",
        "db@BLUE",
        &by_id,
        "db@=of/me",
    ]);
    assert_eq!(
        told.values(),
        ["second", "second", "first", "blue", "blue", "blue"]
    );
    // Asked for together with another one, by batch.
    stage.moto.create("other", "x");
    assert_eq!(stage.ask(&["db", "other"]).values(), ["second", "x"]);
}

#[test]
fn what_is_not_there_is_told_apart() {
    let stage = Stage::new();
    let canary = Canary::new();
    let json = json!({ "token": canary.value(), "user": canary.value(), "none": null }).to_string();
    stage.moto.create("prod/github", &json);
    stage.moto.create("text", canary.value());
    let delete = json!({ "SecretId": stage.moto.create("gone", "x"), "RecoveryWindowInDays": 7 });
    stage.moto.call("DeleteSecret", delete);
    for (locator, error, hint) in [
        (
            "prod/githup",
            "missing: not found: AWS has no secret of this name",
            "did you mean `prod/github`?",
        ),
        (
            "github",
            "missing: not found: AWS has no secret of this name",
            "did you mean `prod/github`?",
        ),
        (
            "prod/github#tokem",
            "missing: not found: the secret has no such field",
            "it has #none, #token, #user",
        ),
        (
            "prod/github#none",
            "malformed: cannot be read: the field is null",
            "",
        ),
        (
            "prod/github@NONE",
            "missing: not found: the secret has no such version",
            "list-secret-version-ids --secret-id prod/github",
        ),
        (
            "prod/github@00000000-0000-0000-0000-000000000000#token",
            "missing: not found: the secret has no such version",
            "list-secret-version-ids --secret-id prod/github",
        ),
        (
            "prod/githup@NONE",
            "missing: not found: AWS has no secret of this name",
            "did you mean `prod/github`?",
        ),
        ("text#a", "malformed: cannot be read (byte ", "without #"),
        (
            "gone",
            "unavailable: unavailable: the secret is marked for deletion",
            "restore-secret --secret-id gone",
        ),
        (
            "a b",
            "malformed: cannot be read: the name of a secret has",
            "",
        ),
    ] {
        let told = stage.ask(&[locator]);
        assert!(told.error().starts_with(error), "{locator}: {}", told.text);
        if !hint.is_empty() {
            assert!(told.hint().contains(hint), "{locator}: {}", told.text);
        }
        canary.assert_absent("what is told", &told.text);
    }
}

#[test]
fn in_a_batch_each_secret_has_its_own_outcome() {
    let stage = Stage::new();
    stage.moto.create("a", "1");
    stage.moto.create("b", "2");
    let told = stage.ask(&["a", "nothing-like-it", "b"]);
    assert!(told.error().starts_with("missing"), "{}", told.text);
    assert!(told.text.starts_with("value 1\n1\n"), "{}", told.text);
    assert!(told.text.contains("value 1\n2\n"), "{}", told.text);
}
