//! What a client makes of servers that fail.

mod stage;

use std::collections::HashSet;
use std::io::Write;
use std::time::{Duration, Instant};

use mcp_launch_core::{Environment, SourceErrorKind};
use mcp_launch_network::{ClientSettings, Endpoint, Tls, Trouble};
use mcp_launch_testkit::{Answer, Canary, Certificates, FaultServer, RefusedAddress};
use stage::{ENOUGH, ask, get, nothing, read_head, serve, trusting};

/// Long enough for a client to begin, short enough to wait for.
const SHORT: Duration = Duration::from_millis(400);

#[test]
fn a_port_that_refuses_is_told_at_once() {
    let refused = RefusedAddress::new();
    for address in [refused.http(), refused.https()] {
        let begun = Instant::now();
        let ca = Certificates::new();
        assert_eq!(get(&address, trusting(ca.ca())), Err(Trouble::Refused));
        // What a person notices; the aim is 300 ms of an optimised program on an idle machine.
        assert!(begun.elapsed() < Duration::from_secs(2));
    }
}

#[test]
fn a_server_that_says_nothing_is_left_at_the_deadline() {
    let certificates = Certificates::new();
    for server in [
        FaultServer::start(Answer::half_open()),
        FaultServer::start_tls(&certificates.server(), Answer::half_open()),
        FaultServer::start(Answer::stall()),
        FaultServer::start(
            Answer::status(200)
                .body("hello")
                .slowly(Duration::from_secs(1)),
        ),
    ] {
        let endpoint = Endpoint::parse(&server.address(), false).unwrap();
        let settings = ClientSettings::new(endpoint, trusting(certificates.ca()));
        let begun = Instant::now();
        assert_eq!(ask(&settings, &nothing(), SHORT), Err(Trouble::TimedOut));
        assert!(begun.elapsed() >= SHORT);
        assert!(begun.elapsed() < ENOUGH / 2);
    }
}

#[test]
fn an_answer_that_is_not_whole_is_none() {
    let certificates = Certificates::new();
    let whole = || Answer::status(200).body("hello, hello, hello");
    for answer in [Answer::hang_up(), whole().cut_body(7), whole().cut_record()] {
        for server in [
            FaultServer::start(answer.clone()),
            FaultServer::start_tls(&certificates.server(), answer.clone()),
        ] {
            assert_eq!(
                get(&server.address(), trusting(certificates.ca())),
                Err(Trouble::Closed),
                "{answer:?}"
            );
        }
    }
    // Where the length is not said, only the end of TLS tells that all is there.
    for answer in [Answer::broken_handshake(), whole().unannounced_end()] {
        let server = FaultServer::start_tls(&certificates.server(), answer.clone());
        assert_eq!(
            get(&server.address(), trusting(certificates.ca())),
            Err(Trouble::Closed),
            "{answer:?}"
        );
    }
}

#[test]
fn plain_http_at_an_https_address_is_told() {
    let server = serve(|mut tcp| {
        let mut byte = [0];
        let _asked = std::io::Read::read(&mut tcp, &mut byte);
        let _answered = tcp.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        let _rest = std::io::copy(&mut tcp, &mut std::io::sink());
    });
    let ca = Certificates::new();
    assert_eq!(
        get(&format!("https://{server}"), trusting(ca.ca())),
        Err(Trouble::PlainHttp)
    );
}

#[test]
fn what_speaks_no_http_is_told() {
    let server = serve(|mut tcp| {
        if read_head(&mut tcp).is_some() {
            let _answered = tcp.write_all(b"SSH-2.0-Server\r\n\r\n");
        }
    });
    assert_eq!(
        get(&format!("http://{server}"), Tls::default()),
        Err(Trouble::Malformed)
    );
}

#[test]
fn a_redirect_is_an_answer() {
    let other = FaultServer::start(Answer::status(200));
    let server = FaultServer::start(Answer::redirect(&other.address()));
    assert_eq!(
        get(&server.address(), Tls::default()),
        Ok((307, String::new()))
    );
    assert!(other.requests().is_empty());
}

#[test]
fn nothing_is_tried_twice() {
    for answer in [Answer::status(500), Answer::status(429), Answer::hang_up()] {
        let server = FaultServer::start(answer);
        let _answered = get(&server.address(), Tls::default());
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_path_before_the_stores_own_is_kept_and_nothing_compressed_is_asked_for() {
    let server = FaultServer::start(Answer::status(200));
    let address = format!("{}/team/vault/", server.address());
    assert_eq!(get(&address, Tls::default()), Ok((200, String::new())));
    let request = &server.requests()[0];
    assert_eq!(request.path, "/team/vault");
    assert_eq!(request.header("accept-encoding"), None);
}

/// All of them.
const TROUBLES: [Trouble; 19] = [
    Trouble::Barred,
    Trouble::Closed,
    Trouble::Malformed,
    Trouble::NameServer,
    Trouble::NameSettings,
    Trouble::NameUnknown,
    Trouble::Other,
    Trouble::PlainHttp,
    Trouble::Proxy,
    Trouble::Refused,
    Trouble::TimedOut,
    Trouble::TlsCaAsServer,
    Trouble::TlsClient,
    Trouble::TlsExpired,
    Trouble::TlsIssuer,
    Trouble::TlsName,
    Trouble::TlsOther,
    Trouble::TlsSetup,
    Trouble::Unreachable,
];

#[test]
fn every_trouble_has_words_of_its_own_and_none_lets_another_store_answer() {
    let canary = Canary::new();
    let host = "store.example:8200";
    let mut words = HashSet::new();
    for trouble in TROUBLES {
        let error = trouble.source_error();
        assert!(words.insert(error.explanation()), "{trouble:?}");
        assert!(!error.lets_next_answer());
        let timed_out = trouble == Trouble::TimedOut;
        assert_eq!(error.kind() == SourceErrorKind::TimedOut, timed_out);
        for proxy in [None, Some("proxy.example:3128")] {
            if let Some(remedy) = trouble.remedy(host, proxy) {
                canary.assert_absent("a remedy", &remedy);
                assert!(
                    remedy.contains("store.example") || trouble == Trouble::Proxy,
                    "{trouble:?}"
                );
            }
        }
    }
}

#[test]
fn what_a_server_says_is_no_part_of_a_trouble() {
    let canary = Canary::new();
    let server = serve({
        let value = canary.value().to_owned();
        move |mut tcp| {
            if read_head(&mut tcp).is_some() {
                let _answered = write!(tcp, "{value}\r\n\r\n");
            }
        }
    });
    let settings = ClientSettings::new(
        Endpoint::parse(&format!("http://{server}"), false).unwrap(),
        Tls::default(),
    );
    let environment = Environment::from_pairs([("HTTPS_PROXY", canary.value())]);
    let trouble = ask(&settings, &environment, ENOUGH).unwrap_err();
    let shown = format!("{trouble:?} {} {settings:?}", trouble.source_error());
    canary.assert_absent("the trouble", shown);
}
