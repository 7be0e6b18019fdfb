//! From the system's error number to what is wrong with the program.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::error::ExecErrorKind;
use crate::image::Image;

/// How much of a file the system looks at to see what it is: `BINPRM_BUF_SIZE` of Linux.
const HEAD: u64 = 256;

/// Finds out why `path` did not start with `image`.
pub(crate) fn diagnose(path: &Path, errno: Errno, image: &Image) -> ExecErrorKind {
    match errno {
        Errno::ACCESS | Errno::PERM => denied(path),
        Errno::ISDIR => ExecErrorKind::Directory,
        Errno::NOENT => missing(path),
        Errno::NOEXEC => unknown_format(path),
        Errno::TOOBIG => too_large(image),
        Errno::TXTBSY => ExecErrorKind::Busy,
        _ => ExecErrorKind::Other {
            errno: errno.raw_os_error(),
        },
    }
}

fn denied(path: &Path) -> ExecErrorKind {
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => ExecErrorKind::Directory,
        Ok(found) if found.permissions().mode() & 0o111 == 0 => ExecErrorKind::NotExecutable,
        _ => ExecErrorKind::Denied,
    }
}

fn missing(path: &Path) -> ExecErrorKind {
    if !path.exists() {
        return ExecErrorKind::NotFound;
    }
    ExecErrorKind::InterpreterMissing {
        interpreter: interpreter(&head(path)),
    }
}

fn unknown_format(path: &Path) -> ExecErrorKind {
    let head = head(path);
    // The test that shells make before they run a file themselves.
    if head.contains(&0) || head.starts_with(b"\x7fELF") {
        ExecErrorKind::ForeignFormat
    } else {
        ExecErrorKind::NoInterpreterLine
    }
}

fn too_large(image: &Image) -> ExecErrorKind {
    // MAX_ARG_STRLEN of Linux, with the NUL. Other systems limit only the whole.
    let limit = 32 * rustix::param::page_size() - 1;
    match image.longer_than(limit) {
        Some((site, bytes)) if cfg!(target_os = "linux") => {
            ExecErrorKind::VariableTooLarge { site, bytes, limit }
        }
        _ => ExecErrorKind::TooLarge {
            bytes: image.size(),
        },
    }
}

/// The start of a file; empty where it cannot be read.
fn head(path: &Path) -> Vec<u8> {
    let mut head = Vec::new();
    let read = File::open(path).map(|file| file.take(HEAD).read_to_end(&mut head));
    if read.is_err() {
        head.clear();
    }
    head
}

/// What stands on the `#!` line, without its argument.
fn interpreter(head: &[u8]) -> Option<PathBuf> {
    let line = head.strip_prefix(b"#!")?;
    let line = line.split(|&byte| byte == b'\n').next()?;
    let path = line
        .split(|&byte| byte == b' ' || byte == b'\t')
        .find(|word| !word.is_empty())?;
    Some(OsString::from_vec(path.to_vec()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_interpreter_line_as_the_kernel_does() {
        let read = |head: &[u8]| interpreter(head);
        assert_eq!(read(b"#!/bin/x -e\nrest"), Some("/bin/x".into()));
        assert_eq!(read(b"#! \t/bin/x\n"), Some("/bin/x".into()));
        assert_eq!(read(b"#!/bin/sh\r\n"), Some("/bin/sh\r".into()));
        assert_eq!(read(b"#!\n"), None);
        assert_eq!(read(b"\x7fELF"), None);
        assert_eq!(read(b""), None);
    }
}
