//! bash 5, as `set -a; . ./.env` reads a file.
//!
//! Assignments are read exactly, their words by [`bash_word`](super::bash_word). A line on which bash would expand, run
//! or redirect something is refused, and where it cannot be told how far such code reaches, the reading ends as not
//! known ([`bash_command`](super::bash_command)).
//!
//! The rules are those of the manual's "Shell Grammar", "Quoting" and "Shell Parameters".

use std::ops::Range;

use zeroize::Zeroizing;

use super::text::{LineEnds, Text};
use crate::reading::{Cause, End, Outcome, Reading};

pub(super) fn read(text: &Text) -> Reading {
    let mut shell = Shell {
        bytes: text.script(),
        ends: text.ends(),
        at: 0,
        fallible: false,
        scratch: Zeroizing::new(Vec::with_capacity(text.script().len())),
    };
    let mut reading = Reading::new();
    // A shell drops NUL bytes, so nothing behind one is where it seems to be.
    if shell.bytes.contains(&0) {
        reading.end = End::Unknown(0);
        reading.broken(0);
        return reading;
    }
    loop {
        shell.skip_blanks();
        if shell.at == shell.bytes.len() {
            return reading;
        }
        if shell.skip_line_end() {
            continue;
        }
        if shell.peek() == Some(b'#') {
            shell.skip_line();
            continue;
        }
        let start = shell.at;
        let outcome = match shell.assignments() {
            Some(bindings) => {
                for (key, outcome) in bindings {
                    // Some of these names are read-only, which ends the script.
                    if matches!(outcome, Outcome::Refused(Cause::Name)) {
                        reading.broken(start);
                    }
                    reading.bind(key, start, outcome);
                }
                Ok(())
            }
            None => {
                shell.at = start;
                shell.command(&mut reading)
            }
        };
        if shell.fallible {
            reading.broken(start);
        }
        if let Err(lost) = outcome {
            reading.end = match lost {
                Lost::Changed => End::Unknown(0),
                Lost::Open => End::Stopped(start),
                Lost::Swallowed => End::Unknown(start),
            };
            match reading.end {
                End::Unknown(0) => reading.broken_at = Some(0),
                _ => reading.broken(start),
            }
            return reading;
        }
    }
}

/// Why the rest of a file cannot be told.
pub(super) enum Lost {
    /// Code that may change what was read before it too.
    Changed,
    /// A quote that is never closed.
    Open,
    /// Code whose end is not known.
    Swallowed,
}

/// A scanner over the bytes of a script.
pub(super) struct Shell<'t> {
    pub(super) bytes: &'t [u8],
    ends: LineEnds,
    pub(super) at: usize,
    /// Whether `${…}`, `$(…)` or the like was passed, which may be an error that ends the script.
    pub(super) fallible: bool,
    /// Where a word is put together: as long as it can become, so that no shorter copy is left behind unwiped.
    pub(super) scratch: Zeroizing<Vec<u8>>,
}

impl Shell<'_> {
    /// Reads `[export] NAME=word ...` up to the line's end; nothing if the line is anything else.
    fn assignments(&mut self) -> Option<Vec<(Range<usize>, Outcome)>> {
        let exported = self.skip_keyword(b"export");
        let mut bindings = Vec::new();
        loop {
            self.skip_blanks();
            if self.at == self.bytes.len() || self.skip_line_end() {
                break;
            }
            if self.peek() == Some(b'#') {
                self.skip_line();
                break;
            }
            let key = self.name()?;
            if exported && self.at_word_end() {
                // `export NAME` changes no value.
                continue;
            }
            let appends = self.bytes[self.at..].starts_with(b"+=");
            self.at += usize::from(appends);
            if self.peek() != Some(b'=') {
                return None;
            }
            self.at += 1;
            let value = self.word(exported).ok()?;
            let outcome = match special(&self.bytes[key.clone()]) {
                Some(Special::Changes) => return None,
                Some(Special::Own) => Outcome::Refused(Cause::Name),
                None if appends => Outcome::Refused(Cause::Expansion),
                None => value,
            };
            bindings.push((key, outcome));
        }
        Some(bindings)
    }

    /// Reads a name; nothing, and nowhere else, if there is none.
    pub(super) fn name(&mut self) -> Option<Range<usize>> {
        let rest = &self.bytes[self.at..];
        let length = rest
            .iter()
            .take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'_')
            .count();
        if length == 0 || rest[0].is_ascii_digit() {
            return None;
        }
        let name = self.at..self.at + length;
        self.at = name.end;
        Some(name)
    }

    pub(super) fn skip_keyword(&mut self, keyword: &[u8]) -> bool {
        let start = self.at;
        if self.bytes[start..].starts_with(keyword) {
            self.at += keyword.len();
            if self.at_word_end() {
                return true;
            }
        }
        self.at = start;
        false
    }

    pub(super) fn at_word_end(&self) -> bool {
        self.line_end_length() > 0 || matches!(self.peek(), None | Some(b' ' | b'\t'))
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    pub(super) fn skip_line_end(&mut self) -> bool {
        let length = self.line_end_length();
        self.at += length;
        length > 0
    }

    /// To the end of a comment, or of a line that is given up: past its `\n`.
    pub(super) fn skip_line(&mut self) {
        self.at = self.bytes[self.at..]
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(self.bytes.len(), |offset| self.at + offset + 1);
    }

    fn line_end_length(&self) -> usize {
        match &self.bytes[self.at..] {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] if self.ends == LineEnds::Either => 2,
            [b'\r'] if self.ends == LineEnds::Either => 1,
            _ => 0,
        }
    }
}

/// Names that are more than a variable to bash.
pub(super) enum Special {
    /// An assignment changes how bash reads on.
    Changes,
    /// bash keeps its own value, or gives back another.
    Own,
}

pub(super) fn special(name: &[u8]) -> Option<Special> {
    const OWN: [&[u8]; 21] = [
        b"COMP_WORDBREAKS",
        b"DIRSTACK",
        b"EPOCHREALTIME",
        b"EPOCHSECONDS",
        b"EUID",
        b"FUNCNAME",
        b"FUNCNEST",
        b"GROUPS",
        b"HISTCMD",
        b"LINENO",
        b"OLDPWD",
        b"OPTIND",
        b"PIPESTATUS",
        b"PPID",
        b"PWD",
        b"RANDOM",
        b"SECONDS",
        b"SHLVL",
        b"SRANDOM",
        b"UID",
        b"_",
    ];
    match name {
        b"IFS" | b"POSIXLY_CORRECT" | b"SHELLOPTS" => Some(Special::Changes),
        _ if name.starts_with(b"BASH") || OWN.contains(&name) => Some(Special::Own),
        _ => None,
    }
}
