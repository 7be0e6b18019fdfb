//! The OpenBao fixture, asked as the tests of a store ask it.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use mcp_launch_testkit::{Certificates, OpenBao, Scratch, tools};
use serde_json::json;

#[test]
fn it_keeps_and_gives_secrets() {
    let bao = OpenBao::start();
    bao.put("app", json!({ "password": "hunter2" }));
    let read = bao.api("GET", "secret/data/app", None);
    assert_eq!(read["data"]["data"]["password"], "hunter2");
    assert_eq!(read["data"]["metadata"]["version"], 1);
    bao.bao(&["secrets", "enable", "-version=1", "-path=kv1", "kv"]);
    bao.bao(&["kv", "put", "-mount=kv1", "app", "password=old"]);
    let field = bao.bao(&["kv", "get", "-mount=kv1", "-field=password", "app"]);
    assert_eq!(field, "old");
}

#[test]
fn its_own_log_counts_requests_logins_and_denials_too() {
    let bao = OpenBao::start();
    bao.bao(&["auth", "enable", "approle"]);
    bao.bao(&["namespace", "create", "team"]);
    let mark = bao.mark();
    assert_eq!(bao.requests_since(mark), []);

    let (status, answer) = bao.ask("GET", "secret/data/app", None, Some("wrong"));
    assert_eq!(
        (status, &answer["errors"][0]),
        (403, &json!("permission denied"))
    );
    let login = json!({ "role_id": "nobody", "secret_id": "nothing" });
    let (status, _) = bao.ask("POST", "auth/approle/login", Some(login), None);
    assert_eq!(status, 400);
    let (status, _) = bao.ask("GET", "team/sys/mounts", None, Some(bao.root_token()));
    assert_eq!(status, 200);

    let requests = bao.requests_since(mark);
    let seen: Vec<_> = requests
        .iter()
        .map(|request| {
            (
                request.operation.as_str(),
                request.path.as_str(),
                request.namespace.as_str(),
                request.display_name.as_str(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("read", "secret/data/app", "", ""),
            ("update", "auth/approle/login", "", ""),
            ("read", "sys/mounts", "team/", "root"),
        ]
    );
    assert!(requests.iter().all(|request| request.port != 0));
    assert!(bao.requests().len() > requests.len());
}

#[test]
fn a_sealed_one_refuses_until_it_is_unsealed() {
    let bao = OpenBao::builder().sealed().start();
    let read = || bao.ask("GET", "sys/mounts", None, Some(bao.root_token())).0;
    assert_eq!(read(), 503);
    bao.unseal();
    assert_eq!(read(), 200);
    bao.seal();
    assert_eq!(read(), 503);
}

#[test]
fn it_speaks_tls() {
    let certificates = Certificates::new();
    let bao = OpenBao::builder().tls(&certificates.server()).start();
    assert!(bao.address().starts_with("https://127.0.0.1:"));
    bao.put("app", json!({ "password": "hunter2" }));
    assert_eq!(
        bao.bao(&["kv", "get", "-mount=secret", "-field=password", "app"]),
        "hunter2"
    );
    let ca = std::fs::read_to_string(bao.ca().unwrap()).unwrap();
    assert_eq!(ca, std::fs::read_to_string(certificates.ca()).unwrap());
}

#[test]
fn many_start_at_once() {
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let bao = OpenBao::start();
                bao.put("mine", json!({ "address": bao.address() }));
                let read = bao.api("GET", "secret/data/mine", None);
                assert_eq!(read["data"]["data"]["address"], bao.address());
            });
        }
    });
}

/// A test that is killed drops nothing.
#[test]
fn it_ends_with_the_process_that_started_it() {
    let tests = std::env::current_exe().unwrap();
    let example = tests.ancestors().nth(2).unwrap().join("examples/openbao");
    for kill in [true, false] {
        // What a killed process leaves behind goes with this; others can reach it.
        let scratch = Scratch::new();
        let mut child = scratch
            .command(&example)
            .env("TMPDIR", scratch.root())
            .env("MCP_LAUNCH_TEST_TOOLS", tools())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`cargo test` builds the example");
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = said.next().unwrap().unwrap();
        let address = address.strip_prefix("http://").unwrap();
        assert!(TcpStream::connect(address).is_ok());
        if kill {
            child.kill().unwrap();
        } else {
            drop(child.stdin.take());
        }
        child.wait().unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(address).is_ok() {
            assert!(Instant::now() < until, "{address} is still open");
            thread::sleep(Duration::from_millis(10));
        }
    }
}
