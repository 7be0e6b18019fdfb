//! A proxy between this machine and a store.

mod stage;

use std::io::{self, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use mcp_launch_core::Environment;
use mcp_launch_network::{
    ClientError, ClientSettings, Endpoint, ProxyError, Tls, Trouble, http_client,
};
use mcp_launch_testkit::{Answer, Canary, Certificates, FaultServer, RefusedAddress};
use stage::{ENOUGH, ask, read_head, serve, trusting};

/// What a proxy was asked, in order.
type Heads = Arc<Mutex<Vec<String>>>;

/// A proxy that leads every tunnel to `target`, whatever its name.
fn proxy_to(target: SocketAddr) -> (SocketAddr, Heads) {
    let heads = Heads::default();
    let seen = Arc::clone(&heads);
    let address = serve(move |mut client| {
        let Some(head) = read_head(&mut client) else {
            return;
        };
        seen.lock().expect("nobody panics with it").push(head);
        let server = TcpStream::connect(target).expect("the target of a test");
        client
            .write_all(b"HTTP/1.1 200 Connected\r\n\r\n")
            .expect("a client that waits");
        let (mut from, mut to) = (clone(&client), clone(&server));
        thread::spawn(move || {
            let _ended = io::copy(&mut from, &mut to);
            let _closed = to.shutdown(Shutdown::Write);
        });
        let _ended = io::copy(&mut &server, &mut client);
        let _closed = client.shutdown(Shutdown::Write);
    });
    (address, heads)
}

fn clone(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("one more descriptor")
}

fn socket(server: &FaultServer) -> SocketAddr {
    let address = server.address();
    let socket = address.rsplit('/').next().unwrap_or_default();
    socket.parse().expect("a number and a port")
}

fn settings(address: &str, tls: Tls) -> ClientSettings {
    let endpoint = Endpoint::parse(address, true).expect("an address of a test");
    ClientSettings::new(endpoint, tls)
}

#[test]
fn https_goes_through_a_tunnel_that_carries_no_request() {
    let certificates = Certificates::new();
    let identity = certificates.server_for(&["store.example"]);
    let server = FaultServer::start_tls(&identity, Answer::status(200).body("hello"));
    let (proxy, heads) = proxy_to(socket(&server));
    let environment = Environment::from_pairs([("HTTPS_PROXY", format!("http://me:pass@{proxy}"))]);
    let settings = settings(
        "https://store.example:8200/path",
        trusting(certificates.ca()),
    );

    assert_eq!(
        ask(&settings, &environment, ENOUGH),
        Ok((200, "hello".to_owned()))
    );
    let heads = heads.lock().unwrap();
    assert!(
        heads[0].starts_with("CONNECT store.example:8200 HTTP/1.1\r\n"),
        "{heads:?}"
    );
    // `me:pass`.
    assert!(
        heads[0]
            .to_lowercase()
            .contains("proxy-authorization: basic bwu6cgfzcw==")
    );
    assert_eq!(server.requests()[0].path, "/path");
    assert_eq!(server.requests()[0].header("proxy-authorization"), None);
}

#[test]
fn this_machine_is_reached_directly() {
    let server = FaultServer::start(Answer::status(200));
    let refused = RefusedAddress::new();
    let environment = Environment::from_pairs([("http_proxy", refused.http())]);
    for address in [server.address(), server.named_address()] {
        assert_eq!(
            ask(&settings(&address, Tls::default()), &environment, ENOUGH),
            Ok((200, String::new()))
        );
    }
}

#[test]
fn a_proxy_that_refuses_is_the_proxys_trouble() {
    let certificates = Certificates::new();
    let settings = settings("https://store.example", trusting(certificates.ca()));
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA");
    let refusing = {
        let value = canary.value().to_owned();
        serve(move |mut client| {
            if read_head(&mut client).is_some() {
                let _told = write!(client, "HTTP/1.1 403 {value}\r\n\r\n{value}");
            }
        })
    };
    let asking = serve(|mut client| {
        if read_head(&mut client).is_some() {
            let _told = client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
        }
    });
    for proxy in [
        RefusedAddress::new().http(),
        format!("http://{refusing}"),
        format!("http://{asking}"),
    ] {
        let environment = Environment::from_pairs([("https_proxy", proxy)]);
        assert_eq!(ask(&settings, &environment, ENOUGH), Err(Trouble::Proxy));
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_told_without_its_password() {
    let certificates = Certificates::new();
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA");
    let proxy = format!("socks5://me:{}@proxy.example", canary.value());
    let environment = Environment::from_pairs([("HTTPS_PROXY", proxy)]);
    let settings = settings("https://store.example", trusting(certificates.ca()));
    let error = http_client(&settings, &environment).unwrap_err();
    assert_eq!(error, ClientError::Proxy(ProxyError));
    let shown = format!(
        "{error} {error:?} {} {:?}",
        error.source_error(),
        error.remedy()
    );
    canary.assert_absent("the error", shown);
    assert!(!error.source_error().lets_next_answer());
}
