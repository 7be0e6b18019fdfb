//! Amazon Q Developer.

use std::time::Duration;

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Inherited, Switch};
use crate::{Base, Client, Location};

/// Amazon Q Developer: command line and IDE.
pub(crate) static AMAZON_Q: Client = Client {
    id: "amazon-q",
    name: "Amazon Q Developer",
    files: &[
        Location::user(Base::Home, ".aws/amazonq/mcp.json", Format::Json),
        Location::user(Base::Home, ".aws/amazonq/agents/default.json", Format::Json),
        Location::user(Base::Home, ".aws/amazonq/cli-agents/*.json", Format::Json),
        Location::project(".amazonq/mcp.json", Format::Json),
        Location::project(".amazonq/cli-agents/*.json", Format::Json),
    ],
    known_from: Evidence::Source,
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    inherited: Inherited::All,
    start_budget: Some(Duration::from_secs(120)),
    to_take_effect: "start a new session",
    switch: Switch::Disabled,
    note: "Its own environment goes before the entry's `env`.",
    ..Client::USUAL
};
