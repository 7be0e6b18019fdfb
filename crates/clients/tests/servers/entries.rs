//! What entries say is read as their clients mean it, oddities and all.

use crate::support::{names, one, read, remote, shown, stdio, words};
use mcp_launch_clients::{Entry, Form, Transport};
use mcp_launch_lossless::Format;

/// A config of one server.
fn server(id: &str, entry: &str) -> Entry {
    one(id, &format!(r#"{{"mcpServers": {{"a": {entry}}}}}"#))
}

#[test]
fn a_missing_list_and_a_missing_map_have_a_place_to_go() {
    let entry = server("cursor", r#"{"command": "npx"}"#);
    let found = stdio(&entry);
    assert_eq!(found.form, Form::Text);
    assert!(found.argument_list.is_none() && found.variable_map.is_none());
    assert_eq!((found.argument_key, found.variable_key), ("args", "env"));
    assert_eq!(found.parent.to_string(), "mcpServers.a");
}

#[test]
fn a_whole_command_line_in_the_command_is_taken_apart() {
    let line = "docker run --rm --env-file /home/me/.env image";
    let entry = server("roo", &format!(r#"{{"command": "{line}", "args": []}}"#));
    let found = stdio(&entry);
    assert_eq!(found.form, Form::Line);
    assert_eq!(words(&entry).join(" "), line);
    assert!(
        found
            .arguments
            .iter()
            .all(|word| word.place == found.command)
    );
    assert_eq!(
        found.argument_list.as_ref().unwrap().to_string(),
        "mcpServers.a.args"
    );
    let with_arguments = server("roo", r#"{"command": "my program", "args": ["x"]}"#);
    assert_eq!(words(&with_arguments), ["my program", "x"]);
    assert_eq!(stdio(&with_arguments).form, Form::Text);
}

#[test]
fn opencode_has_program_and_arguments_in_one_list() {
    let text = r#"{"mcp": {"a": {"type": "local", "command": ["npx", "-y", "x"], "environment": {"K": "v"}, "enabled": false}}}"#;
    let entry = one("opencode", text);
    let found = stdio(&entry);
    assert!(entry.disabled);
    assert_eq!(found.form, Form::List);
    assert_eq!(words(&entry), ["npx", "-y", "x"]);
    assert_eq!(found.program_place.to_string(), "mcp.a.command[0]");
    assert_eq!(found.arguments[1].place.to_string(), "mcp.a.command[2]");
    assert_eq!(found.argument_list, Some(found.command.clone()));
    assert_eq!(shown(&found.variables), ["K=v at mcp.a.environment.K"]);
    let bare = one("opencode", r#"{"mcp": {"a": {"command": ["x"]}}}"#);
    assert_eq!(stdio(&bare).variable_key, "environment");
}

#[test]
fn zeds_older_command_is_an_object() {
    let text = r#"{"context_servers": {"a": {"command": {"path": "npx", "args": ["-y"], "env": {"K": "v"}}, "settings": {}}}}"#;
    let entry = one("zed", text);
    let found = stdio(&entry);
    assert_eq!(found.form, Form::Object);
    assert_eq!(words(&entry), ["npx", "-y"]);
    assert_eq!(found.command.to_string(), "context_servers.a.command");
    assert_eq!(
        found.program_place.to_string(),
        "context_servers.a.command.path"
    );
    assert_eq!(found.parent, found.command);
    assert_eq!(
        shown(&found.variables),
        ["K=v at context_servers.a.command.env.K"]
    );
}

#[test]
fn goose_keeps_some_values_in_the_keychain() {
    let text = "extensions:\n  a:\n    type: stdio\n    cmd: uvx\n    args: [x]\n    enabled: false\n    env_keys:\n      - KEY\n    envs:\n      OTHER: v\n";
    let entries = read("goose", Format::Yaml, text);
    let found = stdio(&entries[0]);
    assert!(entries[0].disabled);
    assert_eq!(words(&entries[0]), ["uvx", "x"]);
    assert_eq!(found.kept_elsewhere, ["KEY"]);
    assert_eq!(found.variable_key, "envs");
    assert_eq!(
        shown(&found.variables),
        ["OTHER=v at extensions.a.envs.OTHER"]
    );
}

#[test]
fn codex_passes_variables_on_by_name() {
    let text = "[mcp_servers.a]\ncommand = \"x\"\ncwd = \"/w\"\nenv_vars = [\"HOME_KEY\", { name = \"REMOTE\", source = \"remote\" }]\n\n[mcp_servers.a.env]\nK = \"v\"\n";
    let entries = read("codex", Format::Toml, text);
    let found = stdio(&entries[0]);
    assert_eq!(found.passed_on, ["HOME_KEY", "REMOTE"]);
    assert_eq!(found.working_directory.as_deref(), Some("/w"));
    assert_eq!(shown(&found.variables), ["K=v at mcp_servers.a.env.K"]);
}

#[test]
fn files_of_variables_and_folders_are_known() {
    let entry = server(
        "cursor",
        r#"{"command": "x", "envFile": "${workspaceFolder}/.env"}"#,
    );
    let file = stdio(&entry).env_file.as_ref().unwrap();
    assert_eq!(file.text.as_str(), "${workspaceFolder}/.env");
    assert_eq!(file.place.to_string(), "mcpServers.a.envFile");
    let entry = server("warp", r#"{"command": "x", "working_directory": "/w"}"#);
    assert_eq!(stdio(&entry).working_directory.as_deref(), Some("/w"));
}

#[test]
fn the_order_of_keys_and_what_else_stands_there_do_not_matter() {
    let text = r#"{"$comment": "c", "args": ["x"], "trust": false, "timeout": 60, "env": {}, "command": "~/bin/run"}"#;
    let entry = server("gemini-cli", text);
    assert_eq!(words(&entry), ["~/bin/run", "x"]);
    assert!(stdio(&entry).variable_map.is_some());
}

#[test]
fn names_are_whatever_people_write() {
    let text = r#"{"mcpServers": {"my server": {"command": "x"}, "github.com/a/b": {"command": "x"}, "v1.2": {"command": "x"}, "_option1_a": {"command": "x"}, "": {"command": "x"}}}"#;
    let entries = read("cline", Format::Json, text);
    let expected = ["my server", "github.com/a/b", "v1.2", "_option1_a", ""];
    assert_eq!(names(&entries), expected);
}

#[test]
fn only_texts_are_values_and_places_count_the_others() {
    let text = r#"{"command": "x", "args": ["a", 1, null, "b"], "env": {"N": 1, "B": true, "K": "v", "E": "", "P": "c:\\é;%PATH%"}}"#;
    let entry = server("cursor", text);
    let found = stdio(&entry);
    assert_eq!(words(&entry), ["x", "a", "b"]);
    assert_eq!(found.arguments[1].place.to_string(), "mcpServers.a.args[3]");
    assert_eq!(
        shown(&found.variables),
        [
            "K=v at mcpServers.a.env.K",
            "E= at mcpServers.a.env.E",
            "P=c:\\é;%PATH% at mcpServers.a.env.P",
        ]
    );
}

#[test]
fn an_entry_that_is_turned_off_keeps_its_values() {
    for (switch, disabled) in [
        (r#""disabled": true"#, true),
        (r#""disabled": false"#, false),
        (r#""enabled": false"#, true),
        (r#""enabled": true"#, false),
        (r#""enabled": "false""#, false),
    ] {
        let text = format!(r#"{{"command": "x", "env": {{"K": "v"}}, {switch}}}"#);
        let entry = server("cline", &text);
        assert_eq!(entry.disabled, disabled, "{switch}");
        assert_eq!(stdio(&entry).variables.len(), 1);
    }
}

#[test]
fn the_launcher_is_known_in_every_form() {
    for (command, launched) in [
        (r#""command": "mcp-launch", "args": ["--", "npx"]"#, true),
        (r#""command": "/usr/local/bin/mcp-launch""#, true),
        (r#""command": "C:\\bin\\MCP-Launch.EXE""#, true),
        (
            r#""command": "cmd", "args": ["/c", "mcp-launch", "--", "npx"]"#,
            true,
        ),
        (r#""command": "mcp-launch -- npx -y x""#, true),
        (r#""command": ["mcp-launch", "--", "npx"]"#, true),
        (r#""command": {"path": "mcp-launch", "args": []}"#, true),
        (r#""command": "npx", "args": ["mcp-launch"]"#, false),
        (r#""command": "./mcp-launch""#, false),
        (r#""command": "node_modules/.bin/mcp-launch""#, false),
        (r#""command": ".\\mcp-launch.exe""#, false),
        (r#""command": "cmd", "args": ["/c", "./mcp-launch"]"#, false),
        (
            r#""command": "bash", "args": ["scripts/mcp-launch.sh"]"#,
            false,
        ),
        (r#""command": "/opt/mcp-launch/npx""#, false),
        (r#""command": "mcp-launcher""#, false),
        (r#""url": "https://h/mcp-launch""#, false),
    ] {
        let entry = server("cursor", &format!("{{{command}}}"));
        assert_eq!(entry.launched, launched, "{command}");
    }
}

#[test]
fn addresses_have_several_keys() {
    for (key, id) in [
        ("url", "cursor"),
        ("serverUrl", "windsurf"),
        ("httpUrl", "gemini-cli"),
        ("uri", "goose"),
    ] {
        let text = format!(
            r#"{{"{key}": "https://h/mcp?key=k", "headers": {{"Authorization": "Bearer t"}}}}"#
        );
        let entry = server(id, &text);
        let found = remote(&entry);
        assert_eq!(found.url_key, key);
        assert_eq!(found.url.text.as_str(), "https://h/mcp?key=k");
        assert_eq!(found.url.place.to_string(), format!("mcpServers.a.{key}"));
        assert_eq!(
            shown(&found.headers),
            ["Authorization=Bearer t at mcpServers.a.headers.Authorization"]
        );
        assert_eq!(
            found.header_map.as_ref().unwrap().to_string(),
            "mcpServers.a.headers"
        );
        assert!(found.others.is_empty());
    }
}

#[test]
fn secrets_of_addresses_are_found_where_clients_keep_them() {
    for (id, rest, expected) in [
        (
            "cline",
            r#""oauth": {"tokens": {"access_token": "t", "token_type": "Bearer", "refresh_token": "r"}}, "oauthClient": {"clientId": "i", "clientSecret": "s"}"#,
            &[
                "oauth.tokens.access_token=t at mcpServers.a.oauth.tokens.access_token",
                "oauth.tokens.refresh_token=r at mcpServers.a.oauth.tokens.refresh_token",
                "oauthClient.clientSecret=s at mcpServers.a.oauthClient.clientSecret",
            ][..],
        ),
        (
            "continue",
            r#""apiKey": "k""#,
            &["apiKey=k at mcpServers.a.apiKey"],
        ),
        (
            "lm-studio",
            r#""auth": {"type": "bearer", "token": "t"}"#,
            &["auth.token=t at mcpServers.a.auth.token"],
        ),
        (
            "crush",
            r#""oauth_client_secret": "s", "oauth_token": "t""#,
            &[
                "oauth_client_secret=s at mcpServers.a.oauth_client_secret",
                "oauth_token=t at mcpServers.a.oauth_token",
            ],
        ),
        (
            "codex",
            r#""bearer_token": "t", "bearer_token_env_var": "NAME""#,
            &["bearer_token=t at mcpServers.a.bearer_token"],
        ),
    ] {
        let entry = server(id, &format!(r#"{{"url": "https://h", {rest}}}"#));
        assert_eq!(shown(&remote(&entry).others), expected, "{id}");
    }
}

#[test]
fn headers_have_other_names_in_some_clients() {
    let codex = r#"{"url": "https://h", "http_headers": {"X-Key": "k"}, "env_http_headers": {"X": "NAME"}}"#;
    let entry = server("codex", codex);
    assert_eq!(
        shown(&remote(&entry).headers),
        ["X-Key=k at mcpServers.a.http_headers.X-Key"]
    );
    let both =
        r#"{"url": "https://h", "headers": {"A": "1"}, "requestOptions": {"headers": {"B": "2"}}}"#;
    let entry = server("continue", both);
    assert_eq!(
        shown(&remote(&entry).headers),
        ["A=1 at mcpServers.a.headers.A"]
    );
    assert_eq!(
        shown(&remote(&entry).others),
        ["B=2 at mcpServers.a.requestOptions.headers.B"]
    );
}

#[test]
fn settings_of_an_extension_may_be_secrets_too() {
    let text = r#"{"context_servers": {"a": {"settings": {"token": "t", "more": {"urls": ["u"]}, "port": 1}}}}"#;
    let entry = one("zed", text);
    assert!(matches!(entry.transport, Transport::Unknown));
    assert_eq!(
        shown(&entry.settings),
        [
            "token=t at context_servers.a.settings.token",
            "more.urls[0]=u at context_servers.a.settings.more.urls[0]",
        ]
    );
}

#[test]
fn the_environment_of_an_address_is_of_no_use_and_found_all_the_same() {
    let entry = server("cursor", r#"{"url": "https://h", "env": {"KEY": "k"}}"#);
    assert_eq!(
        shown(&remote(&entry).others),
        ["env.KEY=k at mcpServers.a.env.KEY"]
    );
}
