//! The HTTP client of the AWS SDK.

mod stage;

use std::fs;

use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use mcp_launch_core::{Deadline, Environment};
use mcp_launch_network::{Trouble, aws_http_client, block_on};
use mcp_launch_testkit::{Answer, Certificates, FaultServer, RefusedAddress, Scratch};
use stage::{ENOUGH, nothing};

fn get(address: &str, environment: &Environment) -> Result<u16, Trouble> {
    let client = aws_http_client(environment);
    let components = RuntimeComponentsBuilder::for_tests()
        .build()
        .expect("components of a test");
    let connector = client.http_connector(&HttpConnectorSettings::default(), &components);
    let request = HttpRequest::get(address).expect("an address of a test");
    block_on(Deadline::after(ENOUGH), connector.call(request))?
        .map(|answer| answer.status().as_u16())
        .map_err(|error| Trouble::of(&error))
}

fn with(name: &str, value: impl Into<std::ffi::OsString>) -> Environment {
    Environment::from_pairs([(name, value.into())])
}

#[test]
fn http_reads_no_certificates() {
    let server = FaultServer::start(Answer::status(200));
    let missing = Scratch::ordinary().home().join("missing");
    for address in [server.address(), server.named_address()] {
        assert_eq!(get(&address, &with("SSL_CERT_FILE", &missing)), Ok(200));
    }
}

#[test]
fn https_trusts_what_the_variables_name() {
    let certificates = Certificates::new();
    let server = FaultServer::start_tls(&certificates.server(), Answer::status(200));
    for name in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
        assert_eq!(
            get(&server.named_address(), &with(name, certificates.ca())),
            Ok(200)
        );
    }
    let other = Certificates::new();
    assert_eq!(
        get(&server.address(), &with("AWS_CA_BUNDLE", other.ca())),
        Err(Trouble::TlsIssuer)
    );
}

#[test]
fn a_bundle_with_a_certificate_that_cannot_be_used_serves_for_the_others() {
    let certificates = Certificates::new();
    let server = FaultServer::start_tls(&certificates.server(), Answer::status(200));
    let mut bundle = b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n".to_vec();
    bundle.extend(fs::read(certificates.ca()).unwrap());
    let scratch = Scratch::ordinary();
    let bundle = scratch.write("bundle.pem", bundle);
    assert_eq!(
        get(&server.address(), &with("AWS_CA_BUNDLE", &bundle)),
        Ok(200)
    );
}

#[test]
fn troubles_are_told_apart() {
    let certificates = Certificates::new();
    let trusting = with("SSL_CERT_FILE", certificates.ca());
    let refused = RefusedAddress::new();
    assert_eq!(get(&refused.http(), &nothing()), Err(Trouble::Refused));
    assert_eq!(get(&refused.https(), &trusting), Err(Trouble::Refused));

    let tls = |identity, answer| FaultServer::start_tls(&identity, answer);
    let ok = || Answer::status(200);
    for (server, trouble) in [
        (tls(certificates.expired(), ok()), Trouble::TlsExpired),
        (
            tls(certificates.server_for(&["store.example"]), ok()),
            Trouble::TlsName,
        ),
        (
            tls(certificates.server(), Answer::hang_up()),
            Trouble::Closed,
        ),
        (
            tls(certificates.server(), Answer::broken_handshake()),
            Trouble::Closed,
        ),
        (FaultServer::start(Answer::hang_up()), Trouble::Closed),
    ] {
        assert_eq!(get(&server.address(), &trusting), Err(trouble));
    }

    let plain = stage::serve(|mut tcp| {
        let mut byte = [0];
        let _asked = std::io::Read::read(&mut tcp, &mut byte);
        let _answered = std::io::Write::write_all(&mut tcp, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let _rest = std::io::copy(&mut tcp, &mut std::io::sink());
    });
    assert_eq!(
        get(&format!("https://{plain}"), &trusting),
        Err(Trouble::PlainHttp)
    );

    let server = FaultServer::start_tls(&certificates.server(), ok());
    let missing = Scratch::ordinary().home().join("missing");
    assert_eq!(
        get(&server.address(), &with("SSL_CERT_FILE", &missing)),
        Err(Trouble::TlsSetup)
    );
}

#[test]
fn the_proxy_is_that_of_the_captured_environment() {
    let elsewhere = "https://store.example";
    let certificates = Certificates::new();
    let through = |proxy: String| {
        let variables = [
            ("HTTPS_PROXY", proxy.into()),
            ("SSL_CERT_FILE", certificates.ca().as_os_str().to_owned()),
        ];
        Environment::from_pairs::<_, std::ffi::OsString>(variables)
    };
    let refused = RefusedAddress::new().http();
    assert_eq!(get(elsewhere, &through(refused)), Err(Trouble::Proxy));
    let socks = "socks5://proxy.example".to_owned();
    assert_eq!(get(elsewhere, &through(socks)), Err(Trouble::Proxy));

    let proxy = FaultServer::start(Answer::status(403));
    assert_eq!(
        get(elsewhere, &through(proxy.address())),
        Err(Trouble::Proxy)
    );
    assert_eq!(proxy.requests()[0].method, "CONNECT");
    assert_eq!(proxy.requests()[0].path, "store.example:443");

    let server = FaultServer::start_tls(&certificates.server(), Answer::status(200));
    assert_eq!(
        get(&server.address(), &through(RefusedAddress::new().http())),
        Ok(200)
    );
}
