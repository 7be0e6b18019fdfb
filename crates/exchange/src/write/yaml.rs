//! One mapping of names and texts, which readers of YAML 1.1 and 1.2 read alike.

use zeroize::Zeroizing;

use super::buffer::Buffer;
use super::{Obstacle, WriteError, refused, text};
use crate::name::is_variable;

/// The longest key that need not be announced (YAML 1.2.2, 7.4.2: 1024 characters), less what escapes may add to it.
const KEY: usize = 100;

pub(super) fn write<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let mut out = Buffer::with_capacity(1024);
    let mut is_empty = true;
    for (name, value) in pairs {
        is_empty = false;
        if name.chars().count() > KEY {
            return Err(refused(name, Obstacle::Name));
        }
        key(&mut out, name);
        out.push(": ");
        quote(&mut out, text(name, value)?);
        out.push("\n");
    }
    if is_empty {
        out.push("{}\n");
    }
    Ok(out.finish())
}

/// A key; in quotes where some reader would take it for a number, a truth or nothing.
pub(super) fn key(out: &mut Buffer, name: &str) {
    // YAML 1.1, type repository: bool and null.
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let is_word = WORDS.iter().any(|word| name.eq_ignore_ascii_case(word));
    if is_variable(name) && !is_word {
        out.push(name);
    } else {
        quote(out, name);
    }
}

/// A scalar in double quotes. What is not ASCII is escaped: which other characters may stand for themselves differs among
/// the versions.
pub(super) fn quote(out: &mut Buffer, text: &str) {
    out.push("\"");
    for character in text.chars() {
        match character {
            '"' => out.push("\\\""),
            '\\' => out.push("\\\\"),
            '\n' => out.push("\\n"),
            '\r' => out.push("\\r"),
            '\t' => out.push("\\t"),
            ' '..='~' => out.push(character.encode_utf8(&mut [0; 4])),
            '\0'..='\u{ff}' => {
                out.push("\\x");
                out.push_hex(u32::from(character), 2);
            }
            '\u{100}'..='\u{ffff}' => {
                out.push("\\u");
                out.push_hex(u32::from(character), 4);
            }
            _ => {
                out.push("\\U");
                out.push_hex(u32::from(character), 8);
            }
        }
    }
    out.push("\"");
}
