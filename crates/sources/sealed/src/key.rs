//! The key that opens the sealed file, in the two forms it is kept in.

use age::secrecy::ExposeSecret;
use age::x25519;
use mcp_launch_core::SourceError;
use zeroize::Zeroizing;

use crate::disk;
use crate::fault::Fault;
use crate::keyring;
use crate::layout::Layout;
use crate::seal::{self, Unopened};

/// Largest key file that is read, in bytes. One has some 150.
const LARGEST_KEY: u64 = 64 << 10;

/// How the key is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// In a file. When a file with a passphrase stands beside it, a change of form was interrupted; both
    /// then hold the same key, and this one needs no passphrase.
    File,
    /// Nowhere.
    Missing,
    /// In a file that a passphrase opens.
    Passphrase,
}

/// Where a key came from, which decides what is wrong when it does not fit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Origin {
    File,
    Keyring,
}

/// The key of a store.
pub(crate) struct Key {
    identity: x25519::Identity,
    origin: Origin,
}

impl Key {
    /// Finds the key of a store without asking anyone.
    ///
    /// # Errors
    /// When it is missing, locked, damaged, or others can read it.
    pub(crate) fn find(layout: &Layout) -> Result<Self, SourceError> {
        if let Some(text) = read_key_file(layout)? {
            return Self::parse(&text, Origin::File).ok_or(Fault::KeyDamaged.error());
        }
        if form(layout)? == Form::Missing {
            return Err(Fault::KeyMissing.error());
        }
        let held = keyring::find(&keyring::slot_of(layout))?.ok_or(Fault::Locked.error())?;
        Self::parse(&held.key, Origin::Keyring).ok_or(Fault::LockedMismatch.error())
    }

    /// Makes a key and keeps it in a file that only this user can read.
    pub(crate) fn create(layout: &Layout) -> Result<Self, SourceError> {
        let identity = x25519::Identity::generate();
        disk::replace(&layout.key(), &print(&identity))?;
        Ok(Self {
            identity,
            origin: Origin::File,
        })
    }

    /// Opens the sealed file.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SourceError> {
        seal::open(sealed, &self.identity).map_err(|unopened| {
            match (unopened, self.origin) {
                (Unopened::Damaged, _) => Fault::Damaged,
                (Unopened::OtherKey, Origin::File) => Fault::KeyMismatch,
                (Unopened::OtherKey, Origin::Keyring) => Fault::LockedMismatch,
            }
            .error()
        })
    }

    /// Seals the payload for this key.
    pub(crate) fn seal(&self, payload: &[u8]) -> Result<Vec<u8>, SourceError> {
        seal::seal(payload, &self.identity.to_public())
    }

    /// The key in the text of a key file: one `AGE-SECRET-KEY-1…` line among comments.
    fn parse(text: &[u8], origin: Origin) -> Option<Self> {
        let mut keys = std::str::from_utf8(text)
            .ok()?
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (Some(line), None) = (keys.next(), keys.next()) else {
            return None;
        };
        let identity = line.parse().ok()?;
        Some(Self { identity, origin })
    }
}

/// How the key is kept now.
///
/// # Errors
/// When the key file is a link that leads nowhere: a volume that is not mounted is no reason for a new key.
pub(crate) fn form(layout: &Layout) -> Result<Form, SourceError> {
    for (path, form) in [
        (layout.key(), Form::File),
        (layout.protected_key(), Form::Passphrase),
    ] {
        if path.try_exists().map_err(|error| disk::failure(&error))? {
            return Ok(form);
        }
        if path.is_symlink() {
            return Err(Fault::KeyMissing.error());
        }
    }
    Ok(Form::Missing)
}

/// The text of the key file, if there is one.
///
/// # Errors
/// When another user owns it or may read or write it: such a key may be known.
pub(crate) fn read_key_file(layout: &Layout) -> Result<Option<Zeroizing<Vec<u8>>>, SourceError> {
    let Some(contents) = disk::read(&layout.key(), LARGEST_KEY, Fault::KeyDamaged)? else {
        return Ok(None);
    };
    if !disk::is_own(&contents.metadata) {
        return Err(Fault::KeyForeign.error());
    }
    if disk::permits(&contents.metadata, 0o077) {
        return Err(Fault::KeyReadable.error());
    }
    Ok(Some(contents.bytes))
}

/// The file that a passphrase opens, still sealed.
pub(crate) fn read_protected_key(layout: &Layout) -> Result<Vec<u8>, SourceError> {
    let contents = disk::read(
        &layout.protected_key(),
        LARGEST_KEY,
        Fault::ProtectedKeyDamaged,
    )?;
    let mut bytes = contents.ok_or(Fault::NotProtected.error())?.bytes;
    Ok(std::mem::take(&mut *bytes))
}

/// Whether `text` is a key file's, and its key opens `sealed`.
pub(crate) fn check(text: &[u8], sealed: Option<&[u8]>) -> Result<(), SourceError> {
    let key = Key::parse(text, Origin::File).ok_or(Fault::KeyDamaged.error())?;
    match sealed {
        None => Ok(()),
        Some(sealed) => key.open(sealed).map(drop),
    }
}

/// The text of a file for a new key.
pub(crate) fn generate() -> Zeroizing<Vec<u8>> {
    print(&x25519::Identity::generate())
}

/// A key file as `age-keygen` writes it, without the line that says when.
fn print(identity: &x25519::Identity) -> Zeroizing<Vec<u8>> {
    let head = format!("# public key: {}\n", identity.to_public());
    let key = identity.to_string();
    let key = key.expose_secret().as_bytes();
    let mut text = Zeroizing::new(Vec::with_capacity(head.len() + key.len() + 1));
    text.extend_from_slice(head.as_bytes());
    text.extend_from_slice(key);
    text.push(b'\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_key_file_it_prints() {
        let text = generate();
        assert!(Key::parse(&text, Origin::File).is_some());
        let lines: Vec<&str> = std::str::from_utf8(&text).unwrap().lines().collect();
        let [public, secret] = lines.as_slice() else {
            panic!("two lines");
        };
        assert!(public.starts_with("# public key: age1"));
        assert!(secret.starts_with("AGE-SECRET-KEY-1"));
    }

    #[test]
    fn takes_exactly_one_key() {
        let (one, two) = (generate(), generate());
        let both = [one.as_slice(), two.as_slice()].concat();
        assert!(Key::parse(&both, Origin::File).is_none());
        assert!(Key::parse(b"# nothing\n", Origin::File).is_none());
        assert!(Key::parse(b"AGE-SECRET-KEY-1QQQ\n", Origin::File).is_none());
        assert!(Key::parse(&[0xff, 0xfe], Origin::File).is_none());
        let windows = String::from_utf8(one.to_vec())
            .unwrap()
            .replace('\n', "\r\n");
        assert!(Key::parse(windows.as_bytes(), Origin::File).is_some());
    }
}
