//! Remote servers, reached through `mcp-remote`.
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use mcp_launch_adopt::{Moved, rewrite, sightings, take_back};
use mcp_launch_clients::{Transport, client, servers};
use mcp_launch_lossless::{Document, Format};

/// The words and the variables of the entry after adopting, and the file after taking it back.
fn adopted(text: &str, format: Format, of: &str) -> (Vec<String>, Vec<(String, String)>) {
    let document = Document::parse(text.as_bytes(), format).unwrap();
    let client = client(of).unwrap();
    let entry = servers(&document, client).remove(0);
    let sightings = sightings(&entry);
    let moved: Vec<Moved<'_>> = sightings
        .iter()
        .map(|sighting| Moved {
            sighting,
            placeholder: "$<S>".to_owned(),
        })
        .collect();
    let rewritten = rewrite(&document, client, &entry, &moved, "/bin/mcp-launch").unwrap();
    let after = servers(&rewritten.document, client).remove(0);
    assert!(after.launched);
    let Transport::Stdio(stdio) = after.transport else {
        panic!("{of}: still remote");
    };
    let back = take_back(rewritten.document, &rewritten.edits);
    assert!(back.left.is_empty(), "{:?}", back.left);
    let again = servers(&back.document, client).remove(0);
    assert!(matches!(again.transport, Transport::Remote(_)));
    let variables = stdio.variables.iter();
    (
        stdio
            .arguments
            .iter()
            .map(|argument| argument.text.to_string())
            .collect(),
        variables
            .map(|variable| (variable.name.clone(), variable.text.to_string()))
            .collect(),
    )
}

const WORDS: [&str; 7] = [
    "--",
    "npx",
    "-y",
    "mcp-remote",
    "https://h.example/mcp",
    "--header",
    "Authorization:${MCP_HEADER_AUTHORIZATION}",
];

fn variable() -> (String, String) {
    (
        "MCP_HEADER_AUTHORIZATION".to_owned(),
        "Bearer $<S>".to_owned(),
    )
}

#[test]
fn what_an_entry_has_already_loses_no_header() {
    let token = "Bearer q8Zt5vLm2Xr9Yw4Kp7Nc";
    for more in [
        "",
        r#", "env": {}"#,
        r#", "env": null"#,
        r#", "args": []"#,
        r#", "args": ["--x"], "env": {}"#,
        r#", "command": "", "args": []"#,
    ] {
        let text = format!(
            r#"{{"mcpServers": {{"a": {{"url": "https://h.example/mcp", "headers": {{"Authorization": "{token}"}}{more}}}}}}}"#
        );
        let (words, variables) = adopted(&text, Format::Json, "cursor");
        assert_eq!(words, WORDS, "{more}");
        assert_eq!(variables, [variable()], "{more}");
    }
    let text = r#"{"mcpServers": {"a": {"url": "https://h.example/mcp", "env": {"MODE": "x"}, "headers": {"Authorization": "Bearer q8Zt5vLm2Xr9Yw4Kp7Nc"}}}}"#;
    let (_, variables) = adopted(text, Format::Json, "cursor");
    assert_eq!(variables, [("MODE".to_owned(), "x".to_owned()), variable()]);
}

#[test]
fn goose_writes_an_empty_map_itself() {
    let text = "extensions:\n  a:\n    type: streamable_http\n    uri: https://h.example/mcp\n    headers:\n      Authorization: Bearer q8Zt5vLm2Xr9Yw4Kp7Nc\n    envs: {}\n    enabled: true\n";
    let (words, variables) = adopted(text, Format::Yaml, "goose");
    assert_eq!(words, WORDS);
    assert_eq!(variables, [variable()]);
}

#[test]
fn a_table_of_headers_of_its_own_goes_and_comes_back() {
    let text = "[mcp_servers.a]\nurl = \"https://h.example/mcp\"\n\n[mcp_servers.a.http_headers]\nAuthorization = \"Bearer q8Zt5vLm2Xr9Yw4Kp7Nc\"\n";
    let (words, variables) = adopted(text, Format::Toml, "codex");
    assert_eq!(words, WORDS);
    assert_eq!(variables, [variable()]);
}

#[test]
fn an_address_without_encryption_is_allowed_as_before() {
    for (url, allowed) in [
        ("http://192.168.1.5:8123/sse", true),
        ("http://localhost.example/sse", true),
        ("http://localhost:8123/sse", false),
        ("http://127.0.0.1/sse", false),
        ("http://[::1]:1/sse", false),
        ("https://h.example/sse", false),
    ] {
        let text = format!(
            r#"{{"mcpServers": {{"a": {{"oauth": false, "url": "{url}", "headers": {{"Authorization": "Bearer q8Zt5vLm2Xr9Yw4Kp7Nc"}}}}}}}}"#
        );
        let (words, _) = adopted(&text, Format::Json, "cursor");
        assert_eq!(words.contains(&"--allow-http".to_owned()), allowed, "{url}");
    }
}
