//! JSON strings into buffers that are wiped.
//!
//! `serde_json` unescapes into a scratch buffer of its own, which it does not wipe; so it only finds where
//! a value begins and ends, and this does the rest.

use zeroize::Zeroizing;

/// The text of a JSON string literal, quotes included; `None` if it is none.
pub(crate) fn unescape(literal: &str) -> Option<Zeroizing<Vec<u8>>> {
    let inside = literal.strip_prefix('"')?.strip_suffix('"')?;
    // No escape is shorter than what it stands for, so the buffer never grows.
    let mut text = Zeroizing::new(Vec::with_capacity(inside.len()));
    let mut rest = inside.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'\\' => push_character(&mut text, escape(&mut rest)?),
            b'"' | 0..=0x1f => return None,
            _ => text.push(byte),
        }
    }
    Some(text)
}

/// Reads what follows a backslash.
fn escape(rest: &mut &[u8]) -> Option<char> {
    let (&kind, after) = rest.split_first()?;
    *rest = after;
    Some(match kind {
        b'"' | b'\\' | b'/' => char::from(kind),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let first = code_unit(rest)?;
            if !(0xd800..0xdc00).contains(&first) {
                return char::from_u32(first);
            }
            *rest = rest.strip_prefix(b"\\u")?;
            let second = code_unit(rest)?;
            if !(0xdc00..0xe000).contains(&second) {
                return None;
            }
            return char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
        }
        _ => return None,
    })
}

/// Four hexadecimal digits.
fn code_unit(rest: &mut &[u8]) -> Option<u32> {
    let (digits, after) = rest.split_at_checked(4)?;
    *rest = after;
    digits.iter().try_fold(0, |unit, &digit| {
        Some(unit << 4 | char::from(digit).to_digit(16)?)
    })
}

fn push_character(text: &mut Vec<u8>, character: char) {
    let mut bytes = Zeroizing::new([0; 4]);
    text.extend_from_slice(character.encode_utf8(&mut *bytes).as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text_of(literal: &str) -> Option<String> {
        unescape(literal).map(|text| String::from_utf8(text.to_vec()).unwrap())
    }

    #[test]
    fn refuses_what_is_no_json_string() {
        for literal in [
            "",
            "\"",
            "1",
            "\"a",
            "a\"",
            r#""\""#,
            r#""\x""#,
            r#""\u12""#,
            r#""\u12g4""#,
            r#""\ud800""#,
            r#""\ud800a""#,
            r#""\ud800\u0041""#,
            r#""\udc00""#,
            "\"a\nb\"",
            r#""a"b""#,
        ] {
            assert_eq!(text_of(literal), None, "{literal}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_serde_json_writes(text in any::<String>()) {
            let literal = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(text_of(&literal), Some(text));
        }

        #[test]
        fn agrees_with_serde_json_on_escapes(inside in r#"([a-c"]|\\[bfnrtu"\\/]|\\u[dD][89cC][0-9a-f]{2}|\\u[0-9a-fA-F]{4}|é|😀){0,8}"#) {
            let literal = format!("\"{inside}\"");
            prop_assert_eq!(text_of(&literal), serde_json::from_str::<String>(&literal).ok());
        }

        #[test]
        fn never_outgrows_its_buffer(text in any::<String>()) {
            let literal = serde_json::to_string(&text).unwrap();
            prop_assert!(unescape(&literal).unwrap().capacity() <= literal.len());
        }
    }
}
