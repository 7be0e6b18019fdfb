//! `mcp-launch lock`: takes the sealed store's key out of the kernel.

use crate::context::Context;
use crate::report::Report;
use crate::sealed_store::SealedStore;
use crate::ui;

/// Closes the sealed store.
///
/// # Errors
/// When the kernel refuses.
pub(crate) fn lock(context: &Context) -> Result<(), Report> {
    let sealed = SealedStore::open(context)?;
    let was_open = sealed.told(sealed.source.lock())?;
    ui::line(if was_open {
        "the sealed store is closed"
    } else {
        "the sealed store was not open"
    });
    Ok(())
}
