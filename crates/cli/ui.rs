//! The only writer to standard output and standard error.
//!
//! Standard output belongs to the server's protocol in `run`; elsewhere it carries data. Standard error
//! is public: clients keep it in logs and show it.

use std::borrow::Cow;
use std::io::{IsTerminal as _, Write as _};

use crate::report::Report;

/// Writes data to standard output. A reader that has gone away is not an error.
pub(crate) fn data(bytes: &[u8]) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Writes text for a person, or for a machine that reads lines, to standard output.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn text(text: &str) -> Result<(), Report> {
    data(shown(text).as_bytes())
        .map_err(|error| Report::failure(format!("cannot write to standard output: {error}")))
}

/// Writes a line of text for a person to standard error, in one write so that servers that start together do not mix.
pub(crate) fn line(text: &str) {
    let mut bytes = shown(text).into_owned().into_bytes();
    bytes.push(b'\n');
    // There is nobody to tell when standard error is gone.
    drop(std::io::stderr().lock().write_all(&bytes));
}

/// Whether a person reads standard output.
pub(crate) fn is_read_by_person() -> bool {
    std::io::stdout().is_terminal()
}

/// The text with its control characters spelled out: a file's name must not steer a terminal.
fn shown(text: &str) -> Cow<'_, str> {
    let steers = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if steers(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_spelled_out() {
        assert_eq!(shown("a\tb\nc ü"), "a\tb\nc ü");
        assert_eq!(
            shown("a\u{1b}]0;x\u{7}\r\u{9b}"),
            "a\\u{1b}]0;x\\u{7}\\r\\u{9b}"
        );
    }
}
