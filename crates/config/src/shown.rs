//! How names from the outside are shown on a terminal: without control characters, ready to paste.

use std::fmt;
use std::path::Path;

/// A path whose control characters cannot steer a terminal.
pub(crate) struct Shown<'a>(pub(crate) &'a Path);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.to_string_lossy().chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

/// A path as one word of a POSIX shell.
pub(crate) struct Quoted<'a>(pub(crate) &'a Path);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Shown(self.0).to_string();
        let plain = !text.is_empty()
            && text
                .chars()
                .all(|character| character.is_alphanumeric() || "/._-+:@%,=".contains(character));
        if plain {
            f.write_str(&text)
        } else {
            write!(f, "'{}'", text.replace('\'', r"'\''"))
        }
    }
}

/// A key as it is shown in an error: as written if it is an ordinary name, because a line that went
/// wrong may have a value where a key belongs.
pub(crate) fn shown_key(key: &str) -> &str {
    let ordinary = !key.is_empty()
        && key.len() <= 64
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if ordinary { key } else { "\"…\"" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_steer_the_terminal_and_pastes_as_one_word() {
        assert_eq!(
            Shown(Path::new("/a\u{1b}[31m/b")).to_string(),
            r"/a\u{1b}[31m/b"
        );
        assert_eq!(Quoted(Path::new("/a/b-c.toml")).to_string(), "/a/b-c.toml");
        assert_eq!(
            Quoted(Path::new("/it's here")).to_string(),
            r"'/it'\''s here'"
        );
    }

    #[test]
    fn only_an_ordinary_key_is_shown() {
        assert_eq!(shown_key("GITHUB_TOKEN"), "GITHUB_TOKEN");
        assert_eq!(shown_key("postgres://me:hunter2@db"), "\"…\"");
        assert_eq!(shown_key(&"x".repeat(65)), "\"…\"");
    }
}
