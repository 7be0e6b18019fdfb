//! What a YAML scalar is, and where it ends.

use crate::layout::is_blank;
use crate::tree::Kind;

/// The kind of a scalar without quotes, by the core schema of YAML 1.2.
pub(crate) fn kind(plain: &str) -> Kind {
    match plain {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Kind::Bool,
        ".nan" | ".NaN" | ".NAN" => Kind::Number,
        _ if is_number(plain) => Kind::Number,
        _ => Kind::Text,
    }
}

fn is_number(plain: &str) -> bool {
    let is_of =
        |digits: &str, radix| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    if let Some(digits) = plain.strip_prefix("0o") {
        return is_of(digits, 8);
    }
    if let Some(digits) = plain.strip_prefix("0x") {
        return is_of(digits, 16);
    }
    let number = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    if matches!(number, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let (number, exponent) = match number.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (number, None),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_exponent = exponent
        .is_none_or(|exponent| is_of(exponent.strip_prefix(['-', '+']).unwrap_or(exponent), 10));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    is_exponent && digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty())
}

/// The end of a scalar in quotes that begins at `start`.
pub(crate) fn quoted_end(text: &str, start: usize, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        let is_escape = match quote {
            b'"' => byte == b'\\',
            _ => byte == quote && bytes.get(at + 1) == Some(&quote),
        };
        if is_escape {
            at += 2;
        } else if byte == quote {
            return at + 1;
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The end of a block text, without its last line end: `header` is its `|` or `>`, and the parser says that the next
/// token begins at `next`, at the latest. Empty lines behind it are its own only with `+`.
pub(crate) fn block_end(text: &str, header: usize, next: usize) -> usize {
    let header_line = text[header..].split(['\r', '\n']).next().unwrap_or("");
    let header_end = header + header_line.len();
    let keeps = keeps_lines(text, header);
    let mut end = next.max(header_end);
    // The indentation of what follows.
    let line = text[..end].rfind('\n').map_or(0, |newline| newline + 1);
    if line > header_end && is_blank(&text[line..end]) {
        end = line;
    }
    loop {
        let without = text[..end].strip_suffix('\n').unwrap_or(&text[..end]);
        let without = without
            .strip_suffix('\r')
            .unwrap_or(without)
            .len()
            .max(header_end);
        let line = text[..without].rfind('\n').map_or(0, |newline| newline + 1);
        let is_empty = line > header_end && is_blank(&text[line..without]);
        if keeps || !is_empty || without == end {
            return without;
        }
        end = line;
    }
}

/// Whether the empty lines behind a block text are its own: a `+` stands behind its `|` or `>`.
pub(crate) fn keeps_lines(text: &str, header: usize) -> bool {
    text[header..]
        .split([' ', '\t', '\r', '\n', '#'])
        .next()
        .is_some_and(|signs| signs.contains('+'))
}

#[cfg(test)]
mod tests {
    use super::{block_end, kind, quoted_end};
    use crate::tree::Kind;

    #[test]
    fn plain_scalars_are_texts_unless_the_core_schema_says_otherwise() {
        for (plain, expected) in [
            ("", Kind::Null),
            ("~", Kind::Null),
            ("nULL", Kind::Text),
            ("True", Kind::Bool),
            ("yes", Kind::Text),
            ("-12", Kind::Number),
            ("0o17", Kind::Number),
            ("0xfF", Kind::Number),
            ("0x", Kind::Text),
            ("1.", Kind::Number),
            (".5e-3", Kind::Number),
            (".", Kind::Text),
            ("-", Kind::Text),
            ("1e", Kind::Text),
            ("-.inf", Kind::Number),
            (".NaN", Kind::Number),
            ("1_000", Kind::Text),
            ("e5", Kind::Text),
            ("1.2.3", Kind::Text),
        ] {
            assert_eq!(kind(plain), expected, "{plain}");
        }
    }

    #[test]
    fn quotes_end_where_they_are_not_escaped() {
        assert_eq!(quoted_end("'it''s' # '", 0, b'\''), 7);
        assert_eq!(quoted_end("\"a\\\"b\" \"", 0, b'"'), 6);
    }

    #[test]
    fn a_block_text_ends_before_its_last_line_end() {
        assert_eq!(block_end("|\n  a\n\n  \nb", 0, 10), 5);
        assert_eq!(block_end("|+ # c\n  a\n\nb", 0, 12), 11);
        assert_eq!(block_end("|\r\n  a \r\n  b", 0, 11), 7);
        assert_eq!(block_end("|\n  a", 0, 5), 5);
        assert_eq!(block_end("|\nb", 0, 2), 1);
    }
}
