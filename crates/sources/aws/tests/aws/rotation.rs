//! Secrets that are rotated.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use mcp_launch_core::{Deadline, Locator, Source};
use mcp_launch_rotation::{
    Bundle, Handle, Mastery, Opening, Owner, Promotion, Record, RotatingStore, RotationId, Stage,
    StoreError, Successor,
};
use mcp_launch_source_aws::AwsCredential;
use mcp_launch_testkit::{
    Answer, Canary, FaultServer, HttpRequest, Relay, Script, rotation_conformance,
};
use serde_json::json;

use crate::conformance::source;
use crate::races::action;
use crate::writing::{Desk, secret, soon, there, versions, write};

pub(crate) fn owner() -> Owner {
    Owner::new("host/boot/71").unwrap()
}

pub(crate) fn fields(fields: &[(&str, &str)]) -> Bundle {
    let fields = fields.iter();
    Bundle::new(fields.map(|(name, value)| ((*name).to_owned(), secret(value)))).unwrap()
}

fn bare(text: &str) -> Successor {
    Successor {
        bundle: Bundle::bare(secret(text)),
        handle: None,
        expires_at: None,
    }
}

impl Desk {
    fn credential(&self, name: &str) -> AwsCredential<'_> {
        self.source.credential(&Locator::new(name)).unwrap()
    }
}

/// Begins with a value; gives its id.
fn stage(store: &AwsCredential<'_>, text: &str) -> RotationId {
    let seen = store.read(soon()).unwrap();
    let value = bare(text);
    let opening = Opening::Value(&value);
    store
        .begin(&seen.revision, opening, &owner(), soon())
        .unwrap();
    match store.read(soon()).unwrap().stage {
        Stage::Staged(staged) => staged.id,
        _ => panic!("not staged"),
    }
}

fn promote(store: &AwsCredential<'_>, id: &RotationId) -> Result<(), StoreError> {
    let seen = store.read(soon()).unwrap();
    let promotion = Promotion {
        previous: Some(Handle::new("before").unwrap()),
        retire_after: seen.read_at,
    };
    store.promote(&seen.revision, id, &promotion, soon())
}

#[test]
fn it_keeps_what_every_store_of_rotations_promises() {
    let desk = Desk::new();
    desk.moto.create("bare", "first");
    desk.moto
        .create("json", r#"{"username":"a","password":"first"}"#);
    rotation_conformance(
        || desk.credential("bare"),
        |text| Bundle::bare(secret(text)),
    );
    rotation_conformance(
        || desk.credential("json"),
        |text| fields(&[("username", "a"), ("password", text)]),
    );
}

#[test]
fn whoever_reads_the_secret_sees_nothing_of_a_rotation() {
    let desk = Desk::new();
    let before = r#"{ "port": 5432, "password": "a" }"#;
    desk.moto.create("db", before);
    let store = desk.credential("db");
    let at = store.read(soon()).unwrap().revision;
    store.begin(&at, Opening::Claim, &owner(), soon()).unwrap();
    let seen = store.read(soon()).unwrap();
    let Stage::Claimed(claim) = &seen.stage else {
        panic!("not claimed")
    };
    let successor = Successor {
        bundle: fields(&[("password", "b")]),
        handle: Some(Handle::new("h".repeat(512)).unwrap()),
        expires_at: None,
    };
    store
        .record(&seen.revision, &claim.id, &successor, soon())
        .unwrap();
    assert_eq!(desk.there("db"), before, "before the promotion");
    promote(&store, &claim.id).unwrap();
    let after = r#"{"password":"b","port":5432}"#;
    assert_eq!(desk.there("db"), after);
    // A launch is told so at once, whatever was lent before.
    let locators = [Locator::new("db#password")];
    let got = desk.source.fetch(&locators, soon()).remove(0);
    assert!(got.ok().unwrap().is_same(&secret("b")));
    let seen = store.read(soon()).unwrap();
    assert_eq!(seen.current.handle, successor.handle);
    store.scrub(&seen.revision, soon()).unwrap();
    assert_eq!(desk.there("db"), after);
    assert_eq!(store.names("db"), ["password", "port"]);
    // Of the old versions no label is left, and AWS deletes them in time.
    let labels = versions(&desk.moto, "db");
    assert_eq!(labels.iter().filter(|labels| labels.is_empty()).count(), 2);
    assert!(labels.concat().iter().all(|label| label.len() <= 256));
    assert!(labels.concat().len() < 8, "{labels:?}");
}

trait Names {
    fn names(&self, name: &str) -> Vec<String>;
}

impl Names for AwsCredential<'_> {
    fn names(&self, _: &str) -> Vec<String> {
        let bundle = self.read(soon()).unwrap().current.bundle;
        bundle.iter().map(|(name, _)| name.to_owned()).collect()
    }
}

#[test]
fn of_many_runs_that_rotate_at_once_one_does_each_time() {
    let desk = Desk::new();
    desk.moto.create("db", "0");
    for round in 0..6 {
        let revision = desk.credential("db").read(soon()).unwrap().revision;
        let start = Barrier::new(8);
        let won: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|racer| {
                    let (desk, start, revision) = (&desk, &start, &revision);
                    scope.spawn(move || {
                        let source = source(desk.moto.endpoint(), "secret", &desk.scratch);
                        let store = source.credential(&Locator::new("db")).unwrap();
                        let value = bare(&format!("{round}-{racer}"));
                        let claim = round % 2 == 1;
                        let opening = if claim {
                            Opening::Claim
                        } else {
                            Opening::Value(&value)
                        };
                        let owner = Owner::new(format!("racer {racer}")).unwrap();
                        start.wait();
                        store.begin(revision, opening, &owner, soon())
                    })
                })
                .collect();
            racers
                .into_iter()
                .map(|racer| racer.join().unwrap())
                .collect()
        });
        let winners = won.iter().filter(|won| won.is_ok()).count();
        assert_eq!(winners, 1, "round {round}: {won:?}");
        let lost = won.iter().filter(|won| **won == Err(StoreError::Conflict));
        assert_eq!(lost.count(), 7, "round {round}: {won:?}");
        let store = desk.credential("db");
        let seen = store.read(soon()).unwrap();
        let winner = won.iter().position(Result::is_ok).unwrap();
        let (id, by) = match &seen.stage {
            Stage::Staged(staged) => (&staged.id, &staged.owner),
            Stage::Claimed(claim) => (&claim.id, &claim.owner),
            Stage::Idle | Stage::Overlap(_) => panic!("nothing is pending"),
        };
        assert_eq!(by.as_str(), format!("racer {winner}"));
        store.discard(&seen.revision, id, soon()).unwrap();
    }
    assert_eq!(desk.there("db"), "0");
}

#[test]
fn a_pending_label_that_others_left_on_the_current_version_counts_as_free() {
    let desk = Desk::new();
    desk.moto.create("db", "0");
    let store = desk.credential("db");
    let id = stage(&store, "1");
    promote(&store, &id).unwrap();
    let seen = store.read(soon()).unwrap();
    store.scrub(&seen.revision, soon()).unwrap();
    let version = desk
        .moto
        .call("DescribeSecret", json!({ "SecretId": "db" }));
    let stages = version["VersionIdsToStages"].as_object().unwrap();
    let (current, _) = stages
        .iter()
        .find(|(_, labels)| labels.to_string().contains("AWSCURRENT"))
        .unwrap();
    let park =
        json!({ "SecretId": "db", "VersionStage": "AWSPENDING", "MoveToVersionId": current });
    desk.moto.call("UpdateSecretVersionStage", park);
    let seen = store.read(soon()).unwrap();
    assert!(matches!(seen.stage, Stage::Idle));
    let id = stage(&store, "2");
    promote(&store, &id).unwrap();
    assert_eq!(desk.there("db"), "2");
}

#[test]
fn what_another_tool_left_pending_is_gone_on_with() {
    let desk = Desk::new();
    desk.moto.create("db", "0");
    let put = json!({ "SecretId": "db", "SecretString": "1", "VersionStages": ["AWSPENDING"] });
    desk.moto.call("PutSecretValue", put);
    let store = desk.credential("db");
    let Stage::Staged(staged) = store.read(soon()).unwrap().stage else {
        panic!("not staged")
    };
    promote(&store, &staged.id).unwrap();
    assert_eq!(desk.there("db"), "1");
}

#[test]
fn what_somebody_else_writes_meanwhile_is_not_overwritten() {
    let desk = Desk::new();
    desk.moto.create("db", "0");
    let store = desk.credential("db");
    let id = stage(&store, "1");
    let seen = store.read(soon()).unwrap();
    assert_eq!(write(&desk.source, &[("db", "theirs")]), [Ok(())]);
    let promotion = Promotion {
        previous: None,
        retire_after: seen.read_at,
    };
    let promoted = store.promote(&seen.revision, &id, &promotion, soon());
    assert_eq!(promoted, Err(StoreError::Conflict));
    assert_eq!(desk.there("db"), "theirs");
    let seen = store.read(soon()).unwrap();
    assert!(seen.current.id.is_none() && seen.current.rotated_at.is_none());
}

#[test]
fn an_overlap_outlives_what_a_person_writes_in_it() {
    let desk = Desk::new();
    desk.moto.create("db", "0");
    let store = desk.credential("db");
    let id = stage(&store, "1");
    promote(&store, &id).unwrap();
    assert_eq!(write(&desk.source, &[("db", "theirs")]), [Ok(())]);
    let seen = store.read(soon()).unwrap();
    let Stage::Overlap(previous) = &seen.stage else {
        panic!("nobody would retire what was displaced")
    };
    assert_eq!(previous.handle, Some(Handle::new("before").unwrap()));
    assert!(
        previous
            .bundle
            .as_ref()
            .unwrap()
            .whole()
            .unwrap()
            .is_same(&secret("0"))
    );
    store.scrub(&seen.revision, soon()).unwrap();
    let seen = store.read(soon()).unwrap();
    assert!(matches!(seen.stage, Stage::Idle));
    assert!(
        desk.moto.call(
            "GetSecretValue",
            json!({ "SecretId": "db", "VersionStage": "AWSPREVIOUS" })
        )["SecretString"]
            == "1"
    );
}

#[test]
fn a_secret_that_aws_rotates_is_read_and_never_written() {
    let desk = Desk::new();
    desk.moto.create("db", "0");
    // Moto knows rotation only with a function of Lambda, for which it wants Docker.
    let described = desk
        .moto
        .call("DescribeSecret", json!({ "SecretId": "db" }));
    let relay = Relay::to(desk.moto.endpoint(), None);
    let server = FaultServer::start(Script::from_fn(move |request| {
        if action(request) != "DescribeSecret" {
            return relay.answer(request);
        }
        let mut described = described.clone();
        described["RotationEnabled"] = json!(true);
        Answer::json(200, &described)
    }));
    let source = source(&server.address(), "secret", &desk.scratch);
    let store = source.credential(&Locator::new("db")).unwrap();
    let before = desk.moto.requests().len();
    let seen = store.read(soon()).unwrap();
    assert_eq!(seen.mastery, Mastery::Theirs);
    assert!(matches!(seen.stage, Stage::Idle));
    let (at, id) = (&seen.revision, RotationId::new("x").unwrap());
    let unfit = Err(StoreError::Unfit);
    assert_eq!(store.begin(at, Opening::Claim, &owner(), soon()), unfit);
    assert!(store.remedy(StoreError::Unfit).is_some());
    assert_eq!(store.record(at, &id, &bare("1"), soon()), unfit);
    assert_eq!(store.discard(at, &id, soon()), unfit);
    assert_eq!(store.note(at, &Record::default(), soon()), unfit);
    assert_eq!(store.scrub(at, soon()).map(drop), unfit);
    let promotion = Promotion {
        previous: None,
        retire_after: Timestamp::now(),
    };
    assert_eq!(store.promote(at, &id, &promotion, soon()), unfit);
    let asked = &desk.moto.requests()[before..];
    let reads = ["DescribeSecret", "GetSecretValue"];
    assert!(
        asked
            .iter()
            .all(|request| reads.contains(&request.action.as_str()))
    );
}

/// Loses the answer to the request of `what` that is the `nth`.
fn losing(endpoint: &str, what: &'static str, nth: u32) -> FaultServer {
    let relay = Relay::to(endpoint, None);
    let times = AtomicU32::new(0);
    FaultServer::start(Script::from_fn(move |request: &HttpRequest| {
        let answer = relay.answer(request);
        if action(request) == what && times.fetch_add(1, Ordering::Relaxed) == nth {
            return Answer::hang_up();
        }
        answer
    }))
}

#[test]
fn a_lost_answer_is_unknown_and_the_next_read_tells() {
    let desk = Desk::new();
    for (what, nth) in [("PutSecretValue", 0), ("UpdateSecretVersionStage", 0)] {
        let name = format!("begin-{what}");
        desk.moto.create(&name, "0");
        let server = losing(desk.moto.endpoint(), what, nth);
        let source = source(&server.address(), "secret", &desk.scratch);
        let store = source.credential(&Locator::new(&*name)).unwrap();
        let at = store.read(soon()).unwrap().revision;
        let value = bare("1");
        let begun = store.begin(&at, Opening::Value(&value), &owner(), soon());
        assert_eq!(begun, Err(StoreError::Unknown), "{what}");
        let asked = server.requests();
        let asked = asked.iter().filter(|request| action(request) == what);
        assert_eq!(asked.count(), 1, "{what} is not tried twice");
        let seen = store.read(soon()).unwrap();
        let staged = matches!(seen.stage, Stage::Staged(_));
        assert_eq!(staged, what == "UpdateSecretVersionStage");
        // Whatever it was, another run goes on.
        let id = stage(&store, "2");
        promote(&store, &id).unwrap();
        assert_eq!(there(&desk.moto, &name), "2");
    }
    // The move of AWSCURRENT, after the one label that says what it displaces.
    desk.moto.create("promote", "0");
    let id = stage(&desk.credential("promote"), "1");
    let server = losing(desk.moto.endpoint(), "UpdateSecretVersionStage", 1);
    let source = source(&server.address(), "secret", &desk.scratch);
    let store = source.credential(&Locator::new("promote")).unwrap();
    assert_eq!(promote(&store, &id), Err(StoreError::Unknown));
    let seen = store.read(soon()).unwrap();
    assert_eq!(seen.current.id, Some(id));
    assert!(matches!(seen.stage, Stage::Overlap(_)));
}

#[test]
fn who_is_not_there_has_done_nothing() {
    let desk = Desk::new();
    let source = source("http://127.0.0.1:1", "secret", &desk.scratch);
    let store = source.credential(&Locator::new("db")).unwrap();
    assert_eq!(store.read(soon()).err(), Some(StoreError::Unavailable));
    assert!(store.remedy(StoreError::Unavailable).is_some());
    let silent = FaultServer::start(Answer::stall());
    let source = crate::conformance::source(&silent.address(), "secret", &desk.scratch);
    let store = source.credential(&Locator::new("db")).unwrap();
    let short = Deadline::after(Duration::from_millis(500));
    assert_eq!(store.read(short).err(), Some(StoreError::Unavailable));
    assert_eq!(
        desk.credential("missing").read(soon()).err(),
        Some(StoreError::Missing)
    );
    for locator in ["db#password", "db@AWSPENDING", ""] {
        assert!(desk.source.credential(&Locator::new(locator)).is_err());
    }
}

#[test]
fn a_value_is_in_no_error_no_label_and_no_head_of_a_request() {
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    let value = canary.value();
    let desk = Desk::new();
    desk.moto.create("db", value);
    let answer = Answer::json(400, &json!({ "__type": value, "message": value }));
    for faulty in [
        "none",
        "DescribeSecret",
        "GetSecretValue",
        "PutSecretValue",
        "UpdateSecretVersionStage",
    ] {
        let relay = Relay::to(desk.moto.endpoint(), None);
        let answer = answer.clone();
        let server = FaultServer::start(Script::from_fn(move |request| {
            if action(request) == faulty {
                return answer.clone();
            }
            relay.answer(request)
        }));
        let source = source(&server.address(), "secret", &desk.scratch);
        let store = source.credential(&Locator::new("db")).unwrap();
        let at = desk.credential("db").read(soon()).unwrap().revision;
        let successor = bare(&format!("{value}{faulty}"));
        let done = store
            .read(soon())
            .map(drop)
            .and_then(|()| store.begin(&at, Opening::Value(&successor), &owner(), soon()));
        assert_eq!(done.is_ok(), faulty == "none", "{faulty}");
        if let Err(error) = done {
            let remedy = store.remedy(error);
            canary.assert_absent("what is told", format!("{error} {error:?} {remedy:?}"));
        }
        for request in server.requests() {
            let head = format!("{} {:?}", request.path, request.headers);
            canary.assert_absent("the head of a request", head);
        }
    }
    canary.assert_absent("labels", format!("{:?}", versions(&desk.moto, "db")));
}
