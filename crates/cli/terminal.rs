//! Asking a person, on the terminal itself, so that standard input and output stay free.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};

use mcp_launch_core::{Secret, shown};
use zeroize::{Zeroize as _, Zeroizing};

use crate::report::Report;
use crate::ui;

/// The largest value that is read from standard input: more cannot be given to a process.
const LARGEST: u64 = 1 << 20;

/// The least that a new passphrase has. Whoever copies the files can try without end.
const LEAST_CHARACTERS: usize = 8;

/// The text of a question, which names of others stand in: it is one line, and steers no terminal.
fn prompt_of(text: &str) -> String {
    shown(text).to_string()
}

/// Asks for a value without showing it.
///
/// # Errors
/// When there is no terminal, or its end is typed.
pub(crate) fn ask_hidden(prompt: &str) -> Result<Secret, Report> {
    let mut typed = rpassword::prompt_password(prompt_of(prompt)).map_err(|error| {
        if error.kind() == std::io::ErrorKind::UnexpectedEof {
            return Report::failure("nothing was typed, so nothing was done");
        }
        Report::failure("there is no terminal to ask on").hint("run it in a terminal")
    })?;
    let secret = Secret::new(typed.as_bytes().to_vec());
    typed.zeroize();
    Ok(secret)
}

/// Asks for a new passphrase, twice.
///
/// # Errors
/// When there is no terminal, it is short, or the two are not the same.
#[expect(
    clippy::disallowed_methods,
    reason = "measures what was typed and compares it"
)]
pub(crate) fn ask_new_passphrase() -> Result<Secret, Report> {
    let first = ask_hidden("New passphrase: ")?;
    let characters = match std::str::from_utf8(first.expose()) {
        Ok(text) => text.chars().count(),
        Err(_) => first.expose().len(),
    };
    if characters < LEAST_CHARACTERS {
        return Err(Report::failure(format!(
            "a passphrase of less than {LEAST_CHARACTERS} characters is soon guessed by whoever copies the files"
        ))
        .hint("several words are long and easy to remember"));
    }
    let second = ask_hidden("Once more: ")?;
    if first.expose() != second.expose() {
        return Err(Report::failure("the two passphrases differ"));
    }
    Ok(first)
}

/// Asks for a text that may be seen.
///
/// # Errors
/// When standard input cannot be read.
pub(crate) fn ask(prompt: &str) -> Result<String, Report> {
    ui::part_of_line(&prompt_of(prompt));
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Report::failure(format!("cannot read standard input: {error}")))?;
    Ok(answer.trim_end_matches(['\r', '\n']).to_owned())
}

/// Asks a question that is answered by yes or no, on the terminal itself.
///
/// # Errors
/// When there is nobody to ask.
pub(crate) fn confirm(question: &str) -> Result<bool, Report> {
    let nobody = || {
        Report::failure("there is no terminal to ask on, so nothing was done")
            .hint("--yes goes ahead without asking")
    };
    let question = prompt_of(&format!("{question} [y/N] "));
    let mut answer = String::new();
    if std::io::stdin().is_terminal() {
        ui::part_of_line(&question);
        let read = std::io::stdin().lock().read_line(&mut answer);
        read.map_err(|_| nobody())?;
    } else {
        // Standard input carries data.
        let mut terminal = open_terminal().map_err(|_| nobody())?;
        write!(terminal, "{question}").map_err(|_| nobody())?;
        let read = std::io::BufReader::new(terminal).read_line(&mut answer);
        read.map_err(|_| nobody())?;
    }
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "Yes" | "YES"))
}

#[cfg(unix)]
fn open_terminal() -> std::io::Result<std::fs::File> {
    std::fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/tty")
}

/// Windows has the two directions apart; a person there answers on standard input.
#[cfg(not(unix))]
fn open_terminal() -> std::io::Result<std::fs::File> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// Whether a person sits at standard input.
pub(crate) fn stdin_is_terminal() -> bool {
    std::io::stdin().is_terminal()
}

/// Reads all of standard input.
///
/// # Errors
/// When it cannot be read or is larger than a value can be.
pub(crate) fn read_stdin() -> Result<Zeroizing<Vec<u8>>, Report> {
    // Full size from the start, so that no copy is left behind when it grows.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST as usize + 1));
    std::io::stdin()
        .lock()
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Report::failure(format!("cannot read standard input: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Report::failure(
            "standard input has more than 1 MiB, so it is hardly a secret",
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_one_line_whatever_is_asked_about() {
        assert_eq!(
            prompt_of("Value of A\u{1b}[2J\nPassphrase\u{202e}: "),
            "Value of A\\u{1b}[2J\\u{a}Passphrase\\u{202e}: "
        );
    }
}
