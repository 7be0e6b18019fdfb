//! `export NAME='…'`, for `eval` and `.` of a POSIX shell.

use zeroize::Zeroizing;

use super::buffer::Buffer;
use super::{Obstacle, WriteError, check_shell_variable, env, refused};

pub(super) fn write<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let mut out = Buffer::with_capacity(1024);
    for (name, value) in pairs {
        check_shell_variable(name, value)?;
        // bash has variables that it sets itself, or lets nobody set.
        if !env::is_name(name) {
            return Err(refused(name, Obstacle::Name));
        }
        out.push("export ");
        out.push(name);
        out.push("='");
        let mut pieces = value.split(|&byte| byte == b'\'');
        out.push(pieces.next().unwrap_or_default());
        for piece in pieces {
            out.push("'\\''");
            out.push(piece);
        }
        out.push("'\n");
    }
    Ok(out.finish())
}
