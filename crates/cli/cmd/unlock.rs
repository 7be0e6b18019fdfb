//! `mcp-launch unlock`: keeps the sealed store's key in the kernel for a time.

use mcp_launch_core::{LineEnd, Secret};

use crate::args::UnlockArgs;
use crate::context::Context;
use crate::report::Report;
use crate::sealed_store::SealedStore;
use crate::{terminal, ui};

/// Opens the sealed store.
///
/// # Errors
/// When there is nothing to open, the passphrase is wrong, or the kernel does not keep keys.
pub(crate) fn unlock(context: &Context, args: &UnlockArgs) -> Result<(), Report> {
    let sealed = SealedStore::open(context)?;
    let passphrase = if terminal::stdin_is_terminal() {
        terminal::ask_hidden("Passphrase: ")?
    } else {
        let mut bytes = terminal::read_stdin()?;
        LineEnd::Strip.apply(&mut bytes);
        Secret::from(bytes)
    };
    sealed.told(sealed.source.unlock(&passphrase, args.span))?;
    ui::line("the sealed store is open; `mcp-launch lock` closes it before the time is over");
    Ok(())
}
