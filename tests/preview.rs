//! `--dry-run` says what a launch would do, and does none of it.

use mcp_launch_testkit::Scratch;
use serde_json::Value;

use crate::support::{Finished, launch};

#[test]
fn a_preview_names_program_places_and_what_is_stripped_and_runs_nothing() {
    let scratch = Scratch::new();
    scratch.write(
        ".config/mcp-launch/config.toml",
        "[stores.exec]\nallow = [\"touch\"]\n",
    );
    let key = scratch.write("key", "value");
    let from_file = format!("$<file:{}>", key.display());
    let ran = scratch.home().join("ran");

    // First shown to be allowed: the launch itself runs it, and gets no value from it.
    let mut real = launch(&scratch, ["--", "sh"]);
    let told = Finished::of(real.env("A", "$<exec:touch ran>")).not_started();
    assert!(ran.exists(), "the command was never run: {told}");
    std::fs::remove_file(&ran).unwrap();

    let mut dry = launch(&scratch, ["--dry-run", "--json", "--", "sh"]);
    dry.env("VAULT_TOKEN", "x")
        .env("MCP_LAUNCH_X", "y")
        .env("A", "$<exec:touch ran>")
        .env("B", &from_file);
    let preview = Finished::of(&mut dry).success();
    assert!(!ran.exists(), "a preview ran the command");

    let preview: Value = serde_json::from_str(&preview).unwrap();
    let program = std::path::Path::new(preview["program"].as_str().unwrap());
    assert!(
        program.is_absolute() && program.ends_with("sh"),
        "{preview}"
    );
    assert!(program.is_file(), "{preview}");
    let mut stripped: Vec<&str> = preview["stripped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    stripped.sort_unstable();
    assert_eq!(stripped, ["MCP_LAUNCH_X", "VAULT_TOKEN"]);

    assert_eq!(preview["placeholders"].as_array().unwrap().len(), 2);
    for (site, written, place, answer) in [
        ("env.A", "$<exec:touch ran>", "`touch ran`", "not asked"),
        ("env.B", &from_file, key.to_str().unwrap(), "found"),
    ] {
        let placeholder = preview["placeholders"]
            .as_array()
            .unwrap()
            .iter()
            .find(|placeholder| placeholder["placeholder"] == written)
            .unwrap_or_else(|| panic!("no {written}: {preview}"));
        assert_eq!(placeholder["site"], site, "{placeholder}");
        let asked = placeholder["asked"].as_array().unwrap();
        assert_eq!(asked.len(), 1, "{placeholder}");
        assert_eq!(asked[0]["answer"], answer, "{placeholder}");
        let said = asked[0]["place"].as_str().unwrap();
        assert!(said.contains(place), "no {place}: {placeholder}");
    }
}
