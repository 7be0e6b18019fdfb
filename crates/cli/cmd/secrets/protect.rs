//! `mcp-launch secrets protect`: how the sealed store's key is kept.

use source_sealed::KeyState;

use crate::args::ProtectArgs;
use crate::context::Context;
use crate::report::Report;
use crate::sealed_store::SealedStore;
use crate::{terminal, ui};

/// Gives the key a passphrase, another one, or none. How the key stands is looked at before anything is asked.
///
/// # Errors
/// When the key could not be changed; it is then as it was.
pub(crate) fn protect(context: &Context, args: &ProtectArgs) -> Result<(), Report> {
    let sealed = SealedStore::open(context)?;
    let status = sealed.source.status();
    let has_passphrase = matches!(status.key, KeyState::Locked(_) | KeyState::Unlocked { .. });
    if args.remove {
        // A change that was interrupted leaves a problem, and both keys.
        if !has_passphrase && status.problems.is_empty() {
            ui::line("not needed: the sealed store has no passphrase");
            return Ok(());
        }
        let passphrase = terminal::ask_hidden("Passphrase: ")?;
        sealed.told(sealed.source.unprotect(&passphrase))?;
        ui::line("the sealed store opens with its key file again");
    } else if args.change {
        if !has_passphrase {
            return Err(Report::failure("the sealed store has no passphrase")
                .hint("give it one: mcp-launch secrets protect"));
        }
        let old = terminal::ask_hidden("Old passphrase: ")?;
        let new = terminal::ask_new_passphrase()?;
        sealed.told(sealed.source.change_passphrase(&old, &new))?;
        ui::line("the sealed store opens with the new passphrase now");
    } else {
        if has_passphrase {
            return Err(Report::failure("the sealed store has a passphrase already")
                .hint("another one: mcp-launch secrets protect --change"));
        }
        let passphrase = terminal::ask_new_passphrase()?;
        sealed.told(sealed.source.protect(&passphrase))?;
        ui::line("the sealed store opens with the passphrase now: mcp-launch unlock");
    }
    Ok(())
}
