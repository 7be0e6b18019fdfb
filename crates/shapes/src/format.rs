//! The format in which an issuer writes its keys, and where one stands in a text.

use std::ops::Range;

use crate::judgement::Confidence;

/// The format in which an issuer writes its keys.
#[derive(Debug, Eq, PartialEq)]
pub struct Format {
    /// What it is called: kebab case, unique, never used for another.
    pub id: &'static str,
    /// Who issues it.
    pub issuer: &'static str,
    /// What every such key begins with.
    pub prefix: &'static str,
    /// What follows the prefix.
    pub rest: &'static [Piece],
    /// What a match is worth by itself.
    pub confidence: Confidence,
}

/// A piece of a format.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Piece {
    /// From so many to so many characters of an alphabet, as many as there are.
    Run(Alphabet, usize, usize),
    /// Exactly this.
    Text(&'static str),
}

/// Which characters a run is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Alphabet {
    /// Letters and digits.
    Alphanumeric,
    /// Letters, digits, `+`, `/`, `=`.
    Base64,
    /// Digits.
    Digit,
    /// What [`Alphabet::Unreserved`] has, and `%`: text of an address with its encoding.
    Encoded,
    /// Hexadecimal digits.
    Hex,
    /// Small letters and digits.
    Lower,
    /// Both spellings of base 64, with their padding.
    Padded,
    /// Letters, digits, `-`, `.`, `_`, `~`: the unreserved characters of an address (RFC 3986).
    Unreserved,
    /// Capitals and digits.
    Upper,
    /// Letters, digits, `-`, `_`: base 64 as it is written in addresses.
    Url,
    /// What [`Alphabet::Url`] has, and `.`.
    UrlDot,
    /// Hexadecimal digits and `-`.
    Uuid,
    /// Letters, digits, `_`.
    Word,
}

impl Alphabet {
    /// Whether `byte` is one of its characters.
    #[must_use]
    pub fn has(self, byte: u8) -> bool {
        match self {
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Base64 => byte.is_ascii_alphanumeric() || b"+/=".contains(&byte),
            Self::Digit => byte.is_ascii_digit(),
            Self::Encoded => byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Lower => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
            Self::Padded => byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte),
            Self::Unreserved => byte.is_ascii_alphanumeric() || b"-._~".contains(&byte),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Url => byte.is_ascii_alphanumeric() || b"-_".contains(&byte),
            Self::UrlDot => byte.is_ascii_alphanumeric() || b"-_.".contains(&byte),
            Self::Uuid => byte.is_ascii_hexdigit() || byte == b'-',
            Self::Word => byte.is_ascii_alphanumeric() || byte == b'_',
        }
    }
}

impl Format {
    /// How many bytes at the beginning of `text` have this format. `None`, if they do not, or if more would belong to them.
    #[must_use]
    pub fn length_in(&self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        let mut at = bytes
            .starts_with(self.prefix.as_bytes())
            .then_some(self.prefix.len())?;
        let mut last = Alphabet::Alphanumeric;
        for piece in self.rest {
            let rest = &bytes[at..];
            at += match *piece {
                Piece::Text(text) => rest.starts_with(text.as_bytes()).then_some(text.len())?,
                Piece::Run(alphabet, least, most) => {
                    last = alphabet;
                    let run = rest
                        .iter()
                        .take(most)
                        .take_while(|&&byte| alphabet.has(byte))
                        .count();
                    (run >= least).then_some(run)?
                }
            };
        }
        let goes_on = bytes
            .get(at)
            .is_some_and(|&byte| last.has(byte) || byte.is_ascii_alphanumeric());
        (!goes_on).then_some(at)
    }
}

/// The formats of `formats` that stand in `text`, from left to right, where a word begins.
pub(crate) fn matches<'a>(
    formats: &'static [Format],
    text: &'a str,
) -> impl Iterator<Item = (&'static Format, Range<usize>)> + 'a {
    let mut next = 0;
    std::iter::from_fn(move || {
        while next < text.len() {
            let at = next;
            next += 1;
            if !begins_word(text, at) {
                continue;
            }
            let rest = &text[at..];
            let found = formats
                .iter()
                .find_map(|format| Some((format, format.length_in(rest)?)));
            if let Some((format, length)) = found {
                next = at + length;
                return Some((format, at..next));
            }
        }
        None
    })
}

/// Whether a word begins at this byte of `text`. What is percent-encoded ends one.
fn begins_word(text: &str, at: usize) -> bool {
    if !text.is_char_boundary(at) {
        return false;
    }
    let before = &text.as_bytes()[..at];
    let encoded = matches!(before, [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit());
    encoded
        || !before
            .last()
            .is_some_and(|&byte| Alphabet::UrlDot.has(byte))
}
