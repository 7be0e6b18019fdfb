//! One socket of the session bus: reached, and known to be this user's, before anything is sent.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use mcp_launch_core::{SourceError, SourceErrorKind};
use zbus::Address;
use zbus::address::transport::{Transport, UnixSocket};

/// There is no session bus.
pub(crate) const NO_BUS: SourceError =
    SourceError::new(SourceErrorKind::Absent).note("there is no session bus");

/// Connects to the socket of `address`, which must be this user's or root's.
///
/// A bus takes values from `secrets set` and supplies those of a launch, so whose it is decides. An
/// address alone does not say that: anybody may listen on an abstract name, or in `/tmp`, and a stale
/// address names a place that is free again. The kernel remembers who listened
/// (`SO_PEERCRED`, <https://man7.org/linux/man-pages/man7/unix.7.html>), and the bus itself has no say
/// in it.
///
/// # Errors
/// [`SourceErrorKind::Absent`] when there is no socket, [`SourceErrorKind::Denied`] when it is
/// another user's or does not let us in, [`SourceErrorKind::Unavailable`] when nobody listens any more.
pub(crate) async fn connect(address: &Address) -> Result<UnixStream, SourceError> {
    let (path, is_file) = path_of(address).ok_or(NO_BUS)?;
    let stream = tokio::net::UnixStream::connect(path)
        .await
        .map_err(|error| unreached(&error, is_file))?;
    let owner = stream.peer_cred().map_err(|_| NOT_OURS)?.uid();
    if !is_trusted(owner, rustix::process::geteuid().as_raw()) {
        return Err(NOT_OURS);
    }
    stream
        .into_std()
        .map_err(|error| unreached(&error, is_file))
}

/// Denied, so that no other store answers in its place: an older value would be the wrong one.
const NOT_OURS: SourceError =
    SourceError::new(SourceErrorKind::Denied).note("the session bus belongs to another user");

/// Root can read the values wherever they are.
fn is_trusted(owner: u32, user: u32) -> bool {
    owner == user || owner == 0
}

/// The path that leads to the socket, and whether it is a file.
fn path_of(address: &Address) -> Option<(PathBuf, bool)> {
    let Transport::Unix(unix) = address.transport() else {
        return None;
    };
    match unix.path() {
        UnixSocket::File(path) => Some((path.clone(), true)),
        #[cfg(target_os = "linux")]
        UnixSocket::Abstract(name) => {
            // How tokio takes an abstract name.
            let mut path = std::ffi::OsString::from("\0");
            path.push(name);
            Some((path.into(), false))
        }
        _ => None,
    }
}

fn unreached(error: &std::io::Error, is_file: bool) -> SourceError {
    let at = SourceError::from_io(error).position();
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => NO_BUS,
        // An abstract socket has no file: nobody listening is how its absence looks.
        ErrorKind::ConnectionRefused if !is_file => NO_BUS,
        ErrorKind::ConnectionRefused => SourceError::new(SourceErrorKind::Unavailable)
            .at(at)
            .note("the session bus of this address has ended"),
        ErrorKind::PermissionDenied => SourceError::new(SourceErrorKind::Denied).at(at),
        _ => SourceError::new(SourceErrorKind::Unavailable)
            .at(at)
            .note("the session bus could not be reached"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bus_is_the_users_own_or_roots() {
        assert!(is_trusted(1000, 1000));
        assert!(is_trusted(0, 1000));
        assert!(is_trusted(0, 0));
        assert!(!is_trusted(33, 1000));
        assert!(!is_trusted(1000, 0));
    }
}
