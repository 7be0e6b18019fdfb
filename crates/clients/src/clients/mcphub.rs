//! mcphub.nvim.

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Switch};
use crate::location::Holder;
use crate::{Base, Client, Location};

/// mcphub.nvim, which reads JSON5. What JSON5 has beyond JSON with comments is refused when read.
pub(crate) static MCPHUB: Client = Client {
    id: "mcphub",
    name: "mcphub.nvim",
    files: &[
        Location::user(Base::Config, "mcphub/servers.json", Format::Json),
        Location::project(".vscode/mcp.json", Format::Json).held_by(Holder::Map(&["servers"])),
        Location::project(".cursor/mcp.json", Format::Json),
    ],
    known_from: Evidence::Documentation,
    braces_in_arguments: Braces::Replaced,
    braces_in_variables: Braces::Replaced,
    to_take_effect: "restart the server in `:MCPHub`",
    switch: Switch::Disabled,
    note: "It expands `${cmd: …}` too.",
    ..Client::USUAL
};
