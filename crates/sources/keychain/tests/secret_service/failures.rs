//! What is absent, locked, silent or broken: told apart, and never waited for beyond the deadline.

use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use mcp_launch_core::{Deadline, Environment, Locator, Source, SourceErrorKind, Store};
use mcp_launch_source_keychain::{Keychain, Standing};

use crate::session::{Session, fetch, seconds};

/// The kind of failure of one fetch, and how long it took.
fn failure(keychain: &Keychain, deadline: Deadline) -> (SourceErrorKind, Duration) {
    let start = Instant::now();
    let error = fetch(keychain, &["A"], deadline).remove(0).unwrap_err();
    (error.kind(), start.elapsed())
}

fn at(address: &str) -> Keychain {
    Keychain::new(&Environment::from_pairs([(
        "DBUS_SESSION_BUS_ADDRESS",
        address,
    )]))
}

#[test]
fn without_a_bus_there_is_no_keychain() {
    let session = Session::without_bus();
    let keychain = session.keychain();
    assert_eq!(failure(&keychain, seconds(5)).0, SourceErrorKind::Absent);
    let health = keychain.health(seconds(5));
    assert!(
        matches!(health.standing, Standing::Failed(error) if error.kind() == SourceErrorKind::Absent)
    );
    assert!(health.remedy().unwrap().contains("--store sealed"));
    assert_eq!(
        keychain.names("", seconds(5)).unwrap_err().kind(),
        SourceErrorKind::Absent
    );
    let nobody = "unix:abstract=mcp-launch-test-nobody-listens";
    assert_eq!(failure(&at(nobody), seconds(5)).0, SourceErrorKind::Absent);
}

#[test]
fn a_bus_without_a_secret_service_is_no_keychain() {
    let session = Session::without_services();
    let (kind, _) = failure(&session.keychain(), seconds(5));
    assert_eq!(kind, SourceErrorKind::Absent);
    let written = session.put("A", b"a").unwrap_err();
    assert_eq!(written.kind(), SourceErrorKind::Absent);
}

#[test]
fn a_bus_that_has_ended_is_broken_and_not_absent() {
    let session = Session::without_bus();
    drop(UnixListener::bind(session.socket()).unwrap());
    let (kind, _) = failure(&session.keychain(), seconds(5));
    assert_eq!(kind, SourceErrorKind::Unavailable);
}

#[test]
fn a_bus_in_the_place_of_another_is_not_taken_for_it() {
    let session = Session::with_keyring();
    session.put("A", b"a").unwrap();
    let place = format!("unix:path={}", session.socket().display());
    let ended = format!("{place},guid=0123456789abcdef0123456789abcdef");
    let (kind, _) = failure(&at(&ended), seconds(5));
    assert_eq!(kind, SourceErrorKind::Unavailable);
    assert!(fetch(&at(&place), &["A"], seconds(5)).remove(0).is_ok());
}

#[test]
fn a_bus_over_the_network_is_not_used() {
    let (kind, _) = failure(&at("tcp:host=127.0.0.1,port=1"), seconds(5));
    assert_eq!(kind, SourceErrorKind::Unavailable);
}

#[test]
fn a_mute_socket_is_left_at_the_deadline() {
    let session = Session::without_bus();
    let listener = UnixListener::bind(session.socket()).unwrap();
    let keychain = session.keychain();
    for _ in 0..2 {
        let (kind, took) = failure(&keychain, Deadline::after(Duration::from_millis(300)));
        assert_eq!(kind, SourceErrorKind::TimedOut);
        assert!(took < Duration::from_millis(600), "{took:?}");
    }
    drop(listener);
}

#[test]
fn a_socket_that_talks_nonsense_is_an_error() {
    use std::io::Write;

    let session = Session::without_bus();
    let listener = UnixListener::bind(session.socket()).unwrap();
    let talker = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
    });
    let (kind, _) = failure(&session.keychain(), seconds(5));
    assert!(
        matches!(kind, SourceErrorKind::Denied | SourceErrorKind::Unavailable),
        "{kind:?}"
    );
    talker.join().unwrap();
}

#[test]
fn a_stopped_daemon_is_left_at_the_deadline() {
    let session = Session::with_keyring();
    session.put("A", b"a").unwrap();
    let daemon = session.last().id().to_string();
    let signal = |name: &str| {
        let sent = session.command("kill").args([name, &daemon]).status();
        assert!(sent.unwrap().success());
    };
    signal("-STOP");
    let soon = || Deadline::after(Duration::from_millis(400));
    let (kind, took) = failure(&session.keychain(), soon());
    assert_eq!(kind, SourceErrorKind::TimedOut);
    assert!(took < Duration::from_millis(700), "{took:?}");
    let health = session.keychain().health(soon());
    assert!(
        matches!(health.standing, Standing::Failed(error) if error.kind() == SourceErrorKind::TimedOut)
    );
    let listed = session.keychain().names("", soon()).unwrap_err();
    assert_eq!(listed.kind(), SourceErrorKind::TimedOut);
    signal("-CONT");
    assert_eq!(session.fetch(&["A"]), [Ok(b"a".to_vec())]);
}

#[test]
fn a_locked_keyring_without_a_display_fails_soon_and_says_what_to_do() {
    let session = Session::locked(&["A"]);
    let keychain = session.keychain();
    let health = keychain.health(seconds(5));
    assert_eq!(health.standing, Standing::Locked, "{health}");

    let looked = keychain.look(&[Locator::new("A")], seconds(5)).remove(0);
    assert_eq!(looked.unwrap_err().kind(), SourceErrorKind::Locked);

    let start = Instant::now();
    let error = fetch(&keychain, &["A"], seconds(10)).remove(0).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Locked, "{error}");
    assert!(start.elapsed() < Duration::from_secs(5));
    let remedy = keychain.remedy(&Locator::new("A"), error).unwrap();
    assert!(remedy.contains("secrets list --store keychain"), "{remedy}");
    assert!(remedy.contains("secrets set A --store sealed"), "{remedy}");

    // What is not in the locked collection is missing, not locked.
    let missing = fetch(&keychain, &["NOWHERE"], seconds(5)).remove(0);
    assert_eq!(missing.unwrap_err().kind(), SourceErrorKind::Missing);
    let written = session.put("NEW", b"x").unwrap_err();
    assert_eq!(written.kind(), SourceErrorKind::Locked);
    let listed = keychain.names("", seconds(10)).unwrap_err();
    assert_eq!(listed.kind(), SourceErrorKind::Locked);
}

#[test]
fn a_home_without_a_collection_has_nothing_and_can_create_none_without_a_display() {
    let mut session = Session::with_keyring();
    session.end_last();
    std::fs::remove_dir_all(session.path("data")).unwrap();
    session.start_keyring(None);
    assert_eq!(
        session.keychain().health(seconds(5)).standing,
        Standing::NoCollection
    );
    let (kind, _) = failure(&session.keychain(), seconds(5));
    assert_eq!(kind, SourceErrorKind::Missing);
    assert_eq!(
        session.put("A", b"a").unwrap_err().kind(),
        SourceErrorKind::Locked
    );
}
