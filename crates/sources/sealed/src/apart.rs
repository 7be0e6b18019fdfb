//! Sealing what is kept apart from the store: what stood in a file of the person's before it was changed.

use std::time::Duration;

use mcp_launch_core::{Deadline, SourceError};
use zeroize::Zeroizing;

use crate::disk;
use crate::fault::Fault;
use crate::key::{self, Form, Key};
use crate::layout::beside;
use crate::lock::WriteLock;
use crate::source::SealedSource;

/// How long another writer, which may be making the key, is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

impl SealedSource {
    /// Seals `plain` with the store's key, which is made if there is none. The store itself is not touched.
    ///
    /// # Errors
    /// When the key is locked, damaged, missing where there are secrets sealed with it, or cannot be made.
    pub fn seal_apart(&self, plain: &[u8]) -> Result<Vec<u8>, SourceError> {
        let key = if key::form(&self.layout)? == Form::Missing {
            self.layout.make_directory()?;
            let _lock = WriteLock::take(&self.layout, Deadline::after(PATIENCE))?;
            // Another may have made it while this one waited.
            match key::form(&self.layout)? {
                // A new key would not open what the store holds, and would be in the way of the old one.
                Form::Missing if self.is_made()? => return Err(Fault::KeyMissing.error()),
                Form::Missing => Key::create(&self.layout)?,
                Form::File | Form::Passphrase => Key::find(&self.layout)?,
            }
        } else {
            Key::find(&self.layout)?
        };
        key.seal(plain)
    }

    /// Whether there is a sealed file.
    fn is_made(&self) -> Result<bool, SourceError> {
        let store = self.layout.real_store()?;
        store.try_exists().map_err(|error| disk::failure(&error))
    }

    /// Opens what [`SealedSource::seal_apart`] made.
    ///
    /// # Errors
    /// When the key is missing, locked or another one, or `sealed` is damaged.
    pub fn open_apart(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SourceError> {
        Key::find(&self.layout)?.open(sealed)
    }

    /// Removes the key and the folder of a store that has never held a value, and of which nothing sealed apart is left.
    /// The caller knows the latter.
    ///
    /// # Errors
    /// The system's. A store that holds values, or is protected by a passphrase, is left as it is: false.
    pub fn remove_unused_key(&self) -> Result<bool, SourceError> {
        if !self.layout.directory().exists() {
            return Ok(false);
        }
        {
            // Taken first: a value that another writer puts there meanwhile must not go.
            let _lock = WriteLock::take(&self.layout, Deadline::after(PATIENCE))?;
            match self.open() {
                Ok(payload) if payload.secrets.is_empty() => {}
                Ok(_) => return Ok(false),
                Err(error) if error.kind() == mcp_launch_core::SourceErrorKind::Absent => {}
                Err(error) => return Err(error),
            }
            // With no key, there is still what a removal left that did not come to its end.
            if key::form(&self.layout)? == Form::Passphrase || self.layout.protected_key().exists()
            {
                return Ok(false);
            }
            let (store, key) = (self.layout.real_store()?, self.layout.key());
            for path in [&store, &key] {
                disk::remove(path)?;
                disk::remove(&beside(path, disk::FRESH))?;
            }
            disk::remove(&self.layout.lock_file()?)?;
        }
        // Whatever else is there keeps the folder.
        let _gone = std::fs::remove_dir(self.layout.directory());
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use mcp_launch_core::{Secret, Store as _};

    use super::*;

    #[test]
    fn what_is_sealed_apart_opens_with_the_stores_key() {
        let folder = tempfile::tempdir().unwrap();
        let source = SealedSource::new(folder.path().join("store"));
        let sealed = source.seal_apart(b"what stood there").unwrap();
        assert!(!sealed.windows(4).any(|window| window == b"what"));
        let soon = Deadline::after(PATIENCE);
        source.put("A", &Secret::new(b"x".to_vec()), soon).unwrap();
        assert_eq!(&**source.open_apart(&sealed).unwrap(), b"what stood there");
        let other = SealedSource::new(folder.path().join("other"));
        other.seal_apart(b"").unwrap();
        assert!(other.open_apart(&sealed).is_err());
    }

    #[test]
    fn only_a_key_without_values_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let source = SealedSource::new(folder.path().join("store"));
        source.seal_apart(b"x").unwrap();
        let soon = Deadline::after(PATIENCE);
        source.put("A", &Secret::new(b"x".to_vec()), soon).unwrap();
        assert!(!source.remove_unused_key().unwrap());
        source.remove("A", soon).unwrap();
        assert!(source.remove_unused_key().unwrap());
        assert!(!folder.path().join("store").exists());
    }

    #[test]
    fn a_key_that_is_missing_beside_a_sealed_file_is_not_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let source = SealedSource::new(folder.path().join("store"));
        let soon = Deadline::after(PATIENCE);
        source.put("A", &Secret::new(b"x".to_vec()), soon).unwrap();
        std::fs::remove_file(source.layout.key()).unwrap();
        let refused = source.seal_apart(b"x").unwrap_err();
        assert_eq!(Fault::of(refused), Some(Fault::KeyMissing));
        assert!(!source.layout.key().exists());
    }
}
