//! The command line. What is typed becomes one struct per command; nothing is done here.
//!
//! A doc comment is the help text, and `docs/reference/cli.md` is generated from these types.

mod configs;
mod moving;
mod plain_launch;
mod rotation;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use configs::{AddArgs, AddScope, AdoptArgs, ClientsArgs, RestoreArgs};
pub(crate) use moving::{Clearing, CopyArgs, ExportArgs, ImportArgs, SelectionArgs};
pub(crate) use plain_launch::plain_launch;
pub(crate) use rotation::RotateArgs;

/// Starts an MCP server with its secrets
///
/// Stands in for the `command` of a server in an MCP client's config. Placeholders such as
/// `$<GITHUB_TOKEN>` in the server's environment and arguments are replaced by values from the OS keychain,
/// a sealed file, a .env file or other sources; then this process becomes the server.
#[derive(Debug, Parser)]
#[command(
    name = "mcp-launch",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Example, in a client's config:\n  \"command\": \"mcp-launch\",\n  \"args\": [\"--\", \"npx\", \"-y\", \"@modelcontextprotocol/server-github\"],\n  \"env\": { \"GITHUB_PERSONAL_ACCESS_TOKEN\": \"$<GITHUB_TOKEN>\" }\n\nThe value is put in place once with:\n  mcp-launch secrets set GITHUB_TOKEN"
)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Add(AddArgs),
    Adopt(AdoptArgs),
    #[command(subcommand)]
    Cache(CacheCommand),
    Clients(ClientsArgs),
    Doctor(DoctorArgs),
    Generate(GenerateArgs),
    Lock(LockArgs),
    Restore(RestoreArgs),
    Rotate(RotateArgs),
    Run(RunArgs),
    #[command(subcommand)]
    Secrets(SecretsCommand),
    Trust(TrustArgs),
    Unlock(UnlockArgs),
}

/// Resolves the placeholders and becomes the server (the default command)
#[derive(Args, Debug, Default, PartialEq)]
#[command(
    after_help = "Examples:\n  mcp-launch -- npx -y @modelcontextprotocol/server-everything\n  mcp-launch --env-file .env -- uvx mcp-server-time\n  mcp-launch --dry-run -- npx -y @modelcontextprotocol/server-github\n\nExit codes: the server's own; 125 when it was not started, 126 when the program cannot be executed, 127 when it was not found."
)]
pub(crate) struct RunArgs {
    /// Start the server of this name in the settings, or say under which name this launch goes
    #[arg(long, value_name = "NAME")]
    pub(crate) server: Option<String>,
    /// Read bare names from this .env file first
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Option<PathBuf>,
    /// Show what would be started and where each value would come from, without handing one out
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// With --dry-run: print JSON
    #[arg(long, requires = "dry_run")]
    pub(crate) json: bool,
    /// Start outside a Landlock domain, for servers that need setuid programs such as sudo
    #[arg(long)]
    pub(crate) no_isolate: bool,
    /// How long to wait for the stores, from 100ms to 10m: 500ms, 10s, 1m
    #[arg(long, value_name = "TIME", value_parser = deadline)]
    pub(crate) deadline: Option<Duration>,
    /// The server's command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// Sets, shows, lists and removes values, and moves them in and out
#[derive(Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    Copy(CopyArgs),
    Export(ExportArgs),
    Get(GetArgs),
    Import(ImportArgs),
    List(ListArgs),
    Protect(ProtectArgs),
    Rm(RmArgs),
    Set(SetArgs),
}

/// Writes one value, asked for without showing it, or read from standard input
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch secrets set GITHUB_TOKEN\n  pass show github | mcp-launch secrets set GITHUB_TOKEN\n  mcp-launch secrets set TLS_KEY --store sealed < key.pem\n\nThe end of a single line read from standard input is not part of the value; a text of several lines is kept as it is. --raw keeps every byte."
)]
pub(crate) struct SetArgs {
    /// The name that placeholders use: `$<NAME>`
    pub(crate) name: String,
    /// Keep every byte of standard input, a final line end included
    #[arg(long)]
    pub(crate) raw: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Prints one value
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  mcp-launch secrets get GITHUB_TOKEN | gh auth login --with-token"
)]
pub(crate) struct GetArgs {
    /// The name that placeholders use: `$<NAME>`
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Lists the names that the stores hold
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  mcp-launch secrets list --json")]
pub(crate) struct ListArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Removes one value
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  mcp-launch secrets rm GITHUB_TOKEN")]
pub(crate) struct RmArgs {
    /// The name that placeholders use: `$<NAME>`
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Protects the sealed store by a passphrase instead of a key file
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch secrets protect\n  mcp-launch secrets protect --change\n  mcp-launch secrets protect --remove\n\nAfterwards `mcp-launch unlock` opens the store for a time."
)]
pub(crate) struct ProtectArgs {
    /// Replace the passphrase by another
    #[arg(long, conflicts_with = "remove")]
    pub(crate) change: bool,
    /// Go back to a key file
    #[arg(long)]
    pub(crate) remove: bool,
}

/// Whether it is to be done, and how it is told.
#[derive(Args, Debug)]
pub(crate) struct ConsentArgs {
    /// Go ahead without asking
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct StoreArgs {
    /// Which store; without it the keychain, or the sealed store where there is no keychain
    #[arg(long, value_enum, value_name = "STORE")]
    pub(crate) store: Option<StoreName>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum StoreName {
    /// The operating system's keychain
    Keychain,
    /// An encrypted file of mcp-launch's own
    Sealed,
}

/// Opens the sealed store with its passphrase, for a time
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  mcp-launch unlock --for 8h")]
pub(crate) struct UnlockArgs {
    /// For how long: 30m, 8h, 2d
    #[arg(long = "for", value_name = "TIME", value_parser = unlock_span, default_value = "8h")]
    pub(crate) span: Duration,
}

/// Closes the sealed store again
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  mcp-launch lock")]
pub(crate) struct LockArgs {}

/// What launches share and cache of Vault and AWS Secrets Manager
#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    Clear(ClearArgs),
}

/// Forgets every shared and cached value, so that the next launch asks the stores
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch cache clear\n  mcp-launch cache clear --json\n\nServers that run already keep the values they were started with."
)]
pub(crate) struct ClearArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Shows which stores answer, also in the environment that MCP clients give
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch doctor\n  mcp-launch doctor --json\n\nExits with 1 when something must be mended."
)]
pub(crate) struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Lets a project's mcp-launch.toml say where values come from and what is started
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch trust\n  mcp-launch trust path/to/mcp-launch.toml\n  mcp-launch trust --list\n  mcp-launch trust --remove\n\nTrust is for the file as it is now: after a change it must be given again."
)]
pub(crate) struct TrustArgs {
    /// The file; without it the one that a launch from here would use
    pub(crate) file: Option<PathBuf>,
    /// Show the trusted files
    #[arg(long, conflicts_with_all = ["file", "remove"])]
    pub(crate) list: bool,
    /// Take the trust back
    #[arg(long)]
    pub(crate) remove: bool,
}

/// Writes the manual pages, shell completions and settings schemas
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch generate completions --shell zsh > _mcp-launch\n  mcp-launch generate schema > config.schema.json"
)]
pub(crate) struct GenerateArgs {
    /// What to write to standard output
    #[arg(value_enum)]
    pub(crate) what: Generated,
    /// For completions: which shell
    #[arg(long, value_enum, required_if_eq("what", "completions"))]
    pub(crate) shell: Option<clap_complete::Shell>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Generated {
    /// A completion script
    Completions,
    /// The manual page
    Man,
    /// The JSON schema of mcp-launch.toml
    ProjectSchema,
    /// The command line reference, in Markdown
    Reference,
    /// The JSON schema of config.toml
    Schema,
}

/// Reads what `--deadline` takes: the same as `deadline` in the settings.
fn deadline(text: &str) -> Result<Duration, &'static str> {
    span(text)
        .filter(|span| mcp_launch_config::DEADLINES.contains(span))
        .ok_or("a time such as 10s, from 100ms to 10m")
}

/// Reads what `--for` takes.
fn unlock_span(text: &str) -> Result<Duration, &'static str> {
    span(text).ok_or("a time such as 30m, 8h, 2d")
}

/// Reads `500ms`, `10s`, `5m`, `8h`, `2d`.
fn span(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .filter(|&milliseconds| milliseconds > 0)
        .map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        fn visit(command: &clap::Command) {
            if command.has_subcommands() && command.get_name() != "mcp-launch" {
                command.get_subcommands().for_each(visit);
                return;
            }
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(help.contains("Example"), "{}", command.get_name());
            command.get_subcommands().for_each(visit);
        }
        visit(&CommandLine::command());
    }

    #[test]
    fn reads_lengths_of_time() {
        assert_eq!(span("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(span("8h"), Some(Duration::from_secs(28_800)));
        for wrong in [
            "",
            "10",
            "s",
            "0s",
            "-1s",
            "1.5s",
            "99999999999999999999s",
            "1w",
        ] {
            assert_eq!(span(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_deadline_has_the_bounds_that_settings_have() {
        for within in ["100ms", "10s", "600s", "10m"] {
            assert!(deadline(within).is_ok(), "{within}");
        }
        for outside in ["99ms", "11m", "601s", "8h"] {
            assert!(deadline(outside).is_err(), "{outside}");
        }
    }
}
