//! How a config names the launcher.

use std::path::{Path, PathBuf};

use mcp_launch_core::Environment;

use crate::report::Report;

/// The name of the executable that a client starts.
const NAME: &str = if cfg!(windows) {
    "mcp-launch.exe"
} else {
    "mcp-launch"
};

/// The absolute path that a config has as its command: where `PATH` finds this launcher, because an update may move what is
/// behind that, else the executable itself.
///
/// # Errors
/// When it cannot be told.
pub(crate) fn path(environment: &Environment) -> Result<String, Report> {
    let own = std::env::current_exe()
        .map(|own| own.with_file_name(NAME))
        .map_err(|error| Report::failure(format!("cannot find the launcher itself: {error}")))?;
    let path = on_search_path(environment, &own).unwrap_or(own);
    path.into_os_string().into_string().map_err(|_| {
        Report::failure("the launcher stands in a folder whose name is no text")
            .hint("move it to another, or name it: --command PATH")
    })
}

fn on_search_path(environment: &Environment, own: &Path) -> Option<PathBuf> {
    let own = own.canonicalize().ok()?;
    std::env::split_paths(environment.get("PATH")?)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(NAME))
        .find(|path| path.canonicalize().is_ok_and(|real| real == own))
}
