//! Zed.

use std::time::Duration;

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Inherited, Switch};
use crate::location::Holder;
use crate::{Base, Client, Location, Platform};

const SERVERS: Holder = Holder::Map(&["context_servers"]);

/// Zed. Its older entries have an object as `command`; those of its extensions have no command.
pub(crate) static ZED: Client = Client {
    id: "zed",
    name: "Zed",
    files: &[
        Location::user(Base::Config, "zed/settings.json", Format::Json)
            .held_by(SERVERS)
            .on(&[Platform::Linux, Platform::MacOs]),
        Location::user(Base::Application, "Zed/settings.json", Format::Json)
            .held_by(SERVERS)
            .on(&[Platform::Windows]),
        Location::project(".zed/settings.json", Format::Json).held_by(SERVERS),
    ],
    known_from: Evidence::Source,
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    inherited: Inherited::All,
    start_budget: Some(Duration::from_secs(60)),
    to_take_effect: "nothing: Zed restarts a server whose settings change",
    switch: Switch::Enabled,
    ..Client::USUAL
};
