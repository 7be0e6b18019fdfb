//! A client whose server cannot start is told why, in an answer to its own request.

use mcp_launch_testkit::Scratch;
use serde_json::{Value, json};

use crate::support::{ClientPipe, Entry, example_server, launch};

const SERVER: [&str; 2] = ["--", "/bin/cat"];

fn initialize(id: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" } } })
}

fn discover(id: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "server/discover", "params": { "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {} } } })
}

/// A launch that lacks `NOWHERE_TO_BE_FOUND`.
fn lacking(scratch: &Scratch) -> ClientPipe {
    let mut command = launch(scratch, SERVER);
    ClientPipe::open(command.env("API_TOKEN", "$<NOWHERE_TO_BE_FOUND>"))
}

#[track_caller]
fn assert_names_variable_store_and_remedy(message: &str) {
    for part in [
        "API_TOKEN",
        "NOWHERE_TO_BE_FOUND",
        "mcp-launch secrets set NOWHERE_TO_BE_FOUND",
    ] {
        assert!(message.contains(part), "no {part} in: {message}");
    }
    let stores = ["keychain", "sealed", ".env"];
    assert!(
        stores.iter().any(|store| message.contains(store)),
        "{message}"
    );
}

#[test]
fn the_first_request_is_answered_whatever_its_id_and_era() {
    for id in [json!(0), json!(1), json!("one"), json!("discover-1")] {
        for request in [initialize(&id), discover(&id)] {
            let scratch = Scratch::new();
            let mut pipe = lacking(&scratch);
            pipe.send(&request);
            let answer = pipe.message();
            assert_eq!(answer["jsonrpc"], "2.0");
            assert_eq!(answer["id"], id);
            let message = answer["error"]["message"].as_str().unwrap();
            assert_names_variable_store_and_remedy(message);
            pipe.close();
            assert_eq!(pipe.child.wait().unwrap().code(), Some(125));
        }
    }
}

/// Since its version 2 the Python SDK asks `server/discover`, and after an error `initialize`.
#[test]
fn a_client_that_asks_twice_is_told_twice() {
    let scratch = Scratch::new();
    let mut pipe = lacking(&scratch);
    for request in [discover(&json!(1)), initialize(&json!(2))] {
        pipe.send(&request);
        let answer = pipe.message();
        assert_eq!(answer["id"], request["id"]);
        assert_names_variable_store_and_remedy(answer["error"]["message"].as_str().unwrap());
    }
}

#[test]
fn a_client_that_never_asks_does_not_keep_the_launcher() {
    let scratch = Scratch::new();
    let mut pipe = lacking(&scratch);
    let begun = std::time::Instant::now();
    assert_eq!(pipe.child.wait().unwrap().code(), Some(125));
    assert!(begun.elapsed().as_secs() < 10);
}

#[test]
fn the_python_client_shows_what_is_missing() {
    let scratch = Scratch::new();
    let server = example_server();
    let entry =
        Entry::new(&[server.to_str().unwrap()]).variable("API_TOKEN", "$<NOWHERE_TO_BE_FOUND>");
    for mode in ["auto", "legacy"] {
        let seen = entry.seen_by_python(&scratch, &["--mode", mode]);
        assert_names_variable_store_and_remedy(seen.error());
    }
}

#[test]
fn the_inspector_shows_what_is_missing() {
    let scratch = Scratch::new();
    let server = example_server();
    let finished = Entry::new(&[server.to_str().unwrap()])
        .variable("API_TOKEN", "$<NOWHERE_TO_BE_FOUND>")
        .inspected(&scratch, &["--method", "tools/list"]);
    assert_ne!(finished.code, Some(0));
    let shown = finished.stdout + &finished.stderr;
    assert_names_variable_store_and_remedy(&shown);
}
