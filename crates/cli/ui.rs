//! The only writer to standard output and standard error.
//!
//! Standard output belongs to the server's protocol in `run`; elsewhere it carries data. Standard error
//! is public: clients keep it in logs and show it.

use std::io::{IsTerminal as _, Write as _};

/// Writes data to standard output. A reader that has gone away is not an error.
pub(crate) fn data(bytes: &[u8]) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Writes a line of text for a person to standard error, in one write so that servers that start together do not mix.
pub(crate) fn line(text: &str) {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(b'\n');
    // There is nobody to tell when standard error is gone.
    drop(std::io::stderr().lock().write_all(&bytes));
}

/// Whether a person reads standard output.
pub(crate) fn is_read_by_person() -> bool {
    std::io::stdout().is_terminal()
}
