//! Servers that the client starts.

use mcp_launch_lossless::{Kind, Node};
use zeroize::Zeroizing;

use crate::Client;
use crate::client::Command;
use crate::command_line;
use crate::entry::{Form, Stdio, Text, Variable};

/// The keys under which clients keep the environment.
const VARIABLE_KEYS: &[&str] = &["env", "envs", "environment"];

/// Reads the server of `entry`, whose command is in `described`; `None` if it has no command.
pub(crate) fn read(entry: Node<'_>, described: Node<'_>, client: &Client) -> Option<Stdio> {
    let command = described.get("command").or_else(|| described.get("cmd"))?;
    let is_goose = described.get("cmd").is_some();
    let (form, program, parent) = match command.kind() {
        Kind::Text => (Form::Text, command, described),
        Kind::List => (Form::List, command.index(0)?, described),
        Kind::Map => (Form::Object, command.get("path")?, command),
        _ => return None,
    };
    // An empty text is a form that nobody has filled in.
    let text = program.text().filter(|text| !text.trim().is_empty())?;
    let list = parent.get("args").filter(|list| list.kind() == Kind::List);

    let has_arguments = list.is_some_and(|list| !list.is_empty());
    let words = if form == Form::Text && !has_arguments {
        command_line::words(text)
    } else {
        None
    };
    let (form, program_text, arguments) = match words {
        Some(mut words) => {
            let first = words.remove(0);
            let place = command.place();
            let texts = words.into_iter().map(|word| Text {
                place: place.clone(),
                text: Zeroizing::new(word),
            });
            (Form::Line, first, texts.collect())
        }
        None if form == Form::List => (form, text.to_owned(), texts(command, 1)),
        None => {
            let arguments = list.map_or_else(Vec::new, |list| texts(list, 0));
            (form, text.to_owned(), arguments)
        }
    };
    let is_map = |node: &Node<'_>| node.kind() == Kind::Map;
    let map = VARIABLE_KEYS
        .iter()
        .find_map(|key| Some((*key, parent.get(key).filter(is_map)?)));
    let unread = VARIABLE_KEYS
        .iter()
        .filter_map(|key| parent.get(key))
        .find(|node| match node.kind() {
            Kind::List => !node.is_empty(),
            Kind::Text => node.text().is_some_and(|text| !text.is_empty()),
            // `<<: *others`
            Kind::Map => node.entries().any(|(_, value)| value.kind() == Kind::Other),
            kind => kind == Kind::Other,
        });
    let variable_key = match map {
        Some((key, _)) => key,
        None if is_goose => "envs",
        None if form == Form::List => "environment",
        None => own_variable_key(form, client),
    };
    Some(Stdio {
        command: command.place(),
        program: program_text,
        program_place: program.place(),
        arguments,
        argument_list: match form {
            Form::List => Some(command.place()),
            _ => list.map(Node::place),
        },
        argument_key: if form == Form::List {
            "command"
        } else {
            "args"
        },
        variables: map.map_or_else(Vec::new, |(_, map)| variables(map)),
        variable_map: map.map(|(_, map)| map.place()),
        unread_variables: unread.map(Node::line),
        variable_key,
        parent: parent.place(),
        env_file: text_at(entry, "envFile").or_else(|| text_at(described, "envFile")),
        kept_elsewhere: names(entry, "env_keys"),
        passed_on: names(entry, "env_vars"),
        working_directory: ["cwd", "working_directory"]
            .iter()
            .find_map(|key| described.get(key).and_then(Node::text))
            .map(str::to_owned),
        form,
    })
}

/// The client's own key, if the entry has the client's own form.
fn own_variable_key(form: Form, client: &Client) -> &'static str {
    match (client.style.command, form) {
        (
            Command::Text {
                program: "command", ..
            },
            _,
        ) => client.style.variables,
        _ => "env",
    }
}

/// Whether the program is the launcher, or a shell of Windows that starts it. One that is named by a relative path is not: what
/// stands there, the folder decides that the server is started in.
pub(crate) fn is_launched(stdio: &Stdio) -> bool {
    if is_launcher(&stdio.program) {
        return true;
    }
    let mut arguments = stdio
        .arguments
        .iter()
        .map(|argument| argument.text.as_str());
    is_named(&stdio.program, "cmd")
        && arguments
            .next()
            .is_some_and(|first| first.eq_ignore_ascii_case("/c"))
        && arguments.next().is_some_and(is_launcher)
}

fn is_launcher(program: &str) -> bool {
    let is_bare = !program.contains(['/', '\\']);
    (is_bare || is_absolute(program)) && is_named(program, "mcp-launch")
}

/// Whether it is a whole path of any system, which need not be this one: `/…`, `~/…`, `C:\…`, `\\…`.
fn is_absolute(program: &str) -> bool {
    let mut bytes = program.bytes();
    match (bytes.next(), bytes.next(), bytes.next()) {
        (Some(b'/'), ..) | (Some(b'~'), Some(b'/'), _) | (Some(b'\\'), Some(b'\\'), _) => true,
        (Some(drive), Some(b':'), Some(b'/' | b'\\')) => drive.is_ascii_alphabetic(),
        _ => false,
    }
}

/// Whether `program` is `name`, wherever it stands and with the ends of a program of Windows.
fn is_named(program: &str, name: &str) -> bool {
    let file = program.rsplit(['/', '\\']).next().unwrap_or_default();
    let file = file.to_ascii_lowercase();
    let stem = [".exe", ".cmd"]
        .iter()
        .find_map(|end| file.strip_suffix(end))
        .unwrap_or(&file);
    stem == name
}

/// The texts of a list from its item `first` on.
fn texts(list: Node<'_>, first: usize) -> Vec<Text> {
    let items = list.items().skip(first);
    items.filter_map(text).collect()
}

/// The texts of a map, each with its key.
pub(crate) fn variables(map: Node<'_>) -> Vec<Variable> {
    map.entries()
        .filter_map(|(name, node)| {
            let Text { place, text } = text(node)?;
            Some(Variable {
                name: name.to_owned(),
                place,
                text,
            })
        })
        .collect()
}

/// A text and its place.
pub(crate) fn text(node: Node<'_>) -> Option<Text> {
    Some(Text {
        text: Zeroizing::new(node.text()?.to_owned()),
        place: node.place(),
    })
}

fn text_at(node: Node<'_>, key: &str) -> Option<Text> {
    text(node.get(key)?)
}

/// The names of a list: texts, or objects with a `name`.
fn names(node: Node<'_>, key: &str) -> Vec<String> {
    let Some(list) = node.get(key) else {
        return Vec::new();
    };
    list.items()
        .filter_map(|item| {
            item.text()
                .or_else(|| item.get("name").and_then(Node::text))
        })
        .map(str::to_owned)
        .collect()
}
