//! A remote server, reached through `mcp-remote`, which the launcher starts.

use mcp_launch_clients::{Braces, Client, Command, Constant, Entry, Remote};
use mcp_launch_core::Syntax;
use mcp_launch_lossless::{Change, Kind, Value};

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
    let own_login = |key: &&str| work.document().at(&entry.place.key(key)).is_some();
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
    let mut new = Vec::new();
    for (key, constant) in client.style.before {
        new.push((*key, value(*constant, entry)));
    }
    match client.style.command {
        Command::Text { program, arguments } => {
            new.push((program, text(launcher)));
            new.push((arguments, Value::List(words)));
        }
        Command::List(command) => {
            words.insert(0, text(launcher));
            new.push((command, Value::List(words)));
        }
    }
    if !variables.is_empty() {
        new.push((client.style.variables, Value::Map(variables)));
    }
    let mut out = vec![remote.url.place.clone()];
    out.extend(remote.header_map.clone());
    let keys = TRANSPORT_KEYS.iter().filter(|key| {
        let is_new = new.iter().any(|(new, _)| new == *key);
        let node = work.document().at(&place.key(key));
        !is_new && node.is_some_and(|node| node.text().is_some())
    });
    out.extend(keys.map(|key| place.key(key)));
    // What is new comes before the old goes: a map that was empty in between would be laid out anew.
    for (key, value) in new {
        let at = place.key(key);
        let is_transport = TRANSPORT_KEYS.contains(&key);
        match work.document().at(&at).map(|node| node.kind()) {
            Some(Kind::Text) if is_transport => {
                work.change(
                    &at,
                    Change::Set {
                        at: at.clone(),
                        to: value,
                    },
                )?;
            }
            None | Some(Kind::Null) => insert(work, place, key, value, None)?,
            Some(_) => {}
        }
    }
    for at in out {
        work.change(&at, Change::Remove { at: at.clone() })?;
    }
    Ok(())
}

fn value(constant: Constant, entry: &Entry) -> Value {
    match constant {
        Constant::Everything => Value::List(vec![text("*")]),
        Constant::Name => Value::Text(entry.name.clone()),
        Constant::Text(words) => text(words),
        Constant::True => Value::Bool(true),
    }
}
