//! A value from a store, and the only way to read it.

use zeroize::{Zeroize, Zeroizing};

/// A value from a store: bytes, wiped when dropped.
///
/// Deliberately without `Debug`, `Display`, `Clone`, `PartialEq` and `Serialize`: what holds a
/// secret cannot be printed, copied or compared by accident.
///
/// ```compile_fail
/// let secret = mcp_launch_core::Secret::new(b"x".to_vec());
/// println!("{secret:?}");
/// ```
/// ```compile_fail
/// let secret = mcp_launch_core::Secret::new(b"x".to_vec());
/// println!("{secret}");
/// ```
/// ```compile_fail
/// let secret = mcp_launch_core::Secret::new(b"x".to_vec());
/// let copy = secret.clone();
/// ```
/// ```compile_fail
/// let secret = mcp_launch_core::Secret::new(b"x".to_vec());
/// let same = secret == secret;
/// ```
/// ```compile_fail
/// #[derive(Debug)]
/// struct Holder(mcp_launch_core::Secret);
/// ```
pub struct Secret(Zeroizing<Box<[u8]>>);

impl Secret {
    /// Takes `bytes` over. Spare capacity is not handed back to the allocator unwiped.
    #[must_use]
    pub fn new(mut bytes: Vec<u8>) -> Self {
        if bytes.len() == bytes.capacity() {
            return Self(Zeroizing::new(bytes.into_boxed_slice()));
        }
        let exact: Box<[u8]> = bytes.as_slice().into();
        bytes.zeroize();
        Self(Zeroizing::new(exact))
    }

    /// The value itself. The only way to it, so that every use can be found by name.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether both are the same bytes. By name and not by `==`, so that it is found where values are compared.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }

    /// The same value in a wiped buffer of its own. By name and not by `clone`, so that every copy is found.
    #[must_use]
    pub fn again(&self) -> Self {
        Self(self.0.clone())
    }

    /// How many bytes the value has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the value is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl From<Zeroizing<Vec<u8>>> for Secret {
    fn from(mut bytes: Zeroizing<Vec<u8>>) -> Self {
        Self::new(std::mem::take(&mut *bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the value under test")]
    fn keeps_every_byte_whatever_the_capacity() {
        for spare in [0, 1, 4096] {
            let mut bytes = Vec::with_capacity(3 + spare);
            bytes.extend_from_slice(&[0, 255, b'\n']);
            assert_eq!(Secret::new(bytes).expose(), [0, 255, b'\n']);
        }
    }
}
