//! Factory.

use mcp_launch_lossless::Format;

use crate::client::{Style, Switch};
use crate::{Base, Client, Location};

/// Factory's Droid.
pub(crate) static FACTORY: Client = Client {
    id: "factory",
    name: "Factory",
    files: &[
        Location::user(Base::Home, ".factory/mcp.json", Format::Json),
        Location::project(".factory/mcp.json", Format::Json),
    ],
    to_take_effect: "start a new session",
    switch: Switch::Disabled,
    style: Style::STDIO,
    ..Client::USUAL
};
