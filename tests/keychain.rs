//! The real keychain of Linux, gnome-keyring, from `secrets set` to a server that a client started.
#![cfg(target_os = "linux")]

use std::process::Command;

use mcp_launch_testkit::{CLIENT_VARIABLES, Canary, Scratch};
use serde_json::Value;

use crate::support::{Entry, Finished, installed, node_server, python};

/// Starts a session bus and an unlocked keyring for `"$@"`.
///
/// The bus is also where a login session puts it, in the runtime folder. Without the wait, a daemon that the bus
/// starts by itself may come first.
const SESSION: &str = r#"
exec dbus-run-session -- /bin/sh -c '
    eval "$(printf test | gnome-keyring-daemon --unlock --components=secrets 2>/dev/null)"
    gdbus wait --session --timeout 10 org.freedesktop.secrets || exit 99
    socket=${DBUS_SESSION_BUS_ADDRESS#unix:path=}
    ln -s "${socket%%,*}" "$XDG_RUNTIME_DIR/bus"
    "$@"' sh "$@"
"#;

/// `command`, inside such a session.
pub(crate) fn in_session(scratch: &Scratch, command: &[&str]) -> Command {
    let mut session = scratch.command("/bin/sh");
    session
        .env("XDG_RUNTIME_DIR", scratch.runtime())
        .args(["-c", SESSION, "sh"])
        .args(command);
    session
}

/// A shell script inside such a session; `$LAUNCH` is the launcher.
pub(crate) fn script_in_session(scratch: &Scratch, canary: &Canary, script: &str) -> Finished {
    let mut session = in_session(scratch, &["/bin/sh", "-ec", script]);
    session
        .env("LAUNCH", installed(scratch))
        .env("VALUE", canary.value());
    Finished::of(&mut session)
}

#[test]
fn a_value_is_set_listed_used_and_removed() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let script = r#"
        printf %s "$VALUE" | "$LAUNCH" secrets set API_TOKEN --store keychain >/dev/null
        "$LAUNCH" secrets list --store keychain
        echo "$("$LAUNCH" secrets get API_TOKEN --store keychain)"
        A='$<API_TOKEN>' "$LAUNCH" -- /bin/sh -c 'printf "%s\n" "$A"'
        "$LAUNCH" secrets rm API_TOKEN --store keychain >/dev/null
        A='$<keychain:API_TOKEN>' "$LAUNCH" -- /bin/true && exit 1 || echo "then $?"
    "#;
    let said = script_in_session(&scratch, &canary, script).success();
    assert!(said.contains("API_TOKEN"), "{said}");
    assert!(
        said.ends_with(&format!("{0}\n{0}\nthen 125\n", canary.value())),
        "{said}"
    );
    assert_eq!(
        canary.find_under(&scratch.home()),
        [],
        "the keyring's file is encrypted"
    );
}

#[test]
fn doctor_asks_for_a_required_value_where_the_settings_say_it_is() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    scratch.write(
        ".config/mcp-launch/config.toml",
        "[secrets.GITHUB_TOKEN]\nfrom = \"keychain:github\"\nrequired = true\n",
    );
    let script = r#"
        "$LAUNCH" doctor 2>&1 || true
        printf %s "$VALUE" | "$LAUNCH" secrets set github --store keychain >/dev/null 2>&1
        "$LAUNCH" doctor 2>&1 || true
    "#;
    let said = script_in_session(&scratch, &canary, script).success();
    for part in [
        "broken  GITHUB_TOKEN: keychain (service `mcp-launch`, account `github`): not found\n          \
         fix: mcp-launch secrets set github --store keychain\n",
        "ok      GITHUB_TOKEN: keychain (service `mcp-launch`, account `github`)\n",
    ] {
        assert!(said.contains(part), "no {part} in {said}");
    }
}

#[test]
fn doctor_says_when_clients_do_not_reach_the_keychain_of_this_session() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let script = r#""$LAUNCH" doctor --json || echo "then $?" >&2"#;
    let finished = script_in_session(&scratch, &canary, script);
    let report: Value = serde_json::from_str(&finished.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let broken = findings.iter().find(|finding| {
        finding["area"] == "stores, as MCP clients start servers" && finding["state"] == "broken"
    });

    // Where the machine's own session has a keychain, a client without the address gets that one.
    let own = r#"exec gdbus introspect --address "unix:path=/run/user/$(id -u)/bus" \
        --dest org.freedesktop.secrets --object-path /org/freedesktop/secrets"#;
    let own = Finished::of(scratch.command("/bin/sh").args(["-c", own]));
    assert_eq!(broken.is_none(), own.code == Some(0), "{report:#}");
    let Some(broken) = broken else {
        return;
    };
    assert!(finished.stderr.contains("then 1"), "{}", finished.stderr);
    let remedy = broken["remedy"].as_str().unwrap();
    for way_out in ["DBUS_SESSION_BUS_ADDRESS", "sealed store"] {
        assert!(remedy.contains(way_out), "no {way_out}: {remedy}");
    }
}

/// What a client that asks is told when the keychain gives no value: `before` is done to it, `options` are the
/// launcher's.
#[track_caller]
fn told_without_keychain(before: &str, options: &str) -> String {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let request = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#;
    let script = format!(
        r#"
        printf %s "$VALUE" | "$LAUNCH" secrets set API_TOKEN --store keychain >/dev/null
        export A='$<API_TOKEN>'
        "$LAUNCH" -- /bin/sh -c '[ "$A" = "$VALUE" ]'
        {before}
        echo '{request}' | timeout --kill-after 1 5 "$LAUNCH" {options} -- /bin/cat || echo "then $?"
        "#
    );
    let finished = script_in_session(&scratch, &canary, &script);
    canary.assert_absent("what was said", finished.stdout.clone() + &finished.stderr);
    let said = finished.success();
    let [answer, "then 125"] = said.lines().collect::<Vec<_>>()[..] else {
        panic!("one line, and 125 within five seconds: {said}");
    };
    let answer: Value = serde_json::from_str(answer).unwrap();
    assert_eq!(
        (&answer["jsonrpc"], &answer["id"]),
        (&"2.0".into(), &1.into())
    );
    answer["error"]["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_client_is_told_that_the_keychain_is_locked() {
    let lock = "gdbus call --session --dest org.freedesktop.secrets --object-path /org/freedesktop/secrets \
        --method org.freedesktop.Secret.Service.Lock \"['/org/freedesktop/secrets/collection/login']\" >/dev/null";
    let told = told_without_keychain(lock, "");
    assert!(told.contains("locked"), "{told}");
}

#[test]
fn a_client_is_told_that_the_keychain_does_not_answer() {
    // Whatever comes then, a stopped daemon is not left behind.
    let stop = r#"
        owner=$(gdbus call --session --dest org.freedesktop.DBus --object-path /org/freedesktop/DBus \
            --method org.freedesktop.DBus.GetConnectionUnixProcessID org.freedesktop.secrets)
        daemon=$(echo "$owner" | sed 's/[^0-9]*32 \([0-9]*\).*/\1/')
        trap 'kill -KILL "$daemon"' EXIT
        kill -STOP "$daemon"
    "#;
    let told = told_without_keychain(stop, "--deadline 500ms");
    assert!(told.contains("no answer in time"), "{told}");
}

#[test]
fn an_older_value_in_the_other_store_is_named() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let script = r#"
        printf %s older | "$LAUNCH" secrets set A --store sealed 2>&1
        printf %s "$VALUE" | "$LAUNCH" secrets set A 2>&1
        "$LAUNCH" secrets rm A 2>&1
        printf %s "$VALUE" | "$LAUNCH" secrets set B --store keychain >/dev/null 2>&1
        printf %s unseen | "$LAUNCH" secrets set B --store sealed 2>&1 | tail -n 1
    "#;
    let said = script_in_session(&scratch, &canary, script).success();
    assert_eq!(
        said,
        "A is in the sealed store; use it as $<A>\n\
         A is in the keychain; use it as $<A>\n\
         the sealed store has A too; to be rid of it: mcp-launch secrets rm A --store sealed\n\
         A was removed from the keychain\n\
         the sealed store still has A, which would be used now: mcp-launch secrets rm A --store sealed\n\
         the keychain has B too, which is asked first; to be rid of it: mcp-launch secrets rm B --store keychain\n"
    );
}

#[test]
fn an_entry_of_secret_tool_is_found() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let script = r#"
        printf %s "$VALUE" | secret-tool store --label=x service github username ada
        A='$<keychain:github/ada>' "$LAUNCH" -- /bin/sh -c 'printf %s "$A"'
    "#;
    let said = script_in_session(&scratch, &canary, script).success();
    assert_eq!(said, canary.value());
}

#[test]
fn a_client_that_passes_no_bus_address_still_reaches_the_keychain_of_its_session() {
    let (scratch, canary) = (
        Scratch::new(),
        Canary::shaped_like("sk-aaaaAAAA0000aaaaAAAA"),
    );
    let store = r#"printf %s "$VALUE" | "$LAUNCH" secrets set API_TOKEN --store keychain >/dev/null; exec "$@""#;
    let python = python();
    let mut client = in_session(&scratch, &["/bin/sh", "-ec", store, "sh"]);
    client
        .arg(python)
        .env("LAUNCH", installed(&scratch))
        .env("VALUE", canary.value());
    // The SDK hands on six variables, and the address is none of them. The runtime folder, which is otherwise
    // /run/user/UID, is this test's own.
    assert!(!CLIENT_VARIABLES.contains(&"DBUS_SESSION_BUS_ADDRESS"));
    let seen = Entry::new(&["node", &node_server("everything")])
        .variable("API_TOKEN", "$<API_TOKEN>")
        .variable("XDG_RUNTIME_DIR", scratch.runtime().to_str().unwrap())
        .seen_by(client, &scratch, &["--tool", "get-env"]);
    assert!(seen.result().contains(canary.value()), "{seen:?}");
}
