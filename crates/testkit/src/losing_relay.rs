//! A wire to a real server that is cut where a test says.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Passes on what clients and a server of this machine say to each other, writes down what the clients say, and loses what
/// it is told to lose. For servers that speak no HTTP, and without TLS.
pub struct LosingRelay {
    shared: Arc<Shared>,
    port: u16,
}

struct Shared {
    server: u16,
    said: Mutex<Vec<u8>>,
    cut: Mutex<Option<Cut>>,
    ended: AtomicBool,
}

#[derive(Clone)]
struct Cut {
    words: Vec<u8>,
    whose: Lost,
}

/// What is lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lost {
    /// The server gets the request and does it; its answer does not come back.
    Answer,
    /// The server does not get the request.
    Request,
}

impl LosingRelay {
    /// To the server at this port of 127.0.0.1.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener
            .local_addr()
            .expect("the port of a listener")
            .port();
        let shared = Arc::new(Shared {
            server,
            said: Mutex::default(),
            cut: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if accepting.ended.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                thread::spawn(move || shared.serve(client));
            }
        });
        Self { shared, port }
    }

    /// Where clients connect, of 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the connection at the next request that holds `words`, once.
    pub fn lose(&self, whose: Lost, words: &str) {
        *lock(&self.shared.cut) = Some(Cut {
            words: words.as_bytes().to_vec(),
            whose,
        });
    }

    /// Whether what had to be lost is still to come.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        lock(&self.shared.cut).is_some()
    }

    /// All that clients have said so far.
    #[must_use]
    pub fn said(&self) -> Vec<u8> {
        lock(&self.shared.said).clone()
    }
}

impl Drop for LosingRelay {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _waker = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

impl Shared {
    fn serve(&self, mut client: TcpStream) {
        let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.server)) else {
            return;
        };
        let deaf = Arc::new(AtomicBool::new(false));
        let back = {
            let mut server = server.try_clone().expect("one more descriptor");
            let mut client = client.try_clone().expect("one more descriptor");
            let deaf = Arc::clone(&deaf);
            thread::spawn(move || {
                let mut buffer = [0; 16 * 1024];
                while let Ok(length @ 1..) = server.read(&mut buffer) {
                    // The answer has begun, so the request is done.
                    if deaf.load(Ordering::SeqCst) || client.write_all(&buffer[..length]).is_err() {
                        break;
                    }
                }
                let _closed = client.shutdown(Shutdown::Both);
                let _closed = server.shutdown(Shutdown::Both);
            })
        };
        let mut buffer = [0; 16 * 1024];
        while let Ok(length @ 1..) = client.read(&mut buffer) {
            let said = &buffer[..length];
            lock(&self.said).extend_from_slice(said);
            match self.cut_at(said) {
                Some(Lost::Request) => break,
                Some(Lost::Answer) => deaf.store(true, Ordering::SeqCst),
                None => {}
            }
            if server.write_all(said).is_err() {
                break;
            }
        }
        // What was passed on is done before the server sees the end.
        if !deaf.load(Ordering::SeqCst) {
            let _closed = server.shutdown(Shutdown::Both);
        }
        let _closed = client.shutdown(Shutdown::Both);
        let _ended = back.join();
    }

    fn cut_at(&self, said: &[u8]) -> Option<Lost> {
        let mut cut = lock(&self.cut);
        let words = &cut.as_ref()?.words;
        let found = said.windows(words.len()).any(|window| window == words);
        if found {
            cut.take().map(|cut| cut.whose)
        } else {
            None
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
