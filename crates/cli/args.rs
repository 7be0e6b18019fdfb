//! The command line. What is typed becomes one struct per command; nothing is done here.
//!
//! A doc comment is the help text, and `docs/reference/cli.md` is generated from these types.

mod plain_launch;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use plain_launch::plain_launch;

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
    /// Take files that are gone off the record
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

/// Moves the values of a .env, or of another tool's export, into a store
///
/// Shows what goes where, asks, writes, reads every value back and compares. Nothing is removed from where it
/// is before all of it has arrived; after an interruption the same command goes on.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch secrets import\n  mcp-launch secrets import .env --to sealed --delete-source\n  mcp-launch secrets import .env --to vault:secret/mcp/app --only 'DB_*,API_KEY'\n  mcp-launch secrets import .env --to aws:prod/mcp/ --yes\n  doppler secrets download --no-file --format json | mcp-launch secrets import - --yes\n  op item get GitHub --format json | mcp-launch secrets import -\n\nvault:PATH and aws:NAME are one secret with a field for each name; with a final / they are a secret for each name."
)]
pub(crate) struct ImportArgs {
    /// The file to read; - for standard input
    #[arg(default_value = ".env")]
    pub(crate) source: PathBuf,
    /// The format: env, docker, json, yaml, doppler, 1password, bitwarden, fnox, secretspec, k8s-secret; without it, it is told from the file
    #[arg(long, value_name = "FORMAT", value_parser = origin)]
    pub(crate) from: Option<mcp_launch_exchange::Origin>,
    #[command(flatten)]
    pub(crate) to: ToArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Only what looks like a secret; a port or a log level stays where it is
    #[arg(long)]
    pub(crate) secrets_only: bool,
    /// When all has arrived, take the values out of the .env
    #[arg(
        long,
        value_name = "HOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "refer"
    )]
    pub(crate) delete_source: Option<Clearing>,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
}

/// What becomes of the lines of a .env whose values have moved.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Clearing {
    /// `NAME='$<NAME>'` takes its place, a reference that mcp-launch follows
    Refer,
    /// The line is removed
    Remove,
}

/// Copies values from one store to another
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch secrets copy keychain sealed\n  mcp-launch secrets copy sealed vault:secret/mcp/app --only 'DB_*'\n  mcp-launch secrets copy vault:secret/mcp/app aws:prod/mcp/app\n\nEvery value is read back and compared. The first store keeps what it has."
)]
pub(crate) struct CopyArgs {
    /// The store to read: keychain, sealed, dotenv:FILE, vault:MOUNT/PATH, aws:NAME
    pub(crate) from: String,
    /// The store to write, likewise
    pub(crate) to: String,
    /// Put this text before every name in the store
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) prefix: String,
    /// Replace what the store has under these names; without it, a different value there stops the command
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
}

/// Prints values in the format of another tool, in plain text, after a question
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch secrets export --format env --output .env\n  mcp-launch secrets export --from vault:secret/mcp/app --format json\n  eval \"$(mcp-launch secrets export --format shell --only 'AWS_*' --yes)\"\n  mcp-launch secrets export --format k8s-secret --name mcp --yes | kubectl apply -f -"
)]
pub(crate) struct ExportArgs {
    /// The store to read: keychain, sealed, dotenv:FILE, vault:MOUNT/PATH, aws:NAME; without it the keychain, or the sealed store where there is no keychain
    #[arg(long, value_name = "STORE")]
    pub(crate) from: Option<String>,
    /// The format: env, json, yaml, docker, k8s-secret, shell
    #[arg(long, value_name = "FORMAT", value_parser = target)]
    pub(crate) format: mcp_launch_exchange::Target,
    /// Write a new file, readable by you alone, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// With k8s-secret: the name of the Secret
    #[arg(long, value_name = "NAME", default_value = "mcp-launch")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Go ahead without asking
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// Where values go.
#[derive(Args, Debug)]
pub(crate) struct ToArgs {
    /// The store: keychain, sealed, vault:MOUNT/PATH, aws:NAME, dotenv:FILE, or one of your settings; without it the keychain, or the sealed store where there is no keychain
    #[arg(long, value_name = "STORE")]
    pub(crate) to: Option<String>,
    /// Put this text before every name in the store
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) prefix: String,
    /// Replace what the store has under these names; without it, a different value there stops the command
    #[arg(long)]
    pub(crate) overwrite: bool,
}

/// Which of many names.
#[derive(Args, Debug)]
pub(crate) struct SelectionArgs {
    /// Only these names, with commas between; * stands for any text
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Leave these names out, likewise
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) except: Vec<String>,
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

/// Reads what `--from` of an import takes.
fn origin(text: &str) -> Result<mcp_launch_exchange::Origin, &'static str> {
    mcp_launch_exchange::Origin::parse(text).ok_or(
        "one of env, docker, json, yaml, doppler, 1password, bitwarden, fnox, secretspec, k8s-secret",
    )
}

/// Reads what `--format` of an export takes.
fn target(text: &str) -> Result<mcp_launch_exchange::Target, &'static str> {
    mcp_launch_exchange::Target::parse(text)
        .ok_or("one of env, json, yaml, docker, k8s-secret, shell")
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
