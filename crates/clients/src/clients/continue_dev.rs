//! Continue.

use std::time::Duration;

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Inherited, Switch};
use crate::location::Holder;
use crate::{Base, Client, Location};

const LIST: Holder = Holder::List(&["mcpServers"]);

/// The keys without which it refuses a YAML file.
const OPENING: &[(&str, &str)] = &[("name", "Local"), ("version", "1.0.0"), ("schema", "v1")];

const fn yaml(location: Location) -> Location {
    location.held_by(LIST).opened_by(OPENING)
}

/// Continue. A JSON file of its has the shape of Claude Desktop's, of Claude Code's, or is one server.
pub(crate) static CONTINUE: Client = Client {
    id: "continue",
    name: "Continue",
    files: &[
        yaml(Location::user(
            Base::Home,
            ".continue/config.yaml",
            Format::Yaml,
        )),
        yaml(Location::user(
            Base::Home,
            ".continue/mcpServers/*.yaml",
            Format::Yaml,
        )),
        yaml(Location::user(
            Base::Home,
            ".continue/mcpServers/*.yml",
            Format::Yaml,
        )),
        Location::user(Base::Home, ".continue/mcpServers/*.json", Format::Json),
        yaml(Location::project(
            ".continue/mcpServers/mcp-launch.yaml",
            Format::Yaml,
        )),
        yaml(Location::project(
            ".continue/mcpServers/*.yaml",
            Format::Yaml,
        )),
        yaml(Location::project(
            ".continue/mcpServers/*.yml",
            Format::Yaml,
        )),
        Location::project(".continue/mcpServers/*.json", Format::Json),
    ],
    known_from: Evidence::Source,
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Replaced,
    inherited: Inherited::Only(&["HOME", "LOGNAME", "PATH", "USER"]),
    start_budget: Some(Duration::from_secs(20)),
    to_take_effect: "nothing: Continue reads its files again when they change",
    switch: Switch::Absent,
    note: "In JSON it makes `${{ secrets.NAME }}` of a `${NAME}`.",
    ..Client::USUAL
};
