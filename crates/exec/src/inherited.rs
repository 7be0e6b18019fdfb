//! Which open descriptors the server gets: its three, those it is told of by number, and no other.

use std::os::fd::{AsRawFd, RawFd};

use rustix::io::Errno;

use crate::image::Image;

/// The first descriptor after input, output and errors.
const FIRST: RawFd = 3;

/// Closes every descriptor from 3 up when the server starts, except those that `image` names.
///
/// What a client leaks, such as the pipes of its other servers, would keep those open after their end, and
/// an open file passes by every later restriction.
pub(crate) fn close_on_exec(image: &Image) -> Result<(), Errno> {
    let mut kept = announced(image);
    kept.extend(image.descriptors().iter().map(AsRawFd::as_raw_fd));
    mark_all()?;
    for descriptor in kept {
        set_flags(descriptor, 0)?;
    }
    Ok(())
}

/// The variables by which a client tells a server of descriptors that it opened for it.
const ANNOUNCEMENTS: [&str; 5] = [
    "LISTEN_FDNAMES",
    "LISTEN_FDS",
    "LISTEN_PID",
    "NODE_CHANNEL_FD",
    "NODE_CHANNEL_SERIALIZATION_MODE",
];

/// Keeps what the client leaked, and what it opened for the server alone, from a command that the launcher
/// runs for itself, and the variables that tell of it: node aborts when its channel is announced and closed.
/// On a kernel without `close_range` (before Linux 5.11) the command gets the descriptors.
pub fn withhold_descriptors(command: &mut std::process::Command) {
    for variable in ANNOUNCEMENTS {
        command.env_remove(variable);
    }
    #[cfg(target_os = "linux")]
    mark_before_exec(command);
}

#[cfg(target_os = "linux")]
fn mark_before_exec(command: &mut std::process::Command) {
    use std::os::unix::process::CommandExt as _;
    // SAFETY: runs between fork and exec, where only one system call is made and nothing is allocated.
    unsafe {
        command.pre_exec(|| {
            let _before_linux_5_11 = mark_range();
            Ok(())
        })
    };
}

/// The descriptors that the client opened for the server and told it of by number.
///
/// `NODE_CHANNEL_FD`: node's channel to its parent; node aborts when it is set and closed.
/// `LISTEN_FDS`: `sd_listen_fds(3)`, if `LISTEN_PID` means this process.
fn announced(image: &Image) -> Vec<RawFd> {
    let channel = image.number("NODE_CHANNEL_FD").into_iter();
    let sockets = match (image.number("LISTEN_PID"), image.number("LISTEN_FDS")) {
        (Some(pid), Some(count)) if pid == std::process::id() => 0..count,
        _ => 0..0,
    };
    let first = FIRST.cast_unsigned();
    let sockets = sockets.map_while(|index| first.checked_add(index));
    channel
        .chain(sockets.take_while(|&descriptor| is_inherited(descriptor)))
        .filter(|&descriptor| descriptor >= first && is_inherited(descriptor))
        .map(u32::cast_signed)
        .collect()
}

/// Whether it is open and came from the client: all of ours are closed on exec.
fn is_inherited(descriptor: u32) -> bool {
    let Ok(descriptor) = RawFd::try_from(descriptor) else {
        return false;
    };
    // SAFETY: takes a number and gives flags; a number that is not open is an error.
    let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFD) };
    flags >= 0 && flags & libc::FD_CLOEXEC == 0
}

#[cfg(target_os = "linux")]
fn mark_all() -> Result<(), Errno> {
    if mark_range() {
        return Ok(());
    }
    // Before Linux 5.11, or a container runtime's filter.
    mark_listed(c"/proc/self/fd")
}

/// Marks all at once, if the kernel can.
#[cfg(target_os = "linux")]
fn mark_range() -> bool {
    close_range(libc::CLOSE_RANGE_CLOEXEC)
}

#[cfg(target_os = "linux")]
fn close_range(flags: libc::c_uint) -> bool {
    // By number: musl has no function for it.
    // SAFETY: takes numbers only. Whoever lets it close, and not only mark, has no descriptor that something else in
    // this process still uses.
    let outcome = unsafe { libc::syscall(libc::SYS_close_range, FIRST, libc::c_uint::MAX, flags) };
    outcome == 0
}

#[cfg(not(target_os = "linux"))]
fn mark_all() -> Result<(), Errno> {
    mark_listed(c"/dev/fd")
}

/// Closes every descriptor from 3 up, at the start of a process that has opened none itself.
pub(crate) fn close_all() -> Result<(), Errno> {
    #[cfg(target_os = "linux")]
    if close_range(0) {
        return Ok(());
    }
    let folder = if cfg!(target_os = "linux") {
        c"/proc/self/fd"
    } else {
        c"/dev/fd"
    };
    for number in listed(folder)? {
        // SAFETY: nothing of this process's own is open yet, and one that is closed already is an error without harm.
        unsafe { libc::close(number) };
    }
    Ok(())
}

/// Whether this is the only thread of the process, where that can be seen.
pub(crate) fn is_single_threaded() -> bool {
    if cfg!(target_os = "linux") {
        return std::fs::read_dir("/proc/self/task").map_or(true, |threads| threads.count() == 1);
    }
    true
}

/// Marks each descriptor that the folder lists.
fn mark_listed(folder: &std::ffi::CStr) -> Result<(), Errno> {
    for number in listed(folder)? {
        match set_flags(number, libc::FD_CLOEXEC) {
            // The folder's own, which is closed by now.
            Err(Errno::BADF) => {}
            outcome => outcome?,
        }
    }
    Ok(())
}

/// The descriptors from 3 up that the folder lists.
fn listed(folder: &std::ffi::CStr) -> Result<Vec<RawFd>, Errno> {
    use rustix::fs::{Mode, OFlags};

    let folder = rustix::fs::open(
        folder,
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let mut numbers = Vec::new();
    for entry in rustix::fs::Dir::new(folder)? {
        let entry = entry?;
        let number = entry.file_name().to_str().ok();
        numbers.extend(
            number
                .and_then(|name| name.parse::<RawFd>().ok())
                .filter(|&number| number >= FIRST),
        );
    }
    Ok(numbers)
}

fn set_flags(descriptor: RawFd, flags: libc::c_int) -> Result<(), Errno> {
    // SAFETY: takes numbers only; a descriptor that is not open is an error.
    let outcome = unsafe { libc::fcntl(descriptor, libc::F_SETFD, flags) };
    if outcome == 0 {
        return Ok(());
    }
    Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::BADF))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_opened_is_not_inherited() {
        let file = std::fs::File::open("/dev/null").unwrap();
        let number = file.as_raw_fd();
        assert!(!is_inherited(number.cast_unsigned()));
        set_flags(number, 0).unwrap();
        assert!(is_inherited(number.cast_unsigned()));
        for closed in [1_000_000, u32::MAX] {
            assert!(!is_inherited(closed));
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "looked at, not run")]
    fn a_command_of_the_launcher_is_not_told_of_descriptors() {
        let mut command = std::process::Command::new("x");
        withhold_descriptors(&mut command);
        let removed: Vec<_> = command
            .get_envs()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name.to_owned())
            .collect();
        assert_eq!(removed, ANNOUNCEMENTS.map(std::ffi::OsString::from));
    }
}
