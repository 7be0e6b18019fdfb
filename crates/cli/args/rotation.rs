//! `rotate`.

use std::path::PathBuf;

use clap::Args;

/// Replaces credentials by new ones, on a schedule and without ever losing the only one that works
///
/// Which credentials, when and by whom stands in your config.toml. Without a name, what is due is rotated, and what earlier
/// runs left unfinished is finished: run it every hour. When nothing is due it says nothing.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcp-launch rotate\n  mcp-launch rotate DB_URL\n  mcp-launch rotate --check\n  mcp-launch rotate --status\n  mcp-launch rotate --attended NOTION_TOKEN\n\nIn a crontab:\n  17 * * * * /usr/local/bin/mcp-launch rotate --due\n\nExit codes: 0 done, or somebody else is at it; 1 failed; 3 needs a person; 75 try later; 77 not permitted. With --check: 0 fresh, 1 due, 2 overdue."
)]
pub(crate) struct RotateArgs {
    /// The credentials, by their names in the settings; all, if none is named
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Only what is due (what happens without a name)
    #[arg(long, conflicts_with_all = ["all", "force", "resume", "check", "status", "attended"])]
    pub(crate) due: bool,
    /// Every credential, due or not
    #[arg(long, conflicts_with_all = ["names", "resume", "check", "status", "attended"])]
    pub(crate) all: bool,
    /// Whatever window and back-off say. Never past what protects a credential
    #[arg(long, conflicts_with_all = ["resume", "check", "status", "attended"])]
    pub(crate) force: bool,
    /// Only finish what is pending, and revoke what is over
    #[arg(long, conflicts_with_all = ["check", "status", "attended"])]
    pub(crate) resume: bool,
    /// Say what would be done, and change nothing
    #[arg(long, conflicts_with_all = ["check", "status", "attended"])]
    pub(crate) dry_run: bool,
    /// For a monitor: whether all are fresh, by the exit code
    #[arg(long, conflicts_with_all = ["status", "attended"])]
    pub(crate) check: bool,
    /// A table of all credentials: when each was rotated, and when it will be
    #[arg(long, conflicts_with = "attended")]
    pub(crate) status: bool,
    /// Ask for a new value that only a person can make, and put it in the place of the current one
    #[arg(long)]
    pub(crate) attended: bool,
    /// The .env of `dotenv:` addresses; without it the one of your settings
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
