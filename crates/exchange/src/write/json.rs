//! One object of names and texts.

use zeroize::Zeroizing;

use super::buffer::Buffer;
use super::{WriteError, text};

pub(super) fn write<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let mut out = Buffer::with_capacity(1024);
    out.push("{");
    let mut is_first = true;
    for (name, value) in pairs {
        out.push(if is_first { "\n  " } else { ",\n  " });
        is_first = false;
        quote(&mut out, name);
        out.push(": ");
        quote(&mut out, text(name, value)?);
    }
    out.push(if is_first { "}\n" } else { "\n}\n" });
    Ok(out.finish())
}

/// A string of RFC 8259.
fn quote(out: &mut Buffer, text: &str) {
    out.push("\"");
    for character in text.chars() {
        match character {
            '"' => out.push("\\\""),
            '\\' => out.push("\\\\"),
            '\n' => out.push("\\n"),
            '\r' => out.push("\\r"),
            '\t' => out.push("\\t"),
            // The two line ends that JavaScript had and JSON has not.
            '\0'..='\u{1f}' | '\u{7f}' | '\u{2028}' | '\u{2029}' => {
                out.push("\\u");
                out.push_hex(u32::from(character), 4);
            }
            _ => out.push(character.encode_utf8(&mut [0; 4])),
        }
    }
    out.push("\"");
}
