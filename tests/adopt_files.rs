//! Adopting does right by the file, or refuses and leaves it alone.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};

use mcp_launch_testkit::{Canary, Scratch};
use serde_json::{Value, json};

use crate::support::configs::{adopted, entries, moved, set_mode, snapshot, told};
use crate::support::{Finished, at_terminal};

pub(crate) fn key() -> Canary {
    Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000aaaaAAAA")
}

/// A config with one server, in the shape that most clients have.
pub(crate) fn config(canary: &Canary) -> String {
    let server =
        json!({ "command": "npx", "args": ["-y", "x"], "env": { "API_KEY": canary.value() } });
    format!("{:#}\n", json!({ "mcpServers": { "a": server } }))
}

pub(crate) fn adopt(scratch: &Scratch, path: &Path) -> Finished {
    told(
        scratch,
        &["adopt", path.to_str().unwrap(), "--to", "sealed", "--yes"],
    )
}

/// Adopts `text`, in which `canary` is the only secret, and restores it.
#[track_caller]
fn goes_in_and_out(place: &str, text: &[u8], canary: &Canary) -> Vec<u8> {
    let scratch = Scratch::new();
    let path = scratch.write(place, text);
    let said = adopt(&scratch, &path);
    assert_eq!(
        said.code,
        Some(0),
        "{place}: {}{}",
        said.stdout,
        said.stderr
    );
    canary.assert_absent("what was said", said.stdout + &said.stderr);
    assert_eq!(canary.find_under(scratch.root()), [], "{place}");
    let adopted = fs::read(&path).unwrap();
    assert!(entries(&path).iter().any(|entry| entry.launched));
    told(&scratch, &["restore", path.to_str().unwrap(), "--yes"]).success();
    assert_eq!(fs::read(&path).unwrap(), text, "{place}");
    adopted
}

#[test]
fn the_layout_of_the_file_stays() {
    let canary = key();
    let plain = config(&canary);
    let tabs = plain.replace("  ", "\t");
    let crlf = plain.replace('\n', "\r\n");
    let one_line = serde_json::from_str::<Value>(&plain).unwrap().to_string();
    let commented = format!("// first\n{}// last", plain.replace("],", "], // why"));
    for text in [
        tabs.clone(),
        crlf.clone(),
        format!("\u{feff}{plain}"),
        plain.trim_end().to_owned(),
        one_line.clone(),
        commented,
        plain.replace("\"a\"", "\"🚀 ключ/a.b\""),
        plain.replace("\"a\"", r#""\ud83d\ude80 \"a\"""#),
        plain.replace(r#""-y","#, r#""--port", 8080, true,"#),
        plain.replace(
            "\"env\": {",
            "\"env\": {\n        \"NOTHING\": null, \"EMPTY\": \"\",\n",
        ),
    ] {
        goes_in_and_out("work/.mcp.json", text.as_bytes(), &canary);
    }
    let lines = |bytes: &[u8], end: &[u8]| bytes.windows(end.len()).filter(|at| *at == end).count();
    let now = goes_in_and_out("work/.mcp.json", crlf.as_bytes(), &canary);
    assert_eq!(lines(&now, b"\r\n"), lines(&now, b"\n"), "CRLF stays CRLF");
    let now = goes_in_and_out("work/.mcp.json", tabs.as_bytes(), &canary);
    assert_eq!(lines(&now, b"  "), 0, "tabs stay tabs");
    let now = goes_in_and_out("work/.mcp.json", one_line.as_bytes(), &canary);
    assert_eq!(lines(&now, b"\n"), 0, "one line stays one");
}

#[test]
fn lists_and_maps_that_are_null_or_missing_are_made() {
    let canary = key();
    let value = canary.value();
    for text in [
        format!(
            r#"{{"mcpServers":{{"a":{{"command":"npx","args":null,"env":{{"API_KEY":"{value}"}}}}}}}}"#
        ),
        format!(
            r#"{{"mcpServers":{{"a":{{"command":"docker","args":["run","-e","A_TOKEN={value}","i"],"env":null}}}}}}"#
        ),
        format!(r#"{{"mcpServers":{{"a":{{"env":{{"API_KEY":"{value}"}},"command":"npx"}}}}}}"#),
    ] {
        goes_in_and_out("work/.mcp.json", text.as_bytes(), &canary);
    }
    let yaml = format!(
        "extensions:\n  a:\n    type: stdio\n    cmd: docker\n    args: [run, -e, \"A_TOKEN={value}\", i]\n    envs:\n"
    );
    goes_in_and_out(".config/goose/config.yaml", yaml.as_bytes(), &canary);
    let block = format!(
        "extensions:\n  a:\n    type: stdio\n    cmd: npx\n    args:\n    envs:\n      API_KEY: >-\n        {value}\n"
    );
    goes_in_and_out(".config/goose/config.yaml", block.as_bytes(), &canary);
    let dotted =
        format!("mcp_servers.a.command = \"npx\"\nmcp_servers.a.env.API_KEY = \"{value}\"\n");
    goes_in_and_out(".codex/config.toml", dotted.as_bytes(), &canary);
}

#[test]
fn a_text_that_holds_json_moves_as_a_whole() {
    let canary = key();
    let headers = json!({ "Authorization": format!("Bearer {}", canary.value()), "Version": "1" })
        .to_string();
    let text =
        json!({ "mcpServers": { "a": { "command": "npx", "env": { "HEADERS": headers } } } });
    goes_in_and_out("work/.mcp.json", text.to_string().as_bytes(), &canary);
}

#[test]
fn what_cannot_be_read_is_refused_and_left() {
    let canary = key();
    let plain = config(&canary);
    let twice = plain.replace("\"API_KEY\"", "\"API_KEY\": \"x\", \"API_KEY\"");
    let deep = plain.replacen(
        '{',
        &format!("{{\"x\": {}1{},", "[".repeat(9000), "]".repeat(9000)),
        1,
    );
    let utf16: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut latin = plain.clone().into_bytes();
    latin[5] = 0xfc;
    for text in [
        b"".to_vec(),
        plain.as_bytes()[..60].to_vec(),
        twice.into_bytes(),
        deep.into_bytes(),
        utf16,
        latin,
    ] {
        let scratch = Scratch::new();
        let path = scratch.write("work/.mcp.json", &text);
        let before = snapshot(&scratch);
        let said = adopt(&scratch, &path);
        assert_eq!(said.code, Some(1), "{}", said.stderr);
        assert_eq!(said.stderr.matches("error: ").count(), 1, "{}", said.stderr);
        assert!(said.stderr.contains("(line "), "{}", said.stderr);
        canary.assert_absent("what was said", said.stdout + &said.stderr);
        assert!(snapshot(&scratch) == before);
    }
}

#[test]
fn what_is_not_searched_is_told() {
    let canary = key();
    let list = format!(
        "mcpServers:\n- name: a\n  command: npx\n  env:\n  - name: API_KEY\n    value: {}\n",
        canary.value()
    );
    let alias = format!(
        "keys: &keys\n  API_KEY: {}\nmcpServers:\n- name: a\n  command: npx\n  env: *keys\n",
        canary.value()
    );
    let merged = format!(
        "keys: &keys\n  API_KEY: {}\nmcpServers:\n- name: a\n  command: npx\n  env:\n    <<: *keys\n",
        canary.value()
    );
    for text in [list, alias, merged] {
        let scratch = Scratch::new();
        let path = scratch.write(".continue/config.yaml", &text);
        let said = adopt(&scratch, &path).success();
        assert!(
            said.contains("a: stays as it is: its variables in line"),
            "{said}"
        );
        canary.assert_absent("what was said", said);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    let text = json!({ "context_servers": { "a": { "settings": { "api_key": canary.value() } } }, "agent": { "api_key": canary.value() } });
    let scratch = Scratch::new();
    let path = scratch.write(".config/zed/settings.json", text.to_string());
    let said = adopt(&scratch, &path).success();
    assert!(said.contains("settings.api_key in plain text"), "{said}");
}

#[test]
fn a_plan_of_a_file_in_one_line_shows_no_secret_beside_the_servers() {
    let (scratch, ours, beside) = (
        Scratch::new(),
        key(),
        Canary::shaped_like("sk-ant-api03-aaaaAAAA0000aaaaAAAA0000aaaa"),
    );
    let server = json!({ "command": "npx", "env": { "API_KEY": ours.value() }, "oauth": { "token": beside.value() } });
    let text = json!({ "apiKey": beside.value(), "mcpServers": { "a": server } });
    let path = scratch.write(".gemini/settings.json", text.to_string());
    let said = adopt(&scratch, &path).success();
    assert!(said.contains("\n+{"), "{said}");
    beside.assert_absent("the plan", said);
}

#[test]
fn a_person_is_asked_where_it_is_unsure() {
    let scratch = Scratch::new();
    let text =
        json!({ "mcpServers": { "a": { "command": "npx", "env": { "USER_PASS": "hunter2" } } } })
            .to_string();
    let path = scratch.write("work/.mcp.json", &text);
    let file = path.to_str().unwrap();
    let left = adopt(&scratch, &path).success();
    assert!(
        left.contains("unsure of env.USER_PASS; --unsure moves it"),
        "{left}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    let arguments = ["adopt", file, "--to", "sealed"];
    let no = at_terminal(&scratch, &arguments, "n\n");
    assert!(
        no.stdout
            .contains("is env.USER_PASS a secret? It has under 8 bytes"),
        "{}",
        no.stdout
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let yes = at_terminal(&scratch, &arguments, "y\ny\n");
    assert_eq!(yes.code, Some(0), "{}", yes.stdout);
    assert!(!yes.stdout.contains("hunter2"), "{}", yes.stdout);
    assert!(fs::read_to_string(&path).unwrap().contains("$<USER_PASS>"));
    told(&scratch, &["restore", file, "--yes"]).success();
    assert_eq!(moved(&adopted(&scratch, &path, &["--unsure"])).len(), 1);
}

#[test]
fn without_a_yes_nothing_is_done() {
    let (scratch, canary) = (Scratch::new(), key());
    let path = scratch.write("work/.mcp.json", config(&canary));
    let before = snapshot(&scratch);
    let file = path.to_str().unwrap();
    let said = at_terminal(&scratch, &["adopt", file, "--to", "sealed"], "n\n");
    assert_eq!(said.code, Some(1), "{}", said.stdout);
    canary.assert_absent("the terminal", said.stdout);
    told(&scratch, &["adopt", file, "--to", "sealed", "--dry-run"]).success();
    fs::remove_file(scratch.home().join("terminal.py")).unwrap();
    assert!(snapshot(&scratch) == before);
}

#[test]
fn a_file_that_its_client_writes_meanwhile_is_left() {
    let (scratch, canary) = (Scratch::new(), key());
    let text = config(&canary);
    let path = scratch.write("work/.mcp.json", &text);
    let file = path.to_str().unwrap();
    let said = at_terminal(
        &scratch,
        &["adopt", file, "--to", "sealed"],
        &format!("!echo >> {file}\ny\n"),
    );
    assert_eq!(said.code, Some(1), "{}", said.stdout);
    assert!(
        said.stdout
            .contains("was written by another program meanwhile"),
        "{}",
        said.stdout
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{text}\n"));
    // The record tells of what the store has by now; in the file there is nothing to take back, and the next run does it.
    told(&scratch, &["restore", file, "--yes"]).success();
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{text}\n"));
    adopted(&scratch, &path, &[]);
    told(&scratch, &["restore", file, "--yes"]).success();
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{text}\n"));
}

#[test]
fn links_modes_and_folders_stay_as_they_are() {
    let (scratch, canary) = (Scratch::new(), key());
    let text = config(&canary);
    let real = scratch.write("dotfiles/mcp.json", &text);
    set_mode(&real, 0o640);
    scratch.write(".cursor/other", "");
    let link = scratch.home().join(".cursor/mcp.json");
    symlink("../dotfiles/mcp.json", &link).unwrap();
    adopted(&scratch, &link, &[]);
    assert_eq!(
        fs::read_link(&link).unwrap(),
        PathBuf::from("../dotfiles/mcp.json")
    );
    assert_eq!(real.metadata().unwrap().mode() & 0o777, 0o640);
    assert_eq!(canary.find_under(&scratch.home()), []);
    told(&scratch, &["restore", "cursor", "--yes"]).success();
    assert_eq!(fs::read_to_string(&real).unwrap(), text);
    assert_eq!(
        fs::read_link(&link).unwrap(),
        PathBuf::from("../dotfiles/mcp.json")
    );
    assert_eq!(real.metadata().unwrap().mode() & 0o777, 0o640);
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let (scratch, canary) = (Scratch::ordinary(), key());
    let text = config(&canary);
    let path = scratch.write("work/.mcp.json", &text);
    set_mode(path.parent().unwrap(), 0o500);
    let said = adopt(&scratch, &path);
    set_mode(path.parent().unwrap(), 0o700);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    assert!(said.stderr.contains("cannot write"), "{}", said.stderr);
    canary.assert_absent("what was said", said.stdout + &said.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn what_cannot_be_written_is_told_before_the_store_has_anything() {
    for read_only in ["work", "work/.mcp.json"] {
        let (scratch, canary) = (Scratch::ordinary(), key());
        let text = config(&canary);
        let path = scratch.write("work/.mcp.json", &text);
        let read_only = scratch.home().join(read_only);
        set_mode(&read_only, 0o500);
        let before = snapshot(&scratch);
        let said = adopt(&scratch, &path);
        assert_eq!(said.code, Some(1), "{}", said.stderr);
        assert!(said.stderr.contains("nothing was done"), "{}", said.stderr);
        let unchanged = snapshot(&scratch) == before;
        set_mode(&read_only, 0o700);
        assert!(unchanged, "no store, no record");
    }
}

#[test]
fn another_name_of_the_file_is_told() {
    let (scratch, canary) = (Scratch::new(), key());
    let path = scratch.write("work/.mcp.json", config(&canary));
    let other = scratch.home().join("other.json");
    fs::hard_link(&path, &other).unwrap();
    let said = adopt(&scratch, &path).success();
    assert!(said.contains("the plain text stays"), "{said}");
    assert!(fs::read_to_string(&other).unwrap().contains(canary.value()));
    assert!(entries(&path)[0].launched);
}

#[test]
fn what_was_done_is_told_when_another_file_cannot_be_written() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let first = scratch.write(".cursor/mcp.json", config(&one));
    let second = scratch.write(".kiro/settings/mcp.json", config(&two));
    let said = at_terminal(
        &scratch,
        &["adopt", "--all", "--to", "sealed"],
        &format!("!echo >> {}\ny\n", second.display()),
    );
    assert_eq!(said.code, Some(1), "{}", said.stdout);
    let place = first.display();
    assert!(
        said.stdout.contains(&format!("{place} is adopted"))
            && said
                .stdout
                .contains("was written by another program meanwhile"),
        "{}",
        said.stdout
    );
    assert!(entries(&first)[0].launched && !entries(&second)[0].launched);
}

#[test]
fn only_the_servers_that_are_named_are_adopted() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let server = |key: &Canary| json!({ "command": "npx", "disabled": true, "env": { "API_KEY": key.value() } });
    let text = json!({ "mcpServers": { "a": server(&one), "b": server(&two), "c": { "command": "npx" } } });
    let path = scratch.write("work/.mcp.json", text.to_string());
    let all = moved(&adopted(
        &scratch,
        &path,
        &["--server", "b", "--server", "c"],
    ));
    assert_eq!(all.len(), 1, "{all:?}");
    let launched: Vec<bool> = entries(&path).iter().map(|entry| entry.launched).collect();
    assert_eq!(launched, [false, true, true]);
    assert!(
        entries(&path)[1].disabled,
        "what is off is adopted, and stays off"
    );
    let unknown = told(
        &scratch,
        &["adopt", path.to_str().unwrap(), "--server", "d", "--yes"],
    );
    assert_eq!(unknown.code, Some(1));
    assert!(
        unknown.stderr.contains("there are: a, b, c"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn all_means_every_client_and_the_project() {
    let (scratch, one, two) = (Scratch::new(), key(), key());
    let user = scratch.write(".cursor/mcp.json", config(&one));
    let project = scratch.write(".mcp.json", config(&two));
    let broken = scratch.write(".kiro/settings/mcp.json", "{");
    let said = told(&scratch, &["adopt", "--all", "--to", "sealed", "--yes"]);
    assert_eq!(said.code, Some(1), "a file could not be read");
    assert!(
        said.stderr
            .contains(".kiro/settings/mcp.json: not well-formed"),
        "{}",
        said.stderr
    );
    assert!(entries(&user)[0].launched && entries(&project)[0].launched);
    assert_eq!(fs::read_to_string(broken).unwrap(), "{");
    for canary in [&one, &two] {
        assert_eq!(canary.find_under(scratch.root()), []);
    }
}
