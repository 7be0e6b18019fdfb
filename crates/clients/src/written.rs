//! A value as the text of a new file.

use mcp_launch_lossless::{Format, Value};
use zeroize::Zeroizing;

/// The text of a file whose root is `value`, a map.
pub(crate) fn written(value: &Value, format: Format) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::new());
    match format {
        Format::Json => {
            json(value, 0, &mut text);
            text.push('\n');
        }
        Format::Toml => toml(value, "", &mut text),
        Format::Yaml => {
            yaml(value, 0, &mut text);
            // A collection begins with a line end, for the key before it.
            text.remove(0);
            text.push('\n');
        }
    }
    text
}

fn json(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Text(words) => quoted(words, text),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::List(items) => {
            text.push('[');
            for (number, item) in items.iter().enumerate() {
                text.push_str(if number == 0 { "" } else { ", " });
                json(item, depth, text);
            }
            text.push(']');
        }
        Value::Map(entries) if entries.is_empty() => text.push_str("{}"),
        Value::Map(entries) => {
            text.push('{');
            for (number, (key, value)) in entries.iter().enumerate() {
                text.push_str(if number == 0 { "" } else { "," });
                line(depth + 1, text);
                quoted(key, text);
                text.push_str(": ");
                json(value, depth + 1, text);
            }
            line(depth, text);
            text.push('}');
        }
    }
}

/// The map `value` at the dotted key `path`: what is no map first, each map under a header after it.
fn toml(value: &Value, path: &str, text: &mut String) {
    let Value::Map(entries) = value else { return };
    let (maps, others): (Vec<_>, Vec<_>) = entries
        .iter()
        .partition(|(_, value)| matches!(value, Value::Map(_)));
    if !path.is_empty() && (!others.is_empty() || maps.is_empty()) {
        text.push_str(if text.is_empty() { "[" } else { "\n[" });
        text.push_str(path);
        text.push_str("]\n");
    }
    for (key, value) in others {
        toml_key(key, text);
        text.push_str(" = ");
        json(value, 0, text);
        text.push('\n');
    }
    for (key, value) in maps {
        let mut below = path.to_owned();
        below.push_str(if path.is_empty() { "" } else { "." });
        toml_key(key, &mut below);
        toml(value, &below, text);
    }
}

fn toml_key(key: &str, text: &mut String) {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !key.is_empty() && key.chars().all(bare) {
        text.push_str(key);
    } else {
        quoted(key, text);
    }
}

fn yaml(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Text(words) => plain(words, text),
        Value::Bool(_) => json(value, depth, text),
        Value::List(items) if items.is_empty() => text.push_str("[]"),
        Value::List(items) => {
            for item in items {
                line(depth, text);
                text.push_str("- ");
                match item {
                    Value::Map(entries) => yaml_entries(entries, depth + 1, false, text),
                    _ => yaml(item, depth + 1, text),
                }
            }
        }
        Value::Map(entries) if entries.is_empty() => text.push_str("{}"),
        Value::Map(entries) => yaml_entries(entries, depth, true, text),
    }
}

/// The entries of a map, the first of them on a new line or after what is there.
fn yaml_entries(entries: &[(String, Value)], depth: usize, on_new_line: bool, text: &mut String) {
    for (number, (key, value)) in entries.iter().enumerate() {
        if number > 0 || on_new_line {
            line(depth, text);
        }
        plain(key, text);
        text.push(':');
        let below = match value {
            Value::Map(entries) => !entries.is_empty(),
            Value::List(items) => !items.is_empty(),
            Value::Text(_) | Value::Bool(_) => false,
        };
        text.push_str(if below { "" } else { " " });
        yaml(value, depth + 1, text);
    }
}

/// `words` as YAML: without quotes only where no reader takes it for something else.
fn plain(words: &str, text: &mut String) {
    const OTHERS: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let is_plain = words.starts_with(|c: char| c.is_ascii_alphabetic())
        && words.chars().all(word)
        && !OTHERS.contains(&words.to_ascii_lowercase().as_str());
    if is_plain {
        text.push_str(words);
    } else {
        quoted(words, text);
    }
}

/// `words` in double quotes, with escapes that JSON, TOML and YAML understand alike.
fn quoted(words: &str, text: &mut String) {
    text.push('"');
    for character in words.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                text.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

fn line(depth: usize, text: &mut String) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, Value)]) -> Value {
        let entries = entries.iter();
        Value::Map(
            entries
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .collect(),
        )
    }

    fn text(words: &str) -> Value {
        Value::Text(words.to_owned())
    }

    fn example() -> Value {
        let server = map(&[
            ("command", text("npx")),
            ("args", Value::List(vec![text("-y"), text("a \"b\"")])),
            ("env", map(&[("KEY", text("$<KEY>"))])),
        ]);
        map(&[("servers", map(&[("my server", server)]))])
    }

    #[test]
    fn json_is_indented_by_two() {
        let expected = r#"{
  "servers": {
    "my server": {
      "command": "npx",
      "args": ["-y", "a \"b\""],
      "env": {
        "KEY": "$<KEY>"
      }
    }
  }
}
"#;
        assert_eq!(*written(&example(), Format::Json), expected);
    }

    #[test]
    fn toml_has_a_header_for_every_map_with_something_in_it() {
        let expected = r#"[servers."my server"]
command = "npx"
args = ["-y", "a \"b\""]

[servers."my server".env]
KEY = "$<KEY>"
"#;
        assert_eq!(*written(&example(), Format::Toml), expected);
    }

    #[test]
    fn yaml_is_in_blocks() {
        let expected = r#"servers:
  "my server":
    command: npx
    args:
      - "-y"
      - "a \"b\""
    env:
      KEY: "$<KEY>"
"#;
        assert_eq!(*written(&example(), Format::Yaml), expected);
        let listed = map(&[(
            "list",
            Value::List(vec![map(&[
                ("name", text("no")),
                ("args", Value::List(vec![])),
                ("on", Value::Bool(true)),
            ])]),
        )]);
        let expected = "list:\n  - name: \"no\"\n    args: []\n    \"on\": true\n";
        assert_eq!(*written(&listed, Format::Yaml), expected);
    }

    #[test]
    fn control_characters_are_escaped() {
        let mut text = String::new();
        quoted("a\u{7f}\0\n\"\\", &mut text);
        assert_eq!(text, r#""a\u007f\u0000\n\"\\""#);
    }
}
