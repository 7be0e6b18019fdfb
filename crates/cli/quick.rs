//! `mcp-launch`: the way of a launch that needs nothing but files and variables.
//!
//! This executable is small, because it runs at every start of every server: a third of the code, of the
//! addresses to relocate and of the memory of the whole. Whatever else is asked, a keychain, a sealed store, another
//! command, and whatever goes wrong, is for `mcp-launch-full` beside it, which this process then becomes: with the
//! same arguments, environment, descriptors and process id.

use std::process::ExitCode;

/// Becomes the server if that needs only files and variables, else `mcp-launch-full`.
#[cfg(unix)]
#[must_use]
pub fn main() -> ExitCode {
    use mcp_launch_core::shown;

    use crate::args::plain_launch;
    use crate::context::Context;
    use crate::{cmd, exit_code, registry, ui};

    mcp_launch_exec::protect_self();
    let context = Context::capture(registry::QUICK);
    if let Some(args) = plain_launch(std::env::args_os().skip(1)) {
        // Comes back when it is not for us, or failed: then the whole program does it again, and reports.
        let _for_the_full = cmd::run::run_quickly(&context, &args);
    }
    let Ok(own) = std::env::current_exe() else {
        ui::line(
            "error: mcp-launch cannot find its own file, and so not mcp-launch-full beside it",
        );
        return exit_code::of(exit_code::NOT_STARTED);
    };
    let full = own.with_file_name("mcp-launch-full");
    let error = mcp_launch_exec::continue_as(&own, &full);
    ui::line(&format!(
        "error: cannot run {}: {error}\nhint: mcp-launch and mcp-launch-full belong together: install both into one folder",
        shown(&full)
    ));
    exit_code::of(exit_code::NOT_STARTED)
}

/// No process becomes another one here, so there is only the whole program.
#[cfg(not(unix))]
#[must_use]
pub fn main() -> ExitCode {
    crate::full_main()
}
