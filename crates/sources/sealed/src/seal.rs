//! Between plain bytes and an age file.

use std::io::{self, Write};

use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, Encryptor, Identity, Recipient};
use mcp_launch_core::{Secret, SourceError, SourceErrorKind};
use zeroize::Zeroizing;

use crate::disk;
use crate::fault::Fault;

/// log2 of scrypt's N: 256 MiB and about a second, as `age -p` takes it. Not measured on the machine,
/// which may be busy and would then choose too little.
const WORK_FACTOR: u8 = 18;

/// Most that is worked for a passphrase. Beyond it, the `age` crate's own documentation says, a forged
/// file costs hours and tens of GiB.
const HIGHEST_WORK_FACTOR: u8 = 22;

/// Why an age file was not opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unopened {
    /// It is damaged, or no age file.
    Damaged,
    /// It is whole, and made for another key.
    OtherKey,
}

/// Opens `sealed` into a buffer that never grows.
pub(crate) fn open(sealed: &[u8], identity: &dyn Identity) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let decryptor = Decryptor::new_buffered(sealed).map_err(|error| unopened(&error))?;
    let mut reader = decryptor
        .decrypt(std::iter::once(identity))
        .map_err(|error| unopened(&error))?;
    let mut plain = Zeroizing::new(vec![0; sealed.len()]);
    let length = disk::fill(&mut reader, &mut plain).map_err(|_| Unopened::Damaged)?;
    plain.truncate(length);
    Ok(plain)
}

/// Seals `plain` for `recipient`.
///
/// The library's own chunk buffer is not wiped (it is in `StreamWriter`); only a process that writes
/// secrets has one, and that ends soon.
pub(crate) fn seal(plain: &[u8], recipient: &dyn Recipient) -> Result<Vec<u8>, SourceError> {
    let encrypt = || -> io::Result<Vec<u8>> {
        let encryptor = Encryptor::with_recipients(std::iter::once(recipient))
            .map_err(|_| io::ErrorKind::Other)?;
        let mut writer = encryptor.wrap_output(Vec::new())?;
        writer.write_all(plain)?;
        writer.finish()
    };
    encrypt().map_err(|_| {
        SourceError::new(SourceErrorKind::Unavailable).note("the store could not be encrypted")
    })
}

/// What opens a file that [`passphrase_recipient`] sealed.
pub(crate) fn passphrase_identity(passphrase: &Secret) -> Result<impl Identity, SourceError> {
    let mut identity = age::scrypt::Identity::new(passphrase_text(passphrase)?);
    identity.set_max_work_factor(HIGHEST_WORK_FACTOR);
    Ok(identity)
}

/// Seals a file with a passphrase.
pub(crate) fn passphrase_recipient(passphrase: &Secret) -> Result<impl Recipient, SourceError> {
    if passphrase.is_empty() {
        return Err(Fault::EmptyPassphrase.error());
    }
    let mut recipient = age::scrypt::Recipient::new(passphrase_text(passphrase)?);
    recipient.set_work_factor(WORK_FACTOR);
    Ok(recipient)
}

/// How many keys open the file, as its header says. A stanza of random padding, which implementations add
/// to keep readers honest, ends in `-grease`.
pub(crate) fn count_recipients(sealed: &[u8]) -> usize {
    sealed
        .split(|&byte| byte == b'\n')
        .take_while(|line| !line.starts_with(b"---"))
        .filter_map(|line| line.strip_prefix(b"-> "))
        .filter(|stanza| {
            let kind = stanza.split(|&byte| byte == b' ').next();
            !kind.is_some_and(|kind| kind.ends_with(b"-grease"))
        })
        .count()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the passphrase enters the library, in a type that wipes it"
)]
fn passphrase_text(passphrase: &Secret) -> Result<SecretString, SourceError> {
    let text =
        std::str::from_utf8(passphrase.expose()).map_err(|_| Fault::PassphraseNotText.error())?;
    Ok(SecretString::from(text))
}

fn unopened(error: &DecryptError) -> Unopened {
    match error {
        // A wrong passphrase is told as a failed decryption of the file key.
        DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed
        | DecryptError::NoMatchingKeys => Unopened::OtherKey,
        _ => Unopened::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> age::x25519::Identity {
        age::x25519::Identity::generate()
    }

    #[test]
    fn opens_what_it_sealed_at_every_chunk_edge() {
        let key = key();
        for length in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
            let plain = vec![b'x'; length];
            let sealed = seal(&plain, &key.to_public()).unwrap();
            assert_eq!(*open(&sealed, &key).unwrap(), plain, "{length}");
        }
    }

    #[test]
    fn a_changed_or_cut_file_is_never_half_opened() {
        let key = key();
        let sealed = seal(b"payload", &key.to_public()).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&changed, &key).is_err(), "byte {at} changed");
            assert!(open(&sealed[..at], &key).is_err(), "cut at {at}");
        }
        let mut longer = sealed.clone();
        longer.push(0);
        assert!(open(&longer, &key).is_err());
    }

    #[test]
    fn another_key_is_told_from_damage() {
        let sealed = seal(b"payload", &key().to_public()).unwrap();
        assert_eq!(open(&sealed, &key()), Err(Unopened::OtherKey));
        assert_eq!(open(b"not age", &key()), Err(Unopened::Damaged));
        assert_eq!(open(b"", &key()), Err(Unopened::Damaged));
    }

    #[test]
    fn counts_the_keys_and_not_the_padding() {
        let key = key();
        for _ in 0..50 {
            let sealed = seal(b"x", &key.to_public()).unwrap();
            assert_eq!(count_recipients(&sealed), 1);
        }
        let (one, two) = (key.to_public(), self::key().to_public());
        let both: [&dyn Recipient; 2] = [&one, &two];
        let mut writer = Encryptor::with_recipients(both.into_iter())
            .unwrap()
            .wrap_output(Vec::new())
            .unwrap();
        writer.write_all(b"-> X25519 in the payload").unwrap();
        assert_eq!(count_recipients(&writer.finish().unwrap()), 2);
    }
}
