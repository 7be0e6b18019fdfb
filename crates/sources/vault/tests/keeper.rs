//! The keeper with a real OpenBao that lends users of a real PostgreSQL.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mcp_launch_source_vault::keeper::{Event, Keeper, KeptToken, Letter, Reason, What, give_back};
use mcp_launch_source_vault::{Lease, Reach, Term};
use mcp_launch_testkit::{Canary, OpenBao, Postgres};
use serde_json::Value;

/// A user of the database that was made for a test, and the letter about it.
struct Lent {
    username: String,
    password: String,
    token: String,
    letter: Letter,
}

/// What a server's policy needs beside the read itself.
const READS: &str = r#"path "database/creds/app" { capabilities = ["read"] }"#;
const RENEWS: &str = r#"path "sys/leases/renew" { capabilities = ["update"] }"#;
const REVOKES: &str = r#"path "sys/leases/revoke" { capabilities = ["update"] }"#;

/// Logs in and reads, as a launch does.
fn lend(bao: &OpenBao, policy: &str, token_ttl: &str) -> Lent {
    bao.write_policy("app", policy);
    let made = bao.api(
        "POST",
        "auth/token/create",
        Some(serde_json::json!({ "policies": ["app"], "ttl": token_ttl })),
    );
    let token = text(&made["auth"]["client_token"]);
    let (status, read) = bao.ask("GET", "database/creds/app", None, Some(&token));
    assert_eq!(status, 200, "{read}");
    let lease = Lease {
        id: text(&read["lease_id"]).into(),
        path: "database/creds/app".to_owned(),
        term: Term::told(
            read["lease_duration"].as_u64().unwrap(),
            read["renewable"].as_bool().unwrap(),
        ),
    };
    let of_token = KeptToken {
        value: token.clone().into(),
        ours: true,
        term: Term::told(
            made["auth"]["lease_duration"].as_u64().unwrap(),
            made["auth"]["renewable"].as_bool().unwrap(),
        ),
    };
    Lent {
        username: text(&read["data"]["username"]),
        password: text(&read["data"]["password"]),
        token,
        letter: Letter::new(reach(bao.address()), of_token, vec![lease]),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn reach(address: &str) -> Reach {
    Reach {
        address: address.to_owned(),
        allow_http: false,
        skip_verify: false,
        namespace: None,
        ca_cert: None,
        client_cert: None,
        client_key: None,
        tls_server_name: None,
        environment: Vec::new(),
    }
}

/// A keeper at work in a thread. Its server has ended when `server` is closed.
struct Kept {
    server: Option<std::io::PipeWriter>,
    events: Receiver<Event>,
    thread: JoinHandle<()>,
}

impl Kept {
    fn of(letter: Letter) -> Self {
        let (watch, server) = std::io::pipe().unwrap();
        let (sender, events) = channel();
        let thread = std::thread::spawn(move || {
            let keeper = Keeper::new(letter).unwrap();
            keeper.keep(|| Some(OwnedFd::from(watch)), &mut |event| {
                // A test that has failed does not listen.
                let _nobody_listens = sender.send(event.clone());
            });
        });
        Self {
            server: Some(server),
            events,
            thread,
        }
    }

    /// Waits for an event.
    #[track_caller]
    fn until(&self, wanted: impl Fn(&Event) -> bool) -> Event {
        let begun = Instant::now();
        let mut seen = Vec::new();
        while begun.elapsed() < Duration::from_secs(90) {
            if let Ok(event) = self.events.recv_timeout(Duration::from_secs(1)) {
                if wanted(&event) {
                    return event;
                }
                seen.push(event);
            }
        }
        panic!("only {seen:?}");
    }

    /// Ends the server, and gives what followed.
    fn end(mut self) -> Vec<Event> {
        self.server = None;
        self.thread.join().unwrap();
        self.events.into_iter().collect()
    }
}

fn users(postgres: &Postgres) -> String {
    postgres.psql("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'v-%'")
}

fn is_valid(bao: &OpenBao, token: &str) -> bool {
    bao.ask("GET", "auth/token/lookup-self", None, Some(token))
        .0
        == 200
}

#[test]
fn renews_while_the_server_lives_and_revokes_at_its_end() {
    let (bao, postgres) = (OpenBao::start(), Postgres::start());
    bao.enable_database(&postgres, "3s", "1h");
    let lent = lend(&bao, &[READS, RENEWS, REVOKES].concat(), "4s");
    let kept = Kept::of(lent.letter);
    let begun = Instant::now();
    assert_eq!(kept.until(|_| true), Event::Began { leases: 1 });
    while begun.elapsed() < Duration::from_secs(9) {
        kept.until(|event| matches!(event, Event::Renewed { .. }));
    }
    assert!(postgres.lets_in(&lent.username, &lent.password));
    assert!(is_valid(&bao, &lent.token));

    let after = kept.end();
    assert_eq!(users(&postgres), "0", "{after:?}");
    assert!(!is_valid(&bao, &lent.token), "{after:?}");
    let given: Vec<&Event> = after
        .iter()
        .filter(|event| !matches!(event, Event::Renewed { .. }))
        .collect();
    assert_eq!(
        given,
        [
            &Event::GivesBack(Reason::ServerEnded),
            &Event::Revoked(What::Lease("database/creds/app".to_owned())),
            &Event::Revoked(What::Token),
            &Event::Ended { left: 0 },
        ]
    );
}

#[test]
fn the_end_of_its_token_is_enough_where_the_policy_says_nothing_of_leases() {
    let (bao, postgres) = (OpenBao::start(), Postgres::start());
    bao.enable_database(&postgres, "1h", "2h");
    let lent = lend(&bao, READS, "1h");
    let after = Kept::of(lent.letter).end();
    assert!(after.contains(&Event::Ended { left: 0 }), "{after:?}");
    assert!(!is_valid(&bao, &lent.token));
    wait_for_no_user(&postgres);
}

/// The Vault ends the leases of a token that is revoked a moment later.
fn wait_for_no_user(postgres: &Postgres) {
    let begun = Instant::now();
    while users(postgres) != "0" {
        assert!(begun.elapsed() < Duration::from_secs(30), "a user is left");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_token_of_the_persons_own_stays_and_what_its_policy_lacks_is_told() {
    let (bao, postgres) = (OpenBao::start(), Postgres::start());
    bao.enable_database(&postgres, "2s", "2h");
    // The policy `default` lets every token renew its leases.
    let denies = r#"path "sys/leases/renew" { capabilities = ["deny"] }"#;
    let mut lent = lend(&bao, &[READS, denies].concat(), "1h");
    lent.letter.token.ours = false;
    let kept = Kept::of(lent.letter);
    let Event::RenewalRefused { why, .. } =
        kept.until(|event| matches!(event, Event::RenewalRefused { .. }))
    else {
        unreachable!("what was waited for");
    };
    let line = r#"path "sys/leases/renew" { capabilities = ["update"] }"#;
    assert!(why.contains(line), "{why}");
    let after = kept.end();
    let left = after.iter().find_map(|event| match event {
        Event::Left { why, .. } => Some(why),
        _ => None,
    });
    let left = left.unwrap_or_else(|| panic!("{after:?}"));
    assert!(left.contains(r#"path "sys/leases/revoke""#), "{left}");
    assert!(is_valid(&bao, &lent.token));
}

#[test]
fn the_end_of_the_token_is_told_as_such_and_once() {
    let (bao, postgres) = (OpenBao::start(), Postgres::start());
    bao.enable_database(&postgres, "2s", "2h");
    let lent = lend(&bao, &[READS, RENEWS, REVOKES].concat(), "1h");
    let token = lent.token.clone();
    let kept = Kept::of(lent.letter);
    bao.bao(&["token", "revoke", &token]);
    kept.until(|event| *event == Event::TokenEnded(What::Token));
    wait_for_no_user(&postgres);
    let after = kept.end();
    assert!(
        !after.iter().any(|event| matches!(
            event,
            Event::Left { .. } | Event::Retries { .. } | Event::Renewed { .. }
        )),
        "{after:?}"
    );
    let told = after
        .iter()
        .filter(|event| matches!(event, Event::TokenEnded(_)));
    assert_eq!(told.count(), 0, "{after:?}");
    assert_eq!(after.last(), Some(&Event::Ended { left: 0 }));
}

#[test]
fn the_end_of_renewing_is_told_once() {
    let (bao, postgres) = (OpenBao::start(), Postgres::start());
    // Far enough apart that the last grant is shorter by more than what rounding does.
    bao.enable_database(&postgres, "8s", "10s");
    let lent = lend(&bao, &[READS, RENEWS, REVOKES].concat(), "1h");
    let kept = Kept::of(lent.letter);
    let last = kept.until(|event| matches!(event, Event::LastTime { .. }));
    let Event::LastTime { what, holds } = last else {
        unreachable!("what was waited for");
    };
    assert_eq!(what, What::Lease("database/creds/app".to_owned()));
    assert!(holds < Duration::from_secs(7), "{holds:?}");
    wait_for_no_user(&postgres);
    let after = kept.end();
    assert!(
        !after.iter().any(|event| matches!(
            event,
            Event::LastTime { .. } | Event::Renewed { .. } | Event::Left { .. }
        )),
        "{after:?}"
    );
}

#[test]
fn a_vault_that_is_away_at_the_end_is_asked_until_it_is_back() {
    let (bao, postgres) = (OpenBao::start(), Postgres::start());
    bao.enable_database(&postgres, "1h", "2h");
    let lent = lend(&bao, &[READS, REVOKES].concat(), "1h");
    let mut kept = Kept::of(lent.letter);
    bao.seal();
    kept.server = None;
    kept.until(|event| matches!(event, Event::Retries { .. }));
    bao.unseal();
    let end = kept.until(|event| matches!(event, Event::Ended { .. }));
    assert_eq!(end, Event::Ended { left: 0 });
    wait_for_no_user(&postgres);
    assert!(!is_valid(&bao, &lent.token));
    kept.end();
}

#[test]
fn a_credential_whose_database_is_away_is_taken_back_when_that_is_back() {
    let (bao, mut postgres) = (OpenBao::start(), Postgres::start());
    bao.enable_database(&postgres, "1h", "2h");
    let mut lent = lend(&bao, &[READS, REVOKES].concat(), "1h");
    // Whose end would end the lease, too.
    lent.letter.token.ours = false;
    let mut kept = Kept::of(lent.letter);
    kept.until(|event| matches!(event, Event::Began { .. }));
    postgres.stop();
    kept.server = None;
    let Event::Retries { what, why, .. } =
        kept.until(|event| matches!(event, Event::Retries { .. }))
    else {
        unreachable!("what was waited for");
    };
    assert_eq!(what, What::Lease("database/creds/app".to_owned()));
    assert!(why.contains("could not do it"), "{why}");
    assert!(!why.contains(&lent.username), "{why}");
    postgres.resume();
    assert_eq!(users(&postgres), "1");
    let end = kept.until(|event| matches!(event, Event::Ended { .. }));
    assert_eq!(end, Event::Ended { left: 0 });
    assert_eq!(users(&postgres), "0");
    kept.end();
}

#[test]
fn what_cannot_be_taken_back_in_time_is_left_to_the_vault() {
    let (bao, mut postgres) = (OpenBao::start(), Postgres::start());
    bao.enable_database(&postgres, "1h", "2h");
    let mut lent = lend(&bao, &[READS, REVOKES].concat(), "1h");
    lent.letter.token.ours = false;
    postgres.stop();
    assert_eq!(give_back(&lent.letter, Duration::from_secs(2)), Ok(()));
    let lease = serde_json::json!({ "lease_id": *lent.letter.leases[0].id });
    let told = bao.api("POST", "sys/leases/lookup", Some(lease));
    assert_eq!(told["data"]["ttl"], 0, "it is not to end: {told}");
    postgres.resume();
    assert_eq!(users(&postgres), "1");
    wait_for_no_user(&postgres);
}

#[test]
fn a_lease_whose_database_is_away_is_asked_for_again() {
    let (bao, mut postgres) = (OpenBao::start(), Postgres::start());
    bao.enable_database(&postgres, "12s", "1h");
    let lent = lend(&bao, &[READS, RENEWS, REVOKES].concat(), "1h");
    let kept = Kept::of(lent.letter);
    postgres.stop();
    kept.until(|event| matches!(event, Event::Retries { .. }));
    postgres.resume();
    kept.until(|event| matches!(event, Event::Renewed { .. }));
    assert!(postgres.lets_in(&lent.username, &lent.password));
    kept.end();
}

/// A lease that somebody else has given back.
#[test]
fn a_lease_that_is_gone_is_not_asked_for_again() {
    let (bao, postgres) = (OpenBao::start(), Postgres::start());
    bao.enable_database(&postgres, "4s", "1h");
    let lent = lend(&bao, &[READS, RENEWS, REVOKES].concat(), "1h");
    bao.bao(&["lease", "revoke", "-sync", &lent.letter.leases[0].id]);
    let kept = Kept::of(lent.letter);
    kept.until(|event| matches!(event, Event::Lapsed(What::Lease(_))));
    assert!(kept.end().contains(&Event::Ended { left: 0 }));
}

#[test]
fn a_token_of_the_persons_own_is_renewed_while_a_lease_hangs_on_it_and_stays() {
    let (bao, postgres) = (OpenBao::start(), Postgres::start());
    bao.enable_database(&postgres, "1h", "2h");
    let mut lent = lend(&bao, &[READS, REVOKES].concat(), "4s");
    lent.letter.token.ours = false;
    lent.letter.token.term = Term::told(0, false);
    let kept = Kept::of(lent.letter);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(9) {
        kept.until(|event| {
            matches!(
                event,
                Event::Renewed {
                    what: What::OwnToken,
                    ..
                }
            )
        });
    }
    assert!(postgres.lets_in(&lent.username, &lent.password));
    let after = kept.end();
    assert_eq!(users(&postgres), "0", "{after:?}");
    assert!(is_valid(&bao, &lent.token), "{after:?}");
}

#[test]
fn a_token_of_the_persons_own_that_cannot_be_renewed_is_told() {
    let (bao, postgres) = (OpenBao::start(), Postgres::start());
    bao.enable_database(&postgres, "1h", "2h");
    let mut lent = lend(&bao, &[READS, REVOKES].concat(), "1h");
    let fixed = serde_json::json!({ "policies": ["app"], "ttl": "30m", "renewable": false });
    let made = bao.api("POST", "auth/token/create", Some(fixed));
    lent.letter.token = KeptToken {
        value: text(&made["auth"]["client_token"]).into(),
        ours: false,
        term: Term::told(0, false),
    };
    let kept = Kept::of(lent.letter);
    let told = kept.until(|event| matches!(event, Event::Fixed { .. }));
    let Event::Fixed { holds } = told else {
        unreachable!("what was waited for");
    };
    assert!(holds > Duration::from_secs(1700), "{holds:?}");
    kept.end();
}

#[test]
fn a_launch_that_comes_to_nothing_gives_back_at_once() {
    let (bao, postgres) = (OpenBao::start(), Postgres::start());
    bao.enable_database(&postgres, "1h", "2h");
    let lent = lend(&bao, &[READS, REVOKES].concat(), "1h");
    assert_eq!(give_back(&lent.letter, Duration::from_secs(10)), Ok(()));
    assert_eq!(users(&postgres), "0");
    assert!(!is_valid(&bao, &lent.token));
    // Again: it is gone already, which is no failure.
    assert_eq!(give_back(&lent.letter, Duration::from_secs(10)), Ok(()));
}

#[test]
fn what_cannot_be_given_back_is_told_without_its_names() {
    let canary = Canary::new();
    let refused = mcp_launch_testkit::RefusedAddress::new();
    let token = KeptToken {
        value: canary.value().to_owned().into(),
        ours: true,
        term: Term::told(60, true),
    };
    let lease = Lease {
        id: format!("database/creds/app/{}", canary.value()).into(),
        path: "database/creds/app".to_owned(),
        term: Term::told(60, true),
    };
    let letter = Letter::new(reach(&refused.http()), token, vec![lease]);
    let left = give_back(&letter, Duration::from_millis(600)).unwrap_err();
    canary.assert_absent("what is left", &left);
    assert!(left.contains("database/creds/app"), "{left}");
}
