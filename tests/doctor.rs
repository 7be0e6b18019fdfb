//! `doctor` tells what works here, in the environment that MCP clients give.

use mcp_launch_testkit::Scratch;

use crate::support::{Finished, launch};

/// The doctor where no keychain answers, whatever the machine has.
pub(crate) fn without_keychain(scratch: &Scratch, arguments: &[&str]) -> Finished {
    let mut command = launch(scratch, arguments);
    Finished::of(command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus"))
}

#[test]
fn doctor_names_every_store_and_how_to_mend_what_is_wrong() {
    let scratch = Scratch::new();
    let said = without_keychain(&scratch, &["doctor"]);
    assert_eq!(
        said.code,
        Some(0),
        "nothing must be mended: {}{}",
        said.stdout,
        said.stderr
    );
    let lines: Vec<&str> = said.stdout.lines().collect();
    let at = |start: &str| {
        let place = lines.iter().position(|line| line.starts_with(start));
        place.unwrap_or_else(|| panic!("no {start} in:\n{}", said.stdout))
    };
    let keychain = at("  note    keychain: ");
    assert_eq!(
        lines[keychain + 1].trim_start(),
        "fix: keep values in a sealed file: `mcp-launch secrets set NAME --store sealed`"
    );
    let sealed = at("  note    sealed store: none yet");
    assert!(lines[sealed].contains("`secrets set` makes "));
    at("  note    .env: none here");

    scratch.write(".config/mcp-launch/config.toml", "deadline = 5\n");
    let said = without_keychain(&scratch, &["doctor"]);
    assert_eq!(said.code, Some(1), "{}", said.stdout);
    let broken = said.stdout.lines().find(|line| line.contains("  broken  "));
    assert!(
        broken.is_some_and(|line| line.contains("config.toml:1: deadline: ")),
        "{}",
        said.stdout
    );
}

#[test]
fn doctor_answers_programs_in_json() {
    let scratch = Scratch::new();
    let finished = without_keychain(&scratch, &["doctor", "--json"]);
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
    let report: serde_json::Value = serde_json::from_str(&finished.stdout)
        .unwrap_or_else(|error| panic!("{error}:\n{}", finished.stdout));
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    let findings = report["findings"].as_array().expect("a list of findings");
    for finding in findings {
        let keys: Vec<&String> = finding.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["area", "remedy", "state", "text"], "{finding}");
        let state = finding["state"].as_str().expect("a word");
        assert!(["broken", "note", "ok"].contains(&state), "{finding}");
        assert!(finding["text"].is_string(), "{finding}");
    }
    let keychain = findings
        .iter()
        .find(|finding| {
            finding["text"]
                .as_str()
                .is_some_and(|text| text.starts_with("keychain: "))
        })
        .expect("a finding about the keychain");
    assert_eq!(keychain["area"], "stores, as this shell is");
    assert_eq!(keychain["state"], "note");
    assert_eq!(
        keychain["remedy"],
        "keep values in a sealed file: `mcp-launch secrets set NAME --store sealed`"
    );
}

/// What doctor says with these settings.
fn told(scratch: &Scratch, settings: &str) -> Finished {
    scratch.write(".config/mcp-launch/config.toml", settings);
    Finished::of(&mut launch(scratch, ["doctor"]))
}

#[test]
fn the_fix_for_a_required_value_is_about_the_store_that_is_asked() {
    let scratch = Scratch::new();
    let said = told(
        &scratch,
        "[secrets.TOKEN]\nfrom = \"sealed:github\"\nrequired = true\ndescription = \"for GitHub\"\n",
    );
    assert_eq!(said.code, Some(1));
    for part in [
        "TOKEN (for GitHub): sealed (",
        "fix: mcp-launch secrets set github --store sealed",
    ] {
        assert!(said.stdout.contains(part), "no {part} in {}", said.stdout);
    }
    let env_file = scratch.write(".env", "OTHER=1\n");
    let said = told(
        &scratch,
        "order = [\"dotenv\"]\n[secrets]\nTOKEN = { required = true }\n",
    );
    let fix = format!("fix: write it into {}", env_file.display());
    assert!(said.stdout.contains(&fix), "{}", said.stdout);
}

#[test]
fn a_required_value_is_looked_up_as_its_servers_would() {
    let scratch = Scratch::new();
    scratch.write("a.env", "TOKEN=1\n");
    let settings =
        "[secrets.TOKEN]\nrequired = true\ngrant = [\"a\"]\n[servers.a]\nenv_file = \"~/a.env\"\n";
    let said = told(&scratch, settings);
    assert_eq!(said.code, Some(0), "{}{}", said.stdout, said.stderr);
    assert!(
        said.stdout
            .contains("a: the client's config gives the command"),
        "{}",
        said.stdout
    );
    let said = told(&scratch, &settings.replace("[\"a\"]", "[\"a\", \"b\"]"));
    assert!(said.stdout.contains("for the server b:"), "{}", said.stdout);
}

#[test]
fn doctor_names_the_settings_and_what_they_choose() {
    let scratch = Scratch::new();
    let said = Finished::of(&mut launch(&scratch, ["doctor"])).stdout;
    let file = scratch.home().join(".config/mcp-launch/config.toml");
    assert!(
        said.contains(&format!("no {} yet", file.display())),
        "{said}"
    );
    let said = told(
        &scratch,
        "deadline = \"500ms\"\norder = [\"sealed\", \"env\"]\n",
    )
    .stdout;
    for part in [
        format!("order: sealed, env ({}:2)", file.display()),
        "deadline: stores have 500ms".to_owned(),
        "the same with the variables that MCP clients pass on".to_owned(),
    ] {
        assert!(said.contains(&part), "no {part} in {said}");
    }
}

#[test]
fn a_dry_run_says_what_the_launch_would() {
    let scratch = Scratch::new();
    let launched = |options: &[&str]| {
        let mut command = launch(&scratch, options);
        Finished::of(command.args(["--", "/bin/true"]).env("A", "$<NOWHERE>"))
    };
    let fix = "fix: mcp-launch secrets set NOWHERE --store sealed";
    assert!(launched(&[]).stderr.contains(fix));
    let dry = launched(&["--dry-run"]);
    assert!(dry.stdout.contains(fix), "{}", dry.stdout);
    let json: serde_json::Value =
        serde_json::from_str(&launched(&["--dry-run", "--json"]).stdout).unwrap();
    assert_eq!(json["placeholders"][0]["remedy"], fix["fix: ".len()..]);
}
