//! One question to a server of a test, as a source would ask it.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use mcp_launch_core::{Deadline, Environment};
use mcp_launch_network::{ClientSettings, Endpoint, Tls, Trouble, block_on, http_client};
use rustls::ServerConfig;

/// More than any answer here takes, and less than a person waits.
pub(crate) const ENOUGH: Duration = Duration::from_secs(20);

/// No variables at all.
pub(crate) fn nothing() -> Environment {
    Environment::from_pairs::<&str, &str>([])
}

/// Trust in this authority alone.
pub(crate) fn trusting(ca: &std::path::Path) -> Tls {
    Tls {
        ca: Some(ca.to_owned()),
        ..Tls::default()
    }
}

/// The status and text that are got from `address`.
pub(crate) fn get(address: &str, tls: Tls) -> Result<(u16, String), Trouble> {
    let endpoint = Endpoint::parse(address, false).expect("an address of a test");
    ask(&ClientSettings::new(endpoint, tls), &nothing(), ENOUGH)
}

/// As [`get`], with all that can be said.
pub(crate) fn ask(
    settings: &ClientSettings,
    environment: &Environment,
    span: Duration,
) -> Result<(u16, String), Trouble> {
    let client = http_client(settings, environment).expect("a client");
    let url = settings.endpoint.url().clone();
    let answer = block_on(Deadline::after(span), async {
        let answer = client.get(url).send().await?;
        let status = answer.status().as_u16();
        Ok((status, answer.text().await?))
    })?;
    answer.map_err(|error: reqwest::Error| Trouble::of(&error))
}

/// A server on a free port of 127.0.0.1 that does `each` to every connection. It ends with the test.
pub(crate) fn serve(each: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("its address");
    let each = Arc::new(each);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let each = Arc::clone(&each);
            thread::spawn(move || each(connection));
        }
    });
    address
}

/// As [`serve`], over TLS as `settings` say: each request is answered with `ok`.
pub(crate) fn serve_tls(settings: ServerConfig) -> SocketAddr {
    let settings = Arc::new(settings);
    serve(move |tcp| {
        let tls = rustls::ServerConnection::new(Arc::clone(&settings)).expect("a session");
        let mut stream = rustls::StreamOwned::new(tls, tcp);
        if read_head(&mut stream).is_some() {
            let _answered = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            stream.conn.send_close_notify();
            let _sent = stream.flush();
        }
        // Whatever the client still says is read, so that the kernel does not throw away what it has yet to hear.
        let _rest = std::io::copy(&mut stream.sock, &mut std::io::sink());
    })
}

/// The head of a request; none when the connection ended before.
pub(crate) fn read_head(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}
