//! Amp.

use mcp_launch_lossless::Format;

use crate::client::Switch;
use crate::location::Holder;
use crate::{Base, Client, Location};

const SERVERS: Holder = Holder::Map(&["amp.mcpServers"]);

/// Amp. The dot is part of its key.
pub(crate) static AMP: Client = Client {
    id: "amp",
    name: "Amp",
    files: &[
        Location::user(Base::Config, "amp/settings.json", Format::Json).held_by(SERVERS),
        Location::project(".amp/settings.json", Format::Json).held_by(SERVERS),
    ],
    to_take_effect: "start a new session",
    switch: Switch::Absent,
    ..Client::USUAL
};
