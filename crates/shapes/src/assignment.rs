//! `NAME=VALUE` as one argument.

use std::ops::Range;

/// The name in front of the first `=` of `text`, and which bytes its value has: quotes around it do not belong to it.
pub(crate) fn assignment(text: &str) -> Option<(&str, Range<usize>)> {
    let (name, value) = text.split_once('=')?;
    let well_formed = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.len() <= 64
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    // What ends in `=` is base 64.
    if !well_formed || value.trim_start_matches('=').is_empty() {
        return None;
    }
    Some((name, unquoted(text, name.len() + 1..text.len())))
}

/// `part` of `text` without the quotes around it.
pub(crate) fn unquoted(text: &str, part: Range<usize>) -> Range<usize> {
    let value = &text[part.clone()];
    let quoted = value.len() >= 2
        && ['"', '\'']
            .iter()
            .any(|&quote| value.starts_with(quote) && value.ends_with(quote));
    if quoted {
        part.start + 1..part.end - 1
    } else {
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_value_are_told_from_base_64_and_from_addresses() {
        assert_eq!(assignment("API_KEY=abc"), Some(("API_KEY", 8..11)));
        assert_eq!(assignment("API_KEY=\"abc\""), Some(("API_KEY", 9..12)));
        for text in [
            "dGVzdA==",
            "dGVzd=",
            "https://x?y=z",
            "--a=b",
            "=x",
            "a b=c",
            "",
        ] {
            assert_eq!(assignment(text), None, "{text}");
        }
    }
}
