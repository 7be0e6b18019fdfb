//! The commands that move values: `secrets import`, `copy`, `export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::args::ConsentArgs;

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
