//! `add` puts a server into a client's config, and `clients` shows what is there.

use std::fs;

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::{Value, json};

use crate::support::configs::{entries, snapshot, started_as_written, stdio, told};
use crate::support::{at_terminal, installed, launch, node_server, with_input};

/// Each client, its file of the person, and what stands in one that is there already.
const CLIENTS: [(&str, &str, &str); 7] = [
    (
        "claude-code",
        ".claude.json",
        "{\n  \"numStartups\": 3,\n  \"mcpServers\": {\n    \"other\": {\"command\": \"x\"}\n  }\n}\n",
    ),
    (
        "cursor",
        ".cursor/mcp.json",
        "{\r\n\t\"mcpServers\": {}\r\n}",
    ),
    (
        "codex",
        ".codex/config.toml",
        "model = \"o3\" # which\n\n[mcp_servers.other]\ncommand = \"x\"\n",
    ),
    (
        "goose",
        ".config/goose/config.yaml",
        "# mine\nextensions:\n  other:\n    type: stdio\n    cmd: x\n    args: []\nGOOSE_MODE: auto\n",
    ),
    (
        "zed",
        ".config/zed/settings.json",
        "// mine\n{\n  \"theme\": \"One\", // dark\n}\n",
    ),
    (
        "opencode",
        ".config/opencode/opencode.json",
        "{\"mcp\":{\"other\":{\"type\":\"local\",\"command\":[\"x\"]}}}",
    ),
    (
        "vscode",
        ".config/Code/User/mcp.json",
        "{\n\t\"servers\": {\n\t\t\"other\": {\"type\": \"stdio\", \"command\": \"x\"},\n\t},\n\t\"inputs\": []\n}",
    ),
];

fn with_secret() -> (Scratch, Canary) {
    let scratch = Scratch::new();
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000aaaaAAAA");
    let mut set = launch(&scratch, ["secrets", "set", "API_KEY", "--store", "sealed"]);
    assert_eq!(with_input(&mut set, canary.value()).code, Some(0));
    (scratch, canary)
}

#[test]
fn an_added_server_starts_and_goes_out_again() {
    for (client, place, there) in CLIENTS {
        for there in [None, Some(there)] {
            let (scratch, canary) = with_secret();
            let path = scratch.home().join(place);
            if let Some(text) = there {
                scratch.write(place, text);
            }
            let before = snapshot(&scratch);
            let everything = node_server("everything");
            let said = told(
                &scratch,
                &[
                    "add",
                    "my everything",
                    "--client",
                    client,
                    "--env",
                    "API_KEY=$<API_KEY>",
                    "--env",
                    "MODE=x y",
                    "--yes",
                    "--",
                    "node",
                    &everything,
                ],
            );
            assert_eq!(said.code, Some(0), "{client}: {}", said.stderr);
            let text = fs::read_to_string(&path).unwrap();
            if let Some(there) = there {
                let kept = there
                    .lines()
                    .filter(|line| !line.trim().is_empty())
                    .all(|line| text.contains(line.trim_end_matches([',', '}', '{', ' '])));
                assert!(kept, "{client}: {text}");
            }
            let seen = started_as_written(&scratch, &path, "my everything")
                .seen_by_python(&scratch, &["--tool", "get-env"]);
            let environment: Value = serde_json::from_str(seen.result()).unwrap();
            assert_eq!(environment["API_KEY"], canary.value(), "{client}");
            assert_eq!(environment["MODE"], "x y", "{client}");
            assert_eq!(canary.find_under(scratch.root()), [], "{client}");

            let again = told(
                &scratch,
                &[
                    "add",
                    "my everything",
                    "--client",
                    client,
                    "--yes",
                    "--",
                    "node",
                ],
            );
            assert_eq!(again.code, Some(1), "{client}");
            assert!(
                again
                    .stderr
                    .contains("has a server `my everything` already"),
                "{}",
                again.stderr
            );

            fs::remove_file(scratch.home().join("stdio_client.py")).unwrap();
            told(&scratch, &["restore", "--all", "--yes"]).success();
            assert!(
                snapshot(&scratch) == before,
                "{client}: {there:?}: something was left"
            );
        }
    }
}

#[test]
fn a_server_that_was_added_goes_out_of_a_file_that_has_changed_since() {
    for (client, place, there) in CLIENTS {
        let (scratch, _) = with_secret();
        let path = scratch.write(place, there);
        told(
            &scratch,
            &[
                "add",
                "new",
                "--client",
                client,
                "--env",
                "A=$<API_KEY>",
                "--yes",
                "--",
                "npx",
                "x",
            ],
        )
        .success();
        let comment = if place.ends_with(".yaml") || place.ends_with(".toml") {
            "# more\n"
        } else {
            "\n"
        };
        let changed = format!("{}{comment}", fs::read_to_string(&path).unwrap());
        scratch.write(place, &changed);
        let said = told(&scratch, &["restore", path.to_str().unwrap(), "--yes"]);
        assert_eq!(said.code, Some(0), "{client}: {}", said.stderr);
        assert!(!said.stdout.contains("stays"), "{client}: {}", said.stdout);
        let names: Vec<String> = entries(&path).into_iter().map(|entry| entry.name).collect();
        assert!(!names.contains(&"new".to_owned()), "{client}: {names:?}");
        assert_eq!(
            names.contains(&"other".to_owned()),
            there.contains("other"),
            "{client}"
        );
    }
}

#[test]
fn a_description_of_the_registry_is_added_with_what_the_store_has() {
    let package = |kind: &str, identifier: &str| {
        json!({
            "name": "io.github.someone/weather",
            "packages": [{
                "registryType": kind, "identifier": identifier, "version": "1.2.3", "transport": { "type": "stdio" },
                "environmentVariables": [
                    { "name": "API_KEY", "isSecret": true, "isRequired": true },
                    { "name": "OPTIONAL_TOKEN", "isSecret": true },
                    { "name": "UNITS", "default": "metric" },
                ],
            }],
        })
    };
    for (kind, identifier, words) in [
        (
            "npm",
            "@someone/weather",
            &["npx", "-y", "@someone/weather@1.2.3"][..],
        ),
        ("pypi", "weather-mcp", &["uvx", "weather-mcp@1.2.3"]),
        (
            "oci",
            "ghcr.io/someone/weather",
            &[
                "docker",
                "run",
                "-i",
                "--rm",
                "-e",
                "API_KEY",
                "-e",
                "OPTIONAL_TOKEN",
                "-e",
                "UNITS",
                "ghcr.io/someone/weather:1.2.3",
            ],
        ),
    ] {
        let (scratch, canary) = with_secret();
        let from = scratch.write("server.json", package(kind, identifier).to_string());
        let from = from.to_str().unwrap();
        let said = told(
            &scratch,
            &[
                "add", "--client", "cursor", "--from", from, "--to", "sealed", "--yes", "--secret",
                "API_KEY",
            ],
        );
        assert_eq!(said.code, Some(0), "{kind}: {}", said.stderr);
        canary.assert_absent("what was said", said.stdout + &said.stderr);
        let entries = entries(&scratch.home().join(".cursor/mcp.json"));
        assert_eq!(entries[0].name, "weather");
        let stdio = stdio(&entries[0]);
        let written: Vec<&str> = stdio
            .arguments
            .iter()
            .skip(1)
            .map(|word| word.text.as_str())
            .collect();
        assert_eq!(written, words, "{kind}");
        let variables: Vec<(&str, &str)> = stdio
            .variables
            .iter()
            .map(|one| (one.name.as_str(), one.text.as_str()))
            .collect();
        assert_eq!(variables, [("API_KEY", "$<API_KEY>")], "{kind}");
    }
    let scratch = Scratch::new();
    let from = scratch.write("server.json", package("npm", "w").to_string());
    let said = told(
        &scratch,
        &[
            "add",
            "--client",
            "cursor",
            "--from",
            from.to_str().unwrap(),
            "--to",
            "sealed",
            "--yes",
        ],
    );
    assert_eq!(said.code, Some(1));
    assert!(
        said.stderr.contains("the server needs API_KEY"),
        "{}",
        said.stderr
    );
    assert!(!scratch.home().join(".cursor").exists());
}

#[test]
fn a_description_gets_no_value_that_the_person_has_not_given_it() {
    let describes = |required: bool| {
        json!({
            "name": "io.github.stranger/weather",
            "packages": [{
                "registryType": "oci", "identifier": "weather", "version": "1",
                "runtimeArguments": [{ "type": "named", "name": "--volume", "value": "/:/host" }],
                "environmentVariables": [{ "name": "API_KEY", "isSecret": true, "isRequired": required }],
            }],
        })
        .to_string()
    };
    let (scratch, canary) = with_secret();
    let from = scratch.write("server.json", describes(true));
    let add = [
        "add", "--client", "cursor", "--to", "sealed", "--yes", "--from",
    ];
    let add: Vec<&str> = add.into_iter().chain(from.to_str()).collect();
    let config = scratch.home().join(".cursor/mcp.json");
    let said = told(&scratch, &add);
    assert_eq!(said.code, Some(1), "{}", said.stdout);
    assert!(said.stderr.contains("--secret API_KEY"), "{}", said.stderr);
    assert!(!config.exists());

    let no = at_terminal(&scratch, &add, "n\n");
    assert_eq!(no.code, Some(1), "{}", no.stdout);
    assert!(
        no.stdout
            .contains("the value that you have as API_KEY goes to this server")
            && no.stdout.contains("warning: --volume opens the container"),
        "{}",
        no.stdout
    );
    assert!(!config.exists());
    let yes = at_terminal(&scratch, &add, "y\n");
    assert_eq!(yes.code, Some(0), "{}", yes.stdout);
    canary.assert_absent("the terminal", no.stdout + &yes.stdout);
    let written = fs::read_to_string(&config).unwrap();
    assert!(written.contains("$<API_KEY>"), "{written}");

    fs::remove_file(&config).unwrap();
    scratch.write("server.json", describes(false));
    let said = told(&scratch, &add).success();
    assert!(said.contains("does not go to this server"), "{said}");
    let written = fs::read_to_string(&config).unwrap();
    assert!(!written.contains("$<"), "{written}");
}

#[test]
fn clients_shows_every_config_and_no_value() {
    let scratch = Scratch::new();
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000aaaaAAAA");
    for (_, place, there) in CLIENTS {
        scratch.write(place, there);
    }
    let server = json!({ "command": "npx", "args": ["-y", "srv", "--token", canary.value()], "env": { "API_KEY": canary.value() } });
    let web = json!({ "url": format!("https://x.example.com/{}/mcp?key={}", canary.value(), canary.value()), "headers": { "Authorization": format!("Bearer {}", canary.value()) } });
    let text = json!({ "mcpServers": { "a": server, "web": web, "plain": { "command": canary.value() } } });
    scratch.write(".codeium/windsurf/mcp_config.json", text.to_string());
    let shown = told(&scratch, &["clients"]).success();
    for part in [
        "Claude Code (user",
        "Cursor (user",
        "Codex (user",
        "Goose (user",
        "Zed (user",
        "opencode (user",
        "Visual Studio Code (user",
        "Windsurf (user",
        "in plain text: env.API_KEY, 32 bytes",
        "in plain text: headers.Authorization",
    ] {
        assert!(shown.contains(part), "no {part}: {shown}");
    }
    let as_json = told(&scratch, &["clients", "--json"]).success();
    let files: Value = serde_json::from_str(&as_json).unwrap();
    assert_eq!(files.as_array().unwrap().len(), 8, "{files:#}");
    let windsurf = files
        .as_array()
        .unwrap()
        .iter()
        .find(|file| file["client"] == "windsurf")
        .unwrap();
    let sites: Vec<&str> = windsurf["servers"][0]["plaintext"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["site"].as_str().unwrap())
        .collect();
    assert_eq!(sites, ["env.API_KEY", "args[3]"]);
    // The program is no place for a secret, and is shown.
    let without = text.to_string().replacen(
        &format!("\"command\":\"{}\"", canary.value()),
        "\"command\":\"x\"",
        1,
    );
    scratch.write(".codeium/windsurf/mcp_config.json", without);
    for options in [
        &["clients"][..],
        &["clients", "--json"],
        &["clients", "windsurf"],
    ] {
        canary.assert_absent("what was shown", told(&scratch, options).success());
    }
}

#[test]
fn clients_shows_which_launcher_is_another() {
    let scratch = Scratch::new();
    let servers = json!({
        "own": { "command": installed(&scratch), "args": ["--", "npx"] },
        "bare": { "command": "mcp-launch", "args": ["--", "npx"] },
        "evil": { "command": "/tmp/evil/mcp-launch", "args": ["--", "npx"] },
        "beside": { "command": "./mcp-launch", "args": ["--", "npx"] },
    });
    let text = json!({ "mcpServers": servers }).to_string();
    scratch.write(".cursor/mcp.json", text);
    let shown = told(&scratch, &["clients"]).success();
    let line = |name: &str| shown.lines().find(|line| line.contains(name)).unwrap();
    assert!(line("own ").ends_with("through mcp-launch"), "{shown}");
    assert!(line("bare ").ends_with("through mcp-launch"), "{shown}");
    assert!(
        line("evil ")
            .ends_with("through /tmp/evil/mcp-launch, which is not the mcp-launch that runs now"),
        "{shown}"
    );
    assert!(!line("beside ").contains("through"), "{shown}");
}
