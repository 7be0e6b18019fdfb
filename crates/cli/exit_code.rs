//! The exit codes, as documented in `docs/reference/exit-codes.md`.
//!
//! The convention of `env`, `nohup` and `timeout`: what the launcher itself says lies at 125 and above, so
//! that it is told apart from the server's own status. Once the server runs, the status is the server's.

use std::process::ExitCode;

/// What was asked for was done, or a check found nothing wrong.
pub(crate) const SUCCESS: u8 = 0;
/// A command other than `run` could not do what was asked, or a check found something wrong.
pub(crate) const FAILURE: u8 = 1;
/// The command line could not be understood.
pub(crate) const USAGE: u8 = 2;
/// `run`: the launcher failed, a value is missing, a setting is wrong. Nothing was started. For a program
/// that was not found or cannot be executed, the errors themselves say 127 or 126.
pub(crate) const NOT_STARTED: u8 = mcp_launch_exec::exit_code::LAUNCHER_FAILED;

pub(crate) fn of(code: u8) -> ExitCode {
    ExitCode::from(code)
}
