//! Bytes that grow without leaving a copy behind.

use zeroize::Zeroizing;

/// A vector that grows gives its old memory back as it is; this one wipes it first.
pub(super) struct Buffer(Zeroizing<Vec<u8>>);

impl Buffer {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(capacity)))
    }

    pub(super) fn push(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.max(2 * self.0.capacity())));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    /// `number` in as many hexadecimal digits, upper case.
    pub(super) fn push_hex(&mut self, number: u32, digits: u32) {
        for place in (0..digits).rev() {
            let digit = (number >> (4 * place)) & 0xF;
            self.push([b"0123456789ABCDEF"[digit as usize]]);
        }
    }

    pub(super) fn finish(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_pushed() {
        let mut buffer = Buffer::with_capacity(1);
        buffer.push("ab");
        buffer.push([b'c']);
        buffer.push_hex(0x1F600, 8);
        assert_eq!(buffer.finish().as_slice(), b"abc0001F600");
    }
}
