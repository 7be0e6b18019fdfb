//! Giving the key a passphrase and taking it away, unlocking and locking.
//!
//! A change of form writes the new form, reads it back, and only then removes the old one: whatever
//! interrupts it, the key is in at least one of the two files.

use std::fs;
use std::time::Duration;

use mcp_launch_core::{Deadline, Secret, SourceError, SourceErrorKind};
use mcp_launch_sharing::keyring::Slot;
use zeroize::Zeroizing;

use crate::disk;
use crate::fault::Fault;
use crate::key::{self, Form};
use crate::keyring;
use crate::layout::Layout;
use crate::lock::WriteLock;
use crate::seal::{self, Unopened};
use crate::source::SealedSource;

/// How long another writer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

impl SealedSource {
    /// Gives the key a passphrase. An empty store gets its key this way, and none that was ever readable.
    ///
    /// The key stays the same: whoever has a copy of the old key file can still open the store.
    ///
    /// # Errors
    /// When the key has one already, or could not be written; the key file is then still there.
    pub fn protect(&self, passphrase: &Secret) -> Result<(), SourceError> {
        self.layout.make_directory()?;
        let _lock = WriteLock::take(&self.layout, Deadline::after(PATIENCE))?;
        let text = match key::form(&self.layout)? {
            Form::File => self.key_file()?,
            Form::Missing if self.sealed()?.is_some() => return Err(Fault::KeyMissing.error()),
            Form::Missing => key::generate(),
            Form::Passphrase => return Err(Fault::AlreadyProtected.error()),
        };
        self.write_protected(&text, passphrase)?;
        disk::remove(&self.layout.key())
    }

    /// Takes the passphrase away: the key is a file again that only this user can read.
    ///
    /// # Errors
    /// When the passphrase is wrong, there is none, or the file could not be written; nothing has
    /// changed then.
    pub fn unprotect(&self, passphrase: &Secret) -> Result<(), SourceError> {
        self.layout.check_directory()?;
        let _lock = WriteLock::take(&self.layout, Deadline::after(PATIENCE))?;
        let text = self.open_protected(passphrase)?;
        if key::form(&self.layout)? == Form::File {
            // An interrupted change left both; the key file must be good before the other goes.
            key::check(&self.key_file()?, self.sealed()?.as_deref())?;
        } else {
            disk::replace(&self.layout.key(), &text)?;
        }
        disk::remove(&self.layout.protected_key())?;
        // A key that needs no passphrase needs no loan; a keyring that refuses has none.
        let _ = keyring::forget(&self.slot());
        Ok(())
    }

    /// Replaces the passphrase.
    ///
    /// # Errors
    /// As [`SealedSource::unprotect`].
    pub fn change_passphrase(&self, old: &Secret, new: &Secret) -> Result<(), SourceError> {
        self.layout.check_directory()?;
        let _lock = WriteLock::take(&self.layout, Deadline::after(PATIENCE))?;
        if key::form(&self.layout)? != Form::Passphrase {
            return Err(Fault::NotProtected.error());
        }
        let text = self.open_protected(old)?;
        self.write_protected(&text, new)
    }

    /// Lends the key to the kernel keyring for `lifetime`, at least a second. A later call replaces the
    /// earlier one.
    ///
    /// # Errors
    /// When the passphrase is wrong, the key has none, or there is no kernel keyring here.
    pub fn unlock(&self, passphrase: &Secret, lifetime: Duration) -> Result<(), SourceError> {
        if key::form(&self.layout)? != Form::Passphrase {
            return Err(Fault::NotProtected.error());
        }
        let text = self.open_protected(passphrase)?;
        keyring::hold(&self.slot(), &text, lifetime)
    }

    /// Takes the key out of the kernel keyring; whether it was there.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn lock(&self) -> Result<bool, SourceError> {
        keyring::forget(&self.slot())
    }

    pub(crate) fn slot(&self) -> Slot {
        keyring::slot_of(&self.layout)
    }

    /// The key file's text, from a file that may be removed.
    fn key_file(&self) -> Result<Zeroizing<Vec<u8>>, SourceError> {
        let metadata =
            fs::symlink_metadata(self.layout.key()).map_err(|error| disk::failure(&error))?;
        if metadata.is_symlink() {
            return Err(Fault::KeyLinked.error());
        }
        key::read_key_file(&self.layout)?.ok_or(Fault::KeyMissing.error())
    }

    /// The sealed bytes, if there are any.
    fn sealed(&self) -> Result<Option<Vec<u8>>, SourceError> {
        match self.layout.read_store() {
            Ok(sealed) => Ok(Some(sealed)),
            Err(error) if error.kind() == SourceErrorKind::Absent => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The key's text, out of the file that `passphrase` opens, and checked against the sealed file.
    fn open_protected(&self, passphrase: &Secret) -> Result<Zeroizing<Vec<u8>>, SourceError> {
        let text = open_with(&self.layout, passphrase)?;
        match key::check(&text, self.sealed()?.as_deref()) {
            Ok(()) => Ok(text),
            Err(error) if error == Fault::KeyDamaged.error() => {
                Err(Fault::ProtectedKeyDamaged.error())
            }
            Err(error) => Err(error),
        }
    }

    /// Writes the key for `passphrase`, and does not return before the file has been seen to open.
    fn write_protected(&self, text: &[u8], passphrase: &Secret) -> Result<(), SourceError> {
        key::check(text, self.sealed()?.as_deref())?;
        let recipient = seal::passphrase_recipient(passphrase)?;
        let sealed = seal::seal(text, &recipient)?;
        disk::replace(&self.layout.protected_key(), &sealed)?;
        if *open_with(&self.layout, passphrase)? == *text {
            Ok(())
        } else {
            Err(Fault::ProtectedKeyDamaged.error())
        }
    }
}

fn open_with(layout: &Layout, passphrase: &Secret) -> Result<Zeroizing<Vec<u8>>, SourceError> {
    let identity = seal::passphrase_identity(passphrase)?;
    seal::open(&key::read_protected_key(layout)?, &identity).map_err(|unopened| {
        match unopened {
            Unopened::Damaged => Fault::ProtectedKeyDamaged,
            Unopened::OtherKey => Fault::PassphraseWrong,
        }
        .error()
    })
}
