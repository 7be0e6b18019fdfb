//! Visual Studio.

use mcp_launch_lossless::Format;

use crate::client::{Style, Switch};
use crate::location::Holder;
use crate::{Base, Client, Location, Platform};

const SERVERS: Holder = Holder::Map(&["servers"]);
const WINDOWS: &[Platform] = &[Platform::Windows];

/// Visual Studio, which Windows alone has.
pub(crate) static VISUAL_STUDIO: Client = Client {
    id: "visual-studio",
    name: "Visual Studio",
    files: &[
        Location::user(Base::Home, ".mcp.json", Format::Json)
            .held_by(SERVERS)
            .on(WINDOWS),
        Location::project(".vs/mcp.json", Format::Json)
            .held_by(SERVERS)
            .on(WINDOWS),
        Location::project(".mcp.json", Format::Json)
            .held_by(SERVERS)
            .on(WINDOWS),
    ],
    to_take_effect: "restart the server in the tools of the chat window",
    switch: Switch::Absent,
    style: Style::STDIO,
    ..Client::USUAL
};
