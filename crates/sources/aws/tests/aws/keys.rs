//! Access keys that are rotated, on a Moto that checks signatures. A key that is only deactivated still works there, so
//! what is retired is seen by its deletion.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment, Locator};
use mcp_launch_rotation::{
    Action, Bundle, End, Issue, Liveness, Method, Observer, Outcome, Owner, Reason, Retire,
    RotatingStore, Rotation, RotationId, Rotator, RotatorError, SystemClock, Terms, Unobserved,
    Wish,
};
use mcp_launch_source_aws::{AwsSource, IamError, IamKeys, IamSettings};
use mcp_launch_testkit::{
    Answer, Canary, FaultServer, HttpRequest, MemoryStore, Moto, Relay, Scratch, Script,
    crash_everywhere,
};
use serde_json::json;

use crate::conformance::source_of;
use crate::rotation::fields;
use crate::writing::soon;

/// Lets the next calls through unsigned, and no others.
fn unsigned(moto: &Moto, calls: u32) {
    let host = moto.endpoint().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let body = calls.to_string();
    let length = body.len();
    write!(
        stream,
        "POST /moto-api/reset-auth HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 200 "), "{answer}");
}

/// Moto, and an administrator's key for the store.
struct Account {
    moto: Moto,
    scratch: Scratch,
    admin: (String, String),
    users: AtomicU32,
}

fn everything() -> serde_json::Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] })
}

fn key(id: &str, secret: &str) -> Bundle {
    fields(&[("access_key_id", id), ("secret_access_key", secret)])
}

impl Account {
    fn new() -> Self {
        let moto = Moto::builder().enforcing_after(3).start();
        let admin = moto.create_user("admin", &everything());
        Self {
            moto,
            scratch: Scratch::new(),
            admin,
            users: AtomicU32::new(0),
        }
    }

    /// A user with a key, which a secret of the same name holds.
    fn user(&self) -> World<'_> {
        let name = format!("user{}", self.users.fetch_add(1, Ordering::Relaxed));
        unsigned(&self.moto, 4);
        let (id, secret) = self.moto.create_user(&name, &everything());
        let value = json!({ "access_key_id": id, "secret_access_key": secret, "note": "ours" });
        self.moto.create(&name, &value.to_string());
        let (admin, admin_secret) = &self.admin;
        World {
            account: self,
            source: source_of(self.moto.endpoint(), admin, admin_secret, &self.scratch),
            memory: MemoryStore::new(&key(&id, &secret)),
            first: (id, secret),
            name,
        }
    }

    /// While signatures are not checked: one for a server in front of Moto is not one for Moto.
    fn unchecked<T>(&self, act: impl FnOnce() -> T) -> T {
        unsigned(&self.moto, 10_000);
        let done = act();
        unsigned(&self.moto, 0);
        done
    }

    fn iam(&self, action: &str, user: &str) -> String {
        unsigned(&self.moto, 1);
        let fields = [
            ("Action", action),
            ("Version", "2010-05-08"),
            ("UserName", user),
        ];
        self.moto.form("iam", &fields)
    }
}

struct World<'a> {
    account: &'a Account,
    source: AwsSource,
    memory: MemoryStore,
    first: (String, String),
    name: String,
}

impl World<'_> {
    fn rotator(&self, endpoint: &str, administrator: bool) -> IamKeys {
        let settings = IamSettings {
            user: administrator.then(|| self.name.clone()),
            iam_endpoint_url: Some(endpoint.to_owned()),
            sts_endpoint_url: Some(endpoint.to_owned()),
            ..IamSettings::default()
        };
        let (id, secret) = &self.account.admin;
        let admin = administrator.then(|| key(id, secret));
        let environment = Arc::new(Environment::from_pairs(self.account.scratch.variables()));
        IamKeys::new("db keys", settings, admin.as_ref(), &environment).unwrap()
    }

    fn own(&self) -> IamKeys {
        self.rotator(self.account.moto.endpoint(), false)
    }

    /// The ids of the keys of the user.
    fn keys(&self) -> Vec<String> {
        let xml = self.account.iam("ListAccessKeys", &self.name);
        let ids = xml.split("<AccessKeyId>").skip(1);
        ids.map(|rest| rest.split('<').next().unwrap().to_owned())
            .collect()
    }

    fn in_aws(&self, rotator: &dyn Rotator, observer: &dyn Observer) -> Outcome {
        let store = self.source.credential(&Locator::new(&*self.name)).unwrap();
        run(&store, rotator, observer)
    }
}

fn run(store: &dyn RotatingStore, rotator: &dyn Rotator, observer: &dyn Observer) -> Outcome {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let owner = format!("run {}", RUNS.fetch_add(1, Ordering::Relaxed));
    let rotation = Rotation {
        name: "db keys",
        store,
        rotator,
        clock: &SystemClock,
        observer,
        owner: &Owner::new(owner).unwrap(),
        held: &|_| false,
        terms: Terms {
            grace: Duration::ZERO,
            lease: Duration::from_secs(4),
        },
    };
    rotation.run(Wish::Forced, Deadline::after(Duration::from_secs(60)))
}

/// One key, which is the one in force, and logs in.
fn is_whole(world: &World<'_>, current: &Bundle, at: &str) {
    let rotator = world.own();
    assert_eq!(rotator.probe(current, soon()), Liveness::Live, "{at}");
    let handle = rotator.identify(current, soon()).unwrap().unwrap();
    assert_eq!(world.keys(), [handle.as_str()], "{at}");
    assert_ne!(handle.as_str(), world.first.0, "{at}");
}

#[test]
fn a_crash_anywhere_leaves_a_key_that_works_and_no_orphan() {
    let account = Account::new();
    let points = crash_everywhere(
        || account.user(),
        |world, observer| world.in_aws(&world.own(), observer),
        |world, at, outcome| {
            let store = world
                .source
                .credential(&Locator::new(&*world.name))
                .unwrap();
            let current = store.read(soon()).unwrap().current.bundle;
            match outcome {
                None => assert_eq!(world.own().probe(&current, soon()), Liveness::Live, "{at}"),
                Some(outcome) => {
                    assert_eq!(outcome.end, End::Done, "{at}");
                    is_whole(world, &current, at);
                }
            }
        },
    );
    for point in [
        "after begin",
        "after issue",
        "before record",
        "after promote",
        "after retire",
    ] {
        assert!(points.iter().any(|own| own == point), "{points:?}");
    }
}

#[test]
fn a_crash_anywhere_leaves_a_key_that_works_in_any_store_and_by_any_login() {
    let account = Account::new();
    crash_everywhere(
        || account.user(),
        |world, observer| {
            let rotator = world.rotator(account.moto.endpoint(), true);
            run(&world.memory.rotating(), &rotator, observer)
        },
        |world, at, outcome| {
            let current = world.memory.current();
            match outcome {
                None => assert_eq!(world.own().probe(&current, soon()), Liveness::Live, "{at}"),
                Some(_) => is_whole(world, &current, at),
            }
        },
    );
}

/// Answers the `nth` request for `what` in its own way; the others are Moto's.
fn faulty(moto: &Moto, what: &'static str, nth: u32, heard: bool) -> FaultServer {
    let relay = Relay::to(moto.endpoint(), None);
    let times = AtomicU32::new(0);
    FaultServer::start(Script::from_fn(move |request: &HttpRequest| {
        let body = String::from_utf8_lossy(&request.body);
        let it = body
            .split('&')
            .any(|field| field == format!("Action={what}"));
        if it && times.fetch_add(1, Ordering::Relaxed) == nth {
            if heard {
                drop(relay.answer(request));
            }
            return Answer::hang_up();
        }
        relay.answer(request)
    }))
}

#[test]
fn a_key_whose_answer_was_lost_is_found_and_ended_by_the_next_run() {
    let account = Account::new();
    let world = account.user();
    let server = faulty(&account.moto, "CreateAccessKey", 0, true);
    let outcome =
        account.unchecked(|| world.in_aws(&world.rotator(&server.address(), false), &Unobserved));
    let lost = Reason::Vendor(Action::Issue, RotatorError::Ambiguous);
    assert_eq!(outcome.end, End::Later(lost));
    assert_eq!(world.keys().len(), 2, "it was heard");
    let store = world
        .source
        .credential(&Locator::new(&*world.name))
        .unwrap();
    std::thread::sleep(Duration::from_secs(5));
    let outcome = world.in_aws(&world.own(), &Unobserved);
    assert_eq!(outcome.end, End::Done);
    assert_eq!(outcome.progress.swept, 1);
    is_whole(&world, &store.read(soon()).unwrap().current.bundle, "lost");
}

#[test]
fn a_key_that_is_not_written_down_afterwards_is_kept_all_the_same() {
    let account = Account::new();
    let world = account.user();
    let server = faulty(&account.moto, "TagUser", 1, false);
    let outcome =
        account.unchecked(|| world.in_aws(&world.rotator(&server.address(), false), &Unobserved));
    assert!(outcome.progress.promoted, "{outcome:?}");
    // Now that keys are checked again, the run that comes next sees that the one before is dead.
    let outcome = world.in_aws(&world.own(), &Unobserved);
    assert_eq!(outcome.end, End::Done);
    let store = world
        .source
        .credential(&Locator::new(&*world.name))
        .unwrap();
    is_whole(&world, &store.read(soon()).unwrap().current.bundle, "tag");
}

#[test]
fn no_key_is_asked_for_before_it_is_written_down() {
    let account = Account::new();
    let world = account.user();
    let server = faulty(&account.moto, "TagUser", 0, false);
    let outcome =
        account.unchecked(|| world.in_aws(&world.rotator(&server.address(), false), &Unobserved));
    let away = Reason::Vendor(Action::Issue, RotatorError::Unavailable);
    assert_eq!(outcome.end, End::Later(away));
    assert_eq!(world.keys(), [world.first.0.as_str()]);
}

#[test]
fn a_key_of_somebody_else_is_named_and_never_touched() {
    let account = Account::new();
    let world = account.user();
    account.iam("CreateAccessKey", &world.name);
    let before = world.keys();
    assert_eq!(before.len(), 2);
    let rotator = world.own();
    let outcome = world.in_aws(&rotator, &Unobserved);
    let full = Reason::Vendor(Action::Issue, RotatorError::Occupied);
    assert_eq!(outcome.end, End::NeedsPerson(full));
    let remedy = rotator.remedy(RotatorError::Occupied).unwrap();
    for key in &before {
        assert!(remedy.contains(key.as_str()), "{remedy}");
    }
    assert!(remedy.contains("last used"), "{remedy}");
    assert_eq!(world.keys(), before);
    let Method::Issue(issue) = rotator.method() else {
        panic!("keys are issued")
    };
    let login = key(&world.first.0, &world.first.1);
    assert!(issue.list(&login, soon()).unwrap().is_empty());
    // The one that logs in is not ended by itself, whoever asks.
    let own = rotator.identify(&login, soon()).unwrap().unwrap();
    assert_eq!(
        rotator.retire(&own, &login, soon()),
        Err(RotatorError::Failed)
    );
    assert_eq!(world.keys(), before);
}

#[test]
fn a_key_that_works_no_more_is_dead_and_what_is_no_answer_is_neither() {
    let account = Account::new();
    let world = account.user();
    let rotator = world.own();
    let (id, secret) = &world.first;
    let probe = |value: &Bundle| rotator.probe(value, soon());
    assert_eq!(probe(&key(id, secret)), Liveness::Live);
    assert_eq!(probe(&key(id, "wrong")), Liveness::Dead);
    assert_eq!(probe(&key("AKIAIOSFODNN7EXAMPLE", secret)), Liveness::Dead);
    assert_eq!(probe(&fields(&[("token", "x")])), Liveness::Unknown);
    let nobody = world.rotator("http://127.0.0.1:1", false);
    assert_eq!(nobody.probe(&key(id, secret), soon()), Liveness::Unknown);
    let silent = FaultServer::start(Answer::stall());
    let silent = world.rotator(&silent.address(), false);
    let short = Deadline::after(Duration::from_millis(300));
    assert_eq!(silent.probe(&key(id, secret), short), Liveness::Unknown);
}

#[test]
fn a_key_that_was_recorded_is_retired_once_and_again() {
    let account = Account::new();
    let world = account.user();
    let rotator = world.rotator(account.moto.endpoint(), true);
    let login = key(&world.first.0, &world.first.1);
    let id = RotationId::new("one").unwrap();
    let made = rotator.issue(&id, &login, soon()).unwrap();
    let listed = rotator.list(&login, soon()).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (&listed[0].id, Some(&listed[0].handle)),
        (&id, made.handle.as_ref())
    );
    for _ in 0..2 {
        assert_eq!(rotator.retire(&listed[0].handle, &login, soon()), Ok(()));
    }
    assert_eq!(world.keys(), [world.first.0.as_str()]);
    assert!(rotator.list(&login, soon()).unwrap().is_empty());
}

#[test]
fn a_secret_half_is_in_no_error_and_no_request() {
    let canary = Canary::shaped_like("aaaaAAAA0000aa/aaaaaa+AAAA0000aaaa0000AA");
    let account = Account::new();
    let world = account.user();
    let text = canary.value();
    let refusal = format!(
        "<ErrorResponse><Error><Code>{text}</Code><Message>{text}</Message></Error></ErrorResponse>"
    );
    let server = FaultServer::start(Answer::status(400).body(refusal));
    let rotator = world.rotator(&server.address(), false);
    let login = key(&world.first.0, text);
    let id = RotationId::new("one").unwrap();
    let error = rotator.issue(&id, &login, soon()).err().unwrap();
    let remedy = rotator.remedy(error);
    canary.assert_absent("what is told", format!("{error} {error:?} {remedy:?}"));
    for request in server.requests() {
        let all = format!(
            "{} {:?} {}",
            request.path,
            request.headers,
            String::from_utf8_lossy(&request.body)
        );
        canary.assert_absent("a request", all);
    }
}

#[test]
fn settings_that_cannot_be_used_are_told() {
    let environment = Arc::new(Environment::from_pairs([("", ""); 0]));
    let new = |name: &str, settings: IamSettings, admin: Option<&Bundle>| {
        IamKeys::new(name, settings, admin, &environment).err()
    };
    let admin = key("AKIA", "s");
    assert_eq!(new("a", IamSettings::default(), None), None);
    assert_eq!(
        new("a#b", IamSettings::default(), None),
        Some(IamError::Name)
    );
    assert_eq!(
        new("a", IamSettings::default(), Some(&admin)),
        Some(IamError::NoUser)
    );
    let same = IamSettings {
        access_key_id: "k".to_owned(),
        secret_access_key: "k".to_owned(),
        ..IamSettings::default()
    };
    assert_eq!(new("a", same, None), Some(IamError::Fields));
    let plain = IamSettings {
        iam_endpoint_url: Some("http://a.example".to_owned()),
        ..IamSettings::default()
    };
    assert!(matches!(new("a", plain, None), Some(IamError::Endpoint(_))));
}
