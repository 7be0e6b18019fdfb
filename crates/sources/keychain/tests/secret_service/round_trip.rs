//! What is put in comes out: every byte, every name, one or a hundred at once.

use mcp_launch_core::{Locator, Source, SourceErrorKind, Store};
use mcp_launch_source_keychain::{Keychain, Standing};
use mcp_launch_testkit::{CLIENT_VARIABLES, Canary, conformance};

use crate::session::{Session, fetch, seconds};

#[test]
fn it_is_a_source_like_any_other() {
    let session = Session::with_keyring();
    let canary = Canary::new();
    session.put("PRESENT", canary.value().as_bytes()).unwrap();
    conformance(&session.keychain(), "PRESENT", "MISSING", &canary);
}

#[test]
fn every_value_comes_back_byte_for_byte() {
    let session = Session::with_keyring();
    let large: Vec<u8> = (0..100_000_u32).map(|at| (at % 251) as u8).collect();
    let all_bytes: Vec<u8> = (0..=255).collect();
    let values: [(&str, &[u8]); 5] = [
        ("TEXT", b"hunter2"),
        ("EMPTY", b""),
        ("LINES", b"a\r\nb\n \n"),
        ("BYTES", &all_bytes),
        ("LARGE", &large),
    ];
    for (name, value) in values {
        session.put(name, value).unwrap();
    }
    let names = values.map(|(name, _)| name);
    let got = session.fetch(&names);
    for ((name, value), got) in values.iter().zip(got) {
        assert!(got.as_deref() == Ok(*value), "{name} has changed");
    }
}

#[test]
fn names_of_every_kind_are_listed_read_and_removed() {
    let session = Session::with_keyring();
    let keychain = session.keychain();
    let names = [
        "A.b-c_d",
        "Grüße, 世界 🔑",
        "a b",
        "it's \"quoted\" $HOME `x` \\",
        "mcp-launch/with/slashes",
    ];
    for name in names {
        session.put(name, name.as_bytes()).unwrap();
    }
    assert_eq!(keychain.names("", seconds(5)).unwrap(), names);
    for name in names {
        assert_eq!(session.fetch(&[name]), [Ok(name.as_bytes().to_vec())]);
        keychain.remove(name, seconds(5)).unwrap();
        let gone = keychain.remove(name, seconds(5)).unwrap_err();
        assert_eq!(gone.kind(), SourceErrorKind::Missing);
    }
    assert!(keychain.names("", seconds(5)).unwrap().is_empty());
}

#[test]
fn a_second_put_replaces_the_first() {
    let session = Session::with_keyring();
    for value in ["one", "two", ""] {
        session.put("A", value.as_bytes()).unwrap();
        assert_eq!(session.fetch(&["A"]), [Ok(value.as_bytes().to_vec())]);
    }
    assert_eq!(session.keychain().names("", seconds(5)).unwrap(), ["A"]);
}

#[test]
fn a_batch_keeps_its_order_and_names_what_is_missing() {
    let session = Session::with_keyring();
    let all: Vec<String> = (0..100).map(|index| format!("NAME_{index}")).collect();
    for (index, name) in all.iter().enumerate() {
        if index % 10 != 3 {
            session
                .put(name, format!("value {index}").as_bytes())
                .unwrap();
        }
    }
    for size in [1, 20, 100] {
        let names: Vec<&str> = all.iter().rev().take(size).map(String::as_str).collect();
        let got = session.fetch(&names);
        let locators: Vec<_> = names.iter().copied().map(Locator::new).collect();
        let looked = session.keychain().look(&locators, seconds(5));
        assert_eq!((got.len(), looked.len()), (size, size));
        for ((name, got), looked) in names.iter().zip(got).zip(looked) {
            let index: usize = name.strip_prefix("NAME_").unwrap().parse().unwrap();
            if index % 10 == 3 {
                assert_eq!(got.unwrap_err().kind(), SourceErrorKind::Missing);
                assert_eq!(looked.unwrap_err().kind(), SourceErrorKind::Missing);
            } else {
                assert_eq!(got.unwrap(), format!("value {index}").as_bytes());
                assert_eq!(looked, Ok(()));
            }
        }
    }
}

#[test]
fn a_malformed_locator_spoils_no_other() {
    let session = Session::with_keyring();
    session.put("A", b"a").unwrap();
    let got = session.fetch(&["", "A", "/x"]);
    let kinds: Vec<_> = got
        .iter()
        .map(|answer| answer.as_ref().map_err(|error| error.kind()))
        .collect();
    let malformed = Err(SourceErrorKind::Malformed);
    assert_eq!(kinds, [malformed, Ok(&b"a".to_vec()), malformed]);
}

#[test]
fn the_bus_is_found_without_its_address() {
    let session = Session::with_keyring();
    session.put("A", b"a").unwrap();
    let runtime_only = session.environment().restricted_to(&["XDG_RUNTIME_DIR"]);
    let keychain = Keychain::new(&runtime_only);
    assert_eq!(fetch(&keychain, &["A"], seconds(5)), [Ok(b"a".to_vec())]);
    let health = keychain.health(seconds(5));
    assert_eq!(health.standing, Standing::Ready, "{health}");
    assert_eq!(health.owner.as_deref(), Some("gnome-keyring-d"));
    assert!(health.address.contains("XDG_RUNTIME_DIR"), "{health}");

    // Under a client's six variables the address is that of the user's own runtime directory.
    let health =
        Keychain::new(&session.environment().restricted_to(&CLIENT_VARIABLES)).health(seconds(5));
    assert!(health.address.contains("/run/user/"), "{health}");
}
