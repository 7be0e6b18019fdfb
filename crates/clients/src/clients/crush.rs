//! Crush.

use std::time::Duration;

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Inherited, Style, Switch};
use crate::location::Holder;
use crate::{Base, Client, Location, Platform};

const SERVERS: Holder = Holder::Map(&["mcp"]);

/// Crush. It expands texts as bash does, `$(command)` too.
pub(crate) static CRUSH: Client = Client {
    id: "crush",
    name: "Crush",
    files: &[
        Location::user(Base::Config, "crush/crush.json", Format::Json)
            .held_by(SERVERS)
            .on(&[Platform::Linux, Platform::MacOs]),
        Location::user(Base::LocalApplication, "crush/crush.json", Format::Json).held_by(SERVERS),
        Location::project("crush.json", Format::Json).held_by(SERVERS),
        Location::project(".crush.json", Format::Json).held_by(SERVERS),
    ],
    known_from: Evidence::Source,
    braces_in_arguments: Braces::Replaced,
    braces_in_variables: Braces::Replaced,
    inherited: Inherited::All,
    start_budget: Some(Duration::from_secs(10)),
    to_take_effect: "start Crush again",
    switch: Switch::Disabled,
    style: Style::STDIO,
    note: "Its newer `crushrc` and `.crushrc` are shell scripts, which are not read.",
    ..Client::USUAL
};
