//! Gemini CLI.

use std::time::Duration;

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Inherited, Switch};
use crate::{Base, Client, Location, Platform};

/// Gemini CLI. It expands `$NAME` and `${NAME}` in the whole file, and those of `env` once more.
pub(crate) static GEMINI_CLI: Client = Client {
    id: "gemini-cli",
    name: "Gemini CLI",
    files: &[
        Location::user(Base::Home, ".gemini/settings.json", Format::Json),
        Location::project(".gemini/settings.json", Format::Json),
        Location::system(
            Base::Machine,
            "gemini-cli/settings.json",
            Format::Json,
            &[Platform::Linux, Platform::Windows],
        ),
        Location::system(
            Base::Machine,
            "GeminiCli/settings.json",
            Format::Json,
            &[Platform::MacOs],
        ),
    ],
    known_from: Evidence::Source,
    braces_in_arguments: Braces::ExpandedIfSet,
    braces_in_variables: Braces::Replaced,
    inherited: Inherited::WithoutSecrets,
    start_budget: Some(Duration::from_secs(600)),
    to_take_effect: "`/mcp` reconnects",
    switch: Switch::Absent,
    note: "A secret with a `$` in it does not survive its expansion.",
    ..Client::USUAL
};
