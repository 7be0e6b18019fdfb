//! Cline.

use std::time::Duration;

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Inherited, Switch};
use crate::{Base, Client, Location};

/// Cline: its command line, and its extension in every editor that is made of VS Code.
///
/// The limit is that of its command line, which starts a server a second time when it is passed.
pub(crate) static CLINE: Client = Client {
    id: "cline",
    name: "Cline",
    files: &[
        Location::user(
            Base::Home,
            ".cline/data/settings/cline_mcp_settings.json",
            Format::Json,
        )
        .moved(&[
            ("CLINE_MCP_SETTINGS_PATH", ""),
            ("CLINE_DATA_DIR", "settings/cline_mcp_settings.json"),
            ("CLINE_DIR", "data/settings/cline_mcp_settings.json"),
        ]),
        Location::user(
            Base::Application,
            "Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
            Format::Json,
        ),
        Location::user(
            Base::Application,
            "*/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
            Format::Json,
        ),
        Location::user(
            Base::Home,
            "Documents/Cline/MCP/cline_mcp_settings.json",
            Format::Json,
        ),
    ],
    known_from: Evidence::Source,
    braces_in_arguments: Braces::Kept,
    braces_in_variables: Braces::Kept,
    inherited: Inherited::SDK,
    shell_on_windows: true,
    start_budget: Some(Duration::from_secs(3)),
    rewrites_its_file: true,
    to_take_effect: "restart the server in Cline's MCP servers",
    switch: Switch::Disabled,
    note: "It keeps OAuth tokens in the same file.",
    ..Client::USUAL
};
