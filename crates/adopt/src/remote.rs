//! A remote server, reached through `mcp-remote`, which the launcher starts.

use mcp_launch_clients::{Braces, Client, Command, Constant, Entry, Remote};
use mcp_launch_core::Syntax;
use mcp_launch_lossless::{Change, Kind, Place, Value};

use crate::rewrite::{Moved, Obstacle, Work, text};
use crate::sighting::Site;
use crate::stdio::{insert, variable_of_header};
use crate::template::{Around, with_placeholders};

/// The bridge from a program to an address: <https://www.npmjs.com/package/mcp-remote>.
const BRIDGE: &str = "mcp-remote";

/// Keys by which a client logs in itself: no bridge has what they name, so without the client the server would refuse.
const LOGINS: [&str; 6] = [
    "auth",
    "bearer_token_env_var",
    "env_http_headers",
    "headersHelper",
    "oauth",
    "oauthClient",
];

/// Keys that say by which transport an address is asked.
const TRANSPORT_KEYS: [&str; 3] = ["type", "transport", "transportType"];

pub(crate) fn rewrite(
    work: &mut Work<'_>,
    client: &Client,
    entry: &Entry,
    remote: &Remote,
    moved: &[Moved<'_>],
    launcher: &str,
) -> Result<(), Obstacle> {
    let own_login = |key: &&str| {
        let node = work.document().at(&entry.place.key(key));
        // Written so that it is off.
        node.is_some_and(|node| node.kind() != Kind::Null && node.bool() != Some(false))
    };
    if let Some(key) = LOGINS.into_iter().find(own_login) {
        return Err(Obstacle::ClientsLogin(key));
    }
    let filled = |site: &Site, text: &str| {
        let parts: Vec<_> = moved
            .iter()
            .filter(|moved| moved.sighting.site == *site)
            .map(|moved| (moved.sighting.part.clone(), moved.placeholder.as_str()))
            .collect();
        with_placeholders(text, &parts, Around::Literal(Syntax::Angle)).ok_or(Obstacle::Template)
    };
    let url = filled(&Site::Url, &remote.url.text)?;
    let mut words = vec![
        text("--"),
        text("npx"),
        text("-y"),
        text(BRIDGE),
        text(&url),
    ];
    if is_unencrypted(&remote.url.text) {
        // It refuses such an address otherwise, and the client did not.
        words.push(text("--allow-http"));
    }
    let mut variables = Vec::new();
    for header in &remote.headers {
        let variable = variable_of_header(&header.name);
        let value = filled(&Site::Header(header.name.clone()), &header.text)?;
        words.push(text("--header"));
        if client.braces_in_arguments == Braces::Replaced {
            words.push(text(&format!("{}:{}", header.name, value.as_str())));
            continue;
        }
        words.push(text(&format!("{}:${{{variable}}}", header.name)));
        variables.push((variable, Value::Text(value.to_string())));
    }

    let place = &entry.place;
    let mut out = vec![remote.url.place.clone()];
    out.extend(remote.header_map.clone());
    let before = client.style.before;
    let keys = TRANSPORT_KEYS.iter().filter(|key| {
        let is_new = before.iter().any(|(new, _)| new == *key);
        let node = work.document().at(&place.key(key));
        !is_new && node.is_some_and(|node| node.text().is_some())
    });
    out.extend(keys.map(|key| place.key(key)));

    // What is new comes before the old goes: a map that was empty in between would be laid out anew.
    for (key, constant) in before {
        let stays = !TRANSPORT_KEYS.contains(key) && work.document().at(&place.key(key)).is_some();
        if !stays {
            put(work, place, key, value(*constant, entry))?;
        }
    }
    match client.style.command {
        Command::Text { program, arguments } => {
            put(work, place, program, text(launcher))?;
            put(work, place, arguments, Value::List(words))?;
        }
        Command::List(command) => {
            words.insert(0, text(launcher));
            put(work, place, command, Value::List(words))?;
        }
    }
    let map = place.key(client.style.variables);
    let has_map = work
        .document()
        .at(&map)
        .is_some_and(|node| node.kind() == Kind::Map);
    match has_map {
        true => {
            for (name, value) in variables {
                put(work, &map, &name, value)?;
            }
        }
        false if variables.is_empty() => {}
        false => put(work, place, client.style.variables, Value::Map(variables))?,
    }
    for at in out {
        work.change(&at, Change::Remove { at: at.clone() })?;
    }
    Ok(())
}

/// Puts `to` under `key`, whatever is there.
fn put(work: &mut Work<'_>, map: &Place, key: &str, to: Value) -> Result<(), Obstacle> {
    let at = map.key(key);
    if work.document().at(&at).is_none() {
        return insert(work, map, key, to, None);
    }
    work.change(&at, Change::Set { at: at.clone(), to })
}

/// Whether what goes to this address crosses a network as it is.
fn is_unencrypted(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_loopback = ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
        host.strip_prefix(name)
            .is_some_and(|port| port.is_empty() || port.starts_with(':'))
    });
    !is_loopback
}

fn value(constant: Constant, entry: &Entry) -> Value {
    match constant {
        Constant::Everything => Value::List(vec![text("*")]),
        Constant::Name => Value::Text(entry.name.clone()),
        Constant::Text(words) => text(words),
        Constant::True => Value::Bool(true),
    }
}
