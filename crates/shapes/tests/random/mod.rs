//! Random text that is the same in every run.

/// Marsaglia's xorshift.
pub(crate) struct Dice(u64);

impl Dice {
    /// Begins anew.
    pub(crate) fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).map_or(0, |number| number % sides)
    }

    /// So many of `characters`.
    pub(crate) fn text(&mut self, length: usize, characters: &[char]) -> String {
        (0..length)
            .map(|_| characters[self.roll(characters.len())])
            .collect()
    }
}
