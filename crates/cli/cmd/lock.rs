//! `mcp-launch lock`: takes the sealed store's key out of the kernel.

use crate::cmd::secrets::sealed_report;
use crate::context::Context;
use crate::report::Report;
use crate::{registry, ui};

/// Closes the sealed store.
///
/// # Errors
/// When the kernel refuses.
pub(crate) fn lock(context: &Context) -> Result<(), Report> {
    let settings = context.settings()?;
    let reach = context.reach(&settings, None);
    let sealed = registry::sealed_source(&reach).map_err(|error| sealed_report(&error))?;
    let was_open = sealed.lock().map_err(|error| sealed_report(&error))?;
    ui::line(if was_open {
        "the sealed store is closed"
    } else {
        "the sealed store was not open"
    });
    Ok(())
}
