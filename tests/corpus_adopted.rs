//! Every real config of the corpus is adopted, started and restored.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use mcp_launch_clients::Transport;
use mcp_launch_lossless::{Document, Format};
use mcp_launch_testkit::{Canary, Scratch};
use similar::{ChangeTag, TextDiff};

use crate::support::configs::{
    Moved, adopted, document, entries, moved, path_with_stand_ins, snapshot, stand_in, stdio,
    stored, told,
};
use crate::support::{Finished, installed};

/// A secret that a file has, and what replaced its fake.
struct Label {
    server: String,
    site: String,
    canary: Canary,
}

/// A file of the corpus where its client would have it, with values that nobody has seen before.
struct Sample {
    scratch: Scratch,
    path: PathBuf,
    before: Vec<u8>,
    labels: Vec<Label>,
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// The names of all files, each with its labels.
fn all_labels() -> BTreeMap<String, Vec<BTreeMap<String, String>>> {
    let text = fs::read_to_string(corpus().join("labels.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Where the client has its file, from the home.
fn usual_place(name: &str) -> PathBuf {
    let (client, file) = name.split_once('/').unwrap();
    let place = match client {
        "claude-code" => "work/app/.mcp.json",
        "claude-code-plugin" => ".claude/plugins/cache/market/plugin/.mcp.json",
        "claude-desktop" => ".config/Claude/claude_desktop_config.json",
        "cline" => {
            ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"
        }
        "codex" => ".codex/config.toml",
        "continue" => ".continue/config.yaml",
        "cursor" => ".cursor/mcp.json",
        "gemini-cli" => ".gemini/settings.json",
        "generic-mcp-json" => "elsewhere/mcp.json",
        "goose" => ".config/goose/config.yaml",
        "kiro" => ".kiro/settings/mcp.json",
        "opencode" => ".config/opencode/opencode.json",
        "roo" => "work/app/.roo/mcp.json",
        "vscode" => "work/app/.vscode/mcp.json",
        "windsurf-antigravity" => ".codeium/windsurf/mcp_config.json",
        "zed" => ".config/zed/settings.json",
        other => panic!("where does {other} have its file? ({file})"),
    };
    place.into()
}

impl Sample {
    fn of(name: &str, labels: Vec<BTreeMap<String, String>>) -> Self {
        let mut text = fs::read_to_string(corpus().join(name)).unwrap();
        let mut canaries = Vec::new();
        for label in labels {
            let canary = Canary::in_place_of(&label["part"], &label["keep"]);
            assert!(text.contains(&label["part"]), "{name}: {label:?}");
            text = text.replacen(&label["part"], canary.value(), 1);
            canaries.push(Label {
                server: label["server"].clone(),
                site: label["site"].clone(),
                canary,
            });
        }
        let scratch = Scratch::new();
        let path = scratch.write(usual_place(name), &text);
        Self {
            scratch,
            path,
            before: text.into_bytes(),
            labels: canaries,
        }
    }

    fn now(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }

    /// No value is in the file, nor in any other in the home, nor in `text`.
    fn assert_no_value(&self, name: &str, text: &str) {
        for Label { canary, site, .. } in &self.labels {
            canary.assert_absent(&format!("{name}: what was said of {site}"), text);
            assert_eq!(canary.find_under(self.scratch.root()), [], "{name}: {site}");
        }
    }

    /// What stands outside the entries that were rewritten is there, byte for byte.
    fn assert_rest_untouched(&self, name: &str) {
        let format = document(&self.path).format();
        // A table of TOML may stand in several pieces.
        if format == Format::Toml {
            assert_eq!(
                self.now(),
                self.before,
                "{name}: no TOML of the corpus has a secret"
            );
            return;
        }
        let before = Document::parse(&self.before, format).unwrap();
        let after = document(&self.path);
        let mut rest = (Vec::new(), Vec::new());
        let mut from = (0, 0);
        for entry in entries(&self.path) {
            let old = before.at(&entry.place).unwrap().span();
            let new = after.at(&entry.place).unwrap().span();
            rest.0.extend_from_slice(&before.bytes()[from.0..old.start]);
            rest.1.extend_from_slice(&after.bytes()[from.1..new.start]);
            if !entry.launched {
                rest.0.extend_from_slice(&before.bytes()[old.clone()]);
                rest.1.extend_from_slice(&after.bytes()[new.clone()]);
            }
            from = (old.end, new.end);
        }
        rest.0.extend_from_slice(&before.bytes()[from.0..]);
        rest.1.extend_from_slice(&after.bytes()[from.1..]);
        assert_eq!(
            String::from_utf8_lossy(&rest.0),
            String::from_utf8_lossy(&rest.1),
            "{name}"
        );
    }

    /// Every line that goes had something that had to go: the program, a value, an address, or a list that grows.
    fn assert_only_touched_lines_differ(&self, name: &str) {
        let before = String::from_utf8_lossy(&self.before).into_owned();
        let after = String::from_utf8_lossy(&self.now()).into_owned();
        let diff = TextDiff::from_lines(&before, &after);
        for change in diff.iter_all_changes() {
            let line = change.value();
            let is_touched = ["\"command\"", "\"args\"", "\"env\"", "\"url\"", "\"headers\"", "\"type\"", "\"transport"]
                .iter()
                .any(|key| line.contains(key))
                || self.labels.iter().any(|label| line.contains(label.canary.value()))
                // The ends of what was a remote entry.
                || ["{", "}", "},", ""].contains(&line.trim())
                || line.contains("\"/c\"");
            assert!(
                change.tag() != ChangeTag::Delete || is_touched,
                "{name}: {line}"
            );
        }
    }

    /// `--dry-run` of every entry that starts the launcher, with the variables that its client would give it.
    fn assert_every_placeholder_resolves(&self, name: &str) -> usize {
        let mut started = 0;
        for entry in entries(&self.path).iter().filter(|entry| entry.launched) {
            let stdio = stdio(entry);
            let mut words = stdio
                .arguments
                .iter()
                .map(|argument| argument.text.as_str());
            assert_eq!(words.next(), Some("--"), "{name}: {}", entry.name);
            let program = words.clone().next().unwrap();
            let program = program.rsplit(['/', '\\']).next().unwrap();
            stand_in(&self.scratch, program);
            let mut command = self.scratch.command(installed(&self.scratch));
            command.args(["--dry-run", "--json", "--"]);
            let full: Vec<OsString> = words
                .enumerate()
                // A program by its path is none of this machine.
                .map(|(index, word)| {
                    if index == 0 {
                        program.into()
                    } else {
                        word.into()
                    }
                })
                .collect();
            command.args(full);
            command.env("PATH", path_with_stand_ins(&self.scratch));
            for variable in &stdio.variables {
                // Of braces the client, which these configs are written for, leaves nothing.
                let text = match variable.text.contains("${") && !variable.text.contains("$<") {
                    true => "expanded",
                    false => variable.text.as_str(),
                };
                if variable.name != "PATH" {
                    command.env(&variable.name, text);
                }
            }
            let said = Finished::of(&mut command);
            self.assert_no_value(name, &(said.stdout.clone() + &said.stderr));
            assert_eq!(said.code, Some(0), "{name}: {}{}", said.stdout, said.stderr);
            let preview = said.stdout;
            let preview: serde_json::Value = serde_json::from_str(&preview).unwrap();
            for placeholder in preview["placeholders"].as_array().unwrap() {
                assert_eq!(placeholder["verdict"], "found", "{name}: {placeholder}");
            }
            started += 1;
        }
        started
    }

    fn assert_restored(&self, name: &str) {
        let path = self.path.to_str().unwrap();
        let said = told(&self.scratch, &["restore", path, "--yes"]);
        assert_eq!(said.code, Some(0), "{name}: {}", said.stderr);
        assert_eq!(self.now(), self.before, "{name}");
    }
}

/// Server, site and value of each secret, in order.
fn in_order(mut secrets: Vec<(String, String, String)>) -> Vec<(String, String, String)> {
    secrets.sort();
    secrets
}

#[test]
fn every_config_of_the_corpus_is_adopted_started_and_restored() {
    let (mut right, mut found, mut labelled, mut started) = (0, 0, 0, 0);
    for (name, labels) in all_labels() {
        let sample = Sample::of(&name, labels);
        let options = ["--remote", "--server"];
        let is_installed = name.starts_with("claude-code-plugin/");
        let said = adopted(&sample.scratch, &sample.path, &options[..1]);
        sample.assert_no_value(&name, &said.to_string());

        let told_moved = moved(&said);
        let told_moved: Vec<_> = told_moved
            .iter()
            .map(|Moved { server, site, name }| {
                (server.clone(), site.clone(), stored(&sample.scratch, name))
            })
            .collect();
        let expected: Vec<_> = sample
            .labels
            .iter()
            .map(|label| {
                let value = label.canary.value().to_owned();
                (label.server.clone(), label.site.clone(), value)
            })
            .collect();
        found += told_moved.len();
        labelled += expected.len();
        right += told_moved
            .iter()
            .filter(|secret| expected.contains(secret))
            .count();
        assert_eq!(in_order(told_moved), in_order(expected), "{name}");
        assert!(
            sample.labels.is_empty() || !is_installed,
            "{name} is not adopted unnamed"
        );

        sample.assert_rest_untouched(&name);
        sample.assert_only_touched_lines_differ(&name);
        started += sample.assert_every_placeholder_resolves(&name);

        let once = sample.now();
        let again = adopted(&sample.scratch, &sample.path, &options[..1]);
        assert_eq!(moved(&again), [], "{name}: the second time");
        assert_eq!(sample.now(), once, "{name}: the second time");

        if once == sample.before {
            assert!(sample.labels.is_empty(), "{name} was left as it is");
            continue;
        }
        sample.assert_restored(&name);
    }
    println!(
        "corpus: {found} found, {labelled} labelled: precision {:.3}, recall {:.3}; {started} servers started",
        right as f64 / found as f64,
        right as f64 / labelled as f64,
    );
    assert!(started > 0, "no server was started");
    assert_eq!((right, right), (found, labelled));
}

#[test]
fn every_server_of_the_corpus_starts_through_the_launcher_and_goes_back() {
    let mut started = 0;
    for (name, labels) in all_labels() {
        let sample = Sample::of(&name, labels);
        let untouched = snapshot(&sample.scratch);
        let names: Vec<String> = entries(&sample.path)
            .iter()
            .filter(|entry| !matches!(entry.transport, Transport::Unknown))
            .map(|entry| entry.name.clone())
            .collect();
        // By their names, so that those of plugins are meant, too.
        let mut options = vec!["--every-server", "--remote"];
        for name in &names {
            options.extend(["--server", name]);
        }
        let said = adopted(&sample.scratch, &sample.path, &options);
        sample.assert_no_value(&name, &said.to_string());
        for server in said["files"][0]["servers"].as_array().unwrap() {
            let is_known = names.iter().any(|name| server["name"] == name.as_str());
            assert!(
                !is_known || server["action"] == "adopted",
                "{name}: {server}"
            );
        }
        assert_eq!(
            entries(&sample.path)
                .iter()
                .filter(|entry| entry.launched)
                .count(),
            names.len(),
            "{name}"
        );
        started += sample.assert_every_placeholder_resolves(&name);
        let said = told(&sample.scratch, &["restore", "--all", "--yes"]);
        if !names.is_empty() {
            assert_eq!(said.code, Some(0), "{name}: {}", said.stderr);
        }
        assert_eq!(sample.now(), sample.before, "{name}");
        assert!(
            snapshot(&sample.scratch) == untouched,
            "{name}: something was left"
        );
    }
    assert!(started > 66, "only {started} servers were started");
}
