//! `export NAME='…'`, for `eval` and `.` of a POSIX shell.

use zeroize::Zeroizing;

use super::buffer::Buffer;
use super::{Obstacle, WriteError, check_variable, refused};

/// What bash lets nobody set: the first of these would end the file there.
const READ_ONLY: [&str; 6] = [
    "BASHOPTS",
    "BASH_VERSINFO",
    "EUID",
    "PPID",
    "SHELLOPTS",
    "UID",
];

pub(super) fn write<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let mut out = Buffer::with_capacity(1024);
    for (name, value) in pairs {
        check_variable(name, value)?;
        if READ_ONLY.contains(&name) {
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
