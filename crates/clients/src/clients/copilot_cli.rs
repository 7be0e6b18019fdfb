//! GitHub Copilot CLI.

use mcp_launch_lossless::Format;

use crate::client::{Braces, Constant, Evidence, Style, Switch};
use crate::{Base, Client, Location};

/// GitHub Copilot CLI. `XDG_CONFIG_HOME` moved its folder until version 1.0, dot and all (its issues
/// 1750 and 1954); `COPILOT_HOME` still does.
pub(crate) static COPILOT_CLI: Client = Client {
    id: "copilot-cli",
    name: "GitHub Copilot CLI",
    files: &[
        Location::user(Base::Home, ".copilot/mcp-config.json", Format::Json)
            .moved(&[("COPILOT_HOME", "mcp-config.json")]),
        Location::user(Base::Config, ".copilot/mcp-config.json", Format::Json),
        Location::project(".mcp.json", Format::Json),
        Location::project(".github/mcp.json", Format::Json),
    ],
    known_from: Evidence::Documentation,
    braces_in_arguments: Braces::ExpandedIfSet,
    braces_in_variables: Braces::ExpandedIfSet,
    to_take_effect: "`/mcp reload`",
    switch: Switch::Absent,
    style: Style {
        before: &[("type", Constant::Text("local"))],
        after: &[("tools", Constant::Everything)],
        ..Style::USUAL
    },
    note: "It passes on variables that it holds safe.",
    ..Client::USUAL
};
