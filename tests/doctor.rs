//! `doctor` tells what works here, in the environment that MCP clients give.

use std::time::{Duration, Instant};

use mcp_launch_testkit::{Answer, Canary, FaultServer, OpenBao, RefusedAddress, Scratch};

use crate::support::{Finished, launch};

/// The doctor where no keychain answers, whatever the machine has.
fn without_keychain(scratch: &Scratch, arguments: &[&str]) -> Finished {
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

/// The findings of `doctor --json` whose text begins so: state, text and remedy of each.
fn findings(said: &Finished, start: &str) -> Vec<(String, String, String)> {
    let report: serde_json::Value = serde_json::from_str(&said.stdout)
        .unwrap_or_else(|error| panic!("{error}:\n{}{}", said.stdout, said.stderr));
    let findings = report["findings"].as_array().expect("a list of findings");
    let text = |finding: &serde_json::Value, key| finding[key].as_str().unwrap_or("").to_owned();
    findings
        .iter()
        .map(|finding| {
            ["state", "text", "remedy"]
                .map(|key| text(finding, key))
                .into()
        })
        .filter(|(_, text, _): &(String, String, String)| text.starts_with(start))
        .collect()
}

/// The settings of a Vault at `address` whose token is in the `.env`.
fn settings_of_vault(scratch: &Scratch, address: &str) {
    let text = format!(
        "[stores.vault]\naddress = \"{address}\"\nauth = {{ method = \"token\", token = \"$<dotenv:TOKEN>\" }}\n"
    );
    scratch.write(".config/mcp-launch/config.toml", text);
}

#[test]
fn doctor_tells_where_a_vault_is_and_who_logs_in() {
    let bao = OpenBao::start();
    let scratch = Scratch::new();
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    bao.api(
        "POST",
        "auth/token/create",
        Some(serde_json::json!({ "id": canary.value(), "display_name": "mcp", "ttl": "1h" })),
    );
    scratch.write(".env", format!("TOKEN={}\n", canary.value()));
    settings_of_vault(&scratch, bao.address());
    let said = without_keychain(&scratch, &["doctor", "--json"]);
    assert_eq!(said.code, Some(0), "{}{}", said.stdout, said.stderr);
    let of_vault = findings(&said, "vault: ");
    let (state, text, _) = of_vault.first().expect("a finding about the Vault");
    assert_eq!(state, "ok");
    let expected = format!(
        "vault: {}, logged in by token as mcp, token for ",
        bao.address()
    );
    assert!(text.starts_with(&expected), "{text}");
    canary.assert_absent("the report", &said.stdout);
    canary.assert_absent("standard error", &said.stderr);

    // A token that has ended is found by it.
    bao.api(
        "POST",
        "auth/token/revoke",
        Some(serde_json::json!({ "token": canary.value() })),
    );
    let said = without_keychain(&scratch, &["doctor", "--json"]);
    assert_eq!(said.code, Some(1), "{}{}", said.stdout, said.stderr);
    let (state, text, remedy) = findings(&said, "vault: ").remove(0);
    assert_eq!(state, "broken");
    assert!(text.contains("the token is expired or revoked"), "{text}");
    assert!(remedy.contains("log in anew"), "{remedy}");
    canary.assert_absent("the report", &said.stdout);
}

#[test]
fn doctor_does_not_wait_for_a_vault_that_is_away() {
    let scratch = Scratch::new();
    scratch.write(".env", "TOKEN=t\n");
    let nobody = RefusedAddress::new();
    settings_of_vault(&scratch, &nobody.http());
    let said = without_keychain(&scratch, &["doctor"]);
    assert_eq!(said.code, Some(1), "{}{}", said.stdout, said.stderr);
    let mut lines = said.stdout.lines();
    let broken = lines
        .find(|line| line.contains("  vault: "))
        .unwrap_or_else(|| panic!("nothing of the Vault in {}", said.stdout));
    assert!(
        broken.starts_with("  broken  ") && broken.contains("nothing listens"),
        "{broken}"
    );
    let fix = lines.next().expect("a line for the fix");
    assert!(fix.contains("fix: check that the store runs"), "{fix}");

    let silent = FaultServer::start(Answer::half_open());
    settings_of_vault(&scratch, &silent.address());
    let begun = Instant::now();
    let said = without_keychain(&scratch, &["doctor", "--json"]);
    // Three seconds for the shell and three for a client.
    assert!(begun.elapsed() < Duration::from_secs(15));
    assert_eq!(said.code, Some(1), "{}{}", said.stdout, said.stderr);
    let (state, text, remedy) = findings(&said, "vault: ").remove(0);
    assert_eq!(state, "broken");
    assert!(text.contains("no answer in time"), "{text}");
    assert!(remedy.contains("check the network"), "{remedy}");
}

#[test]
fn doctor_notes_a_vault_that_only_a_variable_names() {
    let scratch = Scratch::new();
    let nobody = RefusedAddress::new();
    let mut command = launch(&scratch, ["doctor", "--json"]);
    command
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
        .env("VAULT_ADDR", nobody.http())
        .env("VAULT_TOKEN", "t");
    let said = Finished::of(&mut command);
    assert_eq!(said.code, Some(0), "{}{}", said.stdout, said.stderr);
    let of_vault = findings(&said, "vault: ");
    assert_eq!(
        of_vault.len(),
        1,
        "a client does not hand it on: {of_vault:?}"
    );
    let (state, text, remedy) = &of_vault[0];
    assert_eq!(state, "note");
    assert!(text.contains("nothing listens"), "{text}");
    assert!(remedy.contains("check that the store runs"), "{remedy}");
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
