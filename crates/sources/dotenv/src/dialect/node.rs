//! The npm package `dotenv`: one regular expression, applied again and again from a line's start.
//!
//! `lib/main.js` of 17 and `dist/index.cjs` of 18 have the same expression. Its oddities are kept: white space
//! before a name, an equals sign or an opening quote may span lines; a quote that is not followed by the end of its
//! line is no quote; `\n` and `\r` are replaced wherever the value began with `"`.

use std::ops::Range;

use super::text::{Text, skip};
use crate::reading::{Cause, Outcome, Reading};

pub(super) fn read(text: &Text) -> Reading {
    let source = text.unix();
    let mut reading = Reading::new();
    let mut line = 0;
    loop {
        let at = skip(source, line, is_space);
        if at == source.len() {
            return reading;
        }
        line = match assignment(source, at) {
            None => next_line(source, at),
            Some(found) => {
                // An object's `__proto__` takes no text.
                if &source[found.key.clone()] != "__proto__" {
                    reading.bind(found.key, at, outcome(text, &source[found.value]));
                }
                if source[..found.end].ends_with(is_line_end) {
                    found.end
                } else {
                    next_line(source, found.end)
                }
            }
        };
    }
}

struct Assignment {
    key: Range<usize>,
    value: Range<usize>,
    end: usize,
}

/// `(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)` and the value behind it.
fn assignment(source: &str, at: usize) -> Option<Assignment> {
    if let Some(rest) = source[at..].strip_prefix("export")
        && rest.starts_with(is_space)
        && let Some(found) = pair(source, skip(source, at + "export".len(), is_space))
    {
        return Some(found);
    }
    pair(source, at)
}

fn pair(source: &str, at: usize) -> Option<Assignment> {
    let key_end = skip(source, at, |character| {
        character.is_ascii_alphanumeric() || "_.-".contains(character)
    });
    if key_end == at {
        return None;
    }
    let equals = skip(source, key_end, is_space);
    let from = if source[equals..].starts_with('=') {
        equals + 1
    } else {
        let after_colon = source[key_end..].strip_prefix(':')?;
        let space = after_colon
            .chars()
            .next()
            .filter(|&first| is_space(first))?;
        key_end + 1 + space.len_utf8()
    };
    let (value, end) = value(source, from);
    Some(Assignment {
        key: at..key_end,
        value,
        end,
    })
}

/// The value that begins at `from`, and where the match ends.
fn value(source: &str, from: usize) -> (Range<usize>, usize) {
    let opening = skip(source, from, is_space);
    if let Some(&quote @ (b'\'' | b'"' | b'`')) = source.as_bytes().get(opening)
        && let Some((close, end)) = closing(source, opening, quote)
    {
        return (from..close + 1, end);
    }
    let stop = source[from..]
        .find(['#', '\n'])
        .map_or(source.len(), |offset| from + offset);
    (from..stop, tail(source, stop).unwrap_or(stop))
}

/// `'(?:\\'|[^'])*'` with what must follow: the first quote without a backslash before it, else the quotes with
/// one, from the last to the first.
fn closing(source: &str, opening: usize, quote: u8) -> Option<(usize, usize)> {
    let bytes = source.as_bytes();
    let mut escaped = Vec::new();
    for at in opening + 1..bytes.len() {
        if bytes[at] != quote {
            continue;
        }
        if bytes[at - 1] == b'\\' {
            escaped.push(at);
            continue;
        }
        if let Some(end) = tail(source, at + 1) {
            return Some((at, end));
        }
        break;
    }
    escaped
        .into_iter()
        .rev()
        .find_map(|at| Some((at, tail(source, at + 1)?)))
}

/// `\s*(?:#.*)?$`: where it ends, if it matches.
fn tail(source: &str, at: usize) -> Option<usize> {
    let end = skip(source, at, is_space);
    if end == source.len() {
        return Some(end);
    }
    if source.as_bytes()[end] == b'#' {
        return Some(skip(source, end, |character| !is_line_end(character)));
    }
    source[at..end].rfind(is_line_end).map(|offset| at + offset)
}

fn outcome(text: &Text, value: &str) -> Outcome {
    let value = value.trim_matches(is_space);
    if text.altered(value) {
        return Outcome::Refused(Cause::NotUtf8);
    }
    let quote = value.chars().next().filter(|first| "'\"`".contains(*first));
    let bare = quote
        .and_then(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value);
    let unquoted = bare.len() == value.len();
    if unquoted && value.contains(is_line_end) && value.contains(['\'', '"', '`']) {
        // Quotes at the ends of the lines within would be taken off.
        return Outcome::Refused(Cause::Control);
    }
    if quote != Some('"') || !bare.contains('\\') {
        return Outcome::value(bare);
    }
    let mut out = Vec::with_capacity(bare.len());
    let mut rest = bare.as_bytes();
    while let [first, more @ ..] = rest {
        let (byte, used) = match rest {
            [b'\\', b'n', ..] => (b'\n', 2),
            [b'\\', b'r', ..] => (b'\r', 2),
            _ => (*first, 1),
        };
        out.push(byte);
        rest = &more[used - 1..];
    }
    Outcome::value(out)
}

fn next_line(source: &str, at: usize) -> usize {
    let end = skip(source, at, |character| !is_line_end(character));
    source[end..]
        .chars()
        .next()
        .map_or(source.len(), |character| end + character.len_utf8())
}

/// What `^`, `$` and `.` take for a line end.
fn is_line_end(character: char) -> bool {
    matches!(character, '\n' | '\u{2028}' | '\u{2029}')
}

/// What `\s` and `trim` take for white space: that of Unicode, without U+0085 and with the byte order mark.
fn is_space(character: char) -> bool {
    character == '\u{FEFF}' || (character != '\u{85}' && character.is_whitespace())
}
