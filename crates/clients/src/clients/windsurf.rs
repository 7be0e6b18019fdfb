//! Windsurf.

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Switch};
use crate::{Base, Client, Location};

/// Windsurf, and its plugin for the IDEs of JetBrains, whose documents name the second file.
pub(crate) static WINDSURF: Client = Client {
    id: "windsurf",
    name: "Windsurf",
    files: &[
        Location::user(
            Base::Home,
            ".codeium/windsurf/mcp_config.json",
            Format::Json,
        ),
        Location::user(Base::Home, ".codeium/mcp_config.json", Format::Json),
    ],
    known_from: Evidence::Documentation,
    braces_in_arguments: Braces::Unknown,
    braces_in_variables: Braces::Unknown,
    to_take_effect: "refresh the MCP servers in Windsurf's Cascade panel",
    switch: Switch::Disabled,
    ..Client::USUAL
};
