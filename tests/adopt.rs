//! Configs with plaintext keys go into a store and back, and their servers start in between.

use std::fs;

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::{Value, json};

use crate::support::configs::{adopted, moved, snapshot, started_as_written, stored, told};
use crate::support::{launch, node_server, with_input};

fn key() -> Canary {
    Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000aaaaAAAA")
}

/// Adopts `text` at `place`, starts each of `servers` as its entry says, asks it for its environment, and restores.
#[track_caller]
fn round_trip(place: &str, text: &str, canaries: &[&Canary], servers: &[(&str, &[(&str, &str)])]) {
    let scratch = Scratch::new();
    let path = scratch.write(place, text);
    let before = snapshot(&scratch);
    let said = adopted(&scratch, &path, &[]);
    for canary in canaries {
        canary.assert_absent("what was said", said.to_string());
        assert_eq!(canary.find_under(scratch.root()), []);
    }
    for (server, variables) in servers {
        let seen = started_as_written(&scratch, &path, server)
            .seen_by_python(&scratch, &["--tool", "get-env"]);
        let environment: Value = serde_json::from_str(seen.result()).unwrap();
        for (name, value) in *variables {
            assert_eq!(environment[name], *value, "{name} of {server} in {place}");
        }
        for canary in canaries {
            canary.assert_absent("standard error", &seen.stderr);
        }
    }
    fs::remove_file(scratch.home().join("stdio_client.py")).unwrap();
    told(&scratch, &["restore", "--all", "--yes"]).success();
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "{place}");
    assert!(snapshot(&scratch) == before, "{place}: something was left");
}

#[test]
fn claude_desktop_goes_in_and_out() {
    let (one, two) = (key(), key());
    let everything = node_server("everything");
    let text = format!(
        "{{\n  \"mcpServers\": {{\n    \"everything\": {{\n      \"command\": \"node\",\n      \"args\": [\"{everything}\"],\n      \"env\": {{ \"API_KEY\": \"{}\", \"LOG_LEVEL\": \"debug\" }}\n    }},\n    \"again\": {{ \"args\": [\"{everything}\"], \"env\": {{\"API_KEY\": \"{}\"}}, \"command\": \"node\" }}\n  }}\n}}",
        one.value(),
        two.value()
    );
    round_trip(
        ".config/Claude/claude_desktop_config.json",
        &text,
        &[&one, &two],
        &[
            (
                "everything",
                &[("API_KEY", one.value()), ("LOG_LEVEL", "debug")],
            ),
            ("again", &[("API_KEY", two.value())]),
        ],
    );
}

#[test]
fn goose_goes_in_and_out() {
    let canary = key();
    let text = format!(
        "# mine\nGOOSE_PROVIDER: openai\nextensions:\n  everything:\n    name: everything\n    type: stdio\n    enabled: true\n    cmd: node # the program\n    args:\n    - {}\n    envs:\n      API_KEY: {} # a key\n      PORT: '5'\n    env_keys: []\n    timeout: 300\n  developer: {{type: builtin, enabled: true}}\n",
        node_server("everything"),
        canary.value()
    );
    round_trip(
        ".config/goose/config.yaml",
        &text,
        &[&canary],
        &[("everything", &[("API_KEY", canary.value()), ("PORT", "5")])],
    );
}

#[test]
fn codex_goes_in_and_out() {
    let (one, two) = (key(), key());
    let everything = node_server("everything");
    let text = format!(
        "model = \"o3\" # which\n\n[mcp_servers.everything]\ncommand = 'node'\nargs = [\n  \"{everything}\", # the server\n]\n\n[mcp_servers.everything.env]\nAPI_KEY = \"{}\"\n\n[mcp_servers.\"in line\"]\ncommand = \"node\"\nargs = [\"{everything}\"]\nenv = {{ B_TOKEN = \"{}\", MODE = \"x\" }}\n",
        one.value(),
        two.value()
    );
    round_trip(
        ".codex/config.toml",
        &text,
        &[&one, &two],
        &[
            ("everything", &[("API_KEY", one.value())]),
            ("in line", &[("B_TOKEN", two.value()), ("MODE", "x")]),
        ],
    );
}

#[test]
fn zed_goes_in_and_out() {
    let (one, two) = (key(), key());
    let everything = node_server("everything");
    let text = format!(
        "// Zed settings\n/* more */\n{{\n  \"theme\": \"One\",\n  \"context_servers\": {{\n    \"everything\": {{\n      \"source\": \"custom\",\n      \"command\": \"node\", // why\n      \"args\": [\"{everything}\",],\n      \"env\": {{\n        \"API_KEY\": \"{}\", // key\n      }},\n    }},\n    \"older\": {{\"command\": {{\"path\": \"node\", \"args\": [\"{everything}\"], \"env\": {{\"B_TOKEN\": \"{}\"}}}}, \"settings\": {{}}}},\n  }},\n}}\n// the end",
        one.value(),
        two.value()
    );
    round_trip(
        ".config/zed/settings.json",
        &text,
        &[&one, &two],
        &[
            ("everything", &[("API_KEY", one.value())]),
            ("older", &[("B_TOKEN", two.value())]),
        ],
    );
}

#[test]
fn opencode_goes_in_and_out() {
    let canary = key();
    let text = format!(
        "{{\n  \"$schema\": \"https://opencode.ai/config.json\",\n  \"mcp\": {{\n    \"everything\": {{\n      \"type\": \"local\",\n      \"command\": [\"node\", \"{}\"],\n      \"enabled\": true,\n      \"environment\": {{\n        \"API_KEY\": \"{}\"\n      }}\n    }}\n  }}\n}}\n",
        node_server("everything"),
        canary.value()
    );
    round_trip(
        ".config/opencode/opencode.json",
        &text,
        &[&canary],
        &[("everything", &[("API_KEY", canary.value())])],
    );
}

#[test]
fn vscode_with_inputs_goes_in_and_out() {
    let canary = key();
    let text = format!(
        "{{\n\t// asked once\n\t\"inputs\": [{{\"type\": \"promptString\", \"id\": \"other\", \"password\": true}}],\n\t\"servers\": {{\n\t\t\"everything\": {{\n\t\t\t\"type\": \"stdio\",\n\t\t\t\"command\": \"node\",\n\t\t\t\"args\": [\"{}\"],\n\t\t\t\"env\": {{\"OTHER_KEY\": \"${{input:other}}\", \"API_KEY\": \"{}\"}},\n\t\t\t\"envFile\": \"${{workspaceFolder}}/.env\"\n\t\t}}\n\t}}\n}}\n",
        node_server("everything"),
        canary.value()
    );
    round_trip(
        "work/.vscode/mcp.json",
        &text,
        &[&canary],
        &[("everything", &[("API_KEY", canary.value())])],
    );
}

#[test]
fn every_scope_of_claude_code_goes_in_and_out() {
    let (one, two) = (key(), key());
    let server = |key: &Canary| json!({ "type": "stdio", "command": "node", "args": [node_server("everything")], "env": { "API_KEY": key.value() } });
    let text = format!(
        "{:#}",
        json!({
            "numStartups": 7,
            "mcpServers": { "everything": server(&one) },
            "projects": { "/work/app": { "allowedTools": [], "mcpServers": { "of the project": server(&two) } } },
            "tipsHistory": { "a": 1 },
        })
    );
    round_trip(
        ".claude.json",
        &text,
        &[&one, &two],
        &[
            ("everything", &[("API_KEY", one.value())]),
            ("of the project", &[("API_KEY", two.value())]),
        ],
    );
    let flat = format!("{}", json!({ "everything": server(&one) }));
    round_trip(
        "plugin/.mcp.json",
        &flat,
        &[&one],
        &[("everything", &[("API_KEY", one.value())])],
    );
}

#[test]
fn a_list_of_continue_goes_in_and_out() {
    let canary = key();
    let text = format!(
        "name: mine\nversion: 1.0.0\nmcpServers:\n- name: everything\n  command: node\n  args: [\"{}\"]\n  env:\n    API_KEY: \"{}\"\n- name: web\n  url: https://x.example.com/mcp\n",
        node_server("everything"),
        canary.value()
    );
    round_trip(
        ".continue/config.yaml",
        &text,
        &[&canary],
        &[("everything", &[("API_KEY", canary.value())])],
    );
}

#[test]
fn a_value_in_two_servers_has_one_name_and_two_values_have_two() {
    let scratch = Scratch::new();
    let (same, other, theirs) = (key(), key(), key());
    let server = |value: &str| json!({ "command": "npx", "env": { "API_KEY": value } });
    let text = json!({ "mcpServers": {
        "a": server(same.value()), "b": server(same.value()), "c": server(other.value()),
        "taken": { "command": "npx", "env": { "PAT": key().value() } },
    } });
    let path = scratch.write(".cursor/mcp.json", text.to_string());
    let mut set = launch(&scratch, ["secrets", "set", "PAT", "--store", "sealed"]);
    assert_eq!(with_input(&mut set, theirs.value()).code, Some(0));
    let names: Vec<String> = moved(&adopted(&scratch, &path, &[]))
        .into_iter()
        .map(|moved| moved.name)
        .collect();
    assert_eq!(names, ["API_KEY", "API_KEY", "C_API_KEY", "TAKEN_PAT"]);
    assert_eq!(stored(&scratch, "API_KEY"), same.value());
    assert_eq!(stored(&scratch, "C_API_KEY"), other.value());
    assert_eq!(stored(&scratch, "PAT"), theirs.value());
    told(&scratch, &["restore", "--all", "--yes"]).success();
    assert_eq!(
        stored(&scratch, "PAT"),
        theirs.value(),
        "it was there before"
    );
    let gone = told(
        &scratch,
        &["secrets", "get", "API_KEY", "--store", "sealed"],
    );
    assert_eq!(gone.code, Some(1));
    assert_eq!(fs::read_to_string(&path).unwrap(), text.to_string());
}
