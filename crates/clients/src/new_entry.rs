//! How a client writes a new server, and where.

use mcp_launch_lossless::{Change, Document, Format, Kind, Value};
use zeroize::Zeroizing;

use crate::client::{Command, Constant};
use crate::holders::{down, is_flat};
use crate::written::written;
use crate::{Client, ConfigFile, Holder};

/// The object of a server that `client` is to start: the keys that the client itself writes, in its
/// order. An environment without variables is left out.
#[must_use]
pub fn new_entry(
    client: &Client,
    name: &str,
    program: &str,
    arguments: &[String],
    variables: &[(String, String)],
) -> Value {
    let style = &client.style;
    let constants = |constants: &[(&str, Constant)]| -> Vec<(String, Value)> {
        let constants = constants.iter();
        constants
            .map(|(key, constant)| ((*key).to_owned(), value(*constant, name)))
            .collect()
    };
    let program = std::iter::once(Value::Text(program.to_owned()));
    let arguments = arguments.iter().cloned().map(Value::Text);
    let mut entries = constants(style.before);
    match style.command {
        Command::Text {
            program: key,
            arguments: list,
        } => {
            entries.extend(program.map(|program| (key.to_owned(), program)));
            entries.push((list.to_owned(), Value::List(arguments.collect())));
        }
        Command::List(key) => {
            let list = Value::List(program.chain(arguments).collect());
            entries.push((key.to_owned(), list));
        }
    }
    if !variables.is_empty() {
        let map = variables
            .iter()
            .map(|(name, text)| (name.clone(), Value::Text(text.clone())));
        entries.push((style.variables.to_owned(), Value::Map(map.collect())));
    }
    entries.extend(constants(style.after));
    Value::Map(entries)
}

fn value(constant: Constant, name: &str) -> Value {
    match constant {
        Constant::Text(text) => Value::Text(text.to_owned()),
        Constant::True => Value::Bool(true),
        Constant::Everything => Value::List(vec![Value::Text("*".to_owned())]),
        Constant::Name => Value::Text(name.to_owned()),
    }
}

/// The change that puts a new server `name` into `document`, the content of `file`, as its last.
/// `None` if servers cannot be added: the file is a plugin's, or something else stands where its
/// servers belong.
///
/// Whether a server of that name is there already is for the caller to ask; in a map the change
/// fails then.
#[must_use]
pub fn insertion(
    file: &ConfigFile,
    document: &Document,
    name: &str,
    entry: Value,
) -> Option<Change> {
    let holder = holder_of(file, Some(document))?;
    let mut at = document.root();
    let mut missing = holder.keys();
    while let Some((key, rest)) = missing.split_first() {
        let Some(below) = at.get(key) else { break };
        (at, missing) = (below, rest);
    }
    let into = at.place();
    match (at.kind(), holder, missing) {
        // `mcpServers:` with nothing after it, in YAML.
        (Kind::Null, ..) => Some(Change::Set {
            at: into,
            to: around(missing, held(holder, name, entry)),
        }),
        (Kind::Map, _, [key, rest @ ..]) => Some(Change::Insert {
            into,
            key: (*key).to_owned(),
            value: around(rest, held(holder, name, entry)),
            after: None,
        }),
        (Kind::Map, Holder::Map(_), []) => Some(Change::Insert {
            into,
            key: name.to_owned(),
            value: entry,
            after: None,
        }),
        (Kind::List, Holder::List(_), []) => Some(Change::Splice {
            list: into,
            at: at.len(),
            remove: 0,
            with: vec![named(name, entry)],
        }),
        _ => None,
    }
}

/// The text of a new `file` with one server. `None` if servers cannot be added to it.
#[must_use]
pub fn new_file(file: &ConfigFile, name: &str, entry: Value) -> Option<Zeroizing<String>> {
    let holder = holder_of(file, None)?;
    let opening = file.location.map_or(&[][..], |location| location.opening);
    let mut entries: Vec<(String, Value)> = opening
        .iter()
        .map(|(key, text)| ((*key).to_owned(), Value::Text((*text).to_owned())))
        .collect();
    if let Value::Map(servers) = around(holder.keys(), held(holder, name, entry)) {
        entries.extend(servers);
    }
    Some(written(&Value::Map(entries), file.format))
}

/// What holds servers in `file`: what its client's table says, else what its content has. A file
/// in which every value is a server is itself what holds them.
fn holder_of(file: &ConfigFile, document: Option<&Document>) -> Option<Holder> {
    const USUAL: &[Holder] = &[
        Holder::MCP_SERVERS,
        Holder::Map(&["servers"]),
        Holder::Map(&["mcp_servers"]),
        Holder::Map(&["context_servers"]),
        Holder::Map(&["mcp"]),
        Holder::Map(&["extensions"]),
    ];
    let is_flat = document.is_some_and(|document| is_flat(document.root()));
    if let Some(location) = file.location {
        if is_flat && location.holder == Holder::MCP_SERVERS {
            return Some(Holder::Map(&[]));
        }
        return (location.holder != Holder::Closed).then_some(location.holder);
    }
    let there = document.and_then(|document| {
        USUAL.iter().find_map(|holder| {
            let node = down(document.root(), holder.keys())?;
            match node.kind() {
                Kind::List => Some(Holder::List(holder.keys())),
                _ => Some(*holder),
            }
        })
    });
    let usual = match file.format {
        _ if is_flat => Holder::Map(&[]),
        Format::Toml => Holder::Map(&["mcp_servers"]),
        Format::Json | Format::Yaml => Holder::MCP_SERVERS,
    };
    Some(there.unwrap_or(usual))
}

/// A holder with one server.
fn held(holder: Holder, name: &str, entry: Value) -> Value {
    match holder {
        Holder::List(_) => Value::List(vec![named(name, entry)]),
        Holder::Map(_) | Holder::Closed => Value::Map(vec![(name.to_owned(), entry)]),
    }
}

/// A server as an item of a list, which has its name in it.
fn named(name: &str, entry: Value) -> Value {
    match entry {
        Value::Map(mut entries) => {
            entries.insert(0, ("name".to_owned(), Value::Text(name.to_owned())));
            Value::Map(entries)
        }
        other => other,
    }
}

fn around(keys: &[&str], value: Value) -> Value {
    keys.iter().rev().fold(value, |value, key| {
        Value::Map(vec![((*key).to_owned(), value)])
    })
}
