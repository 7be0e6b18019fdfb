//! Goose.

use std::time::Duration;

use mcp_launch_lossless::Format;

use crate::client::{Braces, Command, Constant, Evidence, Inherited, Style, Switch};
use crate::location::Holder;
use crate::{Base, Client, Location, Platform};

const SERVERS: Holder = Holder::Map(&["extensions"]);

/// Goose. `env_keys` names variables whose values it keeps in the system's keychain.
pub(crate) static GOOSE: Client = Client {
    id: "goose",
    name: "Goose",
    files: &[
        Location::user(Base::Config, "goose/config.yaml", Format::Yaml)
            .held_by(SERVERS)
            .on(&[Platform::Linux, Platform::MacOs]),
        Location::user(
            Base::Application,
            "Block/goose/config/config.yaml",
            Format::Yaml,
        )
        .held_by(SERVERS)
        .on(&[Platform::Windows]),
    ],
    known_from: Evidence::Source,
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    inherited: Inherited::All,
    start_budget: Some(Duration::from_secs(300)),
    rewrites_its_file: true,
    to_take_effect: "start a new session",
    switch: Switch::Enabled,
    style: Style {
        before: &[
            ("type", Constant::Text("stdio")),
            ("name", Constant::Name),
            ("enabled", Constant::True),
        ],
        command: Command::Text {
            program: "cmd",
            arguments: "args",
        },
        variables: "envs",
        after: &[],
    },
    ..Client::USUAL
};
