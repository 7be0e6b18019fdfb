//! Secrets in the arguments and headers of a server move, and nothing else of them.

use std::fs;

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::{Value, json};

use crate::support::configs::{adopted, entries, stdio, told};
use crate::support::{Finished, launch};

fn key() -> Canary {
    Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000aaaaAAAA")
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
    told(&scratch, &["restore", "--all", "--yes"]).success();
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
            "--api-key=$<A_API_KEY>",
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
        told(&scratch, &["restore", "--all", "--yes"]).success();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_variable_of_a_container_that_is_read_on_the_way_stays_an_argument() {
    for name in [
        "DOCKER_AUTH_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "NODE_AUTH_TOKEN",
    ] {
        let scratch = Scratch::new();
        let canary = key();
        let assigned = format!("{name}={}", canary.value());
        let server = json!({ "command": "docker", "args": ["run", "-e", assigned, "image"] });
        let text = json!({ "mcpServers": { "a": server } }).to_string();
        let path = scratch.write("work/.mcp.json", &text);
        let file = path.to_str().unwrap();
        let said = told(&scratch, &["adopt", file, "--to", "sealed", "--yes"]).success();
        assert!(
            said.contains("args[2] stays in the arguments")
                && said.contains(&format!("reads a variable {name} itself")),
            "{said}"
        );
        canary.assert_absent("the plan", said);
        let entries = entries(&path);
        let stdio = stdio(&entries[0]);
        assert!(stdio.variables.is_empty(), "{name}");
        assert_eq!(
            stdio.arguments[4].text.as_str(),
            format!("{name}=$<{name}>")
        );
    }
}

#[test]
fn braces_that_were_for_the_server_stay_for_the_server() {
    let (scratch, canary) = (Scratch::new(), key());
    let kept = format!(
        "[mcp_servers.a]\ncommand = \"npx\"\nenv = {{ API_KEY = \"{}\", PLACE = \"${{HOME}}/x\" }}\n",
        canary.value()
    );
    let path = scratch.write(".codex/config.toml", kept);
    let file = path.to_str().unwrap();
    let said = told(&scratch, &["adopt", file, "--to", "sealed", "--yes"]).success();
    assert!(
        said.contains("env.PLACE holds ${HOME}, which stays for the server itself"),
        "{said}"
    );
    let entries = entries(&path);
    let place = &stdio(&entries[0]).variables[1];
    assert_eq!(place.text.as_str(), "$${HOME}/x");
    let mut server = launch(&scratch, ["--", "sh", "-c", "printf %s \"$PLACE\""]);
    let seen = Finished::of(server.env("PLACE", place.text.as_str()));
    assert_eq!(seen.success(), "${HOME}/x");

    let server =
        json!({ "command": "npx", "env": { "API_KEY": canary.value(), "PLACE": "${HOME}/x" } });
    let text = json!({ "mcpServers": { "a": server } }).to_string();
    let path = scratch.write("work/.mcp.json", text);
    let file = path.to_str().unwrap();
    let said = told(&scratch, &["adopt", file, "--to", "sealed", "--yes"]).success();
    assert!(
        said.contains("env.PLACE holds ${HOME}, which mcp-launch fills from your stores"),
        "{said}"
    );
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"${HOME}/x\""), "{text}");
}
