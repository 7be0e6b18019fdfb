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
            let length = line[from..]
                .iter()
                .take_while(|byte| is_plain(**byte))
                .count();
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
        && rest[blanks - 1] == b' '
        && rest[blanks..].first() == Some(&b'#')
        && is_comment_behind(&rest[blanks..], blanks, ended);
    // A comment behind no value is the value to one reader.
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

/// Whether a comment behind a value is one to every reader. dotenvy, when it looks for the line's end, sees it only
/// behind an odd number of blanks; else quotes and backslashes in it open something.
fn is_comment_behind(text: &[u8], blanks: usize, ended: bool) -> bool {
    let harmless = !text.iter().any(|byte| b"'\"\\".contains(byte))
        && (ended || !text.ends_with(b" ") && !text.ends_with(b"\t"));
    is_comment(text) && (blanks % 2 == 1 || harmless)
}

/// Text without control characters, which no reader takes for the end of a line.
fn is_comment(text: &[u8]) -> bool {
    if text.is_ascii() {
        return text
            .iter()
            .all(|&byte| byte == b'\t' || matches!(byte, b' '..=b'~'));
    }
    std::str::from_utf8(text).is_ok_and(|text| {
        text.chars().all(|character| {
            character == '\t'
                || (!character.is_control() && !matches!(character, '\u{2028}' | '\u{2029}'))
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dialect::{Dialect, LineEnds, Text};
    use crate::reading::{End, Outcome};

    /// What every reader makes of a plain file is what the short way makes of it.
    fn check(bytes: &[u8]) -> Result<bool, TestCaseError> {
        let Some(entries) = entries(bytes) else {
            return Ok(false);
        };
        let text = Text::new(bytes, LineEnds::Either);
        for dialect in Dialect::ALL {
            let reading = dialect.read(&text);
            let view = dialect.view(&text);
            prop_assert_eq!(reading.end, End::Whole);
            prop_assert_eq!(reading.bindings.len(), entries.len(), "{:?}", dialect);
            for (binding, entry) in reading.bindings.iter().zip(&entries) {
                prop_assert_eq!(&view[binding.key.clone()], &bytes[entry.key.clone()]);
                let Outcome::Value(value) = &binding.outcome else {
                    return Err(TestCaseError::fail(format!("{dialect:?} refuses")));
                };
                prop_assert_eq!(&**value, &bytes[entry.value.clone()], "{:?}", dialect);
            }
        }
        Ok(true)
    }

    #[test]
    fn usual_files_are_plain() {
        let file = "# Settings — ü\r\n\r\nexport A=1\r\nB='pa$$word # x' # it's\r\nC=\"it's\"  \r\nD=\r\nE=a=b:c,d ";
        assert!(check(file.trim_end().as_bytes()).unwrap());
        assert!(entries(file.as_bytes()).is_none(), "a blank ends the file");
        for line in [
            "A=a#b",
            "A= b",
            "A =b",
            "A='a\\b'",
            "A=\"$x\"",
            "A='${x}'",
            "A='a'b",
            "A=a b",
            "A=~",
            "A=it's",
            "A-B=1",
            "UID=1",
            "A= # c",
            "A='x'\t# c",
            "A='\u{e9}'",
            "A='x",
            "A",
            "export\tA=1",
            " A=1",
            "# \u{2028}A=1",
            "A=a\rb",
        ] {
            assert!(entries(line.as_bytes()).is_none(), "{line:?}");
        }
    }

    fn line() -> impl Strategy<Value = String> {
        let name = "(export )?[A-C_][A-C_0-9]{0,2}";
        let value = prop_oneof![
            "[a-zA-Z0-9_./+:@%,=^-]{0,6}",
            "'[ -~]{0,8}'",
            "\"[ -~]{0,8}\"",
            "[ -~]{0,4}",
        ];
        let after = prop_oneof![
            Just(String::new()),
            "[ \t]{1,2}",
            "[ \t]{0,2}#[ -~\u{e9}\t]{0,6}"
        ];
        prop_oneof![
            8 => (name, value, after).prop_map(|(name, value, after)| format!("{name}={value}{after}")),
            1 => "[ \t]{0,2}(#[ -~\u{2028}\u{85}]{0,8})?",
            1 => "[ -~]{0,6}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn plain_files_are_read_alike(
            mark in proptest::bool::weighted(0.1),
            lines in proptest::collection::vec((line(), proptest::sample::select(vec!["\n", "\r\n"])), 1..3),
            ended in any::<bool>(),
        ) {
            let mut file = String::from(if mark { "\u{FEFF}" } else { "" });
            for (line, end) in &lines {
                file.push_str(line);
                file.push_str(end);
            }
            if !ended {
                file.truncate(file.trim_end_matches(['\r', '\n']).len());
            }
            check(file.as_bytes())?;
        }
    }
}
