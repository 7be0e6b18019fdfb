//! Who asks where, in one text: what launches must agree on to share an answer.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use mcp_launch_core::Environment;

use crate::profile;
use crate::settings::Settings;

/// Variables that decide where requests go, what is trusted there, and as whom. The secrets among them are the
/// [`proof`](crate::proof).
const VARIABLES: [&str; 24] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_STS",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_ROLE_ARN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "HOME",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "USERPROFILE",
];

/// The text for these settings and variables, and for `key_id`, an access key of the settings.
///
/// The profile files are in it by size and time of change: a changed profile is another login.
pub(crate) fn of(settings: &Settings, key_id: Option<&str>, environment: &Environment) -> String {
    let mut identity = String::from("aws");
    let mut add = |name: &str, value: Option<&str>| {
        // Lengths, so that no two lists make the same text.
        let value = value.unwrap_or("\0");
        write!(identity, "\n{name}={}:{value}", value.len()).expect("a text takes any text");
    };
    add("endpoint", settings.endpoint_url.as_deref());
    add("allow_http", settings.allow_http.then_some("yes"));
    add("profile", settings.profile.as_deref());
    add("region", settings.region.as_deref());
    add("key", key_id);
    for name in VARIABLES {
        let value = environment.get(name).map(|value| value.to_string_lossy());
        add(name, value.as_deref());
    }
    for (variable, file) in [
        ("AWS_CONFIG_FILE", "config"),
        ("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
    ] {
        let path = profile::variable(environment, variable)
            .map(PathBuf::from)
            .or_else(|| Some(profile::home(environment)?.join(".aws").join(file)));
        add(file, path.and_then(stamp).as_deref());
    }
    identity
}

/// When a file was changed, and its size.
fn stamp(path: PathBuf) -> Option<String> {
    let metadata = fs::metadata(path).ok()?;
    let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {}", changed.as_nanos(), metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_login_is_another_identity() {
        let settings = |profile: Option<&str>| Settings {
            profile: profile.map(str::to_owned),
            ..Settings::default()
        };
        let environment = Environment::from_pairs([("AWS_PROFILE", "b")]);
        let empty = Environment::from_pairs([("", ""); 0]);
        let one = of(&settings(Some("a")), None, &empty);
        assert_eq!(one, of(&settings(Some("a")), None, &empty));
        for other in [
            of(&settings(Some("b")), None, &empty),
            of(&settings(None), None, &empty),
            of(&settings(Some("a")), Some("AKIA"), &empty),
            of(&settings(Some("a")), None, &environment),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_secret_key_is_no_part_of_it() {
        let environment = Environment::from_pairs([
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
            ("AWS_SESSION_TOKEN", "hunter2"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hunter2"),
        ]);
        assert!(!of(&Settings::default(), None, &environment).contains("hunter2"));
    }
}
