//! The forms in which files hold a value.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

type Form = Zeroizing<Vec<u8>>;

/// The least bytes of a line that stands for a value of several lines.
const LINE: usize = 16;

/// `value` as it is, and as JSON, shells, URLs, base64 and UTF-16 have it. No form stands twice.
pub(crate) fn forms(value: &[u8]) -> Vec<Form> {
    let mut forms = vec![Zeroizing::new(value.to_vec())];
    let mut add = |form: Form| {
        if !forms.contains(&form) {
            forms.push(form);
        }
    };
    add(quoted(value, b"\"\\"));
    // PHP escapes the slash too; a shell what it would expand.
    add(quoted(value, b"\"\\/"));
    add(quoted(value, b"\"\\$`"));
    if let Ok(text) = std::str::from_utf8(value) {
        add(json_ascii(text));
        add(utf16(text));
    }
    for digits in [b"0123456789ABCDEF", b"0123456789abcdef"] {
        add(percent(value, digits, b"%20"));
        add(percent(value, digits, b"+"));
    }
    for before in 0..3 {
        add(base64(&STANDARD_NO_PAD, value, before));
        add(base64(&URL_SAFE_NO_PAD, value, before));
    }
    if let Some(line) = longest_line(value) {
        add(Zeroizing::new(line.to_vec()));
    }
    forms
}

/// Room for `most` bytes, so that no copy is left behind when it grows.
fn room(most: usize) -> Form {
    Zeroizing::new(Vec::with_capacity(most))
}

/// Between double quotes: a backslash before each byte of `escaped`, and for control characters what JSON has.
fn quoted(value: &[u8], escaped: &[u8]) -> Form {
    let mut form = room(6 * value.len());
    for &byte in value {
        match byte {
            b'\n' => form.extend_from_slice(b"\\n"),
            b'\r' => form.extend_from_slice(b"\\r"),
            b'\t' => form.extend_from_slice(b"\\t"),
            0x08 => form.extend_from_slice(b"\\b"),
            0x0C => form.extend_from_slice(b"\\f"),
            0..0x20 => unicode_escape(&mut form, u16::from(byte)),
            byte if escaped.contains(&byte) => form.extend_from_slice(&[b'\\', byte]),
            byte => form.push(byte),
        }
    }
    form
}

/// JSON that is all ASCII, as Python writes it.
fn json_ascii(text: &str) -> Form {
    let mut form = room(6 * text.len());
    let mut utf8 = Zeroizing::new([0; 4]);
    for char in text.chars() {
        if char.is_ascii() {
            let char = char.encode_utf8(&mut *utf8);
            form.extend_from_slice(&quoted(char.as_bytes(), b"\"\\"));
        } else {
            for &unit in char.encode_utf16(&mut [0; 2]).iter() {
                unicode_escape(&mut form, unit);
            }
        }
    }
    form
}

fn unicode_escape(form: &mut Form, unit: u16) {
    form.extend_from_slice(b"\\u");
    for shift in [12, 8, 4, 0] {
        let digit = usize::from(unit >> shift & 0xF);
        form.push(b"0123456789abcdef"[digit]);
    }
}

/// As the `>` of Windows PowerShell writes a file.
fn utf16(text: &str) -> Form {
    let mut form = room(2 * text.len());
    for unit in text.encode_utf16() {
        form.extend_from_slice(&unit.to_le_bytes());
    }
    form
}

/// In a URL: all but the unreserved characters (RFC 3986, 2.3) encoded.
fn percent(value: &[u8], digits: &[u8; 16], space: &[u8]) -> Form {
    let mut form = room(3 * value.len());
    for &byte in value {
        match byte {
            b' ' => form.extend_from_slice(space),
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => form.push(byte),
            byte => form.extend_from_slice(&[
                b'%',
                digits[usize::from(byte >> 4)],
                digits[usize::from(byte & 0xF)],
            ]),
        }
    }
    form
}

/// With `before` bytes in front of it, as `user:` stands before a password: the digits that no neighbouring byte decides.
fn base64(engine: &impl Engine, value: &[u8], before: usize) -> Form {
    let mut shifted = room(before + value.len());
    shifted.resize(before, 0);
    shifted.extend_from_slice(value);
    let mut digits = Zeroizing::new(vec![0; shifted.len().div_ceil(3) * 4]);
    // The room is that of the padded form, so it is never too small.
    let written = engine.encode_slice(&*shifted, &mut digits).unwrap_or(0);
    let first = (before * 8).div_ceil(6);
    let last = (shifted.len() * 8 / 6).min(written);
    Zeroizing::new(digits.get(first..last).unwrap_or(value).to_vec())
}

/// What is left of a key of several lines where its lines are indented, end in CR LF, or stand in the blocks of a
/// swap file, which begin with the last line.
fn longest_line(value: &[u8]) -> Option<&[u8]> {
    let mut lines = value.split(|&byte| byte == b'\n');
    // A frame such as `-----BEGIN` is no secret.
    let is_long = |line: &&[u8]| line.len() >= LINE && !line.starts_with(b"-----");
    value.contains(&b'\n').then_some(())?;
    lines
        .by_ref()
        .map(<[u8]>::trim_ascii)
        .filter(is_long)
        .max_by_key(|line| line.len())
}

#[cfg(test)]
mod tests {
    use mcp_launch_testkit::Canary;

    use super::*;

    fn assert_holds(value: &[u8], form: &[u8]) {
        assert!(
            forms(value).iter().any(|own| **own == form),
            "{} is not among the forms",
            form.escape_ascii()
        );
    }

    #[test]
    fn the_forms_are_those_that_programs_write() {
        let value = "pä\"s/\\ $w\n\u{1}😀".as_bytes();
        assert_holds(value, value);
        // json.dumps(…, ensure_ascii=False), json.dumps(…), json_encode(…, JSON_UNESCAPED_UNICODE).
        assert_holds(value, "pä\\\"s/\\\\ $w\\n\\u0001😀".as_bytes());
        assert_holds(value, b"p\\u00e4\\\"s/\\\\ $w\\n\\u0001\\ud83d\\ude00");
        assert_holds(value, "pä\\\"s\\/\\\\ $w\\n\\u0001😀".as_bytes());
        // A .env file in double quotes.
        assert_holds(value, "pä\\\"s/\\\\ \\$w\\n\\u0001😀".as_bytes());
        // encodeURIComponent, urllib.parse.quote_plus.
        assert_holds(value, b"p%C3%A4%22s%2F%5C%20%24w%0A%01%F0%9F%98%80");
        assert_holds(value, b"p%C3%A4%22s%2F%5C+%24w%0A%01%F0%9F%98%80");
        assert_holds(b"hunter2", b"h\0u\0n\0t\0e\0r\x002\0");
    }

    #[test]
    fn base64_is_found_with_anything_around_it() {
        let canary = Canary::new();
        let value = canary.value().as_bytes();
        for before in 0..6 {
            let text = [&b"user-:"[..before], value, b"tail"].concat();
            for digits in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                let found = (forms(value).iter())
                    .any(|form| memchr::memmem::find(digits.as_bytes(), form).is_some());
                assert!(found, "{before} bytes before it: {digits}");
            }
        }
    }

    #[test]
    fn a_plain_value_has_no_form_twice() {
        // Raw, UTF-16, and six of base64, of which a value without + and / has three.
        assert_eq!(forms(b"abcdefghij").len(), 5);
    }

    #[test]
    fn a_key_of_several_lines_is_known_by_its_longest() {
        let key = b"-----BEGIN PRIVATE KEY-----\nshort\n0123456789abcdefghij\n-----END PRIVATE KEY-----\n";
        assert_holds(key, b"0123456789abcdefghij");
        assert!(longest_line(b"one\ntwo").is_none());
        assert!(longest_line(b"0123456789abcdefghij").is_none());
    }
}
