//! The only writer to standard output and standard error.
//!
//! Standard output belongs to the server's protocol in `run`; elsewhere it carries data. Standard error
//! is public: clients keep it in logs and show it.

use std::borrow::Cow;
use std::io::{IsTerminal as _, Write as _};

use mcp_launch_core::Environment;

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

/// A colour that says what a line of a difference is. The line says it without, too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Colour {
    Comes,
    Goes,
    None,
}

/// Writes lines to standard output, in colour where a person reads them and `NO_COLOR` (<https://no-color.org>) is
/// not set.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn lines(lines: &[(Colour, String)], environment: &Environment) -> Result<(), Report> {
    let colours = is_read_by_person()
        && environment.get_non_empty("NO_COLOR").is_none()
        && environment.get("TERM").is_none_or(|term| term != "dumb");
    let mut out = String::new();
    for (colour, line) in lines {
        let (on, off) = match colour {
            Colour::Comes if colours => ("\u{1b}[32m", "\u{1b}[0m"),
            Colour::Goes if colours => ("\u{1b}[31m", "\u{1b}[0m"),
            _ => ("", ""),
        };
        out.push_str(on);
        out.push_str(&shown(line));
        out.push_str(off);
        out.push('\n');
    }
    data(out.as_bytes())
        .map_err(|error| Report::failure(format!("cannot write to standard output: {error}")))
}

/// Writes a line of text for a person to standard error, in one write so that servers that start together do not mix.
pub(crate) fn line(text: &str) {
    let mut bytes = shown(text).into_owned().into_bytes();
    bytes.push(b'\n');
    // There is nobody to tell when standard error is gone.
    drop(std::io::stderr().lock().write_all(&bytes));
}

/// Writes the beginning of a line to standard error: a question whose answer follows it.
pub(crate) fn part_of_line(text: &str) {
    // There is nobody to ask when standard error is gone; the answer is then the end of input.
    drop(std::io::stderr().lock().write_all(shown(text).as_bytes()));
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
