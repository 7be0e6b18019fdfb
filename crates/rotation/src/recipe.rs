//! How a new value is made, where we choose it.

use std::fmt::Write as _;

use mcp_launch_core::Secret;
use zeroize::Zeroizing;

/// The shortest value that is made, in characters of the largest alphabet: 71 bits.
const SHORTEST: usize = 12;
/// The longest. Databases and their drivers cut longer ones, or refuse them.
const LONGEST: usize = 512;

/// What a new value is made of. Every character is drawn from the system's random numbers, all equally often.
///
/// No alphabet has a character that a URL, a shell, a `.env` or SQL reads as something else.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Recipe {
    length: usize,
    alphabet: Alphabet,
}

/// The characters of a new value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Alphabet {
    /// Digits and letters, both cases: 5.95 bits each.
    Base62,
    /// Digits and `a` to `f`: 4 bits each. For keys that are read as bytes.
    Hex,
}

impl Alphabet {
    const fn characters(self) -> &'static [u8] {
        match self {
            Self::Base62 => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            Self::Hex => b"0123456789abcdef",
        }
    }
}

impl Default for Recipe {
    /// 43 digits and letters, 256 bits: so much that a digest of it is of no use to whoever finds one.
    fn default() -> Self {
        Self {
            length: 43,
            alphabet: Alphabet::Base62,
        }
    }
}

impl Recipe {
    /// Values of `length` characters.
    ///
    /// # Errors
    /// When that is shorter than 12 or longer than 512 characters.
    pub fn new(length: usize, alphabet: Alphabet) -> Result<Self, RecipeError> {
        if !(SHORTEST..=LONGEST).contains(&length) {
            return Err(RecipeError);
        }
        Ok(Self { length, alphabet })
    }

    /// A new value; `None` when the system gives no random numbers.
    #[must_use]
    pub fn make(&self) -> Option<Secret> {
        let characters = self.alphabet.characters();
        // Above it some characters would come more often than others.
        let fair = 256 - 256 % characters.len();
        let mut value = Vec::with_capacity(self.length);
        let mut random = Zeroizing::new([0_u8; 64]);
        while value.len() < self.length {
            getrandom::fill(&mut *random).ok()?;
            let drawn = random.iter().filter(|&&byte| usize::from(byte) < fair);
            let left = self.length - value.len();
            value.extend(
                drawn
                    .map(|&byte| characters[usize::from(byte) % characters.len()])
                    .take(left),
            );
        }
        Some(Secret::new(value))
    }
}

/// A length that no value should have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a value has 12 to 512 characters")]
pub struct RecipeError;

/// 128 random bits as text, for names that are never used again.
pub(crate) fn random_name() -> Option<String> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).ok()?;
    let mut name = String::with_capacity(32);
    for byte in random {
        write!(name, "{byte:02x}").ok()?;
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "values made for this test")]
    fn every_character_comes_and_no_other() {
        for alphabet in [Alphabet::Base62, Alphabet::Hex] {
            let recipe = Recipe::new(512, alphabet).unwrap();
            let mut seen = std::collections::BTreeSet::new();
            for _ in 0..8 {
                let value = recipe.make().unwrap();
                assert_eq!(value.len(), 512);
                seen.extend(value.expose().iter().copied());
            }
            let characters = alphabet.characters().iter().copied().collect();
            assert_eq!(seen, characters);
        }
    }

    #[test]
    fn no_two_are_the_same_and_none_is_too_short() {
        let recipe = Recipe::default();
        assert!(!recipe.make().unwrap().is_same(&recipe.make().unwrap()));
        assert_ne!(random_name(), random_name());
        for length in [0, 11, 513] {
            assert_eq!(Recipe::new(length, Alphabet::Hex), Err(RecipeError));
        }
    }
}
