//! What is told when AWS, or the way to it, is not as it should be.

use std::time::Duration;

use mcp_launch_testkit::{
    Answer, Canary, Certificates, FaultServer, Moto, RefusedAddress, Scratch, Script,
};
use serde_json::json;

use crate::stage::{Told, apart, program, told, traced};

fn ask(endpoint: &str, words: &[&str]) -> Told {
    let scratch = Scratch::new();
    let mut command = program(&scratch, endpoint);
    told(apart(command.args(words)))
}

fn value() -> Answer {
    Answer::json(
        200,
        &json!({ "Name": "db", "SecretString": "1", "VersionStages": ["AWSCURRENT"] }),
    )
}

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({ "__type": code, "message": message }))
}

#[test]
fn a_port_that_refuses_is_told_after_one_attempt() {
    let nobody = RefusedAddress::new();
    for endpoint in [nobody.http(), nobody.https()] {
        let scratch = Scratch::new();
        let mut command = program(&scratch, &endpoint);
        let (told, trace) = traced(&scratch, apart(command.arg("db")), "connect");
        assert_eq!(
            told.error(),
            "unavailable: unavailable: nothing listens at its address"
        );
        let (_, authority) = endpoint.split_once("://").unwrap();
        assert!(told.hint().contains(authority), "{}", told.text);
        let (_, port) = authority.split_once(':').unwrap();
        assert_eq!(
            trace.matches(&format!("htons({port})")).count(),
            1,
            "{trace}"
        );
    }
}

#[test]
fn a_server_that_never_answers_ends_at_the_deadline() {
    for answer in [Answer::half_open(), Answer::stall()] {
        let server = FaultServer::start(answer);
        let told = ask(&server.address(), &["--deadline", "700", "a", "b"]);
        assert!(told.error().starts_with("timed-out"), "{}", told.text);
        assert!(told.took() < Duration::from_secs(3), "{}", told.text);
    }
}

#[test]
fn what_was_in_time_is_kept_when_the_rest_is_not() {
    let server = FaultServer::start(Script::from_fn(|request| {
        let body = String::from_utf8_lossy(&request.body);
        if body.contains("slow") {
            Answer::stall()
        } else {
            value()
        }
    }));
    let told = ask(&server.address(), &["--deadline", "1000", "db@A", "slow@A"]);
    assert!(told.text.starts_with("value 1\n1\n"), "{}", told.text);
    assert!(told.error().starts_with("timed-out"), "{}", told.text);
}

#[test]
fn what_passes_is_tried_again() {
    for fault in [
        Answer::status(429),
        refusal(400, "ThrottlingException", "Rate exceeded"),
        Answer::status(500),
        Answer::status(503),
        value().cut_body(3),
        Answer::hang_up(),
    ] {
        let server = FaultServer::start([fault.clone(), fault, value()]);
        let told = ask(&server.address(), &["db"]);
        assert_eq!(told.values(), ["1"]);
    }
}

#[test]
fn what_stays_is_told_after_a_few_attempts() {
    for (fault, error) in [
        (
            Answer::status(429),
            "unavailable: unavailable: AWS throttles requests",
        ),
        (
            refusal(400, "ThrottlingException", "Rate exceeded"),
            "unavailable: unavailable: AWS throttles requests",
        ),
        (
            Answer::status(500),
            "unavailable: unavailable: AWS answered with an error",
        ),
        (
            value().cut_body(3),
            "unavailable: unavailable: the connection was closed before",
        ),
    ] {
        let server = FaultServer::start(fault);
        let told = ask(&server.address(), &["db"]);
        assert!(told.error().starts_with(error), "{}", told.text);
        assert_eq!(server.requests().len(), 4);
        assert!(told.took() < Duration::from_secs(5), "{}", told.text);
    }
}

#[test]
fn a_slow_answer_is_waited_for_until_the_deadline() {
    let server = FaultServer::start(value().slowly(Duration::from_millis(20)));
    assert_eq!(ask(&server.address(), &["db"]).values(), ["1"]);
    let told = ask(&server.address(), &["--deadline", "500", "db"]);
    assert!(told.error().starts_with("timed-out"), "{}", told.text);
}

#[test]
fn credentials_do_not_follow_to_another_address() {
    let other = FaultServer::start(value());
    let server = FaultServer::start(Answer::redirect(&other.address()));
    let told = ask(&server.address(), &["db"]);
    assert!(
        told.error().contains("leads to another address"),
        "{}",
        told.text
    );
    assert!(other.requests().is_empty());
}

#[test]
fn something_else_that_answers_is_told() {
    for answer in [
        Answer::status(200)
            .header("Content-Type", "text/html")
            .body("<html>Log in</html>"),
        Answer::status(200),
        Answer::status(404).body("<html>"),
        Answer::json(200, &json!({ "Name": "db" })),
    ] {
        let server = FaultServer::start(answer);
        for words in [&["db"][..], &["a", "b"]] {
            let told = ask(&server.address(), words);
            assert!(told.error().starts_with("unavailable"), "{}", told.text);
        }
    }
}

#[test]
fn refusals_are_told_apart_and_in_our_words() {
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    for (code, message, error, hint) in [
        (
            "AccessDeniedException",
            "",
            "AWS denies these credentials the secret",
            "GetSecretValue",
        ),
        (
            "AccessDeniedException",
            "Access to KMS is not allowed",
            "the KMS key",
            "kms:Decrypt",
        ),
        (
            "DecryptionFailure",
            "",
            "could not decrypt",
            "describe-secret",
        ),
        (
            "ExpiredTokenException",
            "",
            "temporary credentials are expired",
            "renew",
        ),
        (
            "UnrecognizedClientException",
            "",
            "does not know the access key",
            "get-caller-identity",
        ),
        (
            "InvalidSignatureException",
            "Signature expired: ",
            "clock is wrong",
            "clock",
        ),
        (
            "InvalidSignatureException",
            "",
            "does not accept the signature",
            "get-caller-identity",
        ),
        (
            "OptInRequired",
            "",
            "the region is not enabled",
            "us-east-1",
        ),
    ] {
        let message = format!("{message} {}", canary.value());
        // The SDK sets its clock by the server's and tries once more.
        let server = FaultServer::start(refusal(400, code, &message));
        let told = ask(&server.address(), &["db"]);
        assert!(told.error().contains(error), "{code}: {}", told.text);
        assert!(told.hint().contains(hint), "{code}: {}", told.text);
        canary.assert_absent("what is told", &told.text);
    }
}

#[test]
fn a_secret_that_is_refused_within_a_batch_is_refused_alone() {
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    let refused = |id: &str, code: &str| json!({ "SecretId": id, "ErrorCode": code, "Message": canary.value() });
    let batch = json!({
        "SecretValues": [{ "Name": "a", "SecretString": "1", "VersionStages": ["AWSCURRENT"] }],
        "Errors": [refused("b", "AccessDeniedException"), refused("c", "DecryptionFailure")]
    });
    let server = FaultServer::start(Answer::json(200, &batch));
    let told = ask(&server.address(), &["a", "b", "c"]);
    assert!(
        told.text.starts_with("value 1\n1\nerror denied"),
        "{}",
        told.text
    );
    assert!(told.hint().contains("secret:b-??????"), "{}", told.text);
    assert!(told.text.contains("could not decrypt"), "{}", told.text);
    canary.assert_absent("what is told", &told.text);
}

#[test]
fn what_a_batch_leaves_out_is_asked_for_by_itself() {
    let batch = json!({ "SecretValues": [
        { "Name": "a", "SecretString": "1", "VersionStages": ["AWSCURRENT"] },
        { "Name": "b", "SecretString": "old", "VersionStages": ["AWSPREVIOUS"] }
    ] });
    let server = FaultServer::start(Script::from_fn(move |request| {
        match request.header("x-amz-target") {
            Some("secretsmanager.BatchGetSecretValue") => Answer::json(200, &batch),
            _ => value(),
        }
    }));
    assert_eq!(
        ask(&server.address(), &["a", "b", "c"]).values(),
        ["1", "1", "1"]
    );
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn without_the_right_to_list_there_is_a_hint_all_the_same() {
    let server = FaultServer::start([
        refusal(
            400,
            "ResourceNotFoundException",
            "can't find the specified secret.",
        ),
        refusal(400, "AccessDeniedException", "not authorized"),
    ]);
    let told = ask(&server.address(), &["db"]);
    assert!(told.error().starts_with("missing"), "{}", told.text);
    assert!(
        told.hint().contains("list-secrets --region us-east-1"),
        "{}",
        told.text
    );
}

#[test]
fn a_value_of_a_broken_answer_is_in_no_text() {
    let canary = Canary::shaped_like("aaaaAAAA0000aaaaAAAA0000");
    for body in [
        format!(r#"{{"SecretString":"{}"#, canary.value()),
        format!(r#"{{"SecretString":["{}"]}}"#, canary.value()),
        canary.value().to_owned(),
    ] {
        let server = FaultServer::start(Answer::status(200).body(body));
        let told = ask(&server.address(), &["db"]);
        assert!(told.error().starts_with("unavailable"), "{}", told.text);
        canary.assert_absent("what is told", &told.text);
    }
}

#[test]
fn tls_is_trusted_by_a_ca_of_ones_own() {
    let certificates = Certificates::new();
    let moto = Moto::builder().tls(&certificates.server()).start();
    moto.create("db", "1");
    let scratch = Scratch::new();
    let mut command = program(&scratch, moto.endpoint());
    command.env("SSL_CERT_FILE", certificates.ca()).arg("db");
    assert_eq!(told(apart(&mut command)).values(), ["1"]);

    let untrusted = ask(moto.endpoint(), &["db"]);
    assert!(
        untrusted.error().contains("CA that is not trusted"),
        "{}",
        untrusted.text
    );
    assert!(
        untrusted.hint().contains("AWS_CA_BUNDLE") && !untrusted.hint().contains("ca_cert"),
        "{}",
        untrusted.text
    );
    assert!(
        untrusted.took() < Duration::from_secs(1),
        "{}",
        untrusted.text
    );
}

#[test]
fn a_file_of_certificates_that_cannot_be_used_is_told_with_the_variable_that_names_it() {
    let certificates = Certificates::new();
    let scratch = Scratch::new();
    let missing = scratch.temp().join("missing.pem");
    let empty = scratch.write("empty.pem", "no certificate\n");
    for (variable, file, advice) in [
        ("AWS_CA_BUNDLE", &missing, "check that the file is there"),
        ("AWS_CA_BUNDLE", &empty, "give it in PEM"),
        ("SSL_CERT_FILE", &missing, "check that the file is there"),
    ] {
        let mut command = program(&scratch, "https://127.0.0.1:9");
        // The bundle counts before it.
        command
            .env("SSL_CERT_FILE", certificates.ca())
            .env(variable, file)
            .arg("db");
        let told = told(apart(&mut command));
        assert!(told.error().contains("cannot be used"), "{}", told.text);
        let hint = format!("{variable} names {}: {advice}", file.display());
        assert!(told.hint().starts_with(&hint), "{}", told.text);
    }
}

#[test]
fn tls_of_another_kind_is_told() {
    let certificates = Certificates::new();
    let expired = FaultServer::start_tls(&certificates.expired(), value());
    let other = FaultServer::start_tls(&certificates.server_for(&["other.example"]), value());
    let broken = FaultServer::start_tls(&certificates.server(), Answer::broken_handshake());
    let [cut, unannounced] = [value().cut_record(), value().unannounced_end()]
        .map(|answer| FaultServer::start_tls(&certificates.server(), answer));
    let plain = Moto::start();
    for (endpoint, error) in [
        (expired.address(), "has expired"),
        (other.address(), "for another name"),
        (plain.endpoint().replace("http:", "https:"), "plain http"),
        (broken.address(), "closed before the answer"),
        (cut.address(), "closed before the answer"),
        (unannounced.address(), "closed before the answer"),
    ] {
        let scratch = Scratch::new();
        let mut command = program(&scratch, &endpoint);
        command.env("SSL_CERT_FILE", certificates.ca()).arg("db");
        let told = told(apart(&mut command));
        assert!(told.error().contains(error), "{endpoint}: {}", told.text);
    }
}

#[test]
fn a_proxy_that_does_not_run_is_told() {
    let nobody = RefusedAddress::new();
    let scratch = Scratch::new();
    let mut command = program(&scratch, "https://secretsmanager.us-east-1.example");
    command.env("HTTPS_PROXY", nobody.http()).arg("db");
    let told = told(apart(&mut command));
    assert!(told.error().starts_with("unavailable"), "{}", told.text);
    assert!(told.hint().contains("proxy"), "{}", told.text);
    assert!(told.took() < Duration::from_secs(1), "{}", told.text);
}
