//! The reference of the settings is whole, and its examples are right.

use mcp_launch_config::{Settings, project_schema, user_schema};
use mcp_launch_core::Environment;
use mcp_launch_testkit::Scratch;
use serde_json::Value;

const REFERENCE: &str = include_str!("../../../docs/reference/settings.md");

/// The code block of the reference that is marked so.
fn example(mark: &str) -> &'static str {
    let start = format!("```toml {mark}\n");
    let (_, after) = REFERENCE
        .split_once(&start)
        .expect("the reference has the example");
    after.split_once("```").expect("a block ends").0
}

/// Every key of a schema, and of the tables below it.
fn keys(schema: &Value, found: &mut Vec<String>) {
    for (name, below) in schema.as_object().into_iter().flatten() {
        if name == "properties" {
            found.extend(below.as_object().expect("properties").keys().cloned());
        }
        keys(below, found);
    }
}

fn load(file: &str, text: &str) -> Settings {
    let scratch = Scratch::new();
    scratch.write(file, text);
    let environment = Environment::from_pairs(scratch.variables());
    Settings::load(&environment, &scratch.home()).expect("the example is right")
}

#[test]
fn the_examples_are_right_and_hold_every_key() {
    let user_example = format!(
        "{}\n{}\n{}",
        example("user"),
        example("network"),
        example("rotation")
    );
    let user = load(".config/mcp-launch/config.toml", &user_example);
    assert!(user.server("github").unwrap().is_some());
    assert_eq!(user.network_stores().len(), 9);
    assert_eq!(user.rotated().len(), 4);
    for rotate in user.rotated() {
        assert!(user.rotator(&rotate.using, "using").is_ok());
    }
    let project = load("mcp-launch.toml", example("project"));
    assert!(!project.project().unwrap().gated().is_empty());

    for (mark, shown, schema) in [
        ("user", user_example.as_str(), user_schema()),
        ("project", example("project"), project_schema()),
    ] {
        let mut all = Vec::new();
        keys(&schema, &mut all);
        assert!(all.len() > 10);
        for key in all {
            // `path` is the other spelling of `env_file`, and only one of them may stand in a file.
            let shown = shown.contains(&key)
                || mark == "project" && ["expires", "on_rotate", "path"].contains(&key.as_str());
            assert!(shown, "the {mark} example lacks `{key}`");
            let named = [format!("{key}`"), format!("[{key}."), format!(".{key}.")]
                .iter()
                .any(|form| REFERENCE.contains(form));
            assert!(named, "no row for `{key}`");
        }
    }
}
