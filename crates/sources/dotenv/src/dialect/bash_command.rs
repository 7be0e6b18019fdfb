//! How far a line reaches that bash does not take for plain assignments.
//!
//! What the commands on such a line do is never guessed: the names assigned on it are refused, and the reading goes
//! on with the next line only where the line surely ends there.

use super::bash::{Lost, Shell, Special, special};
use super::bash_word::Trouble;
use crate::reading::{Cause, Outcome, Reading};

/// Words that open a construct which may span lines.
const KEYWORDS: [&[u8]; 21] = [
    b"!",
    b"[[",
    b"case",
    b"coproc",
    b"do",
    b"done",
    b"elif",
    b"else",
    b"esac",
    b"fi",
    b"for",
    b"function",
    b"if",
    b"select",
    b"then",
    b"time",
    b"until",
    b"while",
    b"{",
    b"}",
    b"]]",
];

/// Commands that could change variables, leave the file or change how it is read.
const BUILTINS: [&[u8]; 44] = [
    b".",
    b"alias",
    b"bind",
    b"break",
    b"builtin",
    b"caller",
    b"cd",
    b"command",
    b"compgen",
    b"complete",
    b"compopt",
    b"continue",
    b"declare",
    b"disown",
    b"enable",
    b"eval",
    b"exec",
    b"exit",
    b"fc",
    b"getopts",
    b"hash",
    b"kill",
    b"let",
    b"local",
    b"logout",
    b"mapfile",
    b"popd",
    b"printf",
    b"pushd",
    b"read",
    b"readarray",
    b"readonly",
    b"return",
    b"set",
    b"shift",
    b"shopt",
    b"source",
    b"suspend",
    b"trap",
    b"typeset",
    b"ulimit",
    b"umask",
    b"unset",
    b"wait",
];

/// What has been seen of the command that is being passed over.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Seen {
    /// Assignments or redirections, or nothing: the next word may be the command.
    Assignments { empty: bool },
    /// The command, and with `exports` one whose arguments are assignments.
    Command { exports: bool },
}

impl Shell<'_> {
    /// Passes over one line of commands; the names it assigns are refused.
    pub(super) fn command(&mut self, reading: &mut Reading) -> Result<(), Lost> {
        let start = self.at;
        let mut seen = Seen::Assignments { empty: true };
        let mut continues = false;
        loop {
            self.skip_blanks();
            let comment = self.peek() == Some(b'#');
            if comment || self.at == self.bytes.len() || self.at_line_end() {
                if continues {
                    return Err(Lost::Swallowed);
                }
                self.skip_line();
                return Ok(());
            }
            let word = self.at;
            let names = seen != Seen::Command { exports: false };
            let assigned = names && self.assigned(start, reading)?;
            if seen == (Seen::Command { exports: true }) && self.peek() == Some(b'-') {
                return Err(Lost::Changed);
            }
            let outcome = self.word(false);
            // A line that goes on behind a backslash could make a name of what is none here.
            let joined = |pair: &[u8]| matches!(pair, b"\\\n" | b"\\\r");
            if names && self.bytes[word..self.at].windows(2).any(joined) {
                return Err(Lost::Changed);
            }
            // `export` makes its own sense of what expansion leaves of its words.
            if seen == (Seen::Command { exports: true })
                && !assigned
                && may_assign(&self.bytes[word..self.at], outcome.as_ref().ok())
            {
                return Err(Lost::Changed);
            }
            if self.at > word {
                continues = false;
                seen = match seen {
                    Seen::Assignments { .. } if assigned => Seen::Assignments { empty: false },
                    Seen::Assignments { .. } => Seen::Command {
                        exports: runs(&self.bytes[word..self.at], outcome.as_ref().ok())?,
                    },
                    Seen::Command { .. } => seen,
                };
            }
            match outcome {
                Ok(_) => continue,
                Err(Trouble::Lost(lost)) => {
                    if let (Lost::Open, true, Some(last)) =
                        (&lost, assigned, reading.bindings.last_mut())
                    {
                        last.outcome = Outcome::Refused(Cause::Unclosed);
                    }
                    return Err(lost);
                }
                Err(Trouble::Operator) => {}
            }
            match self.operator(seen == Seen::Assignments { empty: true })? {
                Operator::Command { more } => {
                    seen = Seen::Assignments { empty: true };
                    continues = more;
                }
                Operator::Error => {
                    reading.broken(start);
                    self.skip_line();
                    return Ok(());
                }
                Operator::Redirection => {
                    self.skip_blanks();
                    if self.peek() == Some(b'#') {
                        reading.broken(start);
                        self.skip_line();
                        return Ok(());
                    }
                    if self.peek() == Some(b'\\') {
                        return Err(Lost::Swallowed);
                    }
                    let file = self.at;
                    match self.word(false) {
                        Err(Trouble::Lost(lost)) => return Err(lost),
                        _ if self.at == file => reading.broken(start),
                        _ => {}
                    }
                    continues = false;
                    if seen == (Seen::Assignments { empty: true }) {
                        seen = Seen::Assignments { empty: false };
                    }
                }
            }
        }
    }

    /// Passes `NAME=` or `NAME[…]=` and refuses the name.
    fn assigned(&mut self, start: usize, reading: &mut Reading) -> Result<bool, Lost> {
        let word = self.at;
        let Some(name) = self.name() else {
            return Ok(false);
        };
        let rest = &self.bytes[self.at..];
        let length = match rest {
            [b'=', ..] => 1,
            [b'+', b'=', ..] => 2,
            [b'[', ..] => 0,
            _ => {
                self.at = word;
                return Ok(false);
            }
        };
        self.at += length;
        match special(&self.bytes[name.clone()]) {
            Some(Special::Changes) => return Err(Lost::Changed),
            Some(Special::Own) => reading.broken(start),
            None => {}
        }
        // `A=(` opens a list, which may span lines.
        if self.peek() == Some(b'(') {
            return Err(Lost::Swallowed);
        }
        reading.bind(name, start, Outcome::Refused(Cause::Command));
        Ok(true)
    }

    /// Passes the operator that stands here.
    fn operator(&mut self, empty: bool) -> Result<Operator, Lost> {
        let rest = &self.bytes[self.at..];
        let blanks = |from: &[u8]| from.iter().position(|&byte| byte != b' ' && byte != b'\t');
        let (length, operator) = match rest {
            [b'<' | b'>', b'(', ..] | [b'<', b'<', ..] => return Err(Lost::Swallowed),
            [b'&', b'>', b'>', ..] => (3, Operator::Redirection),
            [b'&', b'>', ..] | [b'<' | b'>', b'&' | b'>' | b'|', ..] => (2, Operator::Redirection),
            [b'<' | b'>', ..] => (1, Operator::Redirection),
            // A subshell, or a function.
            [b'(', ..] if empty => return Err(Lost::Swallowed),
            [b'(', after @ ..] if blanks(after).is_some_and(|at| after[at] == b')') => {
                return Err(Lost::Swallowed);
            }
            [b'(' | b')', ..] | [b';', b';' | b'&', ..] => (1, Operator::Error),
            _ if empty => (1, Operator::Error),
            [b'&', b'&', ..] | [b'|', b'|' | b'&', ..] => (2, Operator::Command { more: true }),
            [b'|', ..] => (1, Operator::Command { more: true }),
            _ => (1, Operator::Command { more: false }),
        };
        self.at += length;
        Ok(operator)
    }

    fn at_line_end(&self) -> bool {
        self.at_word_end() && !matches!(self.peek(), Some(b' ' | b'\t'))
    }
}

/// Whether the command of this first word is `export`; `outcome` is the word without its quotes.
fn runs(word: &[u8], outcome: Option<&Outcome>) -> Result<bool, Lost> {
    let bare = match outcome {
        Some(Outcome::Value(bare)) => bare.as_slice(),
        Some(Outcome::Refused(_)) => return Err(Lost::Changed),
        None => word,
    };
    let matches_files = word != b"[" && word.iter().any(|byte| b"*?[".contains(byte));
    let quoted_part = outcome.is_none() && word.iter().any(|byte| b"'\"\\$`".contains(byte));
    if KEYWORDS.contains(&word) {
        return Err(Lost::Swallowed);
    }
    if BUILTINS.contains(&bare) || matches_files || quoted_part {
        return Err(Lost::Changed);
    }
    Ok(bare == b"export")
}

/// Whether an argument of `export` that does not look like an assignment could become one.
fn may_assign(word: &[u8], outcome: Option<&Outcome>) -> bool {
    match outcome {
        Some(Outcome::Value(bare)) => {
            bare.contains(&b'=') || word.iter().any(|byte| b"*?[{".contains(byte))
        }
        Some(Outcome::Refused(_)) | None => true,
    }
}

/// What an operator means for the line.
enum Operator {
    /// Another command begins; with `more`, on the next line if need be.
    Command { more: bool },
    /// The shell finds no sense in it.
    Error,
    /// A file's name follows.
    Redirection,
}
