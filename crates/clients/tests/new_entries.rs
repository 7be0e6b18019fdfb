//! What is written for a client is read back as it was meant.

use std::path::PathBuf;

use mcp_launch_clients::{
    CLIENTS, Client, ConfigFile, Entry, GENERIC, Holder, Location, Stdio, Transport, client,
    insertion, new_entry, new_file, servers,
};
use mcp_launch_lossless::{Document, Format, Value};

const NAME: &str = "my server.v2";
const PROGRAM: &str = "/usr/local/bin/mcp-launch";

fn arguments() -> Vec<String> {
    ["--", "npx", "-y", "a \"quoted\" one", "yes", "1"]
        .map(str::to_owned)
        .to_vec()
}

fn variables() -> Vec<(String, String)> {
    [("TOKEN", "$<TOKEN>"), ("EMPTY", ""), ("PATHS", r"C:\a;ü:#")]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .to_vec()
}

fn entry_of(client: &Client) -> Value {
    new_entry(client, NAME, PROGRAM, &arguments(), &variables())
}

fn file_of(client: &'static Client, location: &'static Location) -> ConfigFile {
    ConfigFile {
        client,
        also: Vec::new(),
        path: PathBuf::from("unused"),
        scope: location.scope,
        format: location.format,
        location: Some(location),
    }
}

/// Every place that takes servers.
fn open_files() -> impl Iterator<Item = ConfigFile> {
    CLIENTS
        .iter()
        .flat_map(|&client| client.files.iter().map(move |file| file_of(client, file)))
        .filter(|file| {
            file.location
                .is_some_and(|place| place.holder != Holder::Closed)
        })
}

fn stdio(entry: &Entry) -> &Stdio {
    match &entry.transport {
        Transport::Stdio(stdio) => stdio,
        Transport::Remote(_) | Transport::Unknown => panic!("{} is started", entry.name),
    }
}

/// The entry `NAME` of a document, which must be what [`entry_of`] said.
fn check(document: &Document, client: &Client) {
    let entries = servers(document, client);
    let entry = entries.iter().find(|entry| entry.name == NAME);
    let entry = entry.unwrap_or_else(|| panic!("{} has it", client.id));
    let found = stdio(entry);
    assert!(entry.launched && !entry.disabled, "{}", client.id);
    assert_eq!(found.program, PROGRAM);
    let texts: Vec<&str> = found
        .arguments
        .iter()
        .map(|argument| argument.text.as_str())
        .collect();
    assert_eq!(texts, arguments());
    let pairs: Vec<_> = found
        .variables
        .iter()
        .map(|variable| (variable.name.clone(), (*variable.text).clone()))
        .collect();
    assert_eq!(pairs, variables());
    assert_eq!(found.variable_key, client.style.variables);
}

fn parsed(text: &str, format: Format) -> Document {
    Document::parse(text.as_bytes(), format).unwrap_or_else(|flaw| panic!("{flaw} in\n{text}"))
}

#[test]
fn a_new_file_of_every_place_has_the_server() {
    for file in open_files() {
        let text = new_file(&file, NAME, entry_of(file.client)).unwrap();
        check(&parsed(&text, file.format), file.client);
    }
}

#[test]
fn a_second_server_goes_beside_the_first() {
    for file in open_files() {
        let first = new_entry(file.client, "first", "npx", &[], &[]);
        let text = new_file(&file, "first", first).unwrap();
        let document = parsed(&text, file.format);
        let change = insertion(&file, &document, NAME, entry_of(file.client)).unwrap();
        let changed = document.change(&change).unwrap();
        check(&changed, file.client);
        let names: Vec<_> = servers(&changed, file.client)
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        assert_eq!(names, ["first", NAME], "{}", file.client.id);
    }
}

#[test]
fn a_file_without_servers_gets_what_holds_them() {
    for file in open_files() {
        let text = match file.format {
            Format::Json => "{\n  \"other\": {}\n}\n",
            Format::Toml => "other = 1\n",
            Format::Yaml => "other: 1\n",
        };
        let document = parsed(text, file.format);
        let change = insertion(&file, &document, NAME, entry_of(file.client)).unwrap();
        check(&document.change(&change).unwrap(), file.client);
    }
}

#[test]
fn nothing_is_added_where_a_plugin_or_something_else_stands() {
    let document = parsed(r#"{"mcpServers": ["names"]}"#, Format::Json);
    for client in CLIENTS {
        for location in client.files {
            let file = file_of(client, location);
            if location.holder == Holder::Closed {
                assert!(insertion(&file, &document, NAME, entry_of(client)).is_none());
                assert!(new_file(&file, NAME, entry_of(client)).is_none());
            }
        }
    }
    let cursor = client("cursor").unwrap();
    let file = file_of(cursor, &cursor.files[0]);
    assert!(insertion(&file, &document, NAME, entry_of(cursor)).is_none());
}

#[test]
fn an_empty_key_of_yaml_is_filled() {
    for (id, text) in [
        ("goose", "extensions:\nother: 1\n"),
        ("continue", "mcpServers:\n"),
    ] {
        let client = client(id).unwrap();
        let file = file_of(client, &client.files[0]);
        let document = parsed(text, Format::Yaml);
        let change = insertion(&file, &document, NAME, entry_of(client)).unwrap();
        check(&document.change(&change).unwrap(), client);
    }
}

#[test]
fn a_file_of_nobody_is_written_as_its_content_is() {
    let file = |format| ConfigFile {
        client: &GENERIC,
        also: Vec::new(),
        path: PathBuf::from("unused"),
        scope: mcp_launch_clients::Scope::User,
        format,
        location: None,
    };
    for (text, place) in [
        (r#"{"servers": {}}"#, "servers"),
        (r#"{"mcpServers": {}, "servers": {}}"#, "mcpServers"),
        (r#"{"context_servers": {}}"#, "context_servers"),
        ("{}", "mcpServers"),
        (r#"{"a": {"command": "x"}}"#, NAME),
    ] {
        let document = parsed(text, Format::Json);
        let change = insertion(&file(Format::Json), &document, NAME, entry_of(&GENERIC)).unwrap();
        let changed = document.change(&change).unwrap();
        check(&changed, &GENERIC);
        let holder = changed.root().get(place).unwrap();
        assert!(place == NAME || holder.get(NAME).is_some(), "{text}");
    }
    let text = new_file(&file(Format::Toml), NAME, entry_of(&GENERIC)).unwrap();
    assert!(
        text.starts_with("[mcp_servers.\"my server.v2\"]\n"),
        "{}",
        *text
    );
}

#[test]
fn a_flat_file_stays_flat() {
    let claude = client("claude-code").unwrap();
    let location = claude.files.iter().find(|file| file.path == ".mcp.json");
    let file = file_of(claude, location.unwrap());
    let document = parsed(r#"{"a": {"url": "https://h"}}"#, Format::Json);
    let change = insertion(&file, &document, NAME, entry_of(claude)).unwrap();
    let changed = document.change(&change).unwrap();
    check(&changed, claude);
    assert!(changed.root().get(NAME).is_some());
}

#[test]
fn an_environment_without_variables_is_left_out() {
    for client in CLIENTS {
        let Value::Map(entries) = new_entry(client, NAME, PROGRAM, &[], &[]) else {
            panic!("an entry is a map");
        };
        let keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        assert!(!keys.contains(&client.style.variables), "{}", client.id);
    }
}

#[test]
fn each_client_has_the_keys_that_it_writes_itself() {
    let keys = |id: &str| -> Vec<String> {
        match entry_of(client(id).unwrap()) {
            Value::Map(entries) => entries.into_iter().map(|(key, _)| key).collect(),
            _ => panic!("an entry is a map"),
        }
    };
    assert_eq!(keys("claude-desktop"), ["command", "args", "env"]);
    assert_eq!(keys("claude-code"), ["type", "command", "args", "env"]);
    assert_eq!(keys("vscode"), ["type", "command", "args", "env"]);
    assert_eq!(keys("codex"), ["command", "args", "env"]);
    assert_eq!(
        keys("opencode"),
        ["type", "command", "environment", "enabled"]
    );
    assert_eq!(
        keys("goose"),
        ["type", "name", "enabled", "cmd", "args", "envs"]
    );
    assert_eq!(
        keys("copilot-cli"),
        ["type", "command", "args", "env", "tools"]
    );
}
