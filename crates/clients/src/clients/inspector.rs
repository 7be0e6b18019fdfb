//! MCP Inspector.

use mcp_launch_lossless::Format;

use crate::client::{Evidence, Style, Switch};
use crate::{Base, Client, Location};

/// MCP Inspector, since version 2.
pub(crate) static INSPECTOR: Client = Client {
    id: "inspector",
    name: "MCP Inspector",
    files: &[Location::user(
        Base::Home,
        ".mcp-inspector/mcp.json",
        Format::Json,
    )],
    known_from: Evidence::Documentation,
    to_take_effect: "connect again",
    switch: Switch::Absent,
    style: Style::STDIO,
    ..Client::USUAL
};
