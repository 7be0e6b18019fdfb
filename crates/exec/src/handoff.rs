//! A value behind a descriptor that the server inherits: `$<fd:NAME>`.

use std::os::fd::{AsRawFd, OwnedFd};

use mcp_launch_core::Secret;
use rustix::io::Errno;

/// The longest text that [`path`] gives.
pub(crate) const LONGEST_PATH: usize = DIRECTORY.len() + 10;

#[cfg(target_os = "linux")]
const DIRECTORY: &str = "/proc/self/fd/";
#[cfg(not(target_os = "linux"))]
const DIRECTORY: &str = "/dev/fd/";

/// The lowest descriptor that is used for a value.
///
/// node sets close-on-exec on its descriptors from 0 up to the first gap after 15, so that with `npx` a
/// low one would not reach the server behind it (libuv, `uv_disable_stdio_inheritance`).
const LOWEST: i32 = 64;

/// The path under which the holder of `descriptor` opens it.
pub(crate) fn path(descriptor: &OwnedFd) -> String {
    format!("{DIRECTORY}{}", descriptor.as_raw_fd())
}

/// Puts `value` into a memory file that nobody can change, read from its start.
///
/// The file is closed on exec until [`crate::inherited`] says otherwise.
#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "the gate to the memory file")]
pub(crate) fn hold(value: &Secret) -> Result<OwnedFd, Errno> {
    use rustix::fs::{SealFlags, fcntl_add_seals};

    let file = memory_file()?;
    let mut written = 0;
    let bytes = value.expose();
    while written < bytes.len() {
        // At an offset of its own, so that the file's stays at the start.
        match rustix::io::pwrite(&file, &bytes[written..], written as u64) {
            Ok(count) => written += count,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    fcntl_add_seals(
        &file,
        SealFlags::GROW | SealFlags::SEAL | SealFlags::SHRINK | SealFlags::WRITE,
    )?;
    raise(file)
}

#[cfg(target_os = "linux")]
fn memory_file() -> Result<OwnedFd, Errno> {
    use rustix::fs::{MemfdFlags, memfd_create};

    let flags = MemfdFlags::ALLOW_SEALING | MemfdFlags::CLOEXEC;
    match memfd_create(c"mcp-launch", flags | MemfdFlags::NOEXEC_SEAL) {
        // Before Linux 6.3.
        Err(Errno::INVAL) => memfd_create(c"mcp-launch", flags),
        file => file,
    }
}

/// Puts `value` into a pipe: it can be read once, and must fit.
///
/// There are no memory files here, and a temporary file would be on disk.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "the gate to the pipe")]
pub(crate) fn hold(value: &Secret) -> Result<OwnedFd, Errno> {
    use rustix::fs::{OFlags, fcntl_setfl};
    use rustix::io::{FdFlags, fcntl_setfd};

    let (reader, writer) = rustix::pipe::pipe()?;
    fcntl_setfd(&reader, FdFlags::CLOEXEC)?;
    fcntl_setfd(&writer, FdFlags::CLOEXEC)?;
    fcntl_setfl(&writer, OFlags::NONBLOCK)?;
    let bytes = value.expose();
    let mut written = 0;
    while written < bytes.len() {
        match rustix::io::write(&writer, &bytes[written..]) {
            Ok(count) => written += count,
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return Err(Errno::FBIG),
            Err(error) => return Err(error),
        }
    }
    raise(reader)
}

/// Moves `file` to a descriptor from [`LOWEST`] up, or leaves it where the limit is lower than that.
fn raise(file: OwnedFd) -> Result<OwnedFd, Errno> {
    match rustix::io::fcntl_dupfd_cloexec(&file, LOWEST) {
        Err(Errno::INVAL | Errno::MFILE) => Ok(file),
        raised => raised,
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn holds_the_bytes_and_takes_no_others() {
        let bytes = [0, 255, b'\n'];
        let held = hold(&Secret::new(bytes.to_vec())).unwrap();

        assert!(held.as_raw_fd() >= LOWEST);
        assert!(path(&held).len() <= LONGEST_PATH);
        assert_eq!(rustix::io::pwrite(&held, b"x", 0), Err(Errno::PERM));
        assert_eq!(rustix::fs::ftruncate(&held, 0), Err(Errno::PERM));
        let mut read = Vec::new();
        std::fs::File::from(held).read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes);
    }

    #[test]
    fn holds_an_empty_value() {
        let held = hold(&Secret::new(Vec::new())).unwrap();
        assert_eq!(rustix::fs::fstat(&held).unwrap().st_size, 0);
    }
}
