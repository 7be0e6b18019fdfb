//! The connection below the messages: a socket with a deadline, and TLS.

use std::io::{self, Read, Write};
use std::net::TcpStream;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment};
use mcp_launch_network::{CertificateCheck, Tls, Trouble, dial_blocking};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

use crate::channel_binding;
use crate::fault::Fault;
use crate::server::Host;
use crate::{Server, TlsMode};

/// A connection to a server. Dropping it closes it.
pub(crate) enum Stream {
    Plain(Timed),
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
}

/// A socket whose every read and write ends at the deadline.
pub(crate) struct Timed {
    socket: Socket,
    deadline: Deadline,
}

enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// What TLS says about a login over it.
pub(crate) struct Secured {
    /// Only the server reads what is sent to it.
    pub(crate) is_private: bool,
    /// The login has to be bound to the certificate, because nobody vouches for it.
    pub(crate) must_be_bound: bool,
    /// What it is bound to: `tls-server-end-point` of RFC 5929.
    pub(crate) end_point: Option<Vec<u8>>,
}

impl Stream {
    /// Connects, and agrees on TLS where the server's mode asks for it.
    pub(crate) fn connect(
        server: &Server,
        environment: &Environment,
        deadline: Deadline,
    ) -> Result<(Self, Secured), Fault> {
        let mut socket = Timed {
            socket: socket(server, deadline)?,
            deadline,
        };
        let check = match server.tls_mode() {
            TlsMode::Disable => {
                let secured = Secured {
                    is_private: false,
                    must_be_bound: false,
                    end_point: None,
                };
                return Ok((Self::Plain(socket), secured));
            }
            TlsMode::Require => CertificateCheck::Nothing,
            TlsMode::VerifyCa => CertificateCheck::Issuer,
            TlsMode::VerifyFull => CertificateCheck::IssuerAndName,
        };
        let tls = Tls {
            ca: server.ca_file().map(ToOwned::to_owned),
            ..Tls::default()
        };
        let config = tls.checking(check, environment).map_err(Fault::TlsFiles)?;
        ask_for_tls(&mut socket)?;
        let Host::Network(host) = server.host() else {
            return Err(Fault::NoTls);
        };
        let name =
            ServerName::try_from(host.clone()).map_err(|_| Fault::Unreachable(Trouble::TlsName))?;
        let mut connection = ClientConnection::new(Arc::new(config), name)
            .map_err(|error| Fault::Unreachable(Trouble::of(&error)))?;
        while connection.is_handshaking() {
            connection
                .complete_io(&mut socket)
                .map_err(|error| unreachable(&error))?;
        }
        let certificates = connection.peer_certificates().unwrap_or_default();
        let secured = Secured {
            is_private: check != CertificateCheck::Nothing,
            must_be_bound: check == CertificateCheck::Nothing && !server.is_this_machine(),
            end_point: certificates
                .first()
                .and_then(|certificate| channel_binding::end_point(certificate)),
        };
        let stream = StreamOwned::new(connection, socket);
        Ok((Self::Tls(Box::new(stream)), secured))
    }
}

fn socket(server: &Server, deadline: Deadline) -> Result<Socket, Fault> {
    match server.host() {
        Host::Network(host) => dial_blocking(host, server.port_number(), deadline)
            .map(Socket::Tcp)
            .map_err(Fault::Unreachable),
        #[cfg(unix)]
        Host::Folder(folder) => {
            let path = folder.join(format!(".s.PGSQL.{}", server.port_number()));
            match UnixStream::connect(path) {
                Ok(socket) => Ok(Socket::Unix(socket)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    Err(Fault::Unreachable(Trouble::Refused))
                }
                Err(error) => Err(unreachable(&error)),
            }
        }
        #[cfg(not(unix))]
        Host::Folder(_) => Err(Fault::Unreachable(Trouble::Unreachable)),
    }
}

/// Only one byte is read: what comes after it in clear would be no part of the session.
fn ask_for_tls(socket: &mut Timed) -> Result<(), Fault> {
    let mut request = bytes::BytesMut::new();
    postgres_protocol::message::frontend::ssl_request(&mut request);
    let mut answer = [0];
    socket
        .write_all(&request)
        .and_then(|()| socket.read_exact(&mut answer))
        .map_err(|error| unreachable(&error))?;
    match answer[0] {
        b'S' => Ok(()),
        b'N' | b'E' => Err(Fault::NoTls),
        _ => Err(Fault::Malformed),
    }
}

/// What an error of a connection means as long as nothing was changed.
pub(crate) fn unreachable(error: &io::Error) -> Fault {
    match error.kind() {
        // A socket's own time-out has this name on Unix.
        io::ErrorKind::WouldBlock => Fault::Unreachable(Trouble::TimedOut),
        _ => Fault::Unreachable(Trouble::of(error)),
    }
}

impl Timed {
    fn remaining(&self) -> io::Result<Option<Duration>> {
        match self.deadline.remaining() {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            remaining => Ok(Some(remaining)),
        }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let remaining = self.remaining()?;
        match &mut self.socket {
            Socket::Tcp(socket) => {
                socket.set_read_timeout(remaining)?;
                socket.read(buffer)
            }
            #[cfg(unix)]
            Socket::Unix(socket) => {
                socket.set_read_timeout(remaining)?;
                socket.read(buffer)
            }
        }
    }
}

impl Write for Timed {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let remaining = self.remaining()?;
        match &mut self.socket {
            Socket::Tcp(socket) => {
                socket.set_write_timeout(remaining)?;
                socket.write(buffer)
            }
            #[cfg(unix)]
            Socket::Unix(socket) => {
                socket.set_write_timeout(remaining)?;
                socket.write(buffer)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(buffer),
            Self::Tls(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
