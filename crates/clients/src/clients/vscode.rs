//! Visual Studio Code.

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Inherited, Style, Switch};
use crate::location::Holder;
use crate::{Base, Client, Location};

const SERVERS: Holder = Holder::Map(&["servers"]);
const IN_SETTINGS: Holder = Holder::Map(&["mcp", "servers"]);
const IN_CONTAINER: Holder = Holder::Map(&["customizations", "vscode", "mcp", "servers"]);

const fn own(path: &'static str) -> Location {
    Location::user(Base::Application, path, Format::Json).held_by(SERVERS)
}

const fn settings(path: &'static str) -> Location {
    Location::user(Base::Application, path, Format::Json).held_by(IN_SETTINGS)
}

/// Visual Studio Code and its Insiders. Its agent host also reads what Copilot CLI reads.
pub(crate) static VSCODE: Client = Client {
    id: "vscode",
    name: "Visual Studio Code",
    files: &[
        own("Code/User/mcp.json"),
        own("Code - Insiders/User/mcp.json"),
        own("Code/User/profiles/*/mcp.json"),
        own("Code - Insiders/User/profiles/*/mcp.json"),
        settings("Code/User/settings.json"),
        settings("Code - Insiders/User/settings.json"),
        Location::user(Base::Home, ".copilot/mcp-config.json", Format::Json),
        Location::project(".vscode/mcp.json", Format::Json).held_by(SERVERS),
        Location::project(".mcp.json", Format::Json),
        Location::project(".vscode/settings.json", Format::Json).held_by(IN_SETTINGS),
        Location::project(".devcontainer/devcontainer.json", Format::Json).held_by(IN_CONTAINER),
        Location::project(".devcontainer.json", Format::Json).held_by(IN_CONTAINER),
    ],
    known_from: Evidence::Documentation,
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    inherited: Inherited::All,
    rewrites_its_file: true,
    to_take_effect: "`MCP: List Servers`, then restart the server",
    switch: Switch::Absent,
    style: Style::STDIO,
    note: "It expands `${env:NAME}` and `${input:ID}`; its log may show arguments.",
    ..Client::USUAL
};
