//! bash 5, as `set -a; . ./.env` reads a file.
//!
//! Assignments are read exactly. A line on which bash would expand, run or redirect something is refused, and where it
//! cannot be told how far such code reaches, the reading ends as not known ([`bash_command`](super::bash_command)).
//!
//! The rules are those of the manual's "Shell Grammar", "Quoting" and "Shell Parameters".

use std::ops::Range;

use zeroize::Zeroizing;

use super::text::{LineEnds, Text};
use crate::reading::{Cause, End, Outcome, Reading};

pub(super) fn read(text: &Text) -> Reading {
    let mut shell = Shell {
        bytes: text.bytes(),
        ends: text.ends(),
        at: 0,
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
                    reading.bind(key, start, outcome);
                }
                continue;
            }
            None => {
                shell.at = start;
                shell.command(&mut reading)
            }
        };
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

/// What ended a word that is no plain value.
pub(super) enum Trouble {
    Lost(Lost),
    /// One of `;&|()<>`, at which the scanner stands.
    Operator,
}

/// A scanner over the bytes of a script.
pub(super) struct Shell<'t> {
    pub(super) bytes: &'t [u8],
    ends: LineEnds,
    pub(super) at: usize,
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

    /// Reads one word, quotes removed, up to a blank, an operator or the line's end.
    pub(super) fn word(&mut self, brace_expands: bool) -> Result<Outcome, Trouble> {
        let start = self.at;
        let mut out = Zeroizing::new(Vec::new());
        let mut refused = None;
        while !self.at_word_end() {
            let byte = self.bytes[self.at];
            match byte {
                b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' => return Err(Trouble::Operator),
                b'\'' => {
                    let from = self.at + 1;
                    let length = self.bytes[from..]
                        .iter()
                        .position(|&byte| byte == b'\'')
                        .ok_or(Trouble::Lost(Lost::Open))?;
                    out.extend_from_slice(&self.bytes[from..from + length]);
                    self.at = from + length + 1;
                }
                b'"' => {
                    self.at += 1;
                    self.double_quoted(&mut out, &mut refused)?;
                }
                b'\\' => {
                    self.at += 1;
                    if self.at == self.bytes.len() {
                        refused = Some(Cause::Backslash);
                    } else if !self.skip_line_end() {
                        out.push(self.bytes[self.at]);
                        self.at += 1;
                    }
                }
                b'$' | b'`' => self.expansion(false, &mut out, &mut refused)?,
                _ => {
                    let tilde = byte == b'~'
                        && (self.at == start || matches!(self.bytes[self.at - 1], b':' | b'='));
                    if tilde || (brace_expands && byte == b'{') {
                        refused = Some(Cause::Expansion);
                    }
                    out.push(byte);
                    self.at += 1;
                }
            }
        }
        // Bytes that bash uses itself to mark quoted text.
        if out.contains(&0x01) || out.contains(&0x7F) {
            refused = Some(Cause::Control);
        }
        Ok(refused.map_or(Outcome::Value(out), Outcome::Refused))
    }

    /// Reads on up to the closing `"` and past it.
    fn double_quoted(
        &mut self,
        out: &mut Vec<u8>,
        refused: &mut Option<Cause>,
    ) -> Result<(), Trouble> {
        loop {
            match self.peek().ok_or(Trouble::Lost(Lost::Open))? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => {
                    self.at += 1;
                    match self.peek() {
                        Some(escaped @ (b'$' | b'`' | b'"' | b'\\')) => {
                            out.push(escaped);
                            self.at += 1;
                        }
                        _ if self.skip_line_end() => {}
                        _ => out.push(b'\\'),
                    }
                }
                b'$' | b'`' => self.expansion(true, out, refused)?,
                byte => {
                    out.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    /// Reads what begins with `$` or a backtick. Only a dollar that stands for itself gives text.
    fn expansion(
        &mut self,
        quoted: bool,
        out: &mut Vec<u8>,
        refused: &mut Option<Cause>,
    ) -> Result<(), Trouble> {
        let next = self.bytes.get(self.at + 1).copied();
        let close = match next {
            _ if self.peek() == Some(b'`') => b'`',
            Some(b'{') => b'}',
            Some(b'(') => b')',
            Some(b'[') => b']',
            // `$'…'` and `$"…"` are quotes of their own.
            Some(b'\'' | b'"') if !quoted => return Err(Trouble::Lost(Lost::Swallowed)),
            Some(byte) if byte.is_ascii_alphanumeric() || b"_@*#?-$!".contains(&byte) => {
                *refused = Some(Cause::Expansion);
                self.at += 2;
                return Ok(());
            }
            _ => {
                out.push(b'$');
                self.at += 1;
                return Ok(());
            }
        };
        let backtick = close == b'`';
        let from = self.at + if backtick { 1 } else { 2 };
        // Simple code that ends on its own line; anything else may reach further than it seems.
        let inside = self.bytes[from..]
            .iter()
            .position(|&byte| byte == close || b"\n'\"`\\#<$(){}[]".contains(&byte))
            .filter(|&length| self.bytes[from + length] == close)
            .map(|length| &self.bytes[from..from + length])
            .ok_or(Trouble::Lost(Lost::Swallowed))?;
        if close != b')' && !backtick && inside.contains(&b'=') {
            return Err(Trouble::Lost(Lost::Changed));
        }
        *refused = Some(if close == b'}' {
            Cause::Expansion
        } else {
            Cause::Command
        });
        self.at = from + inside.len() + 1;
        Ok(())
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
