//! Junie.

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Switch};
use crate::{Base, Client, Location};

/// Junie, of JetBrains.
pub(crate) static JUNIE: Client = Client {
    id: "junie",
    name: "JetBrains Junie",
    files: &[
        Location::user(Base::Home, ".junie/mcp/mcp.json", Format::Json),
        Location::project(".junie/mcp/mcp.json", Format::Json),
    ],
    known_from: Evidence::Documentation,
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    to_take_effect: "restart the server in Junie's MCP settings",
    switch: Switch::Absent,
    ..Client::USUAL
};
