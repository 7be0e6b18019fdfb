//! `mcp-launch rotate`: what is due, what becomes of it, and that nothing is lost wherever it is cut off.

mod killed;
#[cfg(all(feature = "postgres", feature = "vault"))]
mod postgres;
#[cfg(feature = "postgres")]
mod servers;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::Value;

use crate::support::{Finished, launch, with_input};

/// The settings, and a `.env` of this text that they name.
pub(crate) fn prepared(scratch: &Scratch, settings: &str, dotenv: &str) -> PathBuf {
    let file = scratch.write("app/.env", dotenv);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let settings = format!("env_file = {file:?}\n{settings}");
    scratch.write(".config/mcp-launch/config.toml", settings);
    file
}

/// `rotate` with these arguments.
pub(crate) fn rotate(scratch: &Scratch, arguments: &[&str]) -> Finished {
    Finished::of(&mut launch(scratch, [&["rotate"], arguments].concat()))
}

/// The value of `name` in a file.
pub(crate) fn value(file: &Path, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name}=")));
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
        .trim_matches(['"', '\''])
        .to_owned()
}

const KEY: &str =
    "[secrets.KEY]\nfrom = \"dotenv:KEY\"\nrotate = { using = \"random\", every = \"30d\" }\n";

#[test]
fn a_value_is_replaced_and_everything_else_stays() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let text = format!("# mine\nA='1'\n\nKEY='{}'\nB=2", canary.value());
    let file = prepared(&scratch, KEY, &text);
    let done = rotate(&scratch, &["KEY"]);
    assert_eq!(done.stderr, "");
    assert_eq!(done.success(), "KEY: rotated\n");
    let new = value(&file, "KEY");
    assert!(new.len() == 43 && new != canary.value());
    let after = fs::read_to_string(&file).unwrap();
    assert!(after.starts_with("# mine\nA='1'\n\n#:mcp-launch ") && after.ends_with("\nB=2"));
    let mut server = launch(&scratch, ["--", "/bin/sh", "-c", "echo $KEY"]);
    let given = Finished::of(server.env("KEY", "$<KEY>")).success();
    assert_eq!(given, format!("{new}\n"));
    for said in [
        rotate(&scratch, &["--status"]),
        rotate(&scratch, &["--status", "--json"]),
    ] {
        assert!(!said.stdout.contains(&new) && !said.stderr.contains(&new));
        assert!(said.stdout.contains("dotenv:KEY"), "{}", said.stdout);
    }
}

#[test]
fn when_nothing_is_due_nothing_is_said_and_nothing_is_written() {
    let scratch = Scratch::new();
    let file = prepared(&scratch, KEY, "KEY=old\n");
    // The first run sees it for the first time, and plans it.
    assert_eq!(rotate(&scratch, &[]).success(), "");
    assert_eq!(value(&file, "KEY"), "old");
    let planned = fs::read(&file).unwrap();
    for arguments in [&[][..], &["--due"], &["--resume"], &["--check"]] {
        let done = rotate(&scratch, arguments);
        assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("", ""));
        assert_eq!(done.code, Some(0));
        assert_eq!(fs::read(&file).unwrap(), planned);
    }
    let told: Value =
        serde_json::from_str(&rotate(&scratch, &["--status", "--json"]).success()).unwrap();
    assert!(told[0]["rotated_at"].is_null() && told[0]["due_at"].is_string());
}

#[test]
fn what_is_due_is_rotated_by_a_tick_and_told_to_a_monitor() {
    let scratch = Scratch::new();
    let settings = KEY.replace("30d", "30d\", grace = \"1h\", jitter = \"0%");
    let journal = r##"#:mcp-launch rotation KEY {"v":1,"first_seen":"2026-01-01T00:00:00Z"}"##;
    let file = prepared(&scratch, &settings, &format!("{journal}\nKEY=old\n"));
    let checked = rotate(&scratch, &["--check"]);
    assert_eq!(checked.code, Some(1), "{}", checked.stdout);
    assert!(checked.stdout.contains("due"), "{}", checked.stdout);
    let dry = rotate(&scratch, &["--dry-run"]).success();
    assert!(dry.contains("due"), "{dry}");
    assert_eq!(value(&file, "KEY"), "old");
    assert_eq!(rotate(&scratch, &["--due"]).success(), "KEY: rotated\n");
    assert_ne!(value(&file, "KEY"), "old");
    assert_eq!(rotate(&scratch, &["--check"]).code, Some(0));
}

#[test]
fn fields_of_one_credential_come_into_force_together() {
    let scratch = Scratch::new();
    let settings = "[secrets.PAIR]\nfrom = \"dotenv:B\"\nrotate = { using = \"random\", fields = { id = \"A\", key = \"B\" } }\n";
    let file = prepared(&scratch, settings, "A=one\nB=two\n");
    rotate(&scratch, &["PAIR"]).success();
    assert_eq!(value(&file, "A"), "one");
    assert_eq!(value(&file, "B").len(), 43);
}

#[test]
fn a_person_brings_what_no_program_can_make() {
    let (scratch, canary) = (Scratch::new(), Canary::new());
    let settings =
        "[secrets.T]\nfrom = \"dotenv:T\"\nexpires = 2026-01-01\nrotate = { using = \"track\" }\n";
    let file = prepared(&scratch, settings, "T=old\n");
    assert_eq!(rotate(&scratch, &[]).success(), "");
    let due = rotate(&scratch, &[]);
    assert_eq!(due.code, Some(3), "{}", due.stdout);
    assert!(due.stdout.contains("T: needs a person"), "{}", due.stdout);
    assert_eq!(rotate(&scratch, &["--check"]).code, Some(2));
    let mut attended = launch(&scratch, ["rotate", "--attended", "T"]);
    let done = with_input(&mut attended, canary.value());
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(!done.stdout.contains(canary.value()) && !done.stderr.contains(canary.value()));
    assert_eq!(value(&file, "T"), canary.value());
    let random = rotate(&scratch, &["--attended", "T", "--json"]);
    assert_eq!(random.code, Some(1), "nothing was typed");
}

#[test]
fn settings_that_cannot_be_used_are_told_with_their_line_and_the_others_go_on() {
    let scratch = Scratch::new();
    let settings = format!(
        "{KEY}[secrets.B]\nfrom = \"dotenv:B\"\nrotate = {{ using = \"random\", every = \"1d\", grace = \"1d\" }}\n"
    );
    let file = prepared(&scratch, &settings, "KEY=old\nB=old\n");
    let done = rotate(&scratch, &["--all"]);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(
        done.stdout
            .contains("config.toml:7: secrets.B.rotate.grace"),
        "{}",
        done.stdout
    );
    assert!(done.stdout.contains("KEY: rotated"), "{}", done.stdout);
    assert_eq!(value(&file, "B"), "old");
    let unknown = rotate(&scratch, &["KEJ"]);
    assert!(
        unknown.stderr.contains("did you mean `KEY`?"),
        "{}",
        unknown.stderr
    );
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = rotate(&scratch, &["KEY"]);
    assert_eq!(refused.code, Some(3), "{}", refused.stdout);
    assert!(refused.stderr.contains("chmod"), "{}", refused.stderr);
}

#[test]
fn a_file_that_nobody_named_is_not_rotated_in() {
    let scratch = Scratch::new();
    scratch.write(".config/mcp-launch/config.toml", KEY);
    let pending = r##"#:mcp-launch rotation KEY {"v":1,"pending":{"id":"1","owner":"o","begun_at":"2026-01-01T00:00:00Z","fields":{"":"chosen-by-a-stranger"}}}"##;
    let text = format!("{pending}\nKEY=old\n");
    let file = scratch.write("repository/.env", &text);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    scratch.write(".local/state/mcp-launch/rotating/KEY", "");
    let folder = file.parent().unwrap();
    for arguments in [
        &["rotate", "KEY"][..],
        &["rotate", "--due"],
        &["rotate", "--resume"],
    ] {
        let done = Finished::of(launch(&scratch, arguments).current_dir(folder));
        assert_eq!(done.code, Some(1), "{}", done.stdout);
        assert!(
            done.stdout.contains("which .env is meant?"),
            "{}",
            done.stdout
        );
    }
    let mut server = launch(&scratch, ["--", "/bin/sh", "-c", "echo $KEY"]);
    let server = server.current_dir(folder).env("KEY", "$<KEY>");
    assert_eq!(Finished::of(server).success(), "old\n");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    let named = ["rotate", "KEY", "--env-file", ".env"];
    let done = Finished::of(launch(&scratch, named).current_dir(folder));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
}

#[test]
fn many_runs_at_once_rotate_each_credential_once() {
    let scratch = Scratch::new();
    let mut settings = String::new();
    let mut text = String::new();
    for number in 0..50 {
        let journal = format!(
            r##"#:mcp-launch rotation K{number} {{"v":1,"first_seen":"2026-01-01T00:00:00Z"}}"##
        );
        text.push_str(&format!("{journal}\nK{number}=old{number}\n"));
        settings.push_str(&KEY.replace("KEY", &format!("K{number}")));
    }
    let file = prepared(&scratch, &settings, &text);
    let runs: Vec<_> = (0..8)
        .map(|_| {
            let mut run = launch(&scratch, ["rotate", "--due"]);
            run.stdout(std::process::Stdio::piped());
            run.stderr(std::process::Stdio::piped());
            run.spawn().unwrap()
        })
        .collect();
    let mut rotated = String::new();
    for run in runs {
        let done = run.wait_with_output().unwrap();
        let code = done.status.code();
        assert!(
            matches!(code, Some(0 | 75)),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        rotated.push_str(&String::from_utf8(done.stdout).unwrap());
    }
    // Who had to wait for too long left it to the next.
    let last = rotate(&scratch, &["--due"]);
    rotated.push_str(&last.success());
    for number in 0..50 {
        let line = format!("K{number}: rotated\n");
        assert_eq!(rotated.matches(&line).count(), 1, "{line}{rotated}");
        assert_eq!(value(&file, &format!("K{number}")).len(), 43);
    }
    assert_eq!(rotate(&scratch, &["--due"]).success(), "");
}
