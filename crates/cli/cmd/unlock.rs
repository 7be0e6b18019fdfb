//! `mcp-launch unlock`: keeps the sealed store's key in the kernel for a time.

use std::time::Duration;

use mcp_launch_core::{LineEnd, Secret};
use source_sealed::KeyState;

use crate::args::UnlockArgs;
use crate::context::Context;
use crate::report::Report;
use crate::sealed_store::SealedStore;
use crate::{terminal, ui};

/// Opens the sealed store.
///
/// # Errors
/// When there is nothing to open, the passphrase is wrong, or the kernel does not keep keys.
pub(crate) fn unlock(context: &Context, args: &UnlockArgs) -> Result<(), Report> {
    let sealed = SealedStore::open(context)?;
    let status = sealed.source.status();
    match (status.key, status.problems.first()) {
        (KeyState::File(_), _) => {
            ui::line("not needed: the sealed store opens with its key file");
            return Ok(());
        }
        (KeyState::Missing, Some(problem)) => return sealed.told(Err(problem.error)),
        (KeyState::Missing, None) => {
            return Err(Report::failure("there is no sealed store yet")
                .hint("the first value makes it: mcp-launch secrets set NAME --store sealed"));
        }
        _ => {}
    }
    let passphrase = if terminal::stdin_is_terminal() {
        terminal::ask_hidden("Passphrase: ")?
    } else {
        let mut bytes = terminal::read_stdin()?;
        LineEnd::Strip.apply(&mut bytes);
        Secret::from(bytes)
    };
    if passphrase.is_empty() {
        return Err(Report::failure("there is no passphrase on standard input"));
    }
    sealed.told(sealed.source.unlock(&passphrase, args.span))?;
    ui::line(&format!(
        "the sealed store is open for {}; `mcp-launch lock` closes it before",
        in_words(args.span)
    ));
    Ok(())
}

/// A length of time, in its largest units: `2 d`, `7 h 30 min`, `20 s`.
pub(crate) fn in_words(span: Duration) -> String {
    let seconds = span.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let parts = [(days, "d"), (hours, "h"), (minutes, "min")];
    let words: Vec<_> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect();
    if words.is_empty() {
        format!("{seconds} s")
    } else {
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_told_in_its_units() {
        for (seconds, words) in [
            (28_800, "8 h"),
            (5_400, "1 h 30 min"),
            (172_800, "2 d"),
            (90, "1 min"),
            (20, "20 s"),
        ] {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}
