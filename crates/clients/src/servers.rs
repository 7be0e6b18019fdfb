//! The servers of a config.

use mcp_launch_lossless::{Document, Node};

use crate::entry::{Entry, Transport};
use crate::holders::{self, Found};
use crate::{Client, remote, stdio};

/// The servers that stand in a config of `client`.
///
/// Where they are is told by the content; the client says only what a key that is not there yet
/// would be called. Values that are no objects, comments as `_comment` for one, are no servers; nor
/// are parts of the client itself, such as Goose's built-in extensions.
#[must_use]
pub fn servers(document: &Document, client: &Client) -> Vec<Entry> {
    holders::found(document.root())
        .into_iter()
        .map(|found| entry(found, client))
        .collect()
}

fn entry(found: Found<'_>, client: &Client) -> Entry {
    let Found {
        name,
        project,
        node,
    } = found;
    let described = holders::described(node);
    let transport = match stdio::read(node, described, client) {
        Some(stdio) => Transport::Stdio(Box::new(stdio)),
        None => match remote::read(node, described) {
            Some(remote) => Transport::Remote(Box::new(remote)),
            None => Transport::Unknown,
        },
    };
    let says = |key: &str, off: bool| node.get(key).and_then(Node::bool) == Some(off);
    let mut settings = Vec::new();
    if let Some(node) = node.get("settings") {
        remote::collect(node, String::new(), &mut settings);
    }
    Entry {
        name,
        project,
        place: node.place(),
        line: node.line(),
        disabled: says("disabled", true) || says("enabled", false),
        launched: matches!(&transport, Transport::Stdio(stdio) if stdio::is_launched(stdio)),
        transport,
        settings,
    }
}
