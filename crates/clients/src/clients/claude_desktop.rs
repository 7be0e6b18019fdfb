//! Claude Desktop.

use std::time::Duration;

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Inherited, Switch};
use crate::{Base, Client, Location, Platform};

/// Claude Desktop. Since February 2026 it is a packaged application on Windows, whose `%APPDATA%` is
/// a folder of its own: the file in the usual one is read by nobody then, so the package comes first.
pub(crate) static CLAUDE_DESKTOP: Client = Client {
    id: "claude-desktop",
    name: "Claude Desktop",
    files: &[
        Location::user(
            Base::LocalApplication,
            "Packages/Claude_*/LocalCache/Roaming/Claude/claude_desktop_config.json",
            Format::Json,
        ),
        Location::user(
            Base::Application,
            "Claude/claude_desktop_config.json",
            Format::Json,
        ),
        // As docker/mcp-gateway writes it.
        Location::user(
            Base::Application,
            "claude/claude_desktop_config.json",
            Format::Json,
        )
        .on(&[Platform::Linux]),
        Location::installed(
            Base::LocalApplication,
            "Packages/Claude_*/LocalCache/Roaming/Claude/Claude Extensions/*/manifest.json",
            Format::Json,
        ),
        Location::installed(
            Base::Application,
            "Claude/Claude Extensions/*/manifest.json",
            Format::Json,
        ),
    ],
    known_from: Evidence::Documentation,
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    inherited: Inherited::SDK,
    start_budget: Some(Duration::from_secs(60)),
    rewrites_its_file: true,
    to_take_effect: "quit and start Claude Desktop",
    switch: Switch::Absent,
    ..Client::USUAL
};
