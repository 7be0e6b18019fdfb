//! Prompts, on a stand-in for a desktop's keychain that counts them.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Locator, Source, SourceErrorKind, Store};

use mcp_launch_testkit::example;

use crate::session::{Session, fetch, seconds, stderr_of};

fn desktop(arguments: &[&str]) -> Session {
    let mut session = Session::without_services();
    session.start_stand_in(arguments);
    session
}

fn launches(session: &Session, count: usize, within: &str) -> Vec<Child> {
    (0..count)
        .map(|_| {
            session
                .command(example("keychain_get"))
                .args(["--within", within, "A"])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect()
}

fn succeeded(launches: Vec<Child>) -> usize {
    launches
        .into_iter()
        .map(|launch| launch.wait_with_output().unwrap())
        .filter(|output| output.status.success() && output.stdout == b"value of A\n")
        .count()
}

#[test]
fn an_answered_prompt_opens_the_keychain() {
    let session = desktop(&["--answer", "unlock"]);
    let got = session.fetch(&["A", "B", "NOWHERE"]);
    assert_eq!(got[0], Ok(b"value of A".to_vec()));
    assert_eq!(got[1], Ok(b"value of B".to_vec()));
    assert_eq!(
        got[2].as_ref().unwrap_err().kind(),
        SourceErrorKind::Missing
    );
    assert_eq!(session.prompts(), 1);
    assert_eq!(
        session.keychain().names("", seconds(5)).unwrap(),
        ["A", "B"]
    );
    assert_eq!(session.prompts(), 1);
}

#[test]
fn twenty_launches_lead_to_one_prompt() {
    let session = desktop(&["--answer", "unlock", "--after", "0.5"]);
    assert_eq!(succeeded(launches(&session, 20, "20000")), 20);
    assert_eq!(session.prompts(), 1);
}

#[test]
fn a_refusal_holds_for_all_who_waited() {
    let session = desktop(&["--answer", "dismiss", "--after", "1.5"]);
    let mut all = launches(&session, 20, "20000");
    for launch in &mut all {
        assert!(!launch.wait().unwrap().success());
        let error = stderr_of(launch);
        assert!(error.starts_with("A: locked"), "{error}");
    }
    assert_eq!(session.prompts(), 1);
    // A later launch may ask again.
    assert!(session.fetch(&["A"])[0].is_err());
    assert_eq!(session.prompts(), 2);
}

#[test]
fn a_killed_launch_hands_its_turn_on() {
    let session = desktop(&["--answer", "first-never", "--after", "0.1"]);
    let mut first = launches(&session, 1, "60000").remove(0);
    session.until("the first prompt", |session| session.prompts() == 1);
    let rest = launches(&session, 5, "20000");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(session.prompts(), 1, "a second prompt beside the first");
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(succeeded(rest), 5);
    assert_eq!(session.prompts(), 2);
}

#[test]
fn a_prompt_that_nobody_answers_is_taken_away_at_the_deadline() {
    let session = desktop(&["--answer", "never"]);
    let start = Instant::now();
    let deadline = Deadline::after(Duration::from_millis(600));
    let error = fetch(&session.keychain(), &["A"], deadline)
        .remove(0)
        .unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Locked);
    assert!(error.explanation().unwrap().contains("in time"), "{error}");
    assert!(start.elapsed() < Duration::from_millis(900));
    session.until("the dismissal", |session| {
        session.path("prompts.dismissed").exists()
    });
}

#[test]
fn a_service_that_asks_only_when_values_are_wanted_is_unlocked_too() {
    let session = desktop(&["--answer", "unlock", "--pretends-unlocked"]);
    assert_eq!(session.fetch(&["A"]), [Ok(b"value of A".to_vec())]);
    assert_eq!(session.prompts(), 1);
}

#[test]
fn writing_and_removing_open_the_keychain_first() {
    let session = desktop(&["--answer", "unlock"]);
    session.put("A", b"new").unwrap();
    assert_eq!(session.prompts(), 1);
    session.put("C", b"c").unwrap();
    assert_eq!(
        session.fetch(&["A", "C"]),
        [Ok(b"new".to_vec()), Ok(b"c".to_vec())]
    );
    session.keychain().remove("A", seconds(5)).unwrap();
    assert_eq!(
        session.keychain().names("", seconds(5)).unwrap(),
        ["B", "C"]
    );
    assert_eq!(session.prompts(), 1);
}

/// Whatever a locked KeePassXC holds, it finds nothing: no other store may answer in its place.
#[test]
fn a_locked_keychain_that_hides_its_items_is_not_passed_over() {
    let session = desktop(&["--answer", "unlock", "--hides-items"]);
    let looked = session
        .keychain()
        .look(&[Locator::new("A")], seconds(5))
        .remove(0);
    assert_eq!(looked.unwrap_err().kind(), SourceErrorKind::Locked);
    assert_eq!(session.prompts(), 0);

    let got = session.fetch(&["NOWHERE", "A"]);
    assert_eq!(
        got[0].as_ref().unwrap_err().kind(),
        SourceErrorKind::Missing
    );
    assert_eq!(got[1], Ok(b"value of A".to_vec()));
    assert_eq!(session.prompts(), 1);
}

#[test]
fn a_hidden_item_is_locked_when_the_prompt_is_refused_or_opens_nothing() {
    for answer in ["dismiss", "nothing"] {
        let session = desktop(&["--answer", answer, "--hides-items"]);
        for got in session.fetch(&["A", "NOWHERE"]) {
            assert_eq!(got.unwrap_err().kind(), SourceErrorKind::Locked, "{answer}");
        }
        assert_eq!(session.prompts(), 1, "{answer}");
        let removed = session.keychain().remove("A", seconds(5)).unwrap_err();
        assert_eq!(removed.kind(), SourceErrorKind::Locked, "{answer}");
    }
}

#[test]
fn hidden_items_are_listed_and_replaced() {
    let session = desktop(&["--answer", "unlock", "--hides-items"]);
    session.put("A", b"new").unwrap();
    assert_eq!(session.fetch(&["A"]), [Ok(b"new".to_vec())]);
    assert_eq!(session.prompts(), 1);

    let session = desktop(&["--answer", "unlock", "--hides-items"]);
    assert_eq!(
        session.keychain().names("", seconds(5)).unwrap(),
        ["A", "B"]
    );
    assert_eq!(session.prompts(), 1);
}

#[test]
fn an_item_whose_value_is_not_given_is_not_missing() {
    for given in ["nothing", "no-such-object"] {
        let session = desktop(&["--answer", "unlock", "--gives", given]);
        let error = session.fetch(&["A"]).remove(0).unwrap_err();
        assert!(!error.lets_next_answer(), "{given}: {error}");
    }
}
