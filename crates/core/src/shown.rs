//! How a path is shown to a person: it cannot steer the terminal or look like a line of ours.

use std::fmt;
use std::path::Path;

/// A path with its control characters, line ends and marks of writing direction spelled out.
pub struct Shown<'a>(&'a Path);

/// Shows `path`.
pub fn shown<P: AsRef<Path> + ?Sized>(path: &P) -> Shown<'_> {
    Shown(path.as_ref())
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.to_string_lossy().chars() {
            if character.is_control() || turns(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

/// Whether it ends a line or changes the direction of what follows (Unicode UAX 9).
fn turns(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_plain_line() {
        assert_eq!(shown("/a b/ü").to_string(), "/a b/ü");
        assert_eq!(
            shown("/a\nhint: x\u{1b}\u{202e}").to_string(),
            "/a\\u{a}hint: x\\u{1b}\\u{202e}"
        );
    }
}
