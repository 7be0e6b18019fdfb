//! Codex.

use std::time::Duration;

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Inherited, Switch};
use crate::location::Holder;
use crate::{Base, Client, Location};

const SERVERS: Holder = Holder::Map(&["mcp_servers"]);

/// Codex: command line, IDE extension and application. It reads the project's file in trusted
/// projects alone.
pub(crate) static CODEX: Client = Client {
    id: "codex",
    name: "Codex",
    files: &[
        Location::user(Base::Home, ".codex/config.toml", Format::Toml)
            .moved(&[("CODEX_HOME", "config.toml")])
            .held_by(SERVERS),
        Location::project(".codex/config.toml", Format::Toml).held_by(SERVERS),
    ],
    known_from: Evidence::Source,
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    inherited: Inherited::Only(&[
        "HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER",
    ]),
    start_budget: Some(Duration::from_secs(10)),
    to_take_effect: "start a new session",
    switch: Switch::Enabled,
    note: "`env_vars` names variables that it passes on.",
    ..Client::USUAL
};
