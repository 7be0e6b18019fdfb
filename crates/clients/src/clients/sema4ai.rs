//! Sema4.ai Studio.

use mcp_launch_lossless::Format;

use crate::client::{Constant, Evidence, Style, Switch};
use crate::{Base, Client, Location};

/// Sema4.ai Studio, whose entries name their transport.
pub(crate) static SEMA4AI: Client = Client {
    id: "sema4ai",
    name: "Sema4.ai Studio",
    files: &[Location::user(
        Base::Home,
        ".sema4ai/sema4ai-studio/mcp_servers.json",
        Format::Json,
    )],
    known_from: Evidence::Source,
    to_take_effect: "restart Sema4.ai Studio",
    switch: Switch::Absent,
    style: Style {
        before: &[("transport", Constant::Text("stdio"))],
        ..Style::USUAL
    },
    ..Client::USUAL
};
