//! Real MCP servers get their secrets when real MCP clients start them through the launcher.

use mcp_launch_testkit::{Canary, Scratch};

use crate::support::{Entry, example_server, node_server, python_server};

/// A scratch with a `.env` in which `API_TOKEN` is a canary, and the launcher's options for it.
fn with_env_file() -> (Scratch, Canary, [String; 2]) {
    let scratch = Scratch::new();
    let canary = Canary::shaped_like("sk-aaaaAAAA0000aaaaAAAA");
    let file = scratch.write("servers.env", format!("API_TOKEN={}\n", canary.value()));
    let options = ["--env-file".to_owned(), file.display().to_string()];
    (scratch, canary, options)
}

fn entry(options: &[String], server: &[&str]) -> Entry {
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    Entry::new(server)
        .options(&options)
        .variable("API_TOKEN", "$<API_TOKEN>")
}

#[test]
fn the_everything_server_shows_the_value_in_its_environment() {
    let (scratch, canary, options) = with_env_file();
    let seen = entry(&options, &["node", &node_server("everything")])
        .seen_by_python(&scratch, &["--tool", "get-env"]);
    assert!(seen.result().contains(canary.value()), "{seen:?}");
    assert!(!seen.result().contains("$<API_TOKEN>"), "{seen:?}");
    canary.assert_absent("the server's own stderr", seen.stderr);
}

#[test]
fn the_filesystem_server_works_in_a_folder_from_the_env_file() {
    let (scratch, _, options) = with_env_file();
    let note = scratch.write("notes/today.txt", "remember");
    let folder = note.parent().unwrap().display().to_string();
    scratch.write("servers.env", format!("API_TOKEN=x\nFOLDER={folder}\n"));
    let arguments = format!("{{\"path\": \"{}\"}}", note.display());
    let seen = entry(&options, &["node", &node_server("filesystem"), "$<FOLDER>"]).seen_by_python(
        &scratch,
        &["--tool", "read_text_file", "--arguments", &arguments],
    );
    assert_eq!(seen.result(), "remember");
}

#[test]
fn the_memory_server_works_with_a_file_from_the_env_file() {
    let (scratch, _, options) = with_env_file();
    let graph = r#"{"type":"entity","name":"Ada","entityType":"person","observations":["counts"]}"#;
    let file = scratch.write("memory.jsonl", graph);
    scratch.write(
        "servers.env",
        format!("API_TOKEN=x\nMEMORY={}\n", file.display()),
    );
    let seen = entry(&options, &["node", &node_server("memory")])
        .variable("MEMORY_FILE_PATH", "$<MEMORY>")
        .seen_by_python(&scratch, &["--tool", "read_graph"]);
    assert!(seen.result().contains("Ada"), "{seen:?}");
}

#[test]
fn the_time_server_works() {
    let (scratch, _, options) = with_env_file();
    let server = python_server("mcp_server_time");
    let server: Vec<&str> = server.iter().map(String::as_str).collect();
    let seen = entry(&options, &server).seen_by_python(
        &scratch,
        &[
            "--tool",
            "get_current_time",
            "--arguments",
            r#"{"timezone": "Asia/Tokyo"}"#,
        ],
    );
    assert!(seen.result().contains("Asia/Tokyo"), "{seen:?}");
}

#[test]
fn the_example_server_works_in_each_era_of_the_protocol() {
    let server = example_server();
    for (mode, version) in [("auto", "2026-07-28"), ("legacy", "2025-11-25")] {
        let (scratch, canary, options) = with_env_file();
        let server = scratch.install(&server);
        let seen = entry(&options, &[server.to_str().unwrap()])
            .variable("EXAMPLE_API_TOKEN", "$<API_TOKEN>")
            .seen_by_python(&scratch, &["--mode", mode, "--tool", "whoami"]);
        assert_eq!(seen.answer["protocol"], version);
        let length = format!("is set: {} characters", canary.value().len());
        assert!(seen.result().contains(&length), "{seen:?}");
        canary.assert_absent("the masked answer", seen.answer.to_string());
    }
}

#[test]
fn the_inspector_calls_a_tool() {
    let (scratch, canary, options) = with_env_file();
    let server = scratch.install(&example_server());
    let shown = entry(&options, &[server.to_str().unwrap()])
        .variable("EXAMPLE_API_TOKEN", "$<API_TOKEN>")
        .inspected(
            &scratch,
            &["--method", "tools/call", "--tool-name", "whoami"],
        )
        .success();
    let length = format!("is set: {} characters", canary.value().len());
    assert!(shown.contains(&length), "{shown}");
}
