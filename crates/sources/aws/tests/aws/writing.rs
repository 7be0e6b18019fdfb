//! What is written, listed and removed.

use std::time::Duration;

use mcp_launch_core::{
    Deadline, Locator, Over, Secret, Source, SourceError, SourceErrorKind, Store, Write,
};
use mcp_launch_source_aws::AwsSource;
use mcp_launch_testkit::{Moto, Scratch};
use serde_json::{Value, json};

use crate::conformance::source;

/// Moto, and a source that writes to it.
pub(crate) struct Desk {
    pub(crate) moto: Moto,
    pub(crate) source: AwsSource,
    pub(crate) scratch: Scratch,
}

pub(crate) fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(30))
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec())
}

impl Desk {
    pub(crate) fn new() -> Self {
        let (moto, scratch) = (Moto::start(), Scratch::new());
        let source = source(moto.endpoint(), "secret", &scratch);
        Self {
            moto,
            source,
            scratch,
        }
    }

    /// What is there, as it stands.
    #[track_caller]
    pub(crate) fn there(&self, name: &str) -> String {
        there(&self.moto, name)
    }

    /// The requests of the source while `act` ran.
    fn asked_by(&self, act: impl FnOnce()) -> Vec<String> {
        let before = self.moto.requests().len();
        act();
        let asked = &self.moto.requests()[before..];
        asked.iter().map(|request| request.action.clone()).collect()
    }
}

pub(crate) fn there(moto: &Moto, name: &str) -> String {
    let request = json!({ "SecretId": name, "VersionStage": "AWSCURRENT" });
    let answer = moto.call("GetSecretValue", request);
    answer["SecretString"].as_str().unwrap().to_owned()
}

/// The labels of each version of a secret, of those without any too.
pub(crate) fn versions(moto: &Moto, name: &str) -> Vec<Vec<String>> {
    let request = json!({ "SecretId": name, "IncludeDeprecated": true });
    let answer = moto.call("ListSecretVersionIds", request);
    let versions = answer["Versions"].as_array().unwrap().iter();
    let labels =
        |version: &Value| serde_json::from_value(version["VersionStages"].clone()).unwrap();
    let mut versions: Vec<Vec<String>> = versions.map(labels).collect();
    versions.sort();
    versions
}

/// Writes each text over whatever is there.
pub(crate) fn write(source: &AwsSource, writes: &[(&str, &str)]) -> Vec<Result<(), SourceError>> {
    let values: Vec<Secret> = writes.iter().map(|(_, value)| secret(value)).collect();
    let writes: Vec<Write<'_>> = writes
        .iter()
        .zip(&values)
        .map(|((name, _), value)| Write {
            name,
            value,
            over: Over::Anything,
        })
        .collect();
    source.store().unwrap().write(&writes, soon())
}

pub(crate) fn write_over(
    source: &AwsSource,
    name: &str,
    value: &str,
    over: Over<'_>,
) -> Result<(), SourceError> {
    let value = &secret(value);
    let write = Write { name, value, over };
    source.write(&[write], soon()).pop().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the value under test")]
fn fetch(source: &AwsSource, name: &str) -> Vec<u8> {
    let answers = source.fetch(&[Locator::new(name)], soon());
    let value = answers.into_iter().next().unwrap().unwrap();
    value.expose().to_vec()
}

/// The error, and what to do about it.
#[track_caller]
pub(crate) fn told(
    source: &AwsSource,
    name: &str,
    outcome: Result<(), SourceError>,
) -> (SourceError, String) {
    let error = outcome.unwrap_err();
    let remedy = source.remedy(&Locator::new(name), error);
    (error, remedy.unwrap_or_default())
}

#[test]
fn secrets_are_created_whole_and_by_field() {
    let desk = Desk::new();
    let asked = desk.asked_by(|| {
        let writes = [
            ("prod/key", "hunter2\n"),
            ("prod/db#user", "me"),
            ("prod/db#a.b", "\u{1}\""),
        ];
        assert_eq!(write(&desk.source, &writes), [Ok(()); 3]);
    });
    let times = |action: &str| asked.iter().filter(|asked| *asked == action).count();
    assert_eq!(
        (times("GetSecretValue"), times("CreateSecret"), asked.len()),
        (2, 2, 4)
    );
    assert_eq!(desk.there("prod/key"), "hunter2\n");
    assert_eq!(desk.there("prod/db"), r#"{"user":"me","a.b":"\u0001\""}"#);
    assert_eq!(fetch(&desk.source, "prod/db#a.b"), b"\x01\"");
}

#[test]
fn what_others_wrote_into_a_secret_stays_to_the_byte() {
    let desk = Desk::new();
    let before = "{\n  \"z\": 1.10,\n  \"password\": \"old\",\n  \"big\": 12345678901234567890123,\n  \"a\": {\"x\": [1e2]}\n}\n";
    desk.moto.create("db", before);
    let writes = [("db#password", "new"), ("db#more", "x")];
    let asked = desk.asked_by(|| assert_eq!(write(&desk.source, &writes), [Ok(()); 2]));
    let label = "UpdateSecretVersionStage";
    assert_eq!(asked, ["GetSecretValue", "PutSecretValue", label, label]);
    let after = before
        .replace("old", "new")
        .replace("[1e2]}\n", "[1e2]},\n  \"more\": \"x\"\n");
    assert_eq!(desk.there("db"), after);
    assert_eq!(
        versions(&desk.moto, "db"),
        [["AWSCURRENT"], ["AWSPREVIOUS"]]
    );
}

#[test]
fn a_second_import_writes_nothing() {
    let desk = Desk::new();
    let writes = [("db#a", "1"), ("db#b", "2"), ("key", "3")];
    assert_eq!(write(&desk.source, &writes), [Ok(()); 3]);
    let asked = desk.asked_by(|| assert_eq!(write(&desk.source, &writes), [Ok(()); 3]));
    assert_eq!(asked, ["GetSecretValue", "GetSecretValue"]);
}

#[test]
fn only_what_may_be_replaced_is() {
    let desk = Desk::new();
    desk.moto.create("db", r#"{"a":"1","n":null}"#);
    desk.moto.create("key", "1");
    let (one, two) = (secret("1"), secret("2"));
    let conflict = |name: &str, over: Over<'_>| {
        let error = write_over(&desk.source, name, "new", over).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Conflict, "{name}");
    };
    for name in ["db#a", "key"] {
        conflict(name, Over::Nothing);
        conflict(name, Over::Value(&two));
        // Whoever expects a value expects it to be there.
        conflict("db#b", Over::Value(&one));
        conflict("other", Over::Value(&one));
        assert_eq!(
            write_over(&desk.source, name, "2", Over::Value(&one)),
            Ok(())
        );
    }
    assert_eq!(write_over(&desk.source, "db#b", "x", Over::Nothing), Ok(()));
    assert_eq!(write_over(&desk.source, "db#n", "x", Over::Nothing), Ok(()));
    assert_eq!(desk.there("db"), r#"{"a":"2","n":"x","b":"x"}"#);
    assert_eq!(desk.there("key"), "2");
    // One that may not does not keep the others of its secret.
    let (value, writes) = (
        secret("new"),
        [("db#a", Over::Nothing), ("db#c", Over::Nothing)],
    );
    let writes = writes.map(|(name, over)| Write {
        name,
        value: &value,
        over,
    });
    let outcomes = desk.source.write(&writes, soon());
    assert!(outcomes[0].is_err() && outcomes[1].is_ok());
    assert_eq!(desk.there("db"), r#"{"a":"2","n":"x","b":"x","c":"new"}"#);
}

#[test]
fn bytes_are_written_as_bytes() {
    let desk = Desk::new();
    let bytes = Secret::new(vec![0, 0xff, b'\n']);
    assert_eq!(desk.source.put("key", &bytes, soon()), Ok(()));
    let answer = desk
        .moto
        .call("GetSecretValue", json!({ "SecretId": "key" }));
    assert_eq!(answer["SecretBinary"], "AP8K");
    assert_eq!(fetch(&desk.source, "key"), [0, 0xff, b'\n']);
    let error = desk.source.put("db#key", &bytes, soon()).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Malformed);
    let json = json!({ "Name": "json", "SecretBinary": "eyJhIjogImIifQ==" });
    desk.moto.call("CreateSecret", json);
    assert_eq!(write(&desk.source, &[("json#a", "c")]), [Ok(())]);
    let answer = desk
        .moto
        .call("GetSecretValue", json!({ "SecretId": "json" }));
    assert_eq!(answer["SecretBinary"], "eyJhIjogImMifQ==");
}

#[test]
fn an_arn_leads_to_the_same_secret() {
    let desk = Desk::new();
    let arn = desk.moto.create("prod/db", r#"{"a":"1"}"#);
    let (short, _) = arn.rsplit_once('-').unwrap();
    let names = [format!("{arn}#b"), format!("{short}#c")];
    let writes = names.each_ref().map(|name| (name.as_str(), "2"));
    assert_eq!(write(&desk.source, &writes), [Ok(()); 2]);
    let after = desk.there("prod/db");
    assert!(
        after.contains(r#""b":"2""#) && after.contains(r#""c":"2""#),
        "{after}"
    );
    let nowhere = "arn:aws:secretsmanager:us-east-1:123456789012:secret:none-AbCdEf";
    let error = write(&desk.source, &[(nowhere, "x")])
        .remove(0)
        .unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Missing);
}

#[test]
fn a_secret_without_a_value_gets_its_first() {
    let desk = Desk::new();
    desk.moto.call("CreateSecret", json!({ "Name": "empty" }));
    assert_eq!(
        write_over(&desk.source, "empty#a", "1", Over::Nothing),
        Ok(())
    );
    assert_eq!(desk.there("empty"), r#"{"a":"1"}"#);
}

#[test]
fn what_is_written_is_read_back_from_aws() {
    let desk = Desk::new();
    let arn = desk.moto.create("db", r#"{"a":"1"}"#);
    for name in ["db#a", &format!("{arn}#a")] {
        assert_eq!(fetch(&desk.source, name), b"1");
    }
    assert_eq!(write(&desk.source, &[("db#a", "2")]), [Ok(())]);
    let asked = desk.asked_by(|| {
        for name in ["db#a", &format!("{arn}#a")] {
            assert_eq!(fetch(&desk.source, name), b"2");
        }
    });
    assert_eq!(asked, ["GetSecretValue"; 2]);
    // Nor is another launch told what was.
    let another = source(desk.moto.endpoint(), "secret", &desk.scratch);
    assert_eq!(fetch(&another, "db#a"), b"2");
    let stage = "db@AWSPREVIOUS#a";
    assert_eq!(fetch(&desk.source, stage), b"1");
    assert_eq!(write(&desk.source, &[("db#a", "3")]), [Ok(())]);
    assert_eq!(fetch(&desk.source, stage), b"2");
}

#[test]
fn names_are_listed() {
    let desk = Desk::new();
    let names: Vec<String> = (100..225).map(|number| format!("prod/s{number}")).collect();
    for name in &names {
        desk.moto.create(name, "x");
    }
    desk.moto.create("production", "x");
    desk.moto.create("db", r#"{"b": 1, "a": {"c": 2}}"#);
    desk.moto.call(
        "DeleteSecret",
        json!({ "SecretId": desk.moto.create("prod/gone", "x") }),
    );
    let store = desk.source.store().unwrap();
    let asked = desk.asked_by(|| {
        let below: Vec<String> = (100..225).map(|number| format!("s{number}")).collect();
        assert_eq!(store.names("prod/", soon()).unwrap(), below);
    });
    assert_eq!(asked, ["ListSecrets", "ListSecrets"]);
    let all = store.names("", soon()).unwrap();
    assert_eq!((all.len(), all[0].as_str()), (127, "db"));
    assert!(all.is_sorted());
    assert_eq!(store.names("db", soon()).unwrap(), ["a", "b"]);
    for (within, kind) in [
        ("none/", SourceErrorKind::Missing),
        ("none", SourceErrorKind::Missing),
        ("production", SourceErrorKind::Malformed),
        ("db#a", SourceErrorKind::Malformed),
        ("db#a/", SourceErrorKind::Malformed),
    ] {
        assert_eq!(
            store.names(within, soon()).unwrap_err().kind(),
            kind,
            "{within}"
        );
    }
}

#[test]
fn a_field_is_removed_and_a_secret_can_be_restored() {
    let desk = Desk::new();
    desk.moto.create("db", r#"{"a": 1.10, "b": 2}"#);
    assert_eq!(desk.source.remove("db#b", soon()), Ok(()));
    assert_eq!(desk.there("db"), r#"{"a": 1.10}"#);
    for name in ["db#b", "none", "none#a"] {
        let error = desk.source.remove(name, soon()).unwrap_err();
        assert_eq!(error.kind(), SourceErrorKind::Missing, "{name}");
    }
    assert_eq!(desk.source.remove("db", soon()), Ok(()));
    let request = desk.moto.requests().pop().unwrap();
    assert_eq!(request.action, "DeleteSecret");
    assert!(
        request.body.contains(r#""RecoveryWindowInDays":30"#),
        "{}",
        request.body
    );
    assert!(!request.body.contains("Force"), "{}", request.body);
    for outcome in [
        desk.source.remove("db", soon()),
        desk.source.remove("db#a", soon()),
        write_over(&desk.source, "db#a", "x", Over::Anything),
    ] {
        let error = outcome.unwrap_err();
        assert_eq!(
            error.explanation(),
            Some("the secret is marked for deletion")
        );
    }
    let (_, remedy) = told(&desk.source, "db", desk.source.remove("db", soon()));
    assert!(remedy.contains("restore-secret --secret-id db"), "{remedy}");
    desk.moto.call("RestoreSecret", json!({ "SecretId": "db" }));
    assert_eq!(fetch(&desk.source, "db#a"), b"1.10");
}

#[test]
fn what_cannot_be_written_is_told_before_anything_is() {
    let desk = Desk::new();
    desk.moto.create("text", "hunter2");
    desk.moto.create("db", r#"{"a":{"b":1}}"#);
    let long = "x".repeat(65_537);
    let asked = desk.asked_by(|| {
        for (name, value, text) in [
            ("db@AWSPREVIOUS#a", "x", "only the current version"),
            ("a b", "x", "the name of a secret has"),
            ("new", "", "no empty secret"),
            ("new", &long, "65,536 bytes"),
            ("db#c", &long, "65,536 bytes"),
            ("text#a", "x", "the secret is no JSON"),
            ("db#a.c", "x", "would lie within another"),
        ] {
            let outcome = write_over(&desk.source, name, value, Over::Anything);
            let (error, _) = told(&desk.source, name, outcome);
            assert_eq!(error.kind(), SourceErrorKind::Malformed, "{name}");
            assert!(error.to_string().contains(text), "{name}: {error}");
        }
    });
    assert!(
        asked.iter().all(|action| action == "GetSecretValue"),
        "{asked:?}"
    );
}
