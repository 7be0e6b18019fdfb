//! Warp.

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Switch};
use crate::location::Holder;
use crate::{Base, Client, Location};

/// Warp, which also reads what Claude Code and Codex read.
pub(crate) static WARP: Client = Client {
    id: "warp",
    name: "Warp",
    files: &[
        Location::user(Base::Home, ".agents/.mcp.json", Format::Json),
        Location::project(".agents/.mcp.json", Format::Json),
        Location::project(".mcp.json", Format::Json),
        Location::project(".codex/config.toml", Format::Toml)
            .held_by(Holder::Map(&["mcp_servers"])),
    ],
    known_from: Evidence::Documentation,
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    to_take_effect: "restart the server in Warp's MCP servers",
    switch: Switch::Absent,
    note: "Servers that were added in the application are not in a file.",
    ..Client::USUAL
};
