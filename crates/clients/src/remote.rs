//! Servers that the client asks at an address.

use mcp_launch_lossless::{Kind, Node};

use crate::entry::{Remote, Variable};
use crate::holders::down;
use crate::stdio::{text, variables};

/// The keys of an address.
pub(crate) const URL_KEYS: &[&str] = &["url", "serverUrl", "httpUrl", "uri"];

/// The keys that lead to the headers: most clients, Codex, Continue.
const HEADER_KEYS: &[&[&str]] = &[
    &["headers"],
    &["http_headers"],
    &["requestOptions", "headers"],
];

/// Where else secrets of an address stand: a text, or a map of which every text may be one.
const OTHERS: &[&str] = &[
    "apiKey",
    "auth",
    "bearer_token",
    // Of no use to an address, and a secret in the file all the same.
    "env",
    "oauth",
    "oauthClient",
    "oauth_client_secret",
    "oauth_token",
];

/// Keys of those maps whose texts are no secrets.
const NO_SECRETS: &[&str] = &["type", "scope", "token_type", "clientId", "client_id"];

/// Reads the server of `entry`, whose address is in `described`; `None` if it has no address.
pub(crate) fn read(entry: Node<'_>, described: Node<'_>) -> Option<Remote> {
    let (url_key, url) = URL_KEYS
        .iter()
        .find_map(|key| Some((*key, text(described.get(key)?)?)))?;
    let maps: Vec<Node<'_>> = HEADER_KEYS
        .iter()
        .filter_map(|keys| down(described, keys))
        .filter(|map| map.kind() == Kind::Map)
        .collect();
    let mut maps = maps.into_iter();
    let headers = maps.next();
    let mut others: Vec<Variable> = maps.flat_map(variables).collect();
    for &key in OTHERS {
        for holder in [Some(entry), entry.get("transport")].into_iter().flatten() {
            if let Some(node) = holder.get(key) {
                collect(node, key.to_owned(), &mut others);
            }
        }
    }
    Some(Remote {
        url,
        url_key,
        headers: headers.map_or_else(Vec::new, variables),
        header_map: headers.map(Node::place),
        others,
    })
}

/// Every text of `node` that may be a secret, named `name` and the keys that lead to it from there.
pub(crate) fn collect(node: Node<'_>, name: String, others: &mut Vec<Variable>) {
    if let Some(found) = text(node) {
        others.push(Variable {
            name,
            place: found.place,
            text: found.text,
        });
        return;
    }
    for (index, below) in node.items().enumerate() {
        collect(below, format!("{name}[{index}]"), others);
    }
    for (key, below) in node.entries() {
        if !NO_SECRETS.contains(&key) {
            let dot = if name.is_empty() { "" } else { "." };
            collect(below, format!("{name}{dot}{key}"), others);
        }
    }
}
