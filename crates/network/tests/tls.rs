//! Whom a client trusts, and what it shows.

mod stage;

use std::fs;
use std::sync::Arc;

use mcp_launch_core::Environment;
use mcp_launch_network::{
    ClientError, ClientSettings, Endpoint, Identity, Tls, Trouble, http_client,
};
use mcp_launch_testkit::{Answer, Canary, Certificates, FaultServer, Scratch};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ResolvesServerCertUsingSni, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use stage::{ENOUGH, ask, get, nothing, serve_tls, trusting};

fn greeting() -> Answer {
    Answer::status(200).body("hello")
}

fn hello() -> Result<(u16, String), Trouble> {
    Ok((200, "hello".to_owned()))
}

#[test]
fn the_right_authority_is_trusted_as_a_file_and_as_a_folder() {
    let certificates = Certificates::new();
    let server = FaultServer::start_tls(&certificates.server(), greeting());
    assert_eq!(get(&server.address(), trusting(certificates.ca())), hello());
    assert_eq!(
        get(&server.named_address(), trusting(certificates.ca())),
        hello()
    );

    let scratch = Scratch::ordinary();
    scratch.write("cas/readme", "no certificate");
    let ca = fs::read(certificates.ca()).unwrap();
    let file = scratch.write("cas/ours.pem", ca);
    let folder = file.parent().unwrap();
    assert_eq!(get(&server.address(), trusting(folder)), hello());
}

#[test]
fn the_system_is_trusted_by_the_variables_that_openssl_reads() {
    let certificates = Certificates::new();
    let server = FaultServer::start_tls(&certificates.server(), greeting());
    let endpoint = Endpoint::parse(&server.address(), false).unwrap();
    let settings = ClientSettings::new(endpoint, Tls::default());
    let folder = certificates.ca().parent().unwrap();
    for (name, value) in [
        ("SSL_CERT_FILE", certificates.ca()),
        ("SSL_CERT_DIR", folder),
    ] {
        let environment = Environment::from_pairs([(name, value)]);
        assert_eq!(ask(&settings, &environment, ENOUGH), hello(), "{name}");
    }
}

#[test]
fn a_server_that_nobody_vouches_for_is_refused() {
    let server = FaultServer::start_tls(&Certificates::new().server(), greeting());
    let other = Certificates::new();
    assert_eq!(
        get(&server.address(), trusting(other.ca())),
        Err(Trouble::TlsIssuer)
    );
    assert!(server.requests().is_empty());
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let certificates = Certificates::new();
    let server = FaultServer::start_tls(&certificates.server_for(&["store.example"]), greeting());
    for address in [server.address(), server.named_address()] {
        assert_eq!(
            get(&address, trusting(certificates.ca())),
            Err(Trouble::TlsName)
        );
    }
    assert!(server.requests().is_empty());
}

#[test]
fn an_expired_certificate_is_refused() {
    let certificates = Certificates::new();
    let server = FaultServer::start_tls(&certificates.expired(), greeting());
    assert_eq!(
        get(&server.address(), trusting(certificates.ca())),
        Err(Trouble::TlsExpired)
    );
}

#[test]
fn the_certificate_of_a_ca_is_no_servers() {
    let mut params = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let chain = vec![certificate.der().clone()];
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    let server = serve_tls(
        server_settings()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap(),
    );

    let scratch = Scratch::ordinary();
    let ca = scratch.write("ca.pem", certificate.pem());
    assert_eq!(
        get(&format!("https://{server}"), trusting(&ca)),
        Err(Trouble::TlsCaAsServer)
    );
}

#[test]
fn a_client_certificate_is_shown_where_it_is_wanted() {
    let certificates = Certificates::new();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(certificates.ca()).unwrap())
        .unwrap();
    let provider = Arc::new(ring::default_provider());
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    let own = certificates.server();
    let chain = vec![CertificateDer::from_pem_file(own.certificate()).unwrap()];
    let key = PrivateKeyDer::from_pem_file(own.key()).unwrap();
    let settings = server_settings()
        .with_client_cert_verifier(clients.unwrap())
        .with_single_cert(chain, key);
    let address = format!("https://{}", serve_tls(settings.unwrap()));

    let showing = |identity: &mcp_launch_testkit::Identity| Tls {
        identity: Some(Identity {
            cert: identity.certificate().to_owned(),
            key: identity.key().to_owned(),
        }),
        ..trusting(certificates.ca())
    };
    let known = certificates.client("app");
    assert_eq!(get(&address, showing(&known)), Ok((200, "ok".to_owned())));
    assert_eq!(
        get(&address, trusting(certificates.ca())),
        Err(Trouble::TlsClient)
    );
    let others = Certificates::new();
    let foreign = others.client("app");
    assert_eq!(get(&address, showing(&foreign)), Err(Trouble::TlsClient));
}

#[test]
fn the_certificate_may_be_for_a_name_that_is_not_the_address() {
    let certificates = Certificates::new();
    let own = certificates.server_for(&["store.example"]);
    // It has a certificate only for those who ask for that name.
    let chain = vec![CertificateDer::from_pem_file(own.certificate()).unwrap()];
    let key = PrivateKeyDer::from_pem_file(own.key()).unwrap();
    let key = CertifiedKey::from_der(chain, key, &ring::default_provider()).unwrap();
    let mut by_name = ResolvesServerCertUsingSni::new();
    by_name.add("store.example", key).unwrap();
    let server = serve_tls(
        server_settings()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(by_name)),
    );
    let port = server.port();
    for address in [
        format!("https://127.0.0.1:{port}"),
        format!("https://localhost:{port}"),
    ] {
        let endpoint = Endpoint::parse(&address, false).unwrap();
        let named = endpoint.clone().presenting("store.example").unwrap();
        let settings = ClientSettings::new(named, trusting(certificates.ca()));
        assert_eq!(
            ask(&settings, &nothing(), ENOUGH),
            Ok((200, "ok".to_owned())),
            "{address}"
        );
        let settings = ClientSettings::new(endpoint, trusting(certificates.ca()));
        assert!(ask(&settings, &nothing(), ENOUGH).is_err(), "{address}");
    }
}

#[test]
fn a_certificate_is_left_unchecked_on_this_machine_alone() {
    let server = FaultServer::start_tls(&Certificates::new().expired(), greeting());
    let unverified = Tls {
        unverified: true,
        ..Tls::default()
    };
    assert_eq!(get(&server.address(), unverified.clone()), hello());

    let elsewhere = Endpoint::parse("https://store.example", false).unwrap();
    let refused = http_client(&ClientSettings::new(elsewhere, unverified), &nothing());
    let Err(error @ ClientError::Tls(_)) = refused else {
        panic!("a client that checks nothing");
    };
    let told = error.to_string();
    assert!(told.contains("shall not be checked"), "{told}");
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_name_and_without_its_content() {
    const NOT_PEM: &str = "the file is not PEM text";
    const NO_CERTIFICATE: &str = "there is no certificate in the file";
    const UNREADABLE: &str = "a file of certificates or keys cannot be read";
    let endpoint = Endpoint::parse("https://store.example", false).unwrap();
    let certificates = Certificates::new();
    let own = certificates.client("one");
    let other = certificates.client("two");
    let canary = Canary::new();
    let scratch = Scratch::ordinary();
    let write = |name: &str, text: String| scratch.write(name, text);
    let text = write("text", canary.value().to_owned());
    let damaged = write(
        "damaged",
        format!("-----BEGIN CERTIFICATE-----\n{}\n", canary.value()),
    );
    let no_certificate = write(
        "unusable",
        "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n".to_owned(),
    );
    let encrypted = write(
        "encrypted",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\naGVsbG8=\n-----END ENCRYPTED PRIVATE KEY-----\n"
            .to_owned(),
    );
    let no_key = write(
        "no-key",
        "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n".to_owned(),
    );
    let missing = scratch.home().join("missing");
    let empty = write("folder/readme", String::new());
    let empty = empty.parent().unwrap().to_owned();

    let ca = |file: &std::path::Path| (trusting(file), file.to_owned());
    let showing = |cert: &std::path::Path, key: &std::path::Path, wrong: &std::path::Path| {
        let identity = Identity {
            cert: cert.to_owned(),
            key: key.to_owned(),
        };
        let tls = Tls {
            identity: Some(identity),
            ..trusting(certificates.ca())
        };
        (tls, wrong.to_owned())
    };
    let certificate = own.certificate();
    for ((tls, file), fault) in [
        (ca(&text), NOT_PEM),
        (ca(&damaged), NOT_PEM),
        (ca(own.key()), NO_CERTIFICATE),
        (
            ca(&no_certificate),
            "no certificate in the file can be used",
        ),
        (ca(&missing), UNREADABLE),
        (ca(&empty), NO_CERTIFICATE),
        (
            showing(certificate, other.key(), other.key()),
            "the client's private key is not that of its certificate",
        ),
        (showing(certificate, &text, &text), NOT_PEM),
        (
            showing(certificate, certificate, certificate),
            "there is no private key in the file",
        ),
        (
            showing(certificate, &encrypted, &encrypted),
            "the client's private key is protected by a passphrase",
        ),
        (
            showing(certificate, &no_key, &no_key),
            "the client's private key is of a kind that cannot be used",
        ),
        (showing(certificate, &missing, &missing), UNREADABLE),
        (showing(&text, own.key(), &text), NOT_PEM),
        (showing(&missing, own.key(), &missing), UNREADABLE),
    ] {
        let settings = ClientSettings::new(endpoint.clone(), tls);
        let error = http_client(&settings, &nothing()).expect_err("a file that is wrong");
        assert_eq!(error.to_string(), format!("{}: {fault}", file.display()));
        let remedy = error.remedy().expect("a remedy");
        let shown = format!("{error} {error:?} {} {remedy}", error.source_error());
        canary.assert_absent("the error", &shown);
        assert!(remedy.contains(&file.display().to_string()));
        assert!(!error.source_error().lets_next_answer());
    }
}

#[test]
fn nothing_of_tls_is_read_for_plain_http() {
    let server = FaultServer::start(greeting());
    let missing = Scratch::ordinary().home().join("missing");
    assert_eq!(get(&server.address(), trusting(&missing)), hello());
}

fn server_settings() -> rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has the default versions")
}
