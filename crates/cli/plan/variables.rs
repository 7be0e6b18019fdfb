//! Which variables the server gets of those that the client gave, and which it does not get.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use mcp_launch_config::{Inherit, Server};
use mcp_launch_core::{Environment, FoundIn, Program, Request, Template};

use crate::plan::Text;
use crate::registry;

/// What MCP clients that use an allow-list hand on, and what text handling needs besides.
const MINIMAL: &[&str] = &[
    "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ",
    "USER",
];

/// Belongs to a store's own login whatever the launch uses, so no server inherits it.
const STORE_LOGINS: &[&str] = &["VAULT_TOKEN"];

/// The launcher's own variables.
const OWN_PREFIX: &str = "MCP_LAUNCH_";

/// The variables that the server gets, before their placeholders are read, and those it does not get.
pub(super) fn variables(
    environment: &Environment,
    server: Option<&Server>,
    program: &Program,
) -> (Vec<(OsString, Text)>, Vec<OsString>) {
    let minimal = server.is_some_and(|server| server.inherit == Inherit::Minimal);
    let mut given = Vec::new();
    let mut stripped = Vec::new();
    for (name, value) in environment.iter() {
        if is_own(name)
            || (!holds_placeholder(value) && (is_login(name) || minimal && !is_minimal(name)))
        {
            stripped.push(name.to_owned());
        } else {
            given.push((name.to_owned(), Text::Raw(value.to_owned())));
        }
    }
    for (name, template) in server.iter().flat_map(|server| &server.env) {
        let name = OsStr::new(name);
        given.retain(|(own, _)| own != name);
        stripped.retain(|own| own != name);
        given.push((name.to_owned(), Text::Read(template.value.clone())));
    }
    if let FoundIn::UsualPlace(folder) = &program.found_in {
        append_to_path(&mut given, folder.clone());
    }
    (given, stripped)
}

fn is_own(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(OWN_PREFIX.as_bytes())
}

fn is_login(name: &OsStr) -> bool {
    STORE_LOGINS.iter().any(|login| name == *login)
}

/// Takes the logins of the sources that this launch asks out of the server's environment.
pub(super) fn strip_logins(
    requests: &[Request],
    environment: &mut Vec<(OsString, Template)>,
    stripped: &mut Vec<OsString>,
) {
    let logins = requests
        .iter()
        .flat_map(|request| &request.candidates)
        .flat_map(|address| registry::credentials(&address.scheme));
    for login in logins {
        environment.retain(|(name, template)| {
            let kept = name != login || template.placeholders().next().is_some();
            if !kept {
                stripped.push(name.clone());
            }
            kept
        });
    }
}

fn is_minimal(name: &OsStr) -> bool {
    MINIMAL.iter().any(|kept| name == *kept)
}

/// A variable that holds a placeholder was written for the server, so it is neither inherited nor stripped.
fn holds_placeholder(value: &OsStr) -> bool {
    value
        .as_encoded_bytes()
        .windows(2)
        .any(|pair| pair == b"$<")
}

fn append_to_path(variables: &mut Vec<(OsString, Text)>, folder: PathBuf) {
    let position = variables.iter().position(|(name, _)| name == "PATH");
    let before = match position.map(|position| &variables[position].1) {
        Some(Text::Raw(before)) => before.clone(),
        // A settings file says what PATH is.
        Some(Text::Read(_)) => return,
        None => OsString::new(),
    };
    let folders = std::env::split_paths(&before)
        .filter(|folder| !folder.as_os_str().is_empty())
        .chain([folder]);
    // Joining fails only for a folder with a separator in its name, which then cannot be in a PATH at all.
    let Ok(path) = std::env::join_paths(folders) else {
        return;
    };
    match position {
        Some(position) => variables[position].1 = Text::Raw(path),
        None => variables.push(("PATH".into(), Text::Raw(path))),
    }
}
