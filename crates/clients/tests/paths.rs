//! Every file of every client is where it is on each platform.

use std::fmt::Write;
use std::path::Path;

use mcp_launch_clients::{CLIENTS, Machine, Platform, Scope, client};
use mcp_launch_core::Environment;

/// Written from what the clients' sources and documents say: client, platform, scope and path.
const EXPECTED: &str = include_str!("paths.txt");

fn machine(platform: Platform, pairs: &[(&str, &str)]) -> Machine {
    let home = [("HOME", "/home/me"), ("USERPROFILE", "/home/me")];
    let environment = Environment::from_pairs(home.into_iter().chain(pairs.iter().copied()));
    Machine::on(platform, &environment, Path::new("/work"))
}

/// The first place of every location of a client.
fn places(id: &str, machine: &Machine) -> Vec<(Scope, String)> {
    let locations = client(id).expect("a client").files.iter();
    locations
        .filter_map(|location| {
            let path = location.paths(machine).into_iter().next()?;
            Some((location.scope, path.display().to_string()))
        })
        .collect()
}

fn first(id: &str, platform: Platform, pairs: &[(&str, &str)]) -> String {
    places(id, &machine(platform, pairs)).remove(0).1
}

#[test]
fn every_client_has_its_files_on_every_platform() {
    let mut found = String::new();
    for client in CLIENTS {
        for &platform in Platform::ALL {
            for (scope, path) in places(client.id, &machine(platform, &[])) {
                writeln!(found, "{} {} {scope} {path}", client.id, platform.name()).unwrap();
            }
        }
    }
    for (found, expected) in found.lines().zip(EXPECTED.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.lines().count(), EXPECTED.lines().count());
}

#[test]
fn variables_move_the_files_of_those_clients_that_heed_them() {
    let at = |id, name, value| first(id, Platform::Linux, &[(name, value)]);
    assert_eq!(
        at("claude-code", "CLAUDE_CONFIG_DIR", "/c"),
        "/c/.claude.json"
    );
    assert_eq!(at("codex", "CODEX_HOME", "/c"), "/c/config.toml");
    assert_eq!(
        at("copilot-cli", "COPILOT_HOME", "/c"),
        "/c/mcp-config.json"
    );
    assert_eq!(at("zed", "XDG_CONFIG_HOME", "/c"), "/c/zed/settings.json");
    let cline = "cline_mcp_settings.json";
    assert_eq!(
        at("cline", "CLINE_DIR", "/c"),
        format!("/c/data/settings/{cline}")
    );
    assert_eq!(
        at("cline", "CLINE_DATA_DIR", "/c"),
        format!("/c/settings/{cline}")
    );
    assert_eq!(
        at("cline", "CLINE_MCP_SETTINGS_PATH", "/c/own.json"),
        "/c/own.json"
    );
}

#[test]
fn the_strongest_variable_decides_and_an_empty_one_counts_as_unset() {
    let pairs = [("CLINE_DIR", "/weak"), ("CLINE_DATA_DIR", "/strong")];
    assert_eq!(
        first("cline", Platform::Linux, &pairs),
        "/strong/settings/cline_mcp_settings.json"
    );
    let empty = [("CODEX_HOME", "")];
    assert_eq!(
        first("codex", Platform::Linux, &empty),
        "/home/me/.codex/config.toml"
    );
}

#[test]
fn plugins_move_with_the_folder_of_claude_code() {
    let machine = machine(Platform::Linux, &[("CLAUDE_CONFIG_DIR", "/c")]);
    let installed: Vec<_> = places("claude-code", &machine)
        .into_iter()
        .filter(|(scope, _)| *scope == Scope::Installed)
        .map(|(_, path)| path)
        .collect();
    assert_eq!(
        installed,
        [
            "/c/plugins/cache/**/.mcp.json",
            "/c/plugins/cache/**/.claude-plugin/plugin.json"
        ]
    );
}

#[test]
fn the_folders_of_windows_are_those_of_its_variables() {
    let pairs = [
        ("APPDATA", "/roaming"),
        ("LOCALAPPDATA", "/local"),
        ("ProgramData", "/program-data"),
        ("ProgramFiles", "/program-files"),
    ];
    let machine = machine(Platform::Windows, &pairs);
    let paths = |id| -> Vec<String> {
        let places = places(id, &machine).into_iter();
        places.map(|(_, path)| path).collect()
    };
    assert_eq!(
        paths("claude-desktop")[..2],
        [
            "/local/Packages/Claude_*/LocalCache/Roaming/Claude/claude_desktop_config.json",
            "/roaming/Claude/claude_desktop_config.json",
        ]
    );
    for path in [
        "/program-data/ClaudeCode/managed-mcp.json",
        "/program-files/ClaudeCode/managed-mcp.json",
    ] {
        assert!(paths("claude-code").contains(&path.to_owned()), "{path}");
    }
}

#[test]
fn ids_are_words_for_a_command_line_and_stand_once() {
    let mut ids: Vec<&str> = CLIENTS.iter().map(|client| client.id).collect();
    for id in &ids {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(id.chars().all(word), "{id}");
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), CLIENTS.len());
}
