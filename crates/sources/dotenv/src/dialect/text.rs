//! The file as each reader first sees it.

use std::borrow::Cow;

use zeroize::Zeroize;

/// U+FEFF in UTF-8: an editor's mark, no part of the first line.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The file as each reader first sees it: bytes, text, and text with `\n` line ends.
pub(crate) struct Text<'d> {
    whole: &'d [u8],
    bytes: &'d [u8],
    decoded: Cow<'d, str>,
    unix: Option<String>,
    ends: LineEnds,
    valid: bool,
}

/// What a shell makes of `\r\n`, and of a byte order mark.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LineEnds {
    /// A line end, as the other readers have it: both tell how the file is stored and are no part of a value.
    Either,
    /// A carriage return and a line end, as a shell has it; the mark is text.
    Unix,
}

impl<'d> Text<'d> {
    pub(crate) fn new(bytes: &'d [u8], ends: LineEnds) -> Self {
        let whole = bytes;
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let decoded =
            std::str::from_utf8(bytes).map_or_else(|_| lossy(bytes).into(), Cow::Borrowed);
        let unix = decoded.contains('\r').then(|| {
            // One pass, so that no intermediate copy is left behind.
            let mut text = String::with_capacity(decoded.len());
            let mut characters = decoded.chars().peekable();
            while let Some(character) = characters.next() {
                if character == '\r' {
                    let _ = characters.next_if_eq(&'\n');
                    text.push('\n');
                } else {
                    text.push(character);
                }
            }
            text
        });
        let valid = matches!(decoded, Cow::Borrowed(_));
        Self {
            whole,
            bytes,
            decoded,
            unix,
            ends,
            valid,
        }
    }

    /// The bytes behind the byte order mark.
    pub(crate) fn bytes(&self) -> &'d [u8] {
        self.bytes
    }

    /// The bytes as a shell has them.
    pub(crate) fn script(&self) -> &'d [u8] {
        match self.ends {
            LineEnds::Either => self.bytes,
            LineEnds::Unix => self.whole,
        }
    }

    /// The bytes as text; what is not UTF-8 stands as U+FFFD.
    pub(crate) fn decoded(&self) -> &str {
        &self.decoded
    }

    /// The text with `\n` for every `\r\n` and `\r`.
    pub(crate) fn unix(&self) -> &str {
        self.unix.as_deref().unwrap_or(&self.decoded)
    }

    pub(crate) fn ends(&self) -> LineEnds {
        self.ends
    }

    /// Whether `value`, a part of a decoded text, stands for bytes that are not UTF-8.
    pub(crate) fn altered(&self, value: &str) -> bool {
        !self.valid && value.contains(char::REPLACEMENT_CHARACTER)
    }
}

impl Drop for Text<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(text) = &mut self.decoded {
            text.zeroize();
        }
        if let Some(text) = &mut self.unix {
            text.zeroize();
        }
    }
}

/// As `String::from_utf8_lossy`, in one allocation, so that no shorter copy is left behind unwiped.
fn lossy(bytes: &[u8]) -> String {
    let most = char::REPLACEMENT_CHARACTER.len_utf8();
    let length = bytes.utf8_chunks().map(|chunk| chunk.valid().len() + most);
    let mut text = String::with_capacity(length.sum());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

/// Where the first character at or after `at` stands that is not one of `members`; else the end.
pub(crate) fn skip(text: &str, at: usize, members: impl Fn(char) -> bool) -> usize {
    text[at..]
        .find(|character| !members(character))
        .map_or(text.len(), |offset| at + offset)
}
