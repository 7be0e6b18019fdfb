//! The commands over clients' configs: `clients`, `adopt`, `restore`, `add`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::args::ConsentArgs;

/// Moves the secrets of MCP clients' configs into a store, and puts mcp-launch in front of their servers
///
/// Shows the plan first, with every secret masked. A file is changed only after all its secrets have arrived in the store
/// and were read back; only the touched values differ, and `mcp-launch restore` takes it back.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch adopt claude-desktop\n  mcp-launch adopt --all --dry-run\n  mcp-launch adopt .mcp.json --server github --to sealed\n  mcp-launch adopt cursor --to vault:secret/mcp/cursor --yes\n\n`mcp-launch clients` shows which clients and servers there are."
)]
pub(crate) struct AdoptArgs {
    /// A client, such as claude-code, or a file
    #[arg(value_name = "CLIENT or FILE", conflicts_with = "all")]
    pub(crate) target: Option<PathBuf>,
    /// Every config that is found
    #[arg(long)]
    pub(crate) all: bool,
    /// Only the server of this name, even when no secret is found in it; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) server: Vec<String>,
    /// Where the secrets go: keychain, sealed, vault:MOUNT/PATH, aws:NAME, or a store of your settings; without it the keychain, or the sealed store where there is no keychain
    #[arg(long, value_name = "STORE")]
    pub(crate) to: Option<String>,
    /// Also servers in which no secret is found; on Linux they are then kept out of each other's memory and environment
    #[arg(long)]
    pub(crate) every_server: bool,
    /// Also remote servers that have a secret: the entry then starts `npx mcp-remote`, which connects to them
    #[arg(long)]
    pub(crate) remote: bool,
    /// Also move what only may be a secret, without asking
    #[arg(long)]
    pub(crate) unsure: bool,
    /// Write this as the command, such as mcp-launch in a file that others use too; without it the absolute path of this mcp-launch
    #[arg(long, value_name = "COMMAND")]
    pub(crate) command: Option<String>,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
}

/// Takes back what adopt, add and secrets import have changed in files
///
/// A file that nobody has written since becomes what it was, byte for byte. In one that somebody has, only the edits of
/// mcp-launch are reversed.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch restore claude-desktop\n  mcp-launch restore .env\n  mcp-launch restore --all"
)]
pub(crate) struct RestoreArgs {
    /// A client, such as claude-code, or a file
    #[arg(value_name = "CLIENT or FILE", conflicts_with = "all")]
    pub(crate) target: Option<PathBuf>,
    /// Every file that is on record; what was put into the keychain or the sealed store for them is removed too
    #[arg(long)]
    pub(crate) all: bool,
    /// Take files off the record that are gone, or that do not go back as a whole because others have written them since; their secrets stay in the store
    #[arg(long, conflicts_with = "force")]
    pub(crate) forget: bool,
    /// With --all: leave the secrets in the keychain and the sealed store
    #[arg(long, requires = "all")]
    pub(crate) keep_secrets: bool,
    /// Put the file back as it was even where others have written it since: what they wrote is lost
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
}

/// Shows the MCP clients of this machine, their configs, and what stands in them in plain text
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch clients\n  mcp-launch clients claude-code --json\n  mcp-launch clients path/to/.mcp.json"
)]
pub(crate) struct ClientsArgs {
    /// A client, such as claude-code, or a file; without it all
    #[arg(value_name = "CLIENT or FILE")]
    pub(crate) target: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Adds a server to a client's config, started through mcp-launch
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch add github --client claude-code --secret GITHUB_PERSONAL_ACCESS_TOKEN -- npx -y @modelcontextprotocol/server-github\n  mcp-launch add time --client cursor --scope project -- uvx mcp-server-time\n  mcp-launch add --client codex --from server.json\n\n--secret asks for a value, without showing it, and puts it into the store. A server.json of the MCP registry says itself which values are needed and which of them are secrets."
)]
pub(crate) struct AddArgs {
    /// The server's name in the config; with --from it may be left out, and is then the last part of the name in the server.json
    pub(crate) name: Option<String>,
    /// The client, such as claude-code
    #[arg(long, value_name = "CLIENT")]
    pub(crate) client: String,
    /// Whose config
    #[arg(long, value_enum, default_value = "user")]
    pub(crate) scope: AddScope,
    /// Write into this file, not into one where the client looks by itself
    #[arg(long, value_name = "FILE", conflicts_with = "scope")]
    pub(crate) file: Option<PathBuf>,
    /// A variable of the server that is no secret, as it is to stand in the config; VALUE may hold placeholders
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) env: Vec<String>,
    /// A variable that is a secret: its value is asked for and goes into the store, its placeholder into the config
    #[arg(long, value_name = "NAME")]
    pub(crate) secret: Vec<String>,
    /// Where the secrets go, as in mcp-launch adopt
    #[arg(long, value_name = "STORE")]
    pub(crate) to: Option<String>,
    /// A server.json of the MCP registry, which says how the server is started, in place of a command
    #[arg(long, value_name = "FILE", conflicts_with = "command")]
    pub(crate) from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
    /// The server's command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

/// Whose config a server is added to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum AddScope {
    /// The project's, in the working directory
    Project,
    /// The person's own
    User,
}
