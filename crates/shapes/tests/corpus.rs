//! Judges the real configs of `tests/corpus`, with every fake in them replaced by random text of the same shape.

mod random;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mcp_launch_shapes::{Confidence, judge, judge_arguments, judge_header, judge_url};
use random::Dice;
use serde_json::{Map, Value};

/// How often the fakes are replaced anew.
const ROUNDS: u64 = 40;

/// A secret: the server, the place in its entry, the text.
type Place = (String, String, String);

/// Text of the shape of `fake`, which begins with `keep`.
fn like(fake: &str, keep: &str, dice: &mut Dice) -> String {
    let rest = fake
        .strip_prefix(keep)
        .expect("a fake begins with what is kept of it");
    let hex = rest
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let digits: Vec<char> = if hex {
        ('0'..='9').chain('a'..='f').collect()
    } else {
        ('0'..='9').chain('a'..='z').chain('A'..='Z').collect()
    };
    let random = dice.text(rest.len(), &digits);
    let random = rest.chars().zip(random.chars());
    let random = random.map(|(each, random)| if each == '-' { '-' } else { random });
    keep.chars().chain(random).collect()
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus")
}

fn labels() -> BTreeMap<String, Vec<BTreeMap<String, String>>> {
    let text = fs::read_to_string(corpus().join("labels.json")).expect("the corpus has labels");
    serde_json::from_str(&text).expect("the labels are JSON")
}

/// `text` without comments and commas before a closing bracket. No text of the corpus holds `//` after a space.
fn strict(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let mut strict = lines.join("\n");
    while let Some(at) = strict
        .match_indices(',')
        .map(|(at, _)| at)
        .find(|&at| strict[at + 1..].trim_start().starts_with(['}', ']']))
    {
        strict.remove(at);
    }
    strict
}

/// The entries of servers anywhere in `json`, with their names.
fn servers(json: &Value, name: &str, found: &mut Vec<(String, Map<String, Value>)>) {
    match json {
        Value::Object(members) => {
            if ["command", "url", "httpUrl", "serverUrl"]
                .iter()
                .any(|key| members.contains_key(*key))
            {
                found.push((name.to_owned(), members.clone()));
            } else {
                members
                    .iter()
                    .for_each(|(key, value)| servers(value, key, found));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| servers(item, name, found)),
        _ => {}
    }
}

/// What is found in the entry of a server, with the confidence of each.
fn judged(entry: &Map<String, Value>) -> Vec<(String, String, Confidence)> {
    let mut found = Vec::new();
    for key in ["env", "environment", "headers"] {
        for (name, value) in entry
            .get(key)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let value = value.as_str().expect("a variable is text");
            let judgement = if key == "headers" {
                judge_header(name, value)
            } else {
                judge(name, value)
            };
            for finding in judgement.findings {
                found.push((
                    format!("{key}.{name}"),
                    value[finding.part].to_owned(),
                    finding.confidence,
                ));
            }
        }
    }
    for key in ["url", "httpUrl", "serverUrl"] {
        if let Some(url) = entry.get(key).and_then(Value::as_str) {
            for finding in judge_url(url).findings {
                found.push((
                    key.to_owned(),
                    url[finding.part].to_owned(),
                    finding.confidence,
                ));
            }
        }
    }
    let texts = |key: &str| -> Vec<&str> {
        entry
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    };
    let listed = texts("command");
    let program = entry.get("command").and_then(Value::as_str);
    let (program, arguments) = match (program, listed.split_first()) {
        (Some(program), _) => (program, texts("args")),
        (None, Some((program, rest))) => (*program, rest.to_vec()),
        (None, None) => ("", Vec::new()),
    };
    for each in judge_arguments(program, &arguments) {
        let part = arguments[each.index][each.finding.part].to_owned();
        found.push((
            format!("args[{}]", each.index),
            part,
            each.finding.confidence,
        ));
    }
    found
}

#[test]
fn every_file_of_the_corpus_has_labels() {
    let listed = fs::read_to_string(corpus().join("MANIFEST.tsv")).unwrap();
    let listed: Vec<&str> = listed
        .lines()
        .skip(1)
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    let mut labelled: Vec<String> = labels().into_keys().collect();
    labelled.sort();
    let mut listed: Vec<String> = listed.into_iter().map(str::to_owned).collect();
    listed.sort();
    assert_eq!(labelled, listed);
}

#[test]
fn every_secret_of_the_corpus_is_found_and_nothing_else() {
    let mut dice = Dice::new();
    let mut secrets = 0;
    for round in 0..ROUNDS {
        for (file, labels) in labels() {
            let mut text = fs::read_to_string(corpus().join(&file)).unwrap();
            if file.ends_with(".toml") || file.ends_with(".yaml") {
                assert!(labels.is_empty(), "{file}: only JSON is read here");
                continue;
            }
            let mut expected: Vec<Place> = Vec::new();
            for label in labels {
                let random = like(&label["part"], &label["keep"], &mut dice);
                text = text.replacen(&label["part"], &random, 1);
                expected.push((label["server"].clone(), label["site"].clone(), random));
            }
            let json = serde_json::from_str(&strict(&text)).unwrap();
            let mut entries = Vec::new();
            servers(&json, "", &mut entries);
            let mut found = Vec::new();
            for (server, entry) in entries {
                for (site, part, confidence) in judged(&entry) {
                    assert!(
                        confidence >= Confidence::Medium,
                        "{file}, round {round}: unsure about {site} of {server}: {part}"
                    );
                    found.push((server.clone(), site, part));
                }
            }
            secrets += found.len();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{file}, round {round}");
        }
    }
    assert!(secrets as u64 >= 9 * ROUNDS, "the corpus has nine secrets");
}
