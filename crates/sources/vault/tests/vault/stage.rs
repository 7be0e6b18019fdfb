//! An OpenBao, and sources that ask it.

use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use mcp_launch_core::{
    Address, Connect, Credential, Deadline, Environment, Locator, Over, PlannedText, Secret, Site,
    Source, SourceError, SourceErrorKind, Store as _, Syntax, Template, Write,
};
use mcp_launch_network::block_on;
use mcp_launch_source_vault::{Auth, Settings, VaultSource};
use mcp_launch_testkit::{Mark, OpenBao, Scratch, VaultRequest};
use serde_json::Value;

/// What a launch without a home and without variables has.
pub(crate) fn nothing() -> Arc<Environment> {
    Arc::new(Environment::from_pairs::<OsString, OsString>([]))
}

/// The home of `scratch` and these variables.
pub(crate) fn variables(scratch: &Scratch, more: &[(&str, &str)]) -> Arc<Environment> {
    let home = scratch.variables().into_iter();
    let more = more.iter().map(|(name, value)| (*name, value.into()));
    Arc::new(Environment::from_pairs(home.chain(more)))
}

pub(crate) fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

pub(crate) fn locators(texts: &[&str]) -> Vec<Locator> {
    texts.iter().map(|text| Locator::new(*text)).collect()
}

pub(crate) fn source(settings: Settings) -> VaultSource {
    VaultSource::new(settings, &nothing())
}

/// The Vault at `address`, with this token.
pub(crate) fn with_token(address: &str, token: &str) -> Settings {
    Settings {
        address: Some(address.to_owned()),
        auth: Some(Auth::Token {
            token: Some(credential(token)),
        }),
        ..Settings::default()
    }
}

/// The Vault at `address`, with this login.
pub(crate) fn with_auth(address: &str, auth: Auth) -> Settings {
    Settings {
        address: Some(address.to_owned()),
        auth: Some(auth),
        ..Settings::default()
    }
}

pub(crate) fn approle(address: &str, role_id: &str, secret_id: &str) -> Settings {
    with_auth(
        address,
        Auth::AppRole {
            mount: "approle".to_owned(),
            role_id: credential(role_id),
            secret_id: Some(credential(secret_id)),
            wrapped: false,
        },
    )
}

/// A credential of this text, in which a placeholder has no value.
pub(crate) fn credential(text: &str) -> Credential {
    let template = Template::parse(text.as_bytes(), Syntax::Angle).unwrap();
    let site = Site::Setting("stores.vault.auth".to_owned());
    let text = PlannedText::new(&site, template, |_| vec![Address::new("shelf", "NAME")]);
    Credential::new(text, Arc::new(Nowhere))
}

/// A credential that stands in a store which drives a runtime of its own, as the keychain does.
pub(crate) fn credential_of_a_store(value: &'static str) -> Credential {
    let template = Template::parse(b"$<NAME>", Syntax::Angle).unwrap();
    let site = Site::Setting("stores.vault.auth".to_owned());
    let text = PlannedText::new(&site, template, |_| vec![Address::new("shelf", "NAME")]);
    Credential::new(text, Arc::new(Shelf(value)))
}

#[derive(Clone)]
struct Shelf(&'static str);

impl Connect for Shelf {
    fn connect(&self, _: &str) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(self.clone()))
    }
}

impl Source for Shelf {
    fn place(&self, locator: &Locator) -> String {
        locator.to_string()
    }

    fn fetch(&self, locators: &[Locator], deadline: Deadline) -> Vec<Result<Secret, SourceError>> {
        let value = || Ok(Secret::new(self.0.as_bytes().to_vec()));
        block_on(deadline, async {
            locators.iter().map(|_| value()).collect()
        })
        .unwrap()
    }

    fn look(&self, locators: &[Locator], _: Deadline) -> Vec<Result<(), SourceError>> {
        locators.iter().map(|_| Ok(())).collect()
    }
}

struct Nowhere;

impl Connect for Nowhere {
    fn connect(&self, _: &str) -> Result<Box<dyn Source>, SourceError> {
        Err(SourceError::new(SourceErrorKind::Absent))
    }
}

/// The one value of `locator`.
#[track_caller]
pub(crate) fn value(source: &VaultSource, locator: &str) -> String {
    match one(source, locator) {
        Ok(value) => value,
        Err((error, remedy)) => panic!("{locator}: {error}; {remedy:?}"),
    }
}

/// The failure of `locator`: its error, and what a person does about it.
#[track_caller]
pub(crate) fn failure(source: &VaultSource, locator: &str) -> (SourceError, String) {
    match one(source, locator) {
        Ok(_) => panic!("{locator} has a value"),
        Err((error, remedy)) => (error, remedy.unwrap_or_default()),
    }
}

fn one(source: &VaultSource, locator: &str) -> Result<String, (SourceError, Option<String>)> {
    let [answer] = <[_; 1]>::try_from(source.fetch(&locators(&[locator]), soon()))
        .ok()
        .unwrap();
    answer
        .map(|secret| text(&secret))
        .map_err(|error| (error, source.remedy(&Locator::new(locator), error)))
}

#[expect(clippy::disallowed_methods, reason = "the values under test")]
pub(crate) fn text(secret: &Secret) -> String {
    String::from_utf8(secret.expose().to_vec()).unwrap()
}

/// `OPERATION PATH` of each request since `mark`.
pub(crate) fn asked(bao: &OpenBao, mark: Mark) -> Vec<String> {
    let requests = bao.requests_since(mark);
    requests.iter().map(told).collect()
}

/// How often each was asked since `mark`.
pub(crate) fn counted(bao: &OpenBao, mark: Mark) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for request in asked(bao, mark) {
        *counts.entry(request).or_default() += 1;
    }
    counts
}

fn told(request: &VaultRequest) -> String {
    format!("{} {}", request.operation, request.path)
}

/// A token with `policy`, in HCL.
pub(crate) fn token(bao: &OpenBao, name: &str, policy: &str) -> String {
    bao.write_policy(name, policy);
    bao.bao(&[
        "token",
        "create",
        "-field=token",
        &format!("-policy={name}"),
    ])
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec())
}

/// Writes these values under these names, each over what `over` says for its name.
pub(crate) fn write<'a>(
    source: &VaultSource,
    pairs: &[(&str, &str)],
    over: impl Fn(&str) -> Over<'a>,
    deadline: Deadline,
) -> Vec<Result<(), SourceError>> {
    let values: Vec<Secret> = pairs.iter().map(|(_, text)| secret(text)).collect();
    let writes: Vec<Write<'_>> = pairs
        .iter()
        .zip(&values)
        .map(|((name, _), value)| Write {
            name,
            value,
            over: over(name),
        })
        .collect();
    source.write(&writes, deadline)
}

/// The kind of error of each of these writes; None for one that was made.
pub(crate) fn put(
    source: &VaultSource,
    pairs: &[(&str, &str)],
    over: Over<'_>,
) -> Vec<Option<SourceErrorKind>> {
    let outcomes = write(source, pairs, |_| over, soon());
    outcomes
        .iter()
        .map(|outcome| outcome.err().map(|error| error.kind()))
        .collect()
}

/// The fields of a secret, at this path of the API.
pub(crate) fn document(bao: &OpenBao, path: &str) -> Value {
    bao.api("GET", path, None)["data"]["data"].clone()
}

/// The newest version of a secret below `secret/`.
pub(crate) fn version(bao: &OpenBao, path: &str) -> u64 {
    let path = format!("secret/metadata/{path}");
    bao.api("GET", &path, None)["data"]["current_version"]
        .as_u64()
        .unwrap()
}
