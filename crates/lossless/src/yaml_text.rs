//! Writes texts and keys as YAML, so that readers of 1.1 and of 1.2 take them for texts.

use std::fmt::Write as _;

use crate::tree::Form;

/// What some version of YAML takes for something else than a text, in any case of its letters.
const WORDS: &[&str] = &["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// A text, in double quotes unless it is plainly one.
pub(crate) fn text(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else {
        double(text)
    }
}

/// A text in the kind of quotes that stood there, if they can hold it.
pub(crate) fn like(form: Form, text: &str) -> String {
    match form {
        Form::Single if text.chars().all(is_printable) => {
            format!("'{}'", text.replace('\'', "''"))
        }
        Form::Single | Form::Double => double(text),
        _ => self::text(text),
    }
}

/// Whether a text needs no quotes, by a narrow rule: words of letters, digits and a few signs, the first a letter, or a
/// flag such as `-y`.
fn is_plain(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-./@+=".contains(c))
    };
    let behind_dashes = text
        .strip_prefix("--")
        .or_else(|| text.strip_prefix('-'))
        .unwrap_or(text);
    behind_dashes.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '/'))
        && text.split(' ').all(is_word)
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

fn double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::{like, text};
    use crate::tree::Form;

    #[test]
    fn what_might_be_something_else_is_quoted() {
        for plain in [
            "npx",
            "-y",
            "--flag",
            "a/b",
            "My Server",
            "/usr/bin/x",
            "me@x.org",
            "A=b",
        ] {
            assert_eq!(text(plain), plain);
        }
        for quoted in [
            "",
            "yes",
            "No",
            "NULL",
            "true",
            "~",
            "1",
            "1.5",
            "0x1",
            "1_000",
            "2001-01-01",
            "12:30",
            "-1",
            "-",
            "--",
            "---",
            "-.inf",
            ".nan",
            "$<x/A>",
            "*a",
            "&a",
            "@a",
            "%a",
            "!a",
            "a: b",
            "a #b",
            "a:",
            " a",
            "a ",
            "a  b",
            "{a",
            "[a",
            "a,b",
            "<<",
            "=",
            "|",
            ">",
            "'",
            "`a",
            "ü",
        ] {
            assert_eq!(text(quoted), format!("\"{quoted}\""));
        }
        assert_eq!(text("a\"\\\n\u{85}"), r#""a\"\\\n\u0085""#);
    }

    #[test]
    fn quotes_stay_what_they_were() {
        assert_eq!(like(Form::Single, "it's"), "'it''s'");
        assert_eq!(like(Form::Single, "a\nb"), "\"a\\nb\"");
        assert_eq!(like(Form::Double, "npx"), "\"npx\"");
        assert_eq!(like(Form::Plain, "npx"), "npx");
        assert_eq!(like(Form::BlockText, "$<x/A>"), "\"$<x/A>\"");
    }
}
