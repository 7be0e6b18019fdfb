//! opencode.

use std::time::Duration;

use mcp_launch_lossless::Format;

use crate::client::{Braces, Command, Constant, Evidence, Inherited, Style, Switch};
use crate::location::Holder;
use crate::{Base, Client, Location};

const fn own(location: Location) -> Location {
    location
        .held_by(Holder::Map(&["mcp"]))
        .opened_by(&[("$schema", "https://opencode.ai/config.json")])
}

/// opencode, whose command is one list.
pub(crate) static OPENCODE: Client = Client {
    id: "opencode",
    name: "opencode",
    files: &[
        own(Location::user(
            Base::Config,
            "opencode/opencode.json",
            Format::Json,
        )),
        own(Location::user(
            Base::Config,
            "opencode/opencode.jsonc",
            Format::Json,
        )),
        own(Location::project("opencode.json", Format::Json)),
        own(Location::project("opencode.jsonc", Format::Json)),
        own(Location::project(".opencode/opencode.json", Format::Json)),
        own(Location::project(".opencode/opencode.jsonc", Format::Json)),
    ],
    known_from: Evidence::Source,
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    inherited: Inherited::All,
    start_budget: Some(Duration::from_secs(5)),
    to_take_effect: "start opencode again",
    switch: Switch::Enabled,
    style: Style {
        before: &[("type", Constant::Text("local"))],
        command: Command::List("command"),
        variables: "environment",
        after: &[("enabled", Constant::True)],
    },
    note: "It expands `{env:NAME}` and `{file:PATH}` in the whole file.",
    ..Client::USUAL
};
