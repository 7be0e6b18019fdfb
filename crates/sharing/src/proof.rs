//! What a launch proves that it may log in with, as the origin of keys.

use hkdf::HkdfExtract;
use scrypt::Params;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Keeps these keys apart from those of other programs that derive some from the same token.
const PURPOSE: &[u8] = b"mcp-launch sharing, version 2";

/// What a password is stretched by: scrypt with 16 MiB, some tens of milliseconds. As much as a store
/// spends on the password at a login.
const LOG_N: u8 = 14;
const R: u32 = 8;
const P: u32 = 1;

/// How many bytes keys have.
pub(crate) const LENGTH: usize = 32;

/// What a launch logs in with, or a digest of it, from which the keys of what it shares are derived.
///
/// Who has another credential, or none, gets other keys: it finds nothing that was lent, can read none
/// of it, and can write nothing that would be taken for lent.
pub struct Proof(Zeroizing<[u8; LENGTH]>);

impl Proof {
    /// The proof that consists of all of `parts`, in this order: tokens, keys, what stands in their
    /// files. At least one of them must be beyond guessing, as everything is that a machine made.
    #[must_use]
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut extract = HkdfExtract::<Sha256>::new(Some(PURPOSE));
        for part in parts {
            // With lengths, so that no two lists give the same bytes.
            extract.input_ikm(&(part.len() as u64).to_le_bytes());
            extract.input_ikm(part);
        }
        let (key, _) = extract.finalize();
        Self(Zeroizing::new(key.into()))
    }

    /// The proof that consists of a password, which a person may have chosen. It is stretched, so that
    /// what is shared is of little help to those who guess it. `whose` is the name that it belongs to.
    ///
    /// Takes some tens of milliseconds. None if it cannot be computed.
    #[must_use]
    pub fn of_password(password: &[u8], whose: &str) -> Option<Self> {
        let params = Params::new(LOG_N, R, P, LENGTH).ok()?;
        let mut stretched = Zeroizing::new([0; LENGTH]);
        scrypt::scrypt(password, whose.as_bytes(), &params, &mut *stretched).ok()?;
        Some(Self::of([stretched.as_slice()]))
    }

    /// The proof that consists of this one and of `parts`.
    #[must_use]
    pub fn and<'a>(&'a self, parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self::of(std::iter::once(self.0.as_slice()).chain(parts))
    }

    pub(crate) fn bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_list_is_another_proof() {
        let of = |parts: &[&str]| *Proof::of(parts.iter().map(|part| part.as_bytes())).bytes();
        let lists: [&[&str]; 7] = [
            &[],
            &[""],
            &["ab"],
            &["a", "b"],
            &["b", "a"],
            &["ab", ""],
            &["", "ab"],
        ];
        for (index, list) in lists.iter().enumerate() {
            assert_eq!(of(list), of(list));
            for other in &lists[index + 1..] {
                assert_ne!(of(list), of(other), "{list:?} {other:?}");
            }
        }
        let more = Proof::of([b"a".as_slice()]).and([b"b".as_slice()]);
        assert_ne!(*more.bytes(), of(&["a"]));
        assert_ne!(*more.bytes(), of(&["a", "b"]));
    }

    #[test]
    fn a_password_counts_with_the_name_that_it_belongs_to() {
        let of = |password: &str, whose| {
            let proof = Proof::of_password(password.as_bytes(), whose);
            *proof.unwrap().bytes()
        };
        assert_eq!(of("hunter2", "ann"), of("hunter2", "ann"));
        assert_ne!(of("hunter2", "ann"), of("hunter2", "ben"));
        assert_ne!(of("hunter2", "ann"), of("hunter3", "ann"));
        assert_ne!(
            of("hunter2", "ann"),
            *Proof::of([b"hunter2".as_slice()]).bytes()
        );
    }
}
