//! What every source promises, in this process, with an access key of the settings.

use std::sync::Arc;
use std::time::Duration;

use mcp_launch_core::{
    Connect, Credential, Deadline, Environment, Locator, PlannedText, Site, Source, SourceError,
    SourceErrorKind, Template,
};
use mcp_launch_source_aws::{AccessKey, AwsSource, Settings};
use mcp_launch_testkit::{Canary, Moto, Scratch, conformance};
use serde_json::json;

/// No other store is needed for a literal.
struct NoStore;

impl Connect for NoStore {
    fn connect(&self, _: &str) -> Result<Box<dyn Source>, SourceError> {
        Err(SourceError::new(SourceErrorKind::Absent))
    }
}

fn literal(text: &str) -> Credential {
    let site = Site::Setting("stores.aws.access_key".to_owned());
    let text = PlannedText::new(&site, Template::literal(text), |_| Vec::new());
    Credential::new(text, Arc::new(NoStore))
}

pub(crate) fn source(endpoint: &str, secret: &str, scratch: &Scratch) -> AwsSource {
    source_of(endpoint, "AKIAIOSFODNN7EXAMPLE", secret, scratch)
}

pub(crate) fn source_of(endpoint: &str, id: &str, secret: &str, scratch: &Scratch) -> AwsSource {
    let settings = Settings {
        access_key: Some(AccessKey {
            id: literal(id),
            secret: literal(secret),
            session_token: None,
        }),
        endpoint_url: Some(endpoint.to_owned()),
        region: Some("us-east-1".to_owned()),
        ..Settings::default()
    };
    let environment = Environment::from_pairs(scratch.variables());
    AwsSource::new(settings, &Arc::new(environment))
}

#[test]
fn it_keeps_what_every_source_promises() {
    let (moto, canary, scratch) = (Moto::start(), Canary::new(), Scratch::new());
    moto.create("whole", canary.value());
    moto.create("db", &json!({ "field": canary.value() }).to_string());
    let source = source(moto.endpoint(), "secret", &scratch);
    conformance(&source, "whole", "missing", &canary);
    conformance(&source, "db#field", "db#other", &canary);
}

#[test]
fn an_access_key_is_in_no_text() {
    let canary = Canary::shaped_like("aaaaAAAA0000aa/aaaaaa+AAAA0000aaaa0000AA");
    let moto = Moto::builder().enforcing_after(0).start();
    let scratch = Scratch::new();
    let source = source(moto.endpoint(), canary.value(), &scratch);
    let locator = Locator::new("db");
    let answers = source.fetch(
        std::slice::from_ref(&locator),
        Deadline::after(Duration::from_secs(10)),
    );
    let error = answers.into_iter().next().unwrap().err().unwrap();
    assert_eq!(error.kind(), SourceErrorKind::Denied, "{error}");
    let remedy = source.remedy(&locator, error).unwrap_or_default();
    canary.assert_absent("the error", format!("{error} {error:?} {remedy}"));
}
