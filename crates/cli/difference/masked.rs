//! A config with its values and comments masked.

use std::collections::HashMap;
use std::ops::Range;

use mcp_launch_adopt::sightings;
use mcp_launch_clients::{Client, Entry, Form, Stdio, Transport, servers};
use mcp_launch_core::{Part, Syntax, Template};
use mcp_launch_lossless::{Document, Format, Kind, Node, Place};

use crate::transfer::length_in_words;
use crate::words::{self, Sight};

/// What stands in the place of a text of which nothing is told.
const HIDDEN: &str = "‹hidden›";

/// Values that name a way to start a server, and nothing else.
#[rustfmt::skip]
const WAYS: [&str; 12] = [
    "stdio", "http", "sse", "streamable-http", "streamable_http", "streamableHttp", "websocket", "local", "remote",
    "custom", "builtin", "extension",
];

/// Keys below which not even `true` is shown: servers read there what they like.
#[rustfmt::skip]
const CLOSED: [&str; 10] = [
    "env", "envs", "environment", "headers", "http_headers", "env_http_headers", "requestInit", "settings", "oauth",
    "auth",
];

/// The text of a document. Keys and what holds them together stand as they are; of values only programs, packages,
/// flags and placeholders, and of comments nothing.
pub(super) fn masked(document: &Document, client: &Client) -> String {
    let known = known(&servers(document, client));
    let mut tokens = Vec::new();
    walk("", false, document.root(), &known, &mut tokens);
    // A key stands before its value.
    tokens.sort_by_key(|(span, _)| span.start);
    let text = String::from_utf8_lossy(document.bytes());
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (span, instead) in tokens {
        if span.start < from {
            // Never less hidden than either of two that overlap.
            from = from.max(span.end);
            continue;
        }
        between(&text[from..span.start], document.format(), &mut out);
        match instead {
            Some(instead) => out.push_str(&instead),
            None => out.push_str(&text[span.clone()]),
        }
        from = span.end;
    }
    between(&text[from..], document.format(), &mut out);
    out
}

/// The keys and the values of a document, in the place of each value what is shown.
fn walk(
    key: &str,
    closed: bool,
    node: Node<'_>,
    known: &HashMap<Place, String>,
    tokens: &mut Vec<(Range<usize>, Option<String>)>,
) {
    tokens.extend(node.key_span().map(|span| (span, None)));
    let closed = closed || CLOSED.contains(&key);
    match node.kind() {
        Kind::Map => node
            .entries()
            .for_each(|(key, below)| walk(key, closed, below, known, tokens)),
        Kind::List => node
            .items()
            .for_each(|below| walk(key, closed, below, known, tokens)),
        kind => {
            let shown = match (known.get(&node.place()), kind) {
                (Some(shown), _) => Some(shown.clone()),
                (None, Kind::Bool | Kind::Null) if !closed => None,
                (None, Kind::Text)
                    if node.text().is_some_and(|text| WAYS.contains(&text)) && !closed =>
                {
                    None
                }
                _ => Some(HIDDEN.to_owned()),
            };
            tokens.push((node.span(), shown));
        }
    }
}

/// What is shown of the texts of servers.
fn known(entries: &[Entry]) -> HashMap<Place, String> {
    let mut known = HashMap::new();
    for entry in entries {
        match &entry.transport {
            Transport::Stdio(stdio) => {
                of_command(entry, stdio, &mut known);
                for variable in &stdio.variables {
                    known.insert(variable.place.clone(), quoted(&of_value(&variable.text)));
                }
            }
            Transport::Remote(remote) => {
                for text in remote.headers.iter().chain(&remote.others) {
                    known.insert(text.place.clone(), quoted(&of_value(&text.text)));
                }
                known.insert(
                    remote.url.place.clone(),
                    quoted(&of_value(&remote.url.text)),
                );
            }
            Transport::Unknown => {}
        }
        for setting in &entry.settings {
            known.insert(setting.place.clone(), quoted(&of_value(&setting.text)));
        }
        // Of a secret it is told how long it is.
        let mut told: Vec<Place> = Vec::new();
        for sighting in sightings(entry) {
            let is_line = matches!(&entry.transport, Transport::Stdio(stdio) if stdio.form == Form::Line && stdio.command == sighting.place);
            if !is_line && !told.contains(&sighting.place) {
                known.insert(
                    sighting.place.clone(),
                    format!("‹a secret of {}›", length_in_words(sighting.value.len())),
                );
                told.push(sighting.place);
            }
        }
    }
    known
}

/// The program and its arguments.
fn of_command(entry: &Entry, stdio: &Stdio, known: &mut HashMap<Place, String>) {
    let texts = words::texts(stdio);
    let sights = match entry.launched {
        true => words::sights_launched(&texts),
        false => words::sights(&stdio.program, &texts),
    };
    let program = of_word(&stdio.program, words::of_program(&stdio.program));
    let arguments: Vec<String> = texts
        .iter()
        .zip(sights)
        .map(|(text, sight)| of_word(text, sight))
        .collect();
    if stdio.form == Form::Line {
        let line: Vec<String> = std::iter::once(program).chain(arguments).collect();
        known.insert(stdio.command.clone(), quoted(&line.join(" ")));
        return;
    }
    known.insert(stdio.program_place.clone(), quoted(&program));
    for (argument, shown) in stdio.arguments.iter().zip(arguments) {
        known.insert(argument.place.clone(), quoted(&shown));
    }
}

/// A word of a command, as far as it is shown.
fn of_word(text: &str, sight: Sight) -> String {
    match sight {
        Sight::Whole => text.to_owned(),
        Sight::Name(end) => format!("{}{}", &text[..end], of_value(&text[end..])),
        Sight::Hidden => of_value(text),
    }
}

/// The placeholders of a text; what stands around them is hidden.
fn of_value(text: &str) -> String {
    let Ok(template) = Template::parse(text.as_bytes(), Syntax::AngleAndBrace) else {
        return HIDDEN.to_owned();
    };
    let parts = template.parts().iter().map(|part| match part {
        Part::Literal(_) => HIDDEN.to_owned(),
        // Of a default it shows nothing.
        Part::Placeholder(placeholder) => placeholder.to_string(),
    });
    parts.collect()
}

/// A text as a token of the file, whatever quotes it has there. What is all hidden needs none.
fn quoted(shown: &str) -> String {
    match shown {
        HIDDEN => HIDDEN.to_owned(),
        shown => format!("\"{shown}\""),
    }
}

/// What stands between keys and values: brackets, commas, spaces, and comments, which are masked. No text of the file is
/// here, so what begins a comment does.
fn between(gap: &str, format: Format, out: &mut String) {
    let mut rest = gap;
    while !rest.is_empty() {
        let opening = match format {
            Format::Json => rest.find("//").into_iter().chain(rest.find("/*")).min(),
            Format::Toml | Format::Yaml => rest.find('#'),
        };
        let Some(at) = opening else {
            out.push_str(rest);
            return;
        };
        out.push_str(&rest[..at]);
        let comment = &rest[at..];
        let is_block = comment.starts_with("/*");
        let mark = if format == Format::Json {
            &comment[..2]
        } else {
            "#"
        };
        let end = match is_block {
            true => comment[2..].find("*/").map_or(comment.len(), |end| end + 4),
            false => comment.find(['\r', '\n']).unwrap_or(comment.len()),
        };
        out.push_str(mark);
        if !comment[mark.len()..end].trim().is_empty() {
            out.push(' ');
            out.push_str(HIDDEN);
        }
        if is_block {
            out.push_str(" */");
        }
        rest = &comment[end..];
    }
}

#[cfg(test)]
mod tests {
    use mcp_launch_clients::{Machine, of_path};
    use mcp_launch_core::Environment;

    use super::*;

    fn shown(path: &str, text: &str) -> String {
        let nobody = Environment::from_pairs::<&str, &str>([]);
        let folder = std::path::Path::new("/nowhere");
        let file = of_path(&folder.join(path), &Machine::new(&nobody, folder));
        let document = Document::parse(text.as_bytes(), file.format).unwrap();
        masked(&document, file.client)
    }

    #[test]
    fn what_is_not_known_to_be_no_secret_is_masked() {
        let text = r#"{ // hunter2
  "mcpServers": { "x": { "type": "stdio", "disabled": false, "timeout": 4711,
    "command": "npx", "args": ["-y", "@a/b", "--user=hunter2", "--pin", "hunter2", "hunter2", "$<A>", "--x=$<B:-hunter2>"],
    "env": { "A": "hunter2", "B": 4711, "C": true, "D": "Bearer $<C>", "E": "ghp_kR7mZ2qLxW9tB4vNcY6sHd1pJf8uGe3aVo5X" } /* hunter2
    hunter2 */ } }, "else": ["hunter2", 4711, null]
} // hunter2"#;
        let shown = shown(".mcp.json", text);
        assert!(
            !shown.contains("hunter2") && !shown.contains("4711"),
            "{shown}"
        );
        assert_eq!(
            shown,
            r#"{ // ‹hidden›
  "mcpServers": { "x": { "type": "stdio", "disabled": false, "timeout": ‹hidden›,
    "command": "npx", "args": ["-y", "@a/b", "--user=‹hidden›", "--pin", ‹hidden›, ‹hidden›, "$<A>", "--x=$<B:-…>"],
    "env": { "A": ‹hidden›, "B": ‹hidden›, "C": ‹hidden›, "D": "‹hidden›$<C>", "E": ‹a secret of 40 bytes› } /* ‹hidden› */ } }, "else": [‹hidden›, ‹hidden›, null]
} // ‹hidden›"#
        );
    }

    #[test]
    fn comments_and_values_of_toml_and_yaml_are_masked_too() {
        let toml = "# hunter2\n[mcp_servers.x] # hunter2\ncommand = 'npx'\nargs = [\"package\", # hunter2\n]\nsince = 2001-02-03\n\n[mcp_servers.x.env]\nA = '''\nhunter2'''\n";
        assert_eq!(
            shown(".codex/config.toml", toml),
            "# ‹hidden›\n[mcp_servers.x] # ‹hidden›\ncommand = \"npx\"\nargs = [\"package\", # ‹hidden›\n]\nsince = ‹hidden›\n\n[mcp_servers.x.env]\nA = ‹hidden›\n"
        );
        let yaml = "# hunter2\nextensions:\n  x:\n    cmd: npx # hunter2\n    args: [package, --a, hunter2]\n    envs:\n      A: |\n        hunter2\n        # hunter2\n      B: hunter2\n";
        let shown = shown("config.yaml", yaml);
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("    cmd: \"npx\" # ‹hidden›\n"), "{shown}");
    }

    #[test]
    fn a_short_secret_does_not_tell_its_length() {
        let shown = shown(
            ".mcp.json",
            r#"{"mcpServers":{"x":{"command":"c","env":{"DB_PASSWORD":"a1b"}}}}"#,
        );
        assert!(!shown.contains('3') && !shown.contains("a1b"), "{shown}");
    }
}
