//! What was adopted or added goes back, whatever was done to the file since.

use std::fs;
use std::path::Path;

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::{Value, json};

use crate::support::configs::{adopted, snapshot, told};
use crate::support::{Finished, installed, launch, with_input};

fn key() -> Canary {
    Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000aaaaAAAA")
}

fn config(one: &Canary, two: &Canary) -> Value {
    json!({
        "theme": "dark",
        "mcpServers": {
            "a": { "command": "npx", "args": ["-y", "x", "--token", one.value()], "env": { "API_KEY": two.value() } },
            "web": { "type": "http", "url": "https://x.example.com/mcp", "headers": { "Authorization": format!("Bearer {}", one.value()) } },
        },
    })
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn restore(scratch: &Scratch, path: &Path, options: &[&str]) -> Finished {
    let mut arguments = vec!["restore", path.to_str().unwrap(), "--yes"];
    arguments.extend(options);
    told(scratch, &arguments)
}

#[test]
fn of_a_file_that_its_client_wrote_anew_only_our_edits_go_back() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let before = config(&one, &two);
    let path = scratch.write(".claude.json", format!("{before:#}"));
    adopted(&scratch, &path, &["--remote"]);
    let mut written = read(&path);
    written["theme"] = "light".into();
    written["mcpServers"]["new"] = json!({ "command": "y" });
    written["mcpServers"]["a"]["disabled"] = true.into();
    scratch.write(".claude.json", written.to_string());

    let said = restore(&scratch, &path, &[]);
    assert!(
        said.stdout
            .contains("only the edits of mcp-launch are reversed"),
        "{}",
        said.stdout
    );
    assert!(!said.stdout.contains("stays"), "{}", said.stdout);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let mut expected = before;
    expected["theme"] = "light".into();
    expected["mcpServers"]["new"] = json!({ "command": "y" });
    expected["mcpServers"]["a"]["disabled"] = true.into();
    assert_eq!(read(&path), expected);
}

#[test]
fn what_somebody_wrote_over_stays_and_is_told() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let before = config(&one, &two);
    let path = scratch.write(".claude.json", before.to_string());
    adopted(&scratch, &path, &[]);
    let mut written = read(&path);
    written["mcpServers"]["a"]["env"]["API_KEY"] = "mine now".into();
    scratch.write(".claude.json", written.to_string());
    let said = restore(&scratch, &path, &[]);
    let mut expected = before;
    expected["mcpServers"]["a"]["env"]["API_KEY"] = "mine now".into();
    assert_eq!(read(&path), expected);
    assert!(
        said.stdout
            .contains("stays, because it was written since: mcpServers.a.env.API_KEY"),
        "{}",
        said.stdout
    );
    for canary in [&one, &two] {
        canary.assert_absent("what was said", said.stdout.clone() + &said.stderr);
    }
}

#[test]
fn force_puts_back_what_was_before() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let before = config(&one, &two).to_string();
    let path = scratch.write(".claude.json", &before);
    adopted(&scratch, &path, &[]);
    scratch.write(".claude.json", "no JSON any more");
    let refused = restore(&scratch, &path, &[]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), "no JSON any more");
    restore(&scratch, &path, &["--force"]).success();
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
}

#[test]
fn a_file_that_is_gone_is_made_again_only_by_force() {
    for force in [false, true] {
        let (scratch, one, two) = (Scratch::new(), key(), key());
        let before = config(&one, &two).to_string();
        let path = scratch.write(".claude.json", &before);
        adopted(&scratch, &path, &[]);
        fs::remove_file(&path).unwrap();
        let options: &[&str] = if force { &["--force"] } else { &[] };
        let said = restore(&scratch, &path, options).success();
        assert_eq!(said.contains("is gone"), !force, "{said}");
        assert_eq!(fs::read_to_string(&path).ok(), force.then_some(before));
    }
}

#[test]
fn all_leaves_no_trace_in_the_home() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    scratch.write(".claude.json", config(&one, &two).to_string());
    scratch.write(
        ".codex/config.toml",
        format!(
            "[mcp_servers.a]\ncommand = \"npx\"\nenv = {{ API_KEY = \"{}\" }}\n",
            two.value()
        ),
    );
    let before = snapshot(&scratch);
    told(
        &scratch,
        &["adopt", "--all", "--remote", "--to", "sealed", "--yes"],
    )
    .success();
    let add = ["add", "b", "--client", "cursor", "--yes", "--", "npx", "b"];
    told(&scratch, &add).success();
    assert!(scratch.home().join(".cursor/mcp.json").exists());
    told(&scratch, &["restore", "--all", "--yes"]).success();
    assert!(snapshot(&scratch) == before, "something was left");
    told(&scratch, &["restore", "--all", "--yes"]).success();
    assert!(snapshot(&scratch) == before, "the second time");
}

#[test]
fn twice_adopted_goes_back_to_the_first_state() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let before = config(&one, &two).to_string();
    let path = scratch.write(".claude.json", &before);
    adopted(&scratch, &path, &[]);
    adopted(&scratch, &path, &["--remote"]);
    restore(&scratch, &path, &[]).success();
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
}

#[test]
fn a_value_that_was_changed_in_the_store_since_stays_there() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let before = config(&one, &two).to_string();
    let path = scratch.write(".claude.json", &before);
    adopted(&scratch, &path, &[]);
    let newer = key();
    let mut set = launch(&scratch, ["secrets", "set", "API_KEY", "--store", "sealed"]);
    assert_eq!(with_input(&mut set, newer.value()).code, Some(0));
    told(&scratch, &["restore", "--all", "--yes"]).success();
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
    let there = told(
        &scratch,
        &["secrets", "get", "API_KEY", "--store", "sealed"],
    )
    .success();
    assert_eq!(there, newer.value());
    let gone = told(
        &scratch,
        &["secrets", "get", "A_TOKEN", "--store", "sealed"],
    );
    assert_eq!(gone.code, Some(1));
}

#[cfg(target_os = "linux")]
#[test]
fn with_the_keychain_it_goes_in_and_out_and_leaves_no_trace() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let before = config(&one, &two).to_string();
    let path = scratch.write(".claude.json", &before);
    let script = r#"
        list() { find "$HOME" -not -path "$HOME/.local/share/keyrings*" | sort; }
        "$LAUNCH" secrets list --store keychain >/dev/null 2>&1 || true
        list > "$TMPDIR/before"
        "$LAUNCH" adopt .claude.json --to keychain --yes >/dev/null 2>&1
        if grep -q -r "$TWO" "$HOME"; then exit 9; fi
        API_KEY='$<API_KEY>' "$LAUNCH" -- /bin/sh -c '[ "$API_KEY" = "$TWO" ]'
        "$LAUNCH" restore --all --yes >/dev/null 2>&1
        "$LAUNCH" secrets list --store keychain
        list > "$TMPDIR/after"
        diff "$TMPDIR/before" "$TMPDIR/after"
    "#;
    let mut session = crate::keychain::in_session(&scratch, &["/bin/sh", "-exc", script]);
    session
        .env("LAUNCH", installed(&scratch))
        .env("TWO", two.value());
    let said = Finished::of(&mut session);
    assert_eq!(said.code, Some(0), "{}{}", said.stdout, said.stderr);
    assert!(!said.stdout.contains("API_KEY"), "{}", said.stdout);
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
}
