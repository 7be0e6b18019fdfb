//! One connection, served as the script says.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::Shared;
use super::answer::{Conduct, Ending, Reply};
use super::request::HttpRequest;

/// What goes over TCP: as it is, or in TLS.
enum Wire {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

/// Serves until the client or the script ends it. A client that goes away is no fault of the server.
pub(super) fn serve(shared: &Shared, tcp: TcpStream) {
    let _gone = match shared.script.on_connection() {
        None => answer_requests(shared, &tcp),
        Some(Conduct::HalfOpen) => wait_for_the_end(&tcp),
        Some(Conduct::BreakHandshake) => break_handshake(shared, &tcp),
        Some(_) => Ok(()),
    };
    // The server has one more descriptor of it, so that dropping this one closes nothing.
    let _closed = tcp.shutdown(Shutdown::Both);
}

fn answer_requests(shared: &Shared, tcp: &TcpStream) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let tcp = tcp.try_clone()?;
    let mut wire = match &shared.tls {
        None => Wire::Plain(tcp),
        Some(settings) => Wire::tls(settings, tcp)?,
    };
    while let Some(request) = HttpRequest::read(&mut wire)? {
        shared.record(request.clone());
        match shared.script.on_request(&request) {
            Conduct::Reply(reply) => {
                reply.send(&mut wire)?;
                if !matches!(reply.ending, Ending::Whole | Ending::Slow(_)) {
                    return Ok(());
                }
            }
            Conduct::HalfOpen | Conduct::Stall => return wait_for_the_end(wire.tcp()),
            Conduct::BreakHandshake | Conduct::HangUp => return Ok(()),
        }
    }
    wire.end()
}

/// Reads nothing that would have to be answered, until the client or the test has enough.
fn wait_for_the_end(mut tcp: &TcpStream) -> io::Result<()> {
    let mut ignored = [0; 4096];
    while tcp.read(&mut ignored)? > 0 {}
    Ok(())
}

fn break_handshake(shared: &Shared, mut tcp: &TcpStream) -> io::Result<()> {
    let settings = shared.tls.as_ref().ok_or(io::ErrorKind::Unsupported)?;
    let mut tls = ServerConnection::new(Arc::clone(settings)).map_err(io::Error::other)?;
    while !tls.wants_write() {
        tls.read_tls(&mut tcp)?;
        tls.process_new_packets().map_err(io::Error::other)?;
    }
    let mut words = Vec::new();
    while tls.wants_write() {
        tls.write_tls(&mut words)?;
    }
    tcp.write_all(&words[..words.len() / 2])
}

impl Reply {
    fn send(&self, wire: &mut Wire) -> io::Result<()> {
        thread::sleep(self.delay);
        let head = self.head();
        match self.ending {
            Ending::Whole | Ending::Unannounced => {
                wire.write_all(&[head, self.body.clone()].concat())
            }
            Ending::CutBody(bytes) => {
                let sent = self.body.get(..bytes).unwrap_or(&self.body);
                wire.write_all(&[&head, sent].concat())
            }
            Ending::CutRecord => {
                let all = wire.encoded(&[head, self.body.clone()].concat())?;
                wire.tcp().write_all(&all[..all.len() / 2])
            }
            Ending::Slow(pause) => {
                wire.write_all(&head)?;
                self.body.iter().try_for_each(|&byte| {
                    thread::sleep(pause);
                    wire.write_all(&[byte])
                })
            }
        }
    }
}

impl Wire {
    fn tls(settings: &Arc<ServerConfig>, tcp: TcpStream) -> io::Result<Self> {
        let tls = ServerConnection::new(Arc::clone(settings)).map_err(io::Error::other)?;
        Ok(Self::Tls(Box::new(StreamOwned::new(tls, tcp))))
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(stream) => &stream.sock,
        }
    }

    /// The bytes that TCP would carry.
    fn encoded(&mut self, plain: &[u8]) -> io::Result<Vec<u8>> {
        let Self::Tls(stream) = self else {
            return Ok(plain.to_vec());
        };
        stream.conn.writer().write_all(plain)?;
        let mut bytes = Vec::new();
        while stream.conn.wants_write() {
            stream.conn.write_tls(&mut bytes)?;
        }
        Ok(bytes)
    }

    /// An end as it should be.
    fn end(mut self) -> io::Result<()> {
        if let Self::Tls(stream) = &mut self {
            stream.conn.send_close_notify();
            stream.flush()?;
        }
        Ok(())
    }
}

impl Read for Wire {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(bytes),
            Self::Tls(stream) => stream.read(bytes),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(tcp) => tcp.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
