//! What was adopted or added goes back, whatever was done to the file since.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Stdio;

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::{Value, json};

use crate::support::configs::{adopted, set_mode, snapshot, stored, told};
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
    let mut expected = before.clone();
    expected["mcpServers"]["a"]["env"]["API_KEY"] = "mine now".into();
    assert_eq!(read(&path), expected);
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains("stays on record"), "{}", said.stderr);
    assert!(
        said.stdout
            .contains("stays, because it was written since: mcpServers.a.env.API_KEY"),
        "{}",
        said.stdout
    );
    for canary in [&one, &two] {
        canary.assert_absent("what was said", said.stdout.clone() + &said.stderr);
    }
    let again = restore(&scratch, &path, &["--json"]);
    assert_eq!(again.code, Some(1));
    let told: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(told["files"][0]["outcome"], "edits-reversed");
    assert_eq!(
        told["files"][0]["left"],
        json!(["mcpServers.a.env.API_KEY"])
    );
    assert_eq!(told["done"], false);
    restore(&scratch, &path, &["--force"]).success();
    assert_eq!(read(&path), before);
}

#[test]
fn a_secret_whose_argument_was_written_over_stays_in_the_store() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let before = config(&one, &two);
    let path = scratch.write(".claude.json", before.to_string());
    adopted(&scratch, &path, &[]);
    let edited = fs::read_to_string(&path)
        .unwrap()
        .replace("$<A_TOKEN>", "x$<A_TOKEN>");
    scratch.write(".claude.json", &edited);
    for options in [
        &["restore", "--all", "--yes"][..],
        &["restore", "--all", "--forget", "--yes"],
    ] {
        let said = told(&scratch, options);
        let is_forgotten = options.contains(&"--forget");
        assert_eq!(said.code, Some(i32::from(!is_forgotten)), "{said:?}");
        assert!(
            said.stdout
                .contains("stays, because it was written since: mcpServers.a.args"),
            "{said:?}"
        );
        // The other entry had nothing that was moved.
        assert_eq!(read(&path), serde_json::from_str::<Value>(&edited).unwrap());
        assert_eq!(stored(&scratch, "A_TOKEN"), one.value());
        assert_eq!(stored(&scratch, "API_KEY"), two.value());
    }
}

#[test]
fn what_a_file_still_refers_to_stays_in_the_store() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let before = config(&one, &two);
    let path = scratch.write(".claude.json", before.to_string());
    adopted(&scratch, &path, &[]);
    let mut written = read(&path);
    let second = json!({ "command": "mcp-launch", "args": ["--", "y"], "env": { "K": "$<sealed:API_KEY>" } });
    written["mcpServers"]["second"] = second.clone();
    scratch.write(".claude.json", written.to_string());
    let said = told(&scratch, &["restore", "--all", "--yes"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stderr.contains("keeps API_KEY"), "{said:?}");
    let mut expected = before;
    expected["mcpServers"]["second"] = second;
    assert_eq!(read(&path), expected);
    assert_eq!(stored(&scratch, "API_KEY"), two.value());
    let gone = told(
        &scratch,
        &["secrets", "get", "A_TOKEN", "--store", "sealed"],
    );
    assert_eq!(gone.code, Some(1));
}

#[test]
fn what_a_forgotten_file_found_in_the_store_already_stays_there() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let before = config(&one, &two).to_string();
    let first = scratch.write("first/.mcp.json", &before);
    let second = scratch.write("second/.mcp.json", &before);
    adopted(&scratch, &first, &[]);
    adopted(&scratch, &second, &[]);
    assert!(fs::read_to_string(&second).unwrap().contains("$<API_KEY>"));
    fs::remove_file(&second).unwrap();
    told(&scratch, &["restore", "--all", "--forget", "--yes"]).success();
    assert_eq!(fs::read_to_string(&first).unwrap(), before);
    assert_eq!(stored(&scratch, "API_KEY"), two.value());
    assert_eq!(stored(&scratch, "A_TOKEN"), one.value());
}

#[test]
fn what_was_forced_back_without_a_value_leaves_it_in_the_store() {
    let (scratch, one, two, three) = (Scratch::new(), key(), key(), key());
    let before = config(&one, &two);
    let path = scratch.write(".claude.json", before.to_string());
    adopted(&scratch, &path, &[]);
    let mut written = read(&path);
    written["mcpServers"]["later"] =
        json!({ "command": "y", "env": { "LATER_KEY": three.value() } });
    scratch.write(".claude.json", written.to_string());
    adopted(&scratch, &path, &[]);
    // Now it is none of the states that are on record.
    scratch.write(".claude.json", "{}");
    told(&scratch, &["restore", "--all", "--force", "--yes"]).success();
    assert_eq!(read(&path), before);
    assert_eq!(stored(&scratch, "LATER_KEY"), three.value());
    let gone = told(
        &scratch,
        &["secrets", "get", "API_KEY", "--store", "sealed"],
    );
    assert_eq!(gone.code, Some(1));
}

#[test]
fn what_changes_between_the_plan_and_the_lock_stops_it() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let path = scratch.write(".claude.json", config(&one, &two).to_string());
    adopted(&scratch, &path, &[]);
    let lock = scratch.home().join(".local/state/mcp-launch/changes/lock");
    let lock = fs::File::options().write(true).open(lock).unwrap();
    lock.lock().unwrap();
    let mut restoring = launch(&scratch, ["restore", "--all", "--yes"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The plan is told before the lock is waited for.
    let mut first = [0];
    let mut plan = restoring.stdout.take().unwrap();
    plan.read_exact(&mut first).unwrap();
    let written = fs::read_to_string(&path).unwrap() + "\n";
    scratch.write(".claude.json", &written);
    drop(lock);
    let said = Finished::from(&restoring.wait_with_output().unwrap());
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.stderr.contains("meanwhile"), "{said:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), written);
    assert_eq!(stored(&scratch, "API_KEY"), two.value());
}

#[test]
fn no_link_leads_the_secrets_elsewhere() {
    for is_folder in [false, true] {
        let (scratch, one, two) = (Scratch::new(), key(), key());
        let path = scratch.write("project/.mcp.json", config(&one, &two).to_string());
        adopted(&scratch, &path, &[]);
        let elsewhere = scratch.write("elsewhere/.mcp.json", fs::read(&path).unwrap());
        let before = fs::read(&elsewhere).unwrap();
        let (moved, target) = match is_folder {
            true => (path.parent().unwrap(), elsewhere.parent().unwrap()),
            false => (path.as_path(), elsewhere.as_path()),
        };
        fs::rename(moved, scratch.home().join("moved")).unwrap();
        symlink(target, moved).unwrap();
        for options in [&[][..], &["--force"]] {
            let mut arguments = vec!["restore", "--all", "--yes"];
            arguments.extend(options);
            let said = told(&scratch, &arguments);
            assert_eq!(said.code, Some(1), "{said:?}");
            assert!(said.stderr.contains("is a link now"), "{said:?}");
            assert!(said.stderr.contains(".mcp.json"), "{said:?}");
            assert_eq!(fs::read(&elsewhere).unwrap(), before);
        }
        assert_eq!(stored(&scratch, "API_KEY"), two.value());
    }
}

#[test]
fn secrets_come_back_for_no_more_people_than_had_them() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let path = scratch.write(".claude.json", config(&one, &two).to_string());
    set_mode(&path, 0o600);
    adopted(&scratch, &path, &[]);
    set_mode(&path, 0o664);
    restore(&scratch, &path, &[]).success();
    let mode = path.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn where_nothing_was_on_record_the_key_stays() {
    let scratch = Scratch::new();
    let mut set = launch(&scratch, ["secrets", "set", "A", "--store", "sealed"]);
    assert_eq!(with_input(&mut set, "value").code, Some(0));
    told(&scratch, &["secrets", "rm", "A", "--store", "sealed"]).success();
    let key = scratch.home().join(".local/share/mcp-launch/sealed.key");
    assert!(key.exists());
    let before = snapshot(&scratch);
    told(&scratch, &["restore", "--all", "--yes"]).success();
    assert!(snapshot(&scratch) == before);

    // With records that were all taken back it is asked for.
    let (one, two) = (self::key(), self::key());
    let path = scratch.write(".claude.json", config(&one, &two).to_string());
    adopted(&scratch, &path, &[]);
    restore(&scratch, &path, &[]).success();
    let asked = with_input(&mut launch(&scratch, ["restore", "--all"]), "");
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert!(
        scratch
            .home()
            .join(".local/state/mcp-launch/changes")
            .exists()
    );
}

#[test]
fn a_record_that_is_none_is_named_and_how_to_go_on() {
    let scratch = Scratch::new();
    let record = scratch.write(".local/state/mcp-launch/changes/00000001.json", "{}");
    for folder in record.ancestors().skip(1).take(2) {
        set_mode(folder, 0o700);
    }
    let said = told(&scratch, &["restore", "--all", "--yes"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.stderr.contains("remove ") && said.stderr.contains("00000001.json"),
        "{said:?}"
    );
    set_mode(record.parent().unwrap(), 0o777);
    let said = told(&scratch, &["restore", "--all", "--yes"]);
    assert!(said.stderr.contains("other users may write"), "{said:?}");
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
        let said = restore(&scratch, &path, options);
        assert_eq!(said.code, Some(i32::from(!force)), "{said:?}");
        assert_eq!(said.stdout.contains("is gone"), !force, "{said:?}");
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
