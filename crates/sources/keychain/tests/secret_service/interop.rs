//! Entries are everybody's: `secret-tool` and `keyring` find ours, and we find theirs.

use mcp_launch_core::{SourceErrorKind, Store};

use mcp_launch_testkit::example;

use crate::session::{Session, seconds, with_input};

#[test]
fn secret_tool_and_we_read_each_other() {
    let session = Session::with_keyring();
    session.put("OURS", b"from us").unwrap();
    let arguments = ["lookup", "service", "mcp-launch", "username", "OURS"];
    assert_eq!(session.secret_tool(&arguments, b"").stdout, b"from us");

    let arguments = [
        "store",
        "--label=x",
        "service",
        "gh:github.com",
        "username",
        "octocat",
    ];
    assert!(
        session
            .secret_tool(&arguments, b"from them")
            .status
            .success()
    );
    assert_eq!(
        session.fetch(&["gh:github.com/octocat"]),
        [Ok(b"from them".to_vec())]
    );
    assert_eq!(session.keychain().names("", seconds(5)).unwrap(), ["OURS"]);
}

#[test]
fn keyring_and_we_read_and_replace_each_other() {
    let session = Session::with_keyring();
    let keyring = |action: &str, name: &str, value: &[u8]| {
        let mut command = session.command(example("keyring_entry"));
        command.args([action, "mcp-launch", name]);
        let output = with_input(command, value);
        assert!(
            output.status.success(),
            "{action}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    };
    keyring("set", "THEIRS", b"one\0\xff");
    assert_eq!(session.fetch(&["THEIRS"]), [Ok(b"one\0\xff".to_vec())]);
    session.put("THEIRS", b"two").unwrap();
    assert_eq!(keyring("get", "THEIRS", b""), b"two");

    session.put("OURS", b"three").unwrap();
    assert_eq!(keyring("get", "OURS", b""), b"three");
    keyring("set", "OURS", b"four");
    assert_eq!(session.fetch(&["OURS"]), [Ok(b"four".to_vec())]);
    assert_eq!(
        session.keychain().names("", seconds(5)).unwrap(),
        ["OURS", "THEIRS"]
    );

    keyring("delete", "OURS", b"");
    session.keychain().remove("THEIRS", seconds(5)).unwrap();
    assert!(session.keychain().names("", seconds(5)).unwrap().is_empty());
}

#[test]
fn other_programs_entries_are_not_written() {
    let session = Session::with_keyring();
    let arguments = ["store", "--label=x", "service", "theirs", "username", "a"];
    assert!(session.secret_tool(&arguments, b"kept").status.success());
    let keychain = session.keychain();
    let written = session.put("theirs/a", b"lost").unwrap_err();
    let removed = keychain.remove("theirs/a", seconds(5)).unwrap_err();
    assert_eq!(
        (written.kind(), removed.kind()),
        (SourceErrorKind::Denied, SourceErrorKind::Denied)
    );
    assert_eq!(session.fetch(&["theirs/a"]), [Ok(b"kept".to_vec())]);
}

#[test]
fn of_several_different_values_none_is_picked() {
    let session = Session::with_keyring();
    let store = |extra: &str, value: &[u8]| {
        let arguments = [
            "store",
            "--label=x",
            "service",
            "mcp-launch",
            "username",
            "A",
            "extra",
            extra,
        ];
        assert!(session.secret_tool(&arguments, value).status.success());
    };
    store("1", b"same");
    store("2", b"same");
    session.put("B", b"b").unwrap();
    assert_eq!(
        session.fetch(&["A", "B"]),
        [Ok(b"same".to_vec()), Ok(b"b".to_vec())]
    );
    store("2", b"other");
    let got = session.fetch(&["A", "B"]);
    assert_eq!(
        got[0].as_ref().unwrap_err().kind(),
        SourceErrorKind::Ambiguous
    );
    assert_eq!(got[1], Ok(b"b".to_vec()));

    let written = session.put("A", b"third").unwrap_err();
    let removed = session.keychain().remove("A", seconds(5)).unwrap_err();
    assert_eq!(
        (written.kind(), removed.kind()),
        (SourceErrorKind::Ambiguous, SourceErrorKind::Ambiguous)
    );
}
