//! The server that fails as told, seen by curl: each fault by the exit status that curl has for it.

use std::io::Read;
use std::net::TcpStream;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use mcp_launch_testkit::{
    Answer, Certificates, FaultServer, HttpRequest, Identity, OpenBao, RefusedAddress, Relay,
    Scratch, Script,
};
use serde_json::json;

const REFUSED: i32 = 7;
const PARTIAL: i32 = 18;
const TIMED_OUT: i32 = 28;
const HANDSHAKE: i32 = 35;
const EMPTY_REPLY: i32 = 52;
const RECEIVING: i32 = 56;
const CERTIFICATE: i32 = 60;

fn curl(arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, .. } = Scratch::new()
        .command("curl")
        .args(["--disable", "--silent", "--max-time", "20"])
        .args(arguments)
        .output()
        .expect("`curl` is missing: tests/setup/system.sh installs it");
    let code = status.code().expect("an exit status");
    (code, String::from_utf8(stdout).expect("text of the test"))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of the test")
}

#[test]
fn it_answers_as_told_and_writes_down_what_it_was_asked() {
    let throttled = Answer::status(429).header("Retry-After", "1").body("wait");
    let server = FaultServer::start([throttled, Answer::json(200, &json!({ "a": 1 }))]);
    let url = format!("{}/v1/secret/data/app?version=2", server.address());
    let (code, said) = curl(&[
        "--include",
        "--header",
        "X-Vault-Token: t",
        "--data",
        "x=y",
        &url,
    ]);
    assert_eq!(code, 0);
    assert!(said.starts_with("HTTP/1.1 429 "), "{said}");
    assert!(said.contains("Retry-After: 1\r\n"), "{said}");
    assert!(said.ends_with("\r\n\r\nwait"), "{said}");
    // The last answer stays.
    for _ in 0..2 {
        assert_eq!(curl(&[&url]), (0, r#"{"a":1}"#.to_owned()));
    }

    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[0].method, "POST");
    assert_eq!(requests[0].path, "/v1/secret/data/app?version=2");
    assert_eq!(requests[0].header("X-Vault-Token"), Some("t"));
    assert_eq!(requests[0].body, b"x=y");
    assert_eq!(requests[1].header("X-Vault-Token"), None);
}

#[test]
fn one_connection_serves_several_requests() {
    let server = FaultServer::start(Answer::status(200).body("x"));
    let url = server.address();
    assert_eq!(curl(&[&url, &url, &url]), (0, "xxx".to_owned()));
    assert_eq!((server.requests().len(), server.connections()), (3, 1));
}

#[test]
fn a_redirect_shows_who_got_the_token() {
    let other = FaultServer::start(Answer::status(200));
    let server = FaultServer::start(Answer::redirect(&other.named_address()));
    let follow = [
        "--location",
        "--header",
        "X-Vault-Token: t",
        &server.address(),
    ];
    assert_eq!(curl(&follow).0, 0);
    assert_eq!(server.requests().len(), 1);
    let requests: Vec<HttpRequest> = other.requests();
    assert_eq!(requests[0].header("x-vault-token"), Some("t"));
}

#[test]
fn each_fault_is_what_its_name_says() {
    let hello = || Answer::status(200).body("hello, world");
    let pause = Duration::from_secs(60);
    let cases = [
        (Answer::half_open(), TIMED_OUT, 0),
        (Answer::stall(), TIMED_OUT, 1),
        (hello().slowly(pause), TIMED_OUT, 1),
        (hello().cut_body(5), PARTIAL, 1),
        // Half of the bytes is more than the head.
        (
            Answer::status(200).body("x".repeat(500)).cut_record(),
            PARTIAL,
            1,
        ),
    ];
    for (answer, expected, requests) in cases {
        let server = FaultServer::start(answer);
        let patience = if expected == TIMED_OUT { "1" } else { "20" };
        let (code, _) = curl(&["--max-time", patience, &server.address()]);
        assert_eq!(code, expected);
        // A busy server reads what curl no longer waits for.
        while server.requests().len() < requests {
            std::thread::yield_now();
        }
        assert_eq!(server.requests().len(), requests);
    }
    let server = FaultServer::start(Answer::hang_up());
    let (code, _) = curl(&[&server.address()]);
    assert!([EMPTY_REPLY, RECEIVING].contains(&code), "{code}");
    assert_eq!((server.requests().len(), server.connections()), (0, 1));
}

#[test]
fn what_is_slow_or_late_comes_whole_in_the_end() {
    let slow = Answer::status(200)
        .body("hello")
        .slowly(Duration::from_millis(20));
    let server = FaultServer::start(slow);
    let started = Instant::now();
    assert_eq!(curl(&[&server.address()]), (0, "hello".to_owned()));
    assert!(started.elapsed() >= Duration::from_millis(100));

    let late = Answer::status(200).delayed(Duration::from_millis(200));
    let server = FaultServer::start(late);
    let started = Instant::now();
    assert_eq!(curl(&[&server.address()]).0, 0);
    assert!(started.elapsed() >= Duration::from_millis(200));
}

#[test]
fn tls_is_for_who_knows_the_authority_and_ends_where_told() {
    let certificates = Certificates::new();
    let ca = ["--cacert", text(certificates.ca())];
    let ask = |identity: &Identity, answer: Answer| {
        let server = FaultServer::start_tls(identity, answer);
        curl(&[ca[0], ca[1], &server.address()])
    };
    let identity = certificates.server();
    let hello = || Answer::status(200).body("hello, world");
    assert_eq!(ask(&identity, hello()), (0, "hello, world".to_owned()));
    assert_eq!(ask(&identity, Answer::broken_handshake()).0, HANDSHAKE);
    assert_eq!(ask(&identity, hello().cut_body(5)).0, PARTIAL);
    let (code, said) = ask(&identity, hello().cut_record());
    assert!(code != 0 && said.is_empty(), "{code} {said}");
    assert_eq!(ask(&identity, hello().unannounced_end()).1, "hello, world");

    assert_eq!(ask(&certificates.expired(), hello()).0, CERTIFICATE);
    let elsewhere = certificates.server_for(&["elsewhere.example"]);
    assert_eq!(ask(&elsewhere, hello()).0, CERTIFICATE);
    let strangers = Certificates::new();
    assert_eq!(ask(&strangers.server(), hello()).0, CERTIFICATE);
    let server = FaultServer::start_tls(&identity, hello());
    let (code, _) = curl(&[ca[0], ca[1], &server.named_address()]);
    assert_eq!(code, 0);
}

#[test]
fn a_refused_address_refuses() {
    let refused = RefusedAddress::new();
    assert_eq!(curl(&[&refused.http()]).0, REFUSED);
    assert_eq!(curl(&[&refused.https()]).0, REFUSED);
}

#[test]
fn a_relay_is_the_real_server_with_a_fault_now_and_then() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "password": "hunter2" }));
    let relay = Relay::to(bao.address(), bao.ca());
    let server = FaultServer::start(Script::from_fn(move |request| {
        match request.path.contains("busy") {
            true => Answer::status(500),
            false => relay.answer(request),
        }
    }));
    let token = format!("X-Vault-Token: {}", bao.root_token());
    let url = |path: &str| format!("{}/v1/secret/data/{path}", server.address());
    let mark = bao.mark();
    let (code, said) = curl(&["--header", &token, &url("app")]);
    assert!(code == 0 && said.contains("hunter2"), "{code} {said}");
    let (_, said) = curl(&["--include", "--header", &token, &url("busy")]);
    assert!(said.starts_with("HTTP/1.1 500 "), "{said}");
    assert_eq!(server.requests().len(), 2);
    assert_eq!(bao.requests_since(mark).len(), 1);
}

#[test]
fn dropping_it_ends_what_is_open() {
    let server = FaultServer::start(Answer::half_open());
    let (_, authority) = server
        .address()
        .split_once("://")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let mut open = TcpStream::connect(authority).unwrap();
    while server.connections() == 0 {
        std::thread::yield_now();
    }
    drop(server);
    assert_eq!(open.read(&mut [0]).unwrap_or(0), 0);
}
