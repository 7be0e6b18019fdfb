//! Which variables the server gets of those that the client gave, and which it does not get.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use mcp_launch_config::{Inherit, Server, Settings};
use mcp_launch_core::{Address, Environment, FoundIn, LaunchPlan, Program, ResolvedLaunch, Scheme};

use crate::registry;

/// What MCP clients that use an allow-list hand on, and what text handling needs besides.
const MINIMAL: &[&str] = &[
    "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ",
    "USER",
];

/// Belongs to a store's own login, so no server inherits it.
const STORE_LOGINS: &[&str] = &["BAO_TOKEN", "VAULT_TOKEN"];

/// The launcher's own variables.
const OWN_PREFIX: &str = "MCP_LAUNCH_";

/// What becomes of the client's variables.
pub(super) struct Inheritance {
    minimal: bool,
}

impl Inheritance {
    pub(super) fn of(server: Option<&Server>) -> Self {
        Self {
            minimal: server.is_some_and(|server| server.inherit == Inherit::Minimal),
        }
    }

    /// Whether the server gets the variable `name`. One that holds a placeholder was written for the server,
    /// so it is not inherited but meant.
    pub(super) fn passes(&self, name: &OsStr, holds_placeholder: bool) -> bool {
        let is_in = |table: &[&str]| table.iter().any(|entry| name == *entry);
        !is_own(name)
            && (holds_placeholder || !is_in(STORE_LOGINS) && (!self.minimal || is_in(MINIMAL)))
    }
}

/// Whether it is the launcher's own, which is never read as a text of the launch.
pub(super) fn is_own(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(OWN_PREFIX.as_bytes())
}

/// The client's variables, with the folder of a program that is not in its `PATH` at the end of that.
pub(super) fn of_client(environment: &Environment, program: &Program) -> Vec<(OsString, OsString)> {
    let mut variables: Vec<(OsString, OsString)> = environment
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    if let FoundIn::UsualPlace(folder) = &program.found_in {
        append_to_path(&mut variables, folder.clone());
    }
    variables
}

/// Keeps the logins of a store from a server whose values that store gives. One that holds a placeholder was
/// written for the server.
pub(super) fn strip_logins(plan: &mut LaunchPlan, settings: &Settings) {
    let asked = plan.requests().flat_map(|request| &request.candidates);
    let asked = with_logins(settings, asked);
    if asked.is_empty() {
        return;
    }
    let stripped = &mut plan.stripped;
    plan.environment.retain(|(name, text)| {
        let is_kept = !is_login(&asked, name) || !text.is_literal();
        if !is_kept {
            stripped.push(name.clone());
        }
        is_kept
    });
}

/// The variables of `plan` that log in to the stores to which references led, and hold no placeholder.
pub(crate) fn logins_followed(
    plan: &LaunchPlan,
    settings: &Settings,
    followed: &[Address],
) -> Vec<OsString> {
    let asked = with_logins(settings, followed);
    plan.environment
        .iter()
        .filter(|(name, text)| is_login(&asked, name) && text.is_literal())
        .map(|(name, _)| name.clone())
        .collect()
}

/// As [`strip_logins`], for the stores to which references led: no plan can know of them. `meant` are the variables that
/// hold a placeholder.
pub(crate) fn strip_followed(launch: &mut ResolvedLaunch, settings: &Settings, meant: &[OsString]) {
    let asked = with_logins(settings, &launch.followed);
    launch
        .environment
        .retain(|(name, _)| !is_login(&asked, name) || meant.contains(name));
}

fn with_logins<'a>(
    settings: &Settings,
    addresses: impl IntoIterator<Item = &'a Address>,
) -> Vec<&'static Scheme> {
    let mut schemes: Vec<&'static Scheme> = addresses
        .into_iter()
        .filter_map(|address| registry::scheme(settings, &address.scheme))
        .filter(|scheme| !scheme.logins.is_empty())
        .collect();
    schemes.dedup_by_key(|scheme| scheme.name);
    schemes
}

fn is_login(asked: &[&'static Scheme], variable: &OsStr) -> bool {
    asked.iter().any(|scheme| scheme.is_login(variable))
}

fn append_to_path(variables: &mut Vec<(OsString, OsString)>, folder: PathBuf) {
    let position = variables.iter().position(|(name, _)| name == "PATH");
    let before = position.map_or(OsStr::new(""), |position| &variables[position].1);
    let folders = std::env::split_paths(before)
        .filter(|folder| !folder.as_os_str().is_empty())
        .chain([folder]);
    // Joining fails only for a folder with a separator in its name, which then cannot be in a PATH at all.
    let Ok(path) = std::env::join_paths(folders) else {
        return;
    };
    match position {
        Some(position) => variables[position].1 = path,
        None => variables.push(("PATH".into(), path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_holds_a_placeholder_is_meant_for_the_server() {
        for (name, holds_placeholder, all, minimal) in [
            ("PATH", false, true, true),
            ("EDITOR", false, true, false),
            ("TOKEN", true, true, true),
            ("VAULT_TOKEN", false, false, false),
            ("VAULT_TOKEN", true, true, true),
            ("MCP_LAUNCH_X", true, false, false),
        ] {
            let name = OsStr::new(name);
            let of = |minimal| Inheritance { minimal }.passes(name, holds_placeholder);
            assert_eq!((of(false), of(true)), (all, minimal), "{name:?}");
        }
    }
}
