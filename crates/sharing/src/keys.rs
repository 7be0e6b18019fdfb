//! The keys of what is shared by those who log in to one store alike: one names it, one seals it.

use chacha20poly1305::aead::rand_core::RngCore as _;
use chacha20poly1305::aead::{AeadInPlace as _, KeyInit as _, OsRng};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::name::Name;
use crate::proof::{LENGTH, Proof};

/// How many bytes a nonce has. So many that it can be drawn at random.
pub(crate) const NONCE: usize = 24;

/// How many bytes what is sealed has more than what it holds.
pub(crate) const TAG: usize = 16;

/// The keys of one store and one login. They are wiped.
pub(crate) struct Keys {
    naming: Zeroizing<[u8; LENGTH]>,
    sealing: XChaCha20Poly1305,
}

impl Keys {
    /// Keys that only those can derive who have `proof`. None if they cannot be computed.
    pub(crate) fn derive(proof: &Proof, store: &str) -> Option<Self> {
        let origin = Hkdf::<Sha256>::from_prk(proof.bytes()).ok()?;
        let key = |purpose: &[u8]| {
            let mut key = Zeroizing::new([0; LENGTH]);
            let expanded = origin.expand_multi_info(&[purpose, b"\0", store.as_bytes()], &mut *key);
            expanded.ok().map(|()| key)
        };
        let sealing = key(b"seal")?;
        Some(Self {
            naming: key(b"name")?,
            sealing: XChaCha20Poly1305::new((&*sealing).into()),
        })
    }

    /// The name of `what`, as this store has it.
    pub(crate) fn name(&self, what: &str) -> Option<Name> {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&*self.naming).ok()?;
        mac.update(what.as_bytes());
        Some(Name(mac.finalize().into_bytes().into()))
    }

    /// Seals `buffer` together with `head`, which stays legible; the nonce and the tag.
    pub(crate) fn seal(&self, head: &[u8], buffer: &mut [u8]) -> Option<([u8; NONCE], [u8; TAG])> {
        let mut nonce = [0; NONCE];
        OsRng.try_fill_bytes(&mut nonce).ok()?;
        let sealed =
            self.sealing
                .encrypt_in_place_detached(XNonce::from_slice(&nonce), head, buffer);
        Some((nonce, sealed.ok()?.into()))
    }

    /// Opens `buffer`; None if it, the head or the tag is not what was sealed with these keys.
    pub(crate) fn open(
        &self,
        head: &[u8],
        nonce: &[u8; NONCE],
        buffer: &mut [u8],
        tag: &[u8; TAG],
    ) -> Option<()> {
        let nonce = XNonce::from_slice(nonce);
        self.sealing
            .decrypt_in_place_detached(nonce, head, buffer, tag.into())
            .ok()
    }
}
