//! `mcp-launch unlock`: keeps the sealed store's key in the kernel for a time.

use crate::args::UnlockArgs;
use crate::cmd::secrets::sealed_report;
use crate::context::Context;
use crate::report::Report;
use crate::{registry, terminal, ui};

/// Opens the sealed store.
///
/// # Errors
/// When there is nothing to open, the passphrase is wrong, or the kernel does not keep keys.
pub(crate) fn unlock(context: &Context, args: &UnlockArgs) -> Result<(), Report> {
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    let sealed = registry::sealed_source(&reach).map_err(|error| sealed_report(&error))?;
    let passphrase = if terminal::stdin_is_terminal() {
        terminal::ask_hidden("Passphrase: ")?
    } else {
        let mut bytes = terminal::read_stdin()?;
        mcp_launch_core::LineEnd::Strip.apply(&mut bytes);
        mcp_launch_core::Secret::from(bytes)
    };
    sealed
        .unlock(&passphrase, args.span)
        .map_err(|error| sealed_report(&error))?;
    ui::line("the sealed store is open; `mcp-launch lock` closes it before the time is over");
    Ok(())
}
