//! LibreChat.

use mcp_launch_lossless::Format;

use crate::client::{Style, Switch};
use crate::{Client, Location};

/// LibreChat, whose config is in the folder that it runs in.
pub(crate) static LIBRECHAT: Client = Client {
    id: "librechat",
    name: "LibreChat",
    files: &[Location::project("librechat.yaml", Format::Yaml)],
    to_take_effect: "restart LibreChat",
    switch: Switch::Absent,
    style: Style::STDIO,
    ..Client::USUAL
};
