//! The short way: files whose every line all readers read alike by construction.
//!
//! A line is plain if it is empty, a comment, or `NAME=value` with a value of harmless characters, bare or in quotes.
//! A property test compares each plain file with the full readers.

use std::ops::Range;

use crate::dialect::BYTE_ORDER_MARK;

/// One assignment of a plain file; positions count in the whole file.
pub(crate) struct PlainEntry {
    pub(crate) key: Range<usize>,
    pub(crate) value: Range<usize>,
}

/// The assignments, if every line is plain.
pub(crate) fn entries(bytes: &[u8]) -> Option<Vec<PlainEntry>> {
    let mut entries = Vec::new();
    let mut at = if bytes.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    while at < bytes.len() {
        let end = bytes[at..]
            .iter()
            .position(|&byte| byte == b'\n')
            .map(|offset| at + offset);
        let line = &bytes[at..end.unwrap_or(bytes.len())];
        let line = match end {
            Some(_) => line.strip_suffix(b"\r").unwrap_or(line),
            None => line,
        };
        if let Some(entry) = line_of(line, end.is_some())? {
            entries.push(PlainEntry {
                key: at + entry.key.start..at + entry.key.end,
                value: at + entry.value.start..at + entry.value.end,
            });
        }
        at = end.map_or(bytes.len(), |end| end + 1);
    }
    Some(entries)
}

/// Reads one line without its end: nothing if it is not plain, an inner nothing if it assigns nothing.
fn line_of(line: &[u8], ended: bool) -> Option<Option<PlainEntry>> {
    let Some(first) = line.iter().position(|&byte| byte != b' ' && byte != b'\t') else {
        // White space at the very end of a file is an error to one of the readers.
        return (ended || line.is_empty()).then_some(None);
    };
    if line[first] == b'#' {
        return is_comment(&line[first..]).then_some(None);
    }
    let start = if line.starts_with(b"export ") {
        "export ".len()
    } else {
        0
    };
    let length = line[start..].iter().position(|&byte| byte == b'=')?;
    let key = start..start + length;
    if !is_plain_name(&line[key.clone()]) {
        return None;
    }
    let from = key.end + 1;
    let value = match line.get(from) {
        Some(&quote @ (b'\'' | b'"')) => {
            let length = line[from + 1..].iter().position(|&byte| byte == quote)?;
            let inside = &line[from + 1..from + 1 + length];
            let plain = if quote == b'"' {
                inside.iter().all(|byte| is_plain_in_double(*byte))
            } else {
                inside.iter().all(|byte| is_plain_in_single(*byte))
                    && !inside.windows(2).any(|pair| pair == b"${")
            };
            if !plain {
                return None;
            }
            from + 1..from + 1 + length
        }
        _ => {
            let length = line[from..].iter().take_while(|byte| is_plain(**byte)).count();
            from..from + length
        }
    };
    let quoted = matches!(line.get(from), Some(b'\'' | b'"'));
    let rest = &line[value.end + usize::from(quoted)..];
    let blanks = rest
        .iter()
        .take_while(|&&byte| byte == b' ' || byte == b'\t')
        .count();
    let nothing_follows = blanks == rest.len() && (blanks == 0 || ended);
    let comment_follows = blanks > 0
        && (quoted || !value.is_empty())
        && rest[blanks - 1] == b' '
        && rest[blanks..].first() == Some(&b'#')
        && is_comment(&rest[blanks..]);
    let has_value = quoted || !value.is_empty() || blanks == 0;
    (has_value && (nothing_follows || comment_follows)).then_some(Some(PlainEntry { key, value }))
}

/// A variable's name to every reader, and no more than that to any.
pub(crate) fn is_plain_name(name: &[u8]) -> bool {
    let starts_well = name
        .first()
        .is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_');
    starts_well
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        && name != b"__proto__"
        && name != b"export"
        && crate::dialect::is_variable_of_bash(name)
}

pub(crate) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./+:@%,=^-".contains(&byte)
}

pub(crate) fn is_plain_in_single(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !b"'\\".contains(&byte)
}

pub(crate) fn is_plain_in_double(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !b"\"\\$`".contains(&byte)
}

/// Text without control characters, which no reader takes for the end of a line.
fn is_comment(text: &[u8]) -> bool {
    if text.is_ascii() {
        return text.iter().all(|&byte| byte == b'\t' || matches!(byte, b' '..=b'~'));
    }
    std::str::from_utf8(text).is_ok_and(|text| {
        text.chars().all(|character| {
            character == '\t'
                || (!character.is_control() && !matches!(character, '\u{2028}' | '\u{2029}'))
        })
    })
}
