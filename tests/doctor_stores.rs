//! What `doctor` tells of stores on the network.

use std::time::{Duration, Instant};

use mcp_launch_testkit::{Answer, Canary, FaultServer, OpenBao, RefusedAddress, Scratch};

use crate::doctor::without_keychain;
use crate::support::{Finished, launch};

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
fn a_vault_without_an_address_is_told_with_the_file_to_write_it_in() {
    let scratch = Scratch::new();
    let file = scratch.write(".config/mcp-launch/config.toml", "[stores.vault]\n");
    let said = without_keychain(&scratch, &["doctor", "--json"]);
    let (state, text, remedy) = findings(&said, "vault: ").remove(0);
    assert_eq!(state, "broken");
    assert!(text.contains("no address of a Vault is set"), "{text}");
    let place = format!("in {}: [stores.vault]", file.display());
    assert!(remedy.contains(&place), "{remedy}");
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
        "vault: {}, logged in by the token of the settings as mcp, token for ",
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
    assert!(
        text.contains("the token of the settings is expired or revoked"),
        "{text}"
    );
    assert!(remedy.contains("auth.token"), "{remedy}");
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
    // One that it does not work, and one that a client would not even have it; of the client's launches none.
    let of_vault = findings(&said, "vault: ");
    assert!(
        of_vault.iter().all(|(state, _, _)| state == "note"),
        "{of_vault:?}"
    );
    let [(_, away, remedy), (_, not_handed_on, _)] = &of_vault[..] else {
        panic!("{of_vault:?}");
    };
    assert!(away.contains("nothing listens"), "{away}");
    assert!(remedy.contains("check that the store runs"), "{remedy}");
    assert!(not_handed_on.contains("VAULT_ADDR"), "{not_handed_on}");
}
