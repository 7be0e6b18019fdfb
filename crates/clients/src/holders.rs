//! Where the servers of a config are, told by its content.
//!
//! Not by its name: `.mcp.json` is read by six clients, a plugin's may have no `mcpServers`, and
//! people copy entries from one client's file into another's.

use mcp_launch_lossless::{Kind, Node};

/// What may be one server, and how it was found.
pub(crate) struct Found<'a> {
    pub(crate) name: String,
    pub(crate) project: Option<String>,
    pub(crate) node: Node<'a>,
}

/// How much a value must look like a server to be taken for one.
#[derive(Clone, Copy, PartialEq)]
enum Proof {
    /// Its place is proof enough: an object is a server, even one that says nothing.
    Place,
    /// The key has other uses too, so it must have a command or an address.
    Content,
}

/// Keys from the root that lead to a map of servers, or to a list of them.
const HOLDERS: &[(&[&str], Proof)] = &[
    (&["mcpServers"], Proof::Place),
    (&["servers"], Proof::Place),
    (&["mcp_servers"], Proof::Place),
    (&["context_servers"], Proof::Place),
    (&["amp.mcpServers"], Proof::Place),
    (&["mcp", "servers"], Proof::Place),
    (&["mcp", "mcpServers"], Proof::Place),
    (
        &["customizations", "vscode", "mcp", "servers"],
        Proof::Place,
    ),
    // Gemini CLI has lists of names under `mcp`; VS Code and others have extensions of their own.
    (&["mcp"], Proof::Content),
    (&["extensions"], Proof::Content),
];

/// Everything in a config that may be a server, in the order of the holders and of the file.
pub(crate) fn found(root: Node<'_>) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    for (keys, proof) in HOLDERS {
        if let Some(holder) = down(root, keys) {
            collect(holder, *proof, None, &mut found);
        }
    }
    if let Some(projects) = root.get("projects") {
        for (path, project) in projects.entries() {
            if let Some(holder) = project.get("mcpServers") {
                collect(holder, Proof::Place, Some(path), &mut found);
            }
        }
    }
    if let Some(server) = down(root, &["server", "mcp_config"]) {
        found.push(alone(root, server));
    }
    if !found.is_empty() {
        return found;
    }
    if is_server(root) {
        return vec![alone(root, root)];
    }
    if is_flat(root) {
        collect(root, Proof::Content, None, &mut found);
    }
    found
}

/// Whether the root is itself the map of servers: each of its values is one.
pub(crate) fn is_flat(root: Node<'_>) -> bool {
    let mut values = root
        .entries()
        .filter(|(key, _)| !key.starts_with(['$', '_']))
        .peekable();
    values.peek().is_some() && values.all(|(_, value)| is_server(value))
}

fn collect<'a>(holder: Node<'a>, proof: Proof, project: Option<&str>, found: &mut Vec<Found<'a>>) {
    let named = holder.entries().map(|(name, node)| (name.to_owned(), node));
    let listed = holder.items().enumerate().map(|(index, node)| {
        let name = node.get("name").and_then(Node::text);
        (
            name.map_or_else(|| format!("[{index}]"), str::to_owned),
            node,
        )
    });
    for (name, node) in named.chain(listed) {
        let is_one = match proof {
            Proof::Place => node.kind() == Kind::Map,
            Proof::Content => is_server(node),
        };
        if is_one {
            found.push(Found {
                name,
                project: project.map(str::to_owned),
                node,
            });
        }
    }
}

/// The one server of a file, which has the name that the file gives it.
fn alone<'a>(root: Node<'a>, node: Node<'a>) -> Found<'a> {
    let name = root.get("name").and_then(Node::text).unwrap_or("server");
    Found {
        name: name.to_owned(),
        project: None,
        node,
    }
}

/// Whether a value has what makes a server: a command or an address.
fn is_server(node: Node<'_>) -> bool {
    let node = described(node);
    let is_text = |key: &str| {
        node.get(key)
            .is_some_and(|value| value.kind() == Kind::Text)
    };
    let has_command = node
        .get("command")
        .is_some_and(|value| matches!(value.kind(), Kind::Text | Kind::List | Kind::Map));
    has_command || is_text("cmd") || crate::remote::URL_KEYS.iter().any(|key| is_text(key))
}

/// The object that has command or address: the entry itself, or its `transport` as Cline nests it.
pub(crate) fn described(node: Node<'_>) -> Node<'_> {
    node.get("transport")
        .filter(|transport| transport.kind() == Kind::Map)
        .unwrap_or(node)
}

/// What stands at the end of these keys.
pub(crate) fn down<'a>(node: Node<'a>, keys: &[&str]) -> Option<Node<'a>> {
    keys.iter().try_fold(node, |node, key| node.get(key))
}
