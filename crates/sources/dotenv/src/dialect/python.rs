//! The PyPI package `python-dotenv`, as `dotenv_values(path)` reads a file: `parser.py`, then `variables.py`.
//!
//! The file is opened as text, so every `\r\n` and `\r` is a `\n`.

use zeroize::Zeroizing;

use super::text::{Text, skip};
use crate::reading::{Cause, Outcome, Reading};

pub(super) fn read(text: &Text) -> Reading {
    let source = text.unix();
    let mut reading = Reading::new();
    let mut at = 0;
    loop {
        at = skip(source, at, is_space);
        if at == source.len() {
            return reading;
        }
        at = statement(text, at, &mut reading);
    }
}

/// Reads one statement and says where the next begins.
fn statement(text: &Text, start: usize, reading: &mut Reading) -> usize {
    let source = text.unix();
    let mut at = start;
    if let Some(rest) = source[at..].strip_prefix("export")
        && rest.starts_with(is_blank)
    {
        at = skip(source, at + "export".len(), is_blank);
    }
    let key = match source.as_bytes().get(at) {
        Some(b'#') => None,
        Some(b'\'') => {
            let from = at + 1;
            match source[from..].find('\'') {
                None | Some(0) => return next_line(source, at),
                Some(length) => {
                    at = from + length + 1;
                    Some(from..from + length)
                }
            }
        }
        _ => {
            let from = at;
            at = skip(source, at, |character| {
                !is_space(character) && !"=#".contains(character)
            });
            if at == from {
                return next_line(source, at);
            }
            Some(from..at)
        }
    };

    at = skip(source, at, is_blank);
    let mut outcome = Outcome::Refused(Cause::NoValue);
    let mut end = None;
    if source[at..].starts_with('=') {
        let value = skip(source, at + 1, is_blank);
        if value > at + 1 && source[value..].starts_with('#') {
            outcome = Outcome::value([]);
            end = end_of_statement(source, value);
        } else if let Some((found, after)) = value_at(text, value) {
            outcome = found;
            at = after;
            end = end_of_statement(source, after);
        } else {
            outcome = Outcome::Refused(Cause::Unclosed);
            at = value;
        }
    } else {
        end = end_of_statement(source, at);
    }

    if end.is_none() && !matches!(outcome, Outcome::Refused(Cause::Unclosed)) {
        outcome = Outcome::Refused(Cause::Form);
    }
    if let Some(key) = key {
        reading.bind(key, start, outcome);
    }
    end.unwrap_or_else(|| next_line(source, at))
}

/// An optional comment, then the line's end: where the next line begins.
fn end_of_statement(source: &str, at: usize) -> Option<usize> {
    let at = skip(source, at, is_blank);
    if source[at..].starts_with('#') || source[at..].starts_with('\n') || at == source.len() {
        return Some(next_line(source, at));
    }
    None
}

/// The value that begins at `at`, and where it ends; nothing if its quote is never closed.
fn value_at(text: &Text, at: usize) -> Option<(Outcome, usize)> {
    let source = text.unix();
    let quote = source.as_bytes().get(at).copied();
    let Some(quote @ (b'\'' | b'"')) = quote else {
        let end = skip(source, at, |character| character != '\n');
        let value = without_comment(&source[at..end]).trim_end_matches(is_space);
        return Some((outcome(text, value.as_bytes()), end));
    };
    let inside = at + 1..closing(source.as_bytes(), at, quote)?;
    // As long as it can become, so that no shorter copy is left behind unwiped.
    let mut out = Zeroizing::new(Vec::with_capacity(inside.len()));
    let mut rest = &source.as_bytes()[inside.clone()];
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let Some((&escaped, after)) = after.split_first().filter(|_| byte == b'\\') else {
            out.push(byte);
            continue;
        };
        match unescape(quote, escaped) {
            Some(plain) => out.push(plain),
            None => out.extend_from_slice(&[byte, escaped]),
        }
        rest = after;
    }
    Some((outcome(text, &out), inside.end + 1))
}

/// Where the quote that opens at `opening` is closed.
fn closing(bytes: &[u8], opening: usize, quote: u8) -> Option<usize> {
    let mut at = opening + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' => at += 2,
            byte if byte == quote => return Some(at),
            _ => at += 1,
        }
    }
}

/// What a backslash and `escaped` mean between such quotes.
fn unescape(quote: u8, escaped: u8) -> Option<u8> {
    match escaped {
        b'\\' | b'\'' => Some(escaped),
        _ if quote == b'\'' => None,
        b'"' => Some(b'"'),
        b'a' => Some(0x07),
        b'b' => Some(0x08),
        b'f' => Some(0x0C),
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        b'v' => Some(0x0B),
        _ => None,
    }
}

/// Cuts at the first `#` that follows white space, and that white space off too.
fn without_comment(value: &str) -> &str {
    value
        .match_indices('#')
        .map(|(at, _)| &value[..at])
        .find(|before| before.ends_with(is_space))
        .map_or(value, |before| before.trim_end_matches(is_space))
}

fn outcome(text: &Text, value: &[u8]) -> Outcome {
    match std::str::from_utf8(value) {
        Ok(shown) if text.altered(shown) => Outcome::Refused(Cause::NotUtf8),
        Ok(shown) if expands(shown) => Outcome::Refused(Cause::Expansion),
        _ => Outcome::value(value),
    }
}

/// Whether `\$\{[^\}:]*(:-[^\}]*)?\}` stands anywhere in `value`, quotes or not.
fn expands(value: &str) -> bool {
    value.match_indices("${").any(|(at, _)| {
        let inside = &value[at + 2..];
        match inside.find(['}', ':']) {
            None => false,
            Some(end) if inside[end..].starts_with('}') => true,
            Some(end) => inside[end..]
                .strip_prefix(":-")
                .is_some_and(|default| default.contains('}')),
        }
    })
}

fn next_line(source: &str, at: usize) -> usize {
    source[at..]
        .find('\n')
        .map_or(source.len(), |offset| at + offset + 1)
}

/// What `\s` and `rstrip` take for white space.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&character)
}

/// White space within a line; `\n` is the only line end that is left.
fn is_blank(character: char) -> bool {
    character != '\n' && is_space(character)
}
