//! Bytes for a parser that counts characters.

/// The bytes of a text's characters, from the byte `start` on.
pub(crate) struct ByteOfChar {
    start: usize,
    len: usize,
    /// Nothing if all characters are of one byte.
    bytes: Vec<u32>,
}

impl ByteOfChar {
    pub(crate) fn new(text: &str, start: usize) -> Self {
        let body = &text[start..];
        let bytes = if body.is_ascii() {
            Vec::new()
        } else {
            // Texts over 1 GiB were refused before.
            body.char_indices()
                .map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX))
                .collect()
        };
        Self {
            start,
            len: body.len(),
            bytes,
        }
    }

    /// The byte of a character; the end of the text for one behind it.
    pub(crate) fn at(&self, character: usize) -> usize {
        let byte = if self.bytes.is_empty() {
            character.min(self.len)
        } else {
            self.bytes
                .get(character)
                .map_or(self.len, |&byte| byte as usize)
        };
        self.start + byte
    }
}

#[cfg(test)]
mod tests {
    use super::ByteOfChar;

    #[test]
    fn characters_are_counted_from_the_start() {
        for (text, at) in [("xxaéb", [2, 3, 5, 6, 6]), ("xxaeb", [2, 3, 4, 5, 5])] {
            let bytes = ByteOfChar::new(text, 2);
            assert_eq!([0, 1, 2, 3, 9].map(|character| bytes.at(character)), at);
        }
    }
}
