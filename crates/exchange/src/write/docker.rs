//! The file of `docker run --env-file`, by the rules of docker/cli `pkg/kvfile`.

use zeroize::Zeroizing;

use super::buffer::Buffer;
use super::{Obstacle, WriteError, refused, text};

/// The longest line that Docker takes, without its end (`bufio.MaxScanTokenSize` of Go).
const LINE: usize = 64 * 1024 - 1;

pub(super) fn write<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let mut out = Buffer::with_capacity(1024);
    for (name, value) in pairs {
        if !is_name(name) {
            return Err(refused(name, Obstacle::Name));
        }
        let value = text(name, value)?;
        // A carriage return before the end of the line is taken for a part of that end.
        let obstacle = if value.contains('\n') || value.ends_with('\r') {
            Some(Obstacle::LineEnd)
        } else if value.contains('\0') {
            Some(Obstacle::Nul)
        } else if name.len() + 1 + value.len() > LINE {
            Some(Obstacle::Long)
        } else {
            None
        };
        if let Some(obstacle) = obstacle {
            return Err(refused(name, obstacle));
        }
        out.push(name);
        out.push("=");
        out.push(value);
        out.push("\n");
    }
    Ok(out.finish())
}

/// What Docker takes for one: anything without white space, in which no comment begins.
fn is_name(name: &str) -> bool {
    let bars = |character: char| {
        character.is_whitespace() || character.is_control() || matches!(character, '=' | '\u{FEFF}')
    };
    !name.is_empty() && !name.starts_with('#') && !name.contains(bars)
}
