//! A server that fails as told, for the faults that real servers cannot be made to have.

mod answer;
mod connection;
mod refused;
mod relay;
mod request;
mod script;

use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::certificates::Identity;

pub use answer::Answer;
pub use refused::RefusedAddress;
pub use relay::Relay;
pub use request::HttpRequest;
pub use script::Script;

/// An HTTP server on a free port of 127.0.0.1 that follows a script and writes down what it is asked. Dropping it
/// closes all its connections.
pub struct FaultServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    acceptor: Option<JoinHandle<()>>,
}

/// What the thread of each connection needs.
struct Shared {
    tls: Option<Arc<ServerConfig>>,
    script: Script,
    requests: Mutex<Vec<HttpRequest>>,
    connections: Mutex<Vec<TcpStream>>,
    ended: AtomicBool,
}

impl FaultServer {
    /// Over http. The script is an [`Answer`] for everything, a list of which the last stays, or
    /// [`Script::from_fn`].
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn start(script: impl Into<Script>) -> Self {
        Self::listen(None, script.into())
    }

    /// As [`FaultServer::start`], over TLS with this certificate.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn start_tls(identity: &Identity, script: impl Into<Script>) -> Self {
        Self::listen(Some(Arc::new(tls_settings(identity))), script.into())
    }

    /// `http://127.0.0.1:PORT`, or `https://` with TLS.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}://{}", self.scheme(), self.address)
    }

    /// As [`FaultServer::address`], under the name `localhost`.
    #[must_use]
    pub fn named_address(&self) -> String {
        format!("{}://localhost:{}", self.scheme(), self.address.port())
    }

    /// Every request so far, in order. One is here before its answer is out.
    #[must_use]
    pub fn requests(&self) -> Vec<HttpRequest> {
        lock(&self.shared.requests).clone()
    }

    /// How many connections were accepted so far, those without a request too.
    #[must_use]
    pub fn connections(&self) -> usize {
        lock(&self.shared.connections).len()
    }

    fn scheme(&self) -> &'static str {
        match self.shared.tls {
            Some(_) => "https",
            None => "http",
        }
    }

    fn listen(tls: Option<Arc<ServerConfig>>, script: Script) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("the port of a listener");
        let shared = Arc::new(Shared {
            tls,
            script,
            requests: Mutex::default(),
            connections: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        let acceptor = thread::spawn(move || accepting.accept(&listener));
        Self {
            shared,
            address,
            acceptor: Some(acceptor),
        }
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _waker = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ended = acceptor.join();
        }
        for connection in lock(&self.shared.connections).iter() {
            let _closed = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for connection in listener.incoming() {
            if self.ended.load(Ordering::SeqCst) {
                return;
            }
            let Ok(connection) = connection else {
                continue;
            };
            let kept = connection.try_clone().expect("one more descriptor");
            lock(&self.connections).push(kept);
            let shared = Arc::clone(self);
            thread::spawn(move || connection::serve(&shared, connection));
        }
    }

    fn record(&self, request: HttpRequest) {
        lock(&self.requests).push(request);
    }
}

/// Offers no HTTP/2: what is told to fail here is HTTP/1.1.
fn tls_settings(identity: &Identity) -> ServerConfig {
    let certificates: Vec<CertificateDer<'static>> =
        CertificateDer::pem_file_iter(identity.certificate())
            .and_then(Iterator::collect)
            .expect("a certificate in PEM");
    let key = PrivateKeyDer::from_pem_file(identity.key()).expect("a key in PEM");
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has the default versions")
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .expect("a certificate and its key")
}

/// What a thread that panicked has left is still what it saw.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
