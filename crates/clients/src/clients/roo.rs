//! Roo Code.

use std::time::Duration;

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Inherited, Switch};
use crate::{Base, Client, Location};

/// Roo Code, in every editor that is made of VS Code. On Windows it starts `cmd.exe /c` with command
/// and arguments as they are.
pub(crate) static ROO: Client = Client {
    id: "roo",
    name: "Roo Code",
    files: &[
        Location::user(
            Base::Application,
            "Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
            Format::Json,
        ),
        Location::user(
            Base::Application,
            "*/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
            Format::Json,
        ),
        Location::project(".roo/mcp.json", Format::Json),
    ],
    known_from: Evidence::Source,
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    inherited: Inherited::SDK,
    shell_on_windows: true,
    start_budget: Some(Duration::from_secs(60)),
    rewrites_its_file: true,
    to_take_effect: "nothing: Roo Code watches its file",
    switch: Switch::Disabled,
    note: "It turns each `\\` of a value into `/`, which breaks a secret that has one.",
    ..Client::USUAL
};
