//! Google Antigravity.

use mcp_launch_lossless::Format;

use crate::client::{Evidence, Switch};
use crate::{Base, Client, Location};

/// Google Antigravity.
pub(crate) static ANTIGRAVITY: Client = Client {
    id: "antigravity",
    name: "Antigravity",
    files: &[Location::user(
        Base::Home,
        ".gemini/antigravity/mcp_config.json",
        Format::Json,
    )],
    known_from: Evidence::Source,
    to_take_effect: "refresh the MCP servers in Antigravity",
    switch: Switch::Disabled,
    ..Client::USUAL
};
