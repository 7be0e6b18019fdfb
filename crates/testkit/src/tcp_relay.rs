//! The real server, by way of a connection that breaks off when it is told to.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Where a connection breaks off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BrokenOff {
    /// The request does not arrive.
    RequestLost,
    /// The request arrives; the first bytes that the server sends after it do not.
    AnswerLost,
}

/// Passes the bytes of connections on to a server of 127.0.0.1, without TLS, until a request has words that it waits for.
pub struct TcpRelay {
    shared: Arc<Shared>,
    address: SocketAddr,
}

struct Shared {
    port: u16,
    /// The words, and what happens at them, once for each time that it was asked for.
    trap: Mutex<Option<(Vec<u8>, BrokenOff, usize)>>,
    sprung: AtomicUsize,
    accepted: AtomicUsize,
    ended: AtomicBool,
}

impl TcpRelay {
    /// To the server at `port`.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("the port of a listener");
        let shared = Arc::new(Shared {
            port,
            trap: Mutex::default(),
            sprung: AtomicUsize::new(0),
            accepted: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for connection in listener.incoming() {
                if accepting.ended.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(connection) = connection else { continue };
                accepting.accepted.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&accepting);
                thread::spawn(move || shared.pass_on(&connection));
            }
        });
        Self { shared, address }
    }

    /// Of 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Breaks the next `times` connections off at the request that has these words.
    pub fn break_off_at(&self, words: &str, fault: BrokenOff, times: usize) {
        *self.shared.trap() = Some((words.as_bytes().to_vec(), fault, times));
    }

    /// How often a connection was broken off.
    #[must_use]
    pub fn broken_off(&self) -> usize {
        self.shared.sprung.load(Ordering::SeqCst)
    }

    /// How many connections there were.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for TcpRelay {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _waker = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn trap(&self) -> std::sync::MutexGuard<'_, Option<(Vec<u8>, BrokenOff, usize)>> {
        self.trap.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass_on(self: &Arc<Self>, client: &TcpStream) {
        let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) else {
            let _closed = client.shutdown(Shutdown::Both);
            return;
        };
        let is_mute = Arc::new(AtomicBool::new(false));
        let answers = {
            let (server, client) = (again(&server), again(client));
            let is_mute = Arc::clone(&is_mute);
            thread::spawn(move || answer(server, client, &is_mute))
        };
        self.ask(again(client), again(&server), &is_mute);
        let _closed = server.shutdown(Shutdown::Write);
        let _ended = answers.join();
    }

    fn ask(&self, mut client: TcpStream, mut server: TcpStream, is_mute: &AtomicBool) {
        let mut part = [0; 16 * 1024];
        while let Ok(length @ 1..) = client.read(&mut part) {
            let part = &part[..length];
            match self.sprung_by(part) {
                None => {}
                Some(BrokenOff::RequestLost) => {
                    let _closed = server.shutdown(Shutdown::Both);
                    let _closed = client.shutdown(Shutdown::Both);
                    return;
                }
                Some(BrokenOff::AnswerLost) => is_mute.store(true, Ordering::SeqCst),
            }
            if server.write_all(part).is_err() {
                return;
            }
        }
    }

    fn sprung_by(&self, part: &[u8]) -> Option<BrokenOff> {
        let mut trap = self.trap();
        let (words, fault, times) = trap.as_mut()?;
        let has = part.windows(words.len()).any(|window| window == words);
        if !has || *times == 0 {
            return None;
        }
        *times -= 1;
        self.sprung.fetch_add(1, Ordering::SeqCst);
        Some(*fault)
    }
}

/// Passes answers on. When it is mute, the first one ends the connection, so that what was asked is done by then.
fn answer(mut server: TcpStream, mut client: TcpStream, is_mute: &AtomicBool) {
    let mut part = [0; 16 * 1024];
    while let Ok(length @ 1..) = server.read(&mut part) {
        if is_mute.load(Ordering::SeqCst) || client.write_all(&part[..length]).is_err() {
            break;
        }
    }
    let _closed = server.shutdown(Shutdown::Both);
    let _closed = client.shutdown(Shutdown::Both);
}

fn again(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("one more descriptor")
}
