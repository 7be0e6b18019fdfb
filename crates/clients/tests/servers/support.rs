//! What the tests of servers share.

use mcp_launch_clients::{Entry, Remote, Stdio, Transport, Variable, client, servers};
use mcp_launch_lossless::{Document, Format};

/// The servers of a text that stands in a file of the client `id`.
pub(crate) fn read(id: &str, format: Format, text: &str) -> Vec<Entry> {
    let document =
        Document::parse(text.as_bytes(), format).unwrap_or_else(|flaw| panic!("{flaw} in\n{text}"));
    servers(&document, client(id).expect("a client"))
}

/// The only server of a JSON text.
pub(crate) fn one(id: &str, text: &str) -> Entry {
    let mut entries = read(id, Format::Json, text);
    assert_eq!(names(&entries).len(), 1, "{:?}", names(&entries));
    entries.remove(0)
}

pub(crate) fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.name.as_str()).collect()
}

pub(crate) fn stdio(entry: &Entry) -> &Stdio {
    match &entry.transport {
        Transport::Stdio(stdio) => stdio,
        Transport::Remote(_) | Transport::Unknown => panic!("{} is started", entry.name),
    }
}

pub(crate) fn remote(entry: &Entry) -> &Remote {
    match &entry.transport {
        Transport::Remote(remote) => remote,
        Transport::Stdio(_) | Transport::Unknown => panic!("{} is remote", entry.name),
    }
}

/// Program and arguments.
pub(crate) fn words(entry: &Entry) -> Vec<&str> {
    let stdio = stdio(entry);
    let arguments = stdio
        .arguments
        .iter()
        .map(|argument| argument.text.as_str());
    std::iter::once(stdio.program.as_str())
        .chain(arguments)
        .collect()
}

/// Names, texts and places.
pub(crate) fn shown(variables: &[Variable]) -> Vec<String> {
    variables
        .iter()
        .map(|variable| format!("{}={} at {}", variable.name, *variable.text, variable.place))
        .collect()
}
