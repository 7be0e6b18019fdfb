//! Claude Code.

use std::time::Duration;

use mcp_launch_lossless::Format;

use crate::client::{Braces, Evidence, Inherited, Style, Switch};
use crate::{Base, Client, Location, Platform};

/// The folder that `CLAUDE_CONFIG_DIR` stands for.
const MOVED: &str = "CLAUDE_CONFIG_DIR";

/// Claude Code. Its user file also holds the local scope, `projects.<path>.mcpServers`; a plugin's
/// `.mcp.json` may have no `mcpServers` around its servers.
pub(crate) static CLAUDE_CODE: Client = Client {
    id: "claude-code",
    name: "Claude Code",
    files: &[
        Location::user(Base::Home, ".claude.json", Format::Json).moved(&[(MOVED, ".claude.json")]),
        Location::upward(".mcp.json", Format::Json),
        Location::system(
            Base::Machine,
            "claude-code/managed-mcp.json",
            Format::Json,
            &[Platform::Linux],
        ),
        Location::system(
            Base::Machine,
            "ClaudeCode/managed-mcp.json",
            Format::Json,
            &[Platform::MacOs, Platform::Windows],
        ),
        Location::system(
            Base::Programs,
            "ClaudeCode/managed-mcp.json",
            Format::Json,
            &[Platform::Windows],
        ),
        Location::installed(
            Base::Home,
            ".claude/plugins/cache/**/.mcp.json",
            Format::Json,
        )
        .moved(&[(MOVED, "plugins/cache/**/.mcp.json")]),
        Location::installed(
            Base::Home,
            ".claude/plugins/cache/**/.claude-plugin/plugin.json",
            Format::Json,
        )
        .moved(&[(MOVED, "plugins/cache/**/.claude-plugin/plugin.json")]),
    ],
    known_from: Evidence::Source,
    braces_in_arguments: Braces::ExpandedIfSet,
    braces_in_variables: Braces::ExpandedIfSet,
    inherited: Inherited::All,
    start_budget: Some(Duration::from_secs(30)),
    rewrites_its_file: true,
    to_take_effect: "`/mcp` reconnects; for `~/.claude.json` start a new session",
    switch: Switch::Absent,
    style: Style::STDIO,
    note: "A running session writes `~/.claude.json` anew when it ends.",
    ..Client::USUAL
};
