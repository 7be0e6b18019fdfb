//! The shipped schemas are those of the types, and say what the reader says.

use std::path::{Path, PathBuf};

use mcp_launch_config::{ConfigErrorKind, Settings, project_schema, user_schema};
use mcp_launch_core::Environment;
use mcp_launch_testkit::Scratch;
use serde_json::Value;

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/reference")
        .join(name)
}

fn compare(name: &str, schema: &Value) {
    let text = format!("{schema:#}\n");
    let path = shipped(name);
    if Environment::capture().get("MCP_LAUNCH_BLESS").is_some() {
        mcp_launch_atomic::write(&path, text.as_bytes(), 0o644)
            .expect("the shipped schema can be written");
    }
    let shipped = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        shipped == text,
        "{} is not what the types say; MCP_LAUNCH_BLESS=1 writes it anew",
        path.display()
    );
}

#[test]
fn the_shipped_schemas_are_those_of_the_types() {
    compare("config.schema.json", &user_schema());
    compare("project.schema.json", &project_schema());
}

/// Every table of a schema, with its path.
fn tables<'a>(schema: &'a Value, root: &'a Value, at: &str, found: &mut Vec<(String, &'a Value)>) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#'));
        tables(target.expect("references lead somewhere"), root, at, found);
        return;
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        found.push((at.to_owned(), schema));
        for (key, property) in properties {
            let below = if at.is_empty() {
                key.clone()
            } else {
                format!("{at}.{key}")
            };
            tables(property, root, &below, found);
        }
    }
    if let Some(entry) = schema
        .get("additionalProperties")
        .filter(|entry| entry.is_object())
    {
        tables(entry, root, &format!("{at}.X"), found);
    }
}

/// The methods of logging in to a Vault, each with the lines that it needs.
const METHODS: &[(&str, &[&str])] = &[
    ("approle", &["role_id = \"r\""]),
    ("cert", &[]),
    ("jwt", &["jwt = \"$<A>\""]),
    ("kubernetes", &["role = \"r\""]),
    ("token", &[]),
    ("userpass", &["username = \"u\"", "password = \"$<A>\""]),
];

#[test]
fn every_method_of_the_schema_takes_its_own_keys_and_no_others() {
    let schema = user_schema();
    let methods = schema["$defs"]["VaultAuth"]["oneOf"].as_array().unwrap();
    assert_eq!(methods.len(), METHODS.len());
    let keys = |method: &Value| -> Vec<String> {
        let properties = method["properties"].as_object().unwrap();
        properties.keys().cloned().collect()
    };
    let mut all: Vec<String> = methods.iter().flat_map(keys).collect();
    all.retain(|key| key != "method");
    all.push("no_such_key".to_owned());
    for (method, (word, needed)) in methods.iter().zip(METHODS) {
        assert_eq!(method["properties"]["method"]["const"], *word);
        assert_eq!(method["additionalProperties"], Value::Bool(false));
        for key in &all {
            let own = format!("{key} ");
            let needed = needed.iter().filter(|line| !line.starts_with(&own));
            let mut text = format!("[stores.vault.auth]\nmethod = \"{word}\"\n{key} = 1.5\n");
            for line in needed {
                text = format!("{text}{line}\n");
            }
            let scratch = Scratch::new();
            scratch.write(".config/mcp-launch/config.toml", &text);
            let environment = Environment::from_pairs(scratch.variables());
            let error = Settings::load(&environment, &scratch.home()).unwrap_err();
            let is_refused = matches!(
                error.kind(),
                ConfigErrorKind::UnknownKey { .. } | ConfigErrorKind::Foreign(_)
            );
            assert_eq!(error.key(), format!("stores.vault.auth.{key}"), "{text}");
            assert_eq!(is_refused, !keys(method).contains(key), "{text}: {error}");
        }
    }
}

#[test]
fn every_key_of_the_schema_is_a_key_of_the_reader() {
    for (schema, file) in [
        (user_schema(), ".config/mcp-launch/config.toml"),
        (project_schema(), "mcp-launch.toml"),
    ] {
        let mut found = Vec::new();
        tables(&schema, &schema, "", &mut found);
        assert!(found.len() >= 5, "{found:?}");
        for (at, table) in found {
            let closed = table.get("additionalProperties") == Some(&Value::Bool(false));
            assert!(closed, "{at} takes unknown keys");
            let keys = table["properties"].as_object().unwrap().keys().cloned();
            for key in keys.chain(["no_such_key".to_owned()]) {
                // A value of a type that no key has: a known key is of the wrong type, not unknown.
                let header = if at.is_empty() {
                    String::new()
                } else {
                    format!("[{at}]\n")
                };
                let scratch = Scratch::new();
                scratch.write(file, format!("{header}{key} = 1.5\n"));
                let environment = Environment::from_pairs(scratch.variables());
                let error = Settings::load(&environment, &scratch.home())
                    .and_then(|settings| settings.grants())
                    .unwrap_err();
                let unknown = matches!(error.kind(), ConfigErrorKind::UnknownKey { .. });
                assert_eq!(unknown, key == "no_such_key", "{at}.{key}: {error}");
            }
        }
    }
}
