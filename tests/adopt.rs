//! Configs with plaintext keys go into a store and back, and their servers start in between.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::{Value, json};

use crate::support::configs::{
    adopted, entries, moved, set_mode, snapshot, started_as_written, stdio, stored, told,
};
use crate::support::{Finished, at_terminal, installed, launch, node_server};

fn key() -> Canary {
    Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000aaaaAAAA")
}

/// A config with one server that is given `variables`, in the shape that most clients have.
fn config(variables: &Value) -> String {
    let server = json!({ "command": "npx", "args": ["-y", "x"], "env": variables });
    format!("{:#}\n", json!({ "mcpServers": { "a": server } }))
}

fn restored(scratch: &Scratch, path: &Path, options: &[&str]) -> Finished {
    let mut arguments = vec!["restore", path.to_str().unwrap(), "--yes"];
    arguments.extend(options);
    told(scratch, &arguments)
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
    crate::support::with_input(&mut set, theirs.value());
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

/// The arguments and variables of the server `a`, once adopted.
fn adopted_entry(arguments: &Value, program: &str) -> (Vec<String>, Vec<(String, String)>) {
    let scratch = Scratch::new();
    let text =
        json!({ "mcpServers": { "a": { "command": program, "args": arguments } } }).to_string();
    let path = scratch.write("work/.mcp.json", &text);
    adopted(&scratch, &path, &[]);
    let entries = entries(&path);
    let stdio = stdio(&entries[0]);
    let arguments = stdio.arguments.iter();
    let variables = stdio.variables.iter();
    let seen = (
        arguments
            .map(|argument| argument.text.to_string())
            .collect(),
        variables
            .map(|variable| (variable.name.clone(), variable.text.to_string()))
            .collect(),
    );
    assert_eq!(restored(&scratch, &path, &[]).code, Some(0));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    seen
}

#[test]
fn of_an_argument_only_the_secret_part_moves() {
    let (token, equals, password) = (key(), key(), Canary::shaped_like("aaaaAAAA0000aaaa"));
    let database = format!(
        "postgresql://me:{}@db.example.com:5432/x?sslmode=require",
        password.value()
    );
    let arguments = json!([
        "-y",
        "x",
        "--token",
        token.value(),
        format!("--api-key={}", equals.value()),
        database,
        "--port",
        8080
    ]);
    let (arguments, variables) = adopted_entry(&arguments, "npx");
    assert_eq!(
        arguments,
        [
            "--",
            "npx",
            "-y",
            "x",
            "--token",
            "$<A_TOKEN>",
            "--api-key=$<API_KEY>",
            "postgresql://me:$<POSTGRES_PASSWORD>@db.example.com:5432/x?sslmode=require",
            "--port",
        ]
    );
    assert_eq!(variables, []);
}

#[test]
fn a_variable_of_docker_moves_into_the_environment() {
    let (one, two) = (key(), key());
    let arguments = json!([
        "run",
        "-i",
        "--rm",
        "-e",
        format!("A_TOKEN={}", one.value()),
        format!("--env=B_TOKEN={}", two.value()),
        "-e",
        "MODE=x",
        "image"
    ]);
    let (arguments, variables) = adopted_entry(&arguments, "docker");
    assert_eq!(
        arguments,
        [
            "--",
            "docker",
            "run",
            "-i",
            "--rm",
            "-e",
            "A_TOKEN",
            "--env=B_TOKEN",
            "-e",
            "MODE=x",
            "image"
        ]
    );
    let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(
        variables,
        [pair("A_TOKEN", "$<A_TOKEN>"), pair("B_TOKEN", "$<B_TOKEN>")]
    );
}

#[test]
fn cmd_of_windows_is_unwrapped_and_a_command_line_is_taken_apart() {
    let canary = key();
    let (arguments, _) = adopted_entry(
        &json!(["/c", "npx", "-y", "x", "--token", canary.value()]),
        "cmd",
    );
    assert_eq!(arguments, ["--", "npx", "-y", "x", "--token", "$<A_TOKEN>"]);
    let line = format!("npx -y x --token {}", canary.value());
    let (arguments, _) = adopted_entry(&json!([]), &line);
    assert_eq!(arguments, ["--", "npx", "-y", "x", "--token", "$<A_TOKEN>"]);
}

#[test]
fn a_line_for_a_shell_is_refused_and_left() {
    let (scratch, canary) = (Scratch::new(), key());
    let line = format!("sh -c \"npx x --token {}\"", canary.value());
    let text = json!({ "mcpServers": { "a": { "command": line } } }).to_string();
    let path = scratch.write("work/.mcp.json", &text);
    let said = told(
        &scratch,
        &["adopt", path.to_str().unwrap(), "--to", "sealed", "--yes"],
    );
    assert_eq!(said.code, Some(1));
    assert!(
        said.stdout.contains("a line for a shell"),
        "{}",
        said.stdout
    );
    assert!(
        said.stderr.contains("could not be adopted"),
        "{}",
        said.stderr
    );
    canary.assert_absent("what was said", said.stdout + &said.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_header_reaches_mcp_remote_through_its_environment() {
    for is_remote_entry in [false, true] {
        let (scratch, canary) = (Scratch::new(), key());
        let bearer = format!("Bearer {}", canary.value());
        let entry = match is_remote_entry {
            true => {
                json!({ "url": "https://x.example.com/mcp", "headers": { "Authorization": bearer } })
            }
            false => {
                json!({ "command": "npx", "args": ["-y", "mcp-remote", "https://x.example.com/mcp", "--header", format!("Authorization: {bearer}")] })
            }
        };
        let text = json!({ "mcpServers": { "web": entry } }).to_string();
        let path = scratch.write(".config/Claude/claude_desktop_config.json", &text);
        if is_remote_entry {
            let said = told(
                &scratch,
                &["adopt", path.to_str().unwrap(), "--to", "sealed", "--yes"],
            );
            let plan = said.success();
            assert!(
                plan.contains("--remote reaches it through mcp-remote"),
                "{plan}"
            );
            assert_eq!(
                fs::read_to_string(&path).unwrap(),
                text,
                "only if it is wanted"
            );
        }
        adopted(&scratch, &path, &["--remote"]);
        assert_eq!(canary.find_under(scratch.root()), []);

        scratch.script(
            "bin/npx",
            "#!/bin/sh\nprintf '%s\\n' \"$@\"\necho \"has $MCP_HEADER_AUTHORIZATION\"\n",
        );
        let entries = entries(&path);
        let stdio = stdio(&entries[0]);
        let words: Vec<&str> = stdio
            .arguments
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        let mut started = launch(&scratch, words);
        for variable in &stdio.variables {
            started.env(&variable.name, variable.text.as_str());
        }
        started.env(
            "PATH",
            format!("{}/bin:/usr/bin:/bin", scratch.home().display()),
        );
        let said = Finished::of(&mut started).success();
        assert_eq!(
            said,
            format!(
                "-y\nmcp-remote\nhttps://x.example.com/mcp\n--header\nAuthorization:${{MCP_HEADER_AUTHORIZATION}}\nhas {bearer}\n"
            )
        );
        assert_eq!(restored(&scratch, &path, &[]).code, Some(0));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}
