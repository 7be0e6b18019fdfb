//! The words of bash: quotes, backslashes and dollars.

use super::bash::{Lost, Shell};
use crate::reading::{Cause, Outcome};

/// What ended a word that is no plain value.
pub(super) enum Trouble {
    Lost(Lost),
    /// One of `;&|()<>`, at which the scanner stands.
    Operator,
}

impl Shell<'_> {
    /// Reads one word, quotes removed, up to a blank, an operator or the line's end.
    pub(super) fn word(&mut self, brace_expands: bool) -> Result<Outcome, Trouble> {
        let start = self.at;
        self.scratch.clear();
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
                    let bytes = self.bytes;
                    self.scratch.extend_from_slice(&bytes[from..from + length]);
                    self.at = from + length + 1;
                }
                b'"' => {
                    self.at += 1;
                    self.double_quoted(&mut refused)?;
                }
                b'\\' => {
                    self.at += 1;
                    if self.at == self.bytes.len() {
                        refused = Some(Cause::Backslash);
                    } else if !self.skip_line_end() {
                        let byte = self.bytes[self.at];
                        self.scratch.push(byte);
                        self.at += 1;
                    }
                }
                b'$' | b'`' => self.expansion(false, &mut refused)?,
                _ => {
                    let tilde = byte == b'~'
                        && (self.at == start || matches!(self.bytes[self.at - 1], b':' | b'='));
                    if tilde || (brace_expands && byte == b'{') {
                        refused = Some(Cause::Expansion);
                    }
                    self.scratch.push(byte);
                    self.at += 1;
                }
            }
        }
        // Bytes that bash uses itself to mark quoted text.
        if self.scratch.contains(&0x01) || self.scratch.contains(&0x7F) {
            refused = Some(Cause::Control);
        }
        Ok(match refused {
            None => Outcome::value(self.scratch.as_slice()),
            Some(cause) => Outcome::Refused(cause),
        })
    }

    /// Reads on up to the closing `"` and past it.
    fn double_quoted(&mut self, refused: &mut Option<Cause>) -> Result<(), Trouble> {
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
                            self.scratch.push(escaped);
                            self.at += 1;
                        }
                        _ if self.skip_line_end() => {}
                        _ => self.scratch.push(b'\\'),
                    }
                }
                b'$' | b'`' => self.expansion(true, refused)?,
                byte => {
                    self.scratch.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    /// Reads what begins with `$` or a backtick. Only a dollar that stands for itself gives text.
    fn expansion(&mut self, quoted: bool, refused: &mut Option<Cause>) -> Result<(), Trouble> {
        let next = self.bytes.get(self.at + 1).copied();
        let close = match next {
            _ if self.peek() == Some(b'`') => b'`',
            Some(b'{') => b'}',
            Some(b'(') => b')',
            Some(b'[') => b']',
            // `$'…'` and `$"…"` are quotes of their own.
            Some(b'\'' | b'"') if !quoted => return Err(Trouble::Lost(Lost::Swallowed)),
            // A dollar before a line that goes on, and `$$` before a bracket, are read in ways of their own.
            Some(b'\\') if matches!(self.bytes.get(self.at + 2), Some(b'\n' | b'\r')) => {
                return Err(Trouble::Lost(Lost::Swallowed));
            }
            Some(b'$')
                if matches!(
                    self.bytes.get(self.at + 2),
                    Some(b'{' | b'(' | b'[' | b'\\')
                ) =>
            {
                return Err(Trouble::Lost(Lost::Swallowed));
            }
            Some(byte) if byte.is_ascii_alphanumeric() || b"_@*#?-$!".contains(&byte) => {
                *refused = Some(Cause::Expansion);
                self.at += 2;
                return Ok(());
            }
            _ => {
                self.scratch.push(b'$');
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
        self.fallible = true;
        *refused = Some(if close == b'}' {
            Cause::Expansion
        } else {
            Cause::Command
        });
        self.at = from + inside.len() + 1;
        Ok(())
    }
}
