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
const OTHERS: &[&[&str]] = &[
    &["apiKey"],
    &["auth"],
    &["bearer_token"],
    &["oauth"],
    &["oauthClient"],
    &["oauth_client_secret"],
    &["oauth_token"],
];

/// Texts of those maps that are no secrets, for their names are those of addresses and the like.
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
    for keys in OTHERS {
        for holder in [Some(entry), entry.get("transport")].into_iter().flatten() {
            if let Some(node) = down(holder, keys) {
                collect(node, keys.join("."), &mut others);
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

/// Every text of `node` that may be a secret, with the keys that lead to it.
fn collect(node: Node<'_>, name: String, others: &mut Vec<Variable>) {
    if let Some(found) = text(node) {
        others.push(Variable {
            name,
            place: found.place,
            text: found.text,
        });
        return;
    }
    for (key, below) in node.entries() {
        if !NO_SECRETS.contains(&key) {
            collect(below, format!("{name}.{key}"), others);
        }
    }
}
