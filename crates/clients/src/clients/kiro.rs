//! Kiro.

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Switch};
use crate::{Base, Client, Location};

/// Kiro, IDE and command line. It expands `${NAME}` for variables that the person approved.
pub(crate) static KIRO: Client = Client {
    id: "kiro",
    name: "Kiro",
    files: &[
        Location::user(Base::Home, ".kiro/settings/mcp.json", Format::Json),
        Location::project(".kiro/settings/mcp.json", Format::Json),
    ],
    known_from: Evidence::Documentation,
    braces_in_arguments: Braces::ExpandedIfSet,
    braces_in_variables: Braces::ExpandedIfSet,
    to_take_effect: "nothing: Kiro connects again when the file is saved",
    switch: Switch::Disabled,
    ..Client::USUAL
};
