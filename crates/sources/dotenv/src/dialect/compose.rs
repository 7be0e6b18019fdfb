//! Docker Compose's reader: compose-go 2, `dotenv/parser.go` and `template/template.go`.
//!
//! The real one gives a whole file up at its first error; here the reading goes on at the next line, except after a
//! quote that is never closed.

use std::ops::Range;

use zeroize::Zeroizing;

use super::text::{Text, skip};
use crate::reading::{Cause, End, Outcome, Reading};

pub(super) fn read(text: &Text) -> Reading {
    let source = text.decoded();
    let mut reading = Reading::new();
    let mut at = 0;
    loop {
        at = skip(source, at, char::is_whitespace);
        if at == source.len() {
            return reading;
        }
        if source.as_bytes()[at] == b'#' {
            at = line_end(source, at);
            continue;
        }
        let Some(next) = statement(text, at, &mut reading) else {
            reading.end = End::Stopped(at);
            reading.broken(at);
            return reading;
        };
        at = next;
    }
}

/// Reads one statement and says where the next begins; nothing if a quote is never closed.
fn statement(text: &Text, start: usize, reading: &mut Reading) -> Option<usize> {
    let source = text.decoded();
    let mut from = start;
    if let Some(rest) = source[start..].strip_prefix("export")
        && rest.starts_with(['\t', '\n', '\x0C', '\r', ' '])
    {
        from = skip(source, start + "export".len(), is_blank);
    }
    let Some((key, separator)) = key(source, from) else {
        reading.broken(start);
        return Some(line_end(source, from));
    };
    let Some(separator) = separator else {
        return Some(source.len());
    };
    if source[key.clone()].contains(' ') {
        reading.broken(start);
        return Some(line_end(source, separator));
    }
    if source.as_bytes()[separator] == b'\n' {
        reading.bind(key, start, Outcome::Refused(Cause::NoValue));
        return Some(separator + 1);
    }

    let value = skip(source, separator + 1, is_blank);
    let plain_name = source[key.clone()].is_ascii();
    let Some((value, end)) = value_at(source, value) else {
        reading.bind(key, start, Outcome::Refused(Cause::Unclosed));
        return None;
    };
    // Whether a variable it refers to makes an error of the whole file is not known here.
    if value.is_err() {
        reading.broken(start);
    }
    let outcome = match value {
        _ if !plain_name => Outcome::Refused(Cause::Name),
        Ok(value) if std::str::from_utf8(&value).is_ok_and(|shown| text.altered(shown)) => {
            Outcome::Refused(Cause::NotUtf8)
        }
        Ok(value) => Outcome::Value(value),
        Err(cause) => Outcome::Refused(cause),
    };
    reading.bind(key, start, outcome);
    Some(end)
}

/// The name that begins at `at`, and where `=`, `:` or the line's end follows it; nothing if it is no name.
fn key(source: &str, at: usize) -> Option<(Range<usize>, Option<usize>)> {
    let end = skip(source, at, |character| {
        is_blank(character) || is_of_name(character)
    });
    let key = at..at + source[at..end].trim_end().len();
    match source.as_bytes().get(end) {
        None => Some((key, None)),
        Some(b'=' | b':' | b'\n') => Some((key, Some(end))),
        Some(_) => None,
    }
}

type Value = Result<Zeroizing<Vec<u8>>, Cause>;

/// The value that begins at `at`, and where the rest begins; nothing if its quote is never closed.
fn value_at(source: &str, at: usize) -> Option<(Value, usize)> {
    let bytes = source.as_bytes();
    let Some(&quote @ (b'\'' | b'"')) = bytes.get(at) else {
        let end = line_end(source, at);
        let line = source[at..end].trim_end_matches('\n');
        let value = line.split(" #").next().unwrap_or(line).trim_end();
        return Some((expand(value.as_bytes()), end));
    };
    let end = closing(bytes, at, quote)?;
    let mut inside = Zeroizing::new(Vec::with_capacity(end - at));
    let mut rest = &bytes[at + 1..end];
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = after.first().filter(|_| byte == b'\\');
        if escaped != Some(&quote) {
            inside.push(byte);
        }
        inside.extend(escaped);
        rest = &after[usize::from(escaped.is_some())..];
    }
    let value = if quote == b'"' {
        expand(&unescape(&inside))
    } else {
        Ok(inside)
    };
    Some((value, end + 1))
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

/// `(\\(?:[abcfnrtv$"\\]|0\d{0,3}))`, each read as Go reads a rune; `\$` becomes `$$`, which [`expand`] reads.
fn unescape(inside: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(inside.len()));
    let mut rest = inside;
    while let Some((&byte, after)) = rest.split_first() {
        let escape = after.first().filter(|_| byte == b'\\');
        let mut used = 2;
        match escape {
            Some(b'"' | b'\\') => out.push(after[0]),
            Some(b'$') => out.extend_from_slice(b"$$"),
            Some(b'a') => out.push(0x07),
            Some(b'b') => out.push(0x08),
            Some(b'f') => out.push(0x0C),
            Some(b'n') => out.push(b'\n'),
            Some(b'r') => out.push(b'\r'),
            Some(b't') => out.push(b'\t'),
            Some(b'v') => out.push(0x0B),
            Some(b'0') => used += octal(&after[1..], &mut out),
            _ => {
                out.push(byte);
                used = 1;
            }
        }
        rest = &rest[used..];
    }
    out
}

/// Up to three digits after `\0`: a code point if they are three octal ones up to 0o377, else `\` and the digits.
fn octal(after: &[u8], out: &mut Vec<u8>) -> usize {
    let digits = after
        .iter()
        .take(3)
        .take_while(|digit| digit.is_ascii_digit())
        .count();
    let code = std::str::from_utf8(&after[..digits])
        .ok()
        .filter(|_| digits == 3)
        .and_then(|digits| u8::from_str_radix(digits, 8).ok());
    match code {
        Some(code) => {
            let mut buffer = [0; 4];
            out.extend_from_slice(char::from(code).encode_utf8(&mut buffer).as_bytes());
        }
        None => {
            out.push(b'\\');
            out.extend_from_slice(&after[..digits]);
        }
    }
    digits
}

/// The template language: `$$` is a dollar, `$name` and `${…}` are variables, any other dollar is an error.
fn expand(value: &[u8]) -> Value {
    let mut out = Zeroizing::new(Vec::with_capacity(value.len()));
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        out.push(byte);
        if byte != b'$' {
            continue;
        }
        match after.first() {
            Some(b'$') => rest = &after[1..],
            // A case-insensitive class: some letters beyond ASCII fall into it.
            Some(next)
                if *next == b'{'
                    || *next == b'_'
                    || next.is_ascii_alphabetic()
                    || !next.is_ascii() =>
            {
                return Err(Cause::Expansion);
            }
            _ => return Err(Cause::Form),
        }
    }
    Ok(out)
}

/// Past the line that `at` is in.
fn line_end(source: &str, at: usize) -> usize {
    source[at..]
        .find('\n')
        .map_or(source.len(), |offset| at + offset + 1)
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || "_.-[]".contains(character)
}

/// White space within a line.
fn is_blank(character: char) -> bool {
    matches!(
        character,
        '\t' | '\x0B' | '\x0C' | '\r' | ' ' | '\u{85}' | '\u{A0}'
    )
}
