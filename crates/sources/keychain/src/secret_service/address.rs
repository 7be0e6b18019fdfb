//! Where the session bus is.

use std::path::PathBuf;

use mcp_launch_core::{Environment, SourceError, SourceErrorKind};
use zbus::Address;
use zbus::address::transport::{Transport, Unix, UnixSocket};

/// Where the session bus is, and who said so.
pub(crate) struct BusAddress {
    shown: String,
    origin: &'static str,
    candidates: Result<Vec<Address>, SourceError>,
}

impl BusAddress {
    /// `DBUS_SESSION_BUS_ADDRESS`, else `XDG_RUNTIME_DIR/bus`, else `/run/user/UID/bus`.
    ///
    /// MCP clients pass neither variable on, and where systemd runs the session the third is its
    /// socket. The first that is set holds: a stale address is an error to be seen, not a reason to
    /// ask another keychain.
    pub(crate) fn of(environment: &Environment) -> Self {
        if let Some(listed) = environment.get_non_empty("DBUS_SESSION_BUS_ADDRESS") {
            return Self {
                shown: listed.to_string_lossy().into_owned(),
                origin: "DBUS_SESSION_BUS_ADDRESS",
                candidates: listed.to_str().ok_or(NOT_LOCAL).and_then(local_sockets_of),
            };
        }
        let (origin, directory) = match environment.get_non_empty("XDG_RUNTIME_DIR") {
            Some(directory) => ("XDG_RUNTIME_DIR", PathBuf::from(directory)),
            None => ("the usual place", usual_runtime_directory()),
        };
        let socket = directory.join("bus");
        Self {
            shown: format!("unix:path={}", socket.display()),
            origin,
            candidates: Ok(vec![socket_file(socket)]),
        }
    }

    /// The addresses to try in turn.
    pub(crate) fn candidates(&self) -> Result<&[Address], SourceError> {
        match &self.candidates {
            Ok(addresses) => Ok(addresses),
            Err(error) => Err(*error),
        }
    }

    /// The address as a person sees it.
    pub(crate) fn shown(&self) -> String {
        format!("{} ({})", self.shown, self.origin)
    }
}

/// `/run/user/UID`, where systemd and elogind put a user's runtime directory.
pub(crate) fn usual_runtime_directory() -> PathBuf {
    PathBuf::from(format!("/run/user/{}", rustix::process::geteuid().as_raw()))
}

/// A bus over the network would carry values in the clear: see `calls::open_session`.
const NOT_LOCAL: SourceError = SourceError::new(SourceErrorKind::Unavailable)
    .note("the address of the session bus names no local socket");

/// The local sockets of a list of addresses.
/// <https://dbus.freedesktop.org/doc/dbus-specification.html#addresses>
fn local_sockets_of(list: &str) -> Result<Vec<Address>, SourceError> {
    // What some sandboxes and service managers set to say that there shall be no bus.
    if list == "disabled:" {
        return Err(SourceError::new(SourceErrorKind::Absent)
            .note("the environment says that there is no session bus"));
    }
    let sockets: Vec<_> = list
        .split(';')
        .filter_map(|address| Address::try_from(address).ok())
        .filter(|address| match address.transport() {
            Transport::Unix(unix) => {
                !matches!(unix.path(), UnixSocket::Dir(_) | UnixSocket::TmpDir(_))
            }
            _ => false,
        })
        .collect();
    if sockets.is_empty() {
        return Err(NOT_LOCAL);
    }
    Ok(sockets)
}

fn socket_file(path: PathBuf) -> Address {
    Address::new(Transport::Unix(Unix::new(UnixSocket::File(path))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Vec<String>, SourceErrorKind> {
        let address = BusAddress::of(&Environment::from_pairs(pairs.iter().copied()));
        match address.candidates() {
            Ok(all) => Ok(all.iter().map(ToString::to_string).collect()),
            Err(error) => Err(error.kind()),
        }
    }

    #[test]
    fn the_first_that_is_set_holds() {
        let uid = rustix::process::geteuid().as_raw();
        let cases = [
            (vec![], format!("unix:path=/run/user/{uid}/bus")),
            (
                vec![("XDG_RUNTIME_DIR", "/x y")],
                "unix:path=/x%20y/bus".to_owned(),
            ),
            (
                vec![
                    ("XDG_RUNTIME_DIR", "/x"),
                    ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/y"),
                ],
                "unix:path=/y".to_owned(),
            ),
            (
                vec![("XDG_RUNTIME_DIR", "/x"), ("DBUS_SESSION_BUS_ADDRESS", "")],
                "unix:path=/x/bus".to_owned(),
            ),
        ];
        for (pairs, expected) in cases {
            assert_eq!(read(&pairs), Ok(vec![expected]), "{pairs:?}");
        }
    }

    #[test]
    fn only_local_sockets_are_used() {
        let list = |text| read(&[("DBUS_SESSION_BUS_ADDRESS", text)]);
        assert_eq!(
            list("tcp:host=127.0.0.1,port=1;unix:path=/a;unix:path=/b"),
            Ok(vec!["unix:path=/a".to_owned(), "unix:path=/b".to_owned()])
        );
        assert_eq!(
            list("tcp:host=127.0.0.1,port=1"),
            Err(SourceErrorKind::Unavailable)
        );
        assert_eq!(list("unix:tmpdir=/tmp"), Err(SourceErrorKind::Unavailable));
        assert_eq!(list("/run/bus"), Err(SourceErrorKind::Unavailable));
        assert_eq!(list("disabled:"), Err(SourceErrorKind::Absent));
    }
}
