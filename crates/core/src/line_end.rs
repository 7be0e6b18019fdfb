//! What becomes of a line end at the end of a value.

/// What becomes of a line end at the end of a value that came as text: a file, a command's output.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LineEnd {
    /// It is part of the value.
    Keep,
    /// One `\n` or `\r\n` is not part of the value.
    Strip,
}

impl LineEnd {
    /// Applies the rule to `bytes`.
    pub fn apply(self, bytes: &mut Vec<u8>) {
        if self == Self::Strip && bytes.last() == Some(&b'\n') {
            bytes.pop();
            if bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
        }
    }
}
