//! Writes texts and keys as TOML.

use std::fmt::Write as _;

use crate::tree::Form;

/// A text in the kind of quotes that stood there, if they can hold it.
pub(crate) fn like(form: Form, text: &str) -> String {
    match form {
        Form::Single if is_literal(text) => format!("'{text}'"),
        Form::MultiSingle if is_literal(text) => format!("'''{text}'''"),
        Form::MultiDouble => format!("\"\"\"{}\"\"\"", escaped(text)),
        _ => basic(text),
    }
}

/// A text in double quotes.
pub(crate) fn basic(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// A key, in quotes where it needs them.
pub(crate) fn key(key: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !key.is_empty() && key.bytes().all(is_bare) {
        key.to_owned()
    } else {
        basic(key)
    }
}

fn is_literal(text: &str) -> bool {
    !text.contains('\'') && !text.chars().any(|c| c.is_control() && c != '\t')
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' || c == '\u{7f}' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}
