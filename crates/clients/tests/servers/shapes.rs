//! Servers are found in every shape that configs have.

use crate::support::{names, one, read, remote, stdio, words};
use mcp_launch_clients::Transport;
use mcp_launch_lossless::Format;

const SERVER: &str = r#"{"command": "npx", "args": ["-y", "x"]}"#;

#[test]
fn every_key_that_holds_servers_is_known() {
    for (id, before, after, place) in [
        ("cursor", r#"{"mcpServers": {"a": "#, "}}", "mcpServers.a"),
        ("vscode", r#"{"servers": {"a": "#, "}}", "servers.a"),
        (
            "zed",
            r#"{"context_servers": {"a": "#,
            "}}",
            "context_servers.a",
        ),
        ("crush", r#"{"mcp": {"a": "#, "}}", "mcp.a"),
        (
            "vscode",
            r#"{"mcp": {"servers": {"a": "#,
            "}}}",
            "mcp.servers.a",
        ),
        (
            "amp",
            r#"{"amp.mcpServers": {"a": "#,
            "}}",
            "\"amp.mcpServers\".a",
        ),
        (
            "vscode",
            r#"{"customizations": {"vscode": {"mcp": {"servers": {"a": "#,
            "}}}}}",
            "customizations.vscode.mcp.servers.a",
        ),
        (
            "claude-desktop",
            r#"{"name": "a", "server": {"type": "node", "entry_point": "i.js", "mcp_config": "#,
            "}}",
            "server.mcp_config",
        ),
        ("claude-code", r#"{"a": "#, "}", "a"),
        (
            "vscode",
            r#"{"servers": [{"name": "a", "command": "npx", "args": ["-y", "x"]}, "#,
            "]}",
            "servers[0]",
        ),
    ] {
        let text = format!("{before}{SERVER}{after}");
        let entries = read(id, Format::Json, &text);
        assert_eq!(entries[0].name, "a", "{text}");
        assert_eq!(words(&entries[0]), ["npx", "-y", "x"]);
        assert_eq!(entries[0].place.to_string(), place);
    }
}

#[test]
fn toml_and_yaml_have_servers_too() {
    let codex = "model = \"o\"\n\n[mcp_servers.a]\ncommand = \"npx\"\nargs = [\"-y\", \"x\"]\n";
    let entries = read("codex", Format::Toml, codex);
    assert_eq!(names(&entries), ["a"]);
    assert_eq!(words(&entries[0]), ["npx", "-y", "x"]);
    assert_eq!(entries[0].line, 3);

    let list = "mcpServers:\n  - name: a\n    command: npx\n    args:\n      - -y\n      - x\n";
    let entries = read("continue", Format::Yaml, list);
    assert_eq!(names(&entries), ["a"]);
    assert_eq!(words(&entries[0]), ["npx", "-y", "x"]);
    assert_eq!(entries[0].place.to_string(), "mcpServers[0]");
}

#[test]
fn the_local_scope_of_claude_code_names_its_project() {
    let text = r#"{
        "numStartups": 3,
        "mcpServers": {"everywhere": {"command": "a"}},
        "projects": {
            "/home/me/one": {"allowedTools": [], "mcpServers": {"here": {"command": "b"}}},
            "/home/me/two": {"mcpServers": {}},
            "/home/me/three": {}
        }
    }"#;
    let entries = read("claude-code", Format::Json, text);
    let found: Vec<_> = entries
        .iter()
        .map(|entry| (entry.name.as_str(), entry.project.as_deref()))
        .collect();
    assert_eq!(
        found,
        [("everywhere", None), ("here", Some("/home/me/one"))]
    );
}

#[test]
fn two_holders_in_one_file_both_count() {
    let text = r#"{"mcpServers": {"a": {"command": "x"}}, "inputs": [], "servers": {"b": {"url": "https://h"}}}"#;
    assert_eq!(names(&read("vscode", Format::Json, text)), ["a", "b"]);
}

#[test]
fn a_flat_file_is_one_only_if_everything_in_it_is_a_server() {
    let flat = r#"{"$schema": "s", "_comment": "c", "a": {"type": "http", "url": "https://h"}, "b": {"command": "x"}}"#;
    assert_eq!(names(&read("claude-code", Format::Json, flat)), ["a", "b"]);
    for other in [
        r#"{"a": {"command": "x"}, "theme": {"mode": "dark"}}"#,
        r#"{"a": {"command": "x"}, "count": 1}"#,
        r#"{"$schema": "s"}"#,
        "{}",
        "[]",
        "\"text\"",
    ] {
        assert!(
            read("claude-code", Format::Json, other).is_empty(),
            "{other}"
        );
    }
}

#[test]
fn a_file_that_is_one_server_is_named_by_itself() {
    let named = one(
        "continue",
        r#"{"name": "db", "command": "npx", "args": ["x"]}"#,
    );
    assert_eq!(
        (named.name.as_str(), named.place.to_string().as_str()),
        ("db", "")
    );
    assert_eq!(one("continue", r#"{"url": "https://h"}"#).name, "server");
}

#[test]
fn keys_with_another_use_give_no_servers() {
    for other in [
        r#"{"mcp": {"allowed": ["a"], "excluded": ["b"], "serverCommand": "x"}}"#,
        r#"{"extensions": {"disabled": [], "workspacesWithMigrationNudge": []}}"#,
        r#"{"mcpServers": "./servers.json"}"#,
        r#"{"mcpServers": {"_comment": "none yet", "none": null, "list": []}}"#,
    ] {
        assert!(
            read("gemini-cli", Format::Json, other).is_empty(),
            "{other}"
        );
    }
}

#[test]
fn goose_has_parts_of_its_own_that_are_no_servers() {
    let text = "extensions:\n  developer:\n    type: builtin\n    enabled: true\n  search:\n    type: streamable_http\n    uri: https://h/mcp\n    headers: {}\n";
    let entries = read("goose", Format::Yaml, text);
    assert_eq!(names(&entries), ["search"]);
    assert_eq!(remote(&entries[0]).url_key, "uri");
}

#[test]
fn clines_nested_transport_is_looked_into() {
    let text = r#"{"mcpServers": {"a": {"disabled": true, "transport": {"type": "stdio", "command": "npx", "env": {"K": "v"}}}}}"#;
    let entry = one("cline", text);
    assert!(entry.disabled);
    assert_eq!(stdio(&entry).parent.to_string(), "mcpServers.a.transport");
    assert_eq!(
        stdio(&entry).variables[0].place.to_string(),
        "mcpServers.a.transport.env.K"
    );
    let word = r#"{"mcpServers": {"a": {"transport": "stdio", "command": "npx"}}}"#;
    assert_eq!(words(&one("sema4ai", word)), ["npx"]);
}

#[test]
fn an_entry_that_says_nothing_is_there_and_unknown() {
    for text in [
        r#"{"context_servers": {"a": {}}}"#,
        r#"{"context_servers": {"a": {"command": 1}}}"#,
        r#"{"context_servers": {"a": {"command": []}}}"#,
    ] {
        assert!(
            matches!(one("zed", text).transport, Transport::Unknown),
            "{text}"
        );
    }
}

#[test]
fn comments_trailing_commas_and_a_mark_do_not_hide_servers() {
    let text = "\u{feff}// settings\n{\n  // servers\n  \"context_servers\": {\n    \"a\": {\"command\": \"x\",},\n  },\n}\n";
    let entry = one("zed", text);
    assert_eq!((entry.name.as_str(), entry.line), ("a", 5));
}
