//! Cursor.

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Switch};
use crate::{Base, Client, Location};

/// Cursor. Its documents speak of `${env:NAME}` alone.
pub(crate) static CURSOR: Client = Client {
    id: "cursor",
    name: "Cursor",
    files: &[
        Location::user(Base::Home, ".cursor/mcp.json", Format::Json),
        Location::project(".cursor/mcp.json", Format::Json),
    ],
    known_from: Evidence::Source,
    braces_in_arguments: Braces::Unknown,
    braces_in_variables: Braces::Unknown,
    to_take_effect: "turn the server off and on in Cursor's MCP settings",
    switch: Switch::Disabled,
    ..Client::USUAL
};
