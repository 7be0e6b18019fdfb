//! One launch, as far as its values go: `vault_value ADDRESS LOCATOR`, with an AppRole's role_id and secret_id on
//! standard input, one a line, or a token. For the tests of what launches share, which are processes.

#![expect(clippy::unwrap_used, reason = "a program of the tests")]
#![expect(clippy::disallowed_methods, reason = "its value is no secret")]

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use mcp_launch_core::{
    Connect, Credential, Deadline, Environment, Locator, PlannedText, Site, Source, SourceError,
    SourceErrorKind, Syntax, Template,
};
use mcp_launch_source_vault::{Auth, Settings, VaultSource};

struct Nowhere;

impl Connect for Nowhere {
    fn connect(&self, _: &str) -> Result<Box<dyn Source>, SourceError> {
        Err(SourceError::new(SourceErrorKind::Absent))
    }
}

fn credential(text: &str) -> Credential {
    let template = Template::parse(text.as_bytes(), Syntax::Angle).unwrap();
    let site = Site::Setting("stores.vault.auth".to_owned());
    let text = PlannedText::new(&site, template, |_| Vec::new());
    Credential::new(text, Arc::new(Nowhere))
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let mut login = String::new();
    std::io::stdin().read_to_string(&mut login).unwrap();
    let auth = match login.trim_end().split_once('\n') {
        Some((role_id, secret_id)) => Auth::AppRole {
            mount: "approle".to_owned(),
            role_id: credential(role_id),
            secret_id: Some(credential(secret_id)),
            wrapped: false,
        },
        None => Auth::Token {
            token: Some(credential(login.trim_end())),
        },
    };
    let settings = Settings {
        address: Some(arguments[1].clone()),
        auth: Some(auth),
        // A machine that is so busy that the last launch begins seconds after the first does not fail the test.
        cache: Some(Duration::from_secs(60)),
        ..Settings::default()
    };
    let source = VaultSource::new(settings, &Arc::new(Environment::capture()));
    let deadline = Deadline::after(Duration::from_secs(60));
    let answers = source.fetch(&[Locator::new(&arguments[2])], deadline);
    let value = answers
        .into_iter()
        .next()
        .unwrap()
        .unwrap_or_else(|error| panic!("{error}"));
    std::io::stdout().write_all(value.expose()).unwrap();
}
