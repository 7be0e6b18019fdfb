//! `mcp-launch lock`: takes the sealed store's key out of the kernel.

use source_sealed::KeyState;

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
    if matches!(sealed.source.status().key, KeyState::File(_)) {
        ui::line("nothing to close: the sealed store opens with its key file");
        return Ok(());
    }
    let was_open = sealed.told(sealed.source.lock())?;
    ui::line(if was_open {
        "the sealed store is closed"
    } else {
        "the sealed store was not open"
    });
    Ok(())
}
